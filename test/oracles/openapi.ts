import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  type AdapterUnderTest,
  type ExchangeRequest,
  type ExchangeResponse,
  headerValues,
} from '@otp/testing';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { routeOf } from './route-of.js';

/**
 * Reads an OpenAPI document.
 *
 * @returns the document, and a function that compiles one of its schemas
 */
export function readOpenApi(file: URL) {
  const api = parse(readFileSync(file, 'utf8'));
  // The published document requires members one level up from those that it describes.
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
  ajv.addFormat('date-time', (value) => new Date(value).toISOString() === value);
  ajv.addVocabulary(['components']);
  ajv.addSchema({ $id: 'https://openapi.test/api', components: api.components });
  const compiled = new Map<object, ValidateFunction>();

  function compile(schema: object): ValidateFunction {
    const known = compiled.get(schema);
    if (known !== undefined) return known;
    const text = JSON.stringify(schema).replaceAll('"#/', '"https://openapi.test/api#/');
    const validate = ajv.compile(JSON.parse(text));
    compiled.set(schema, validate);
    return validate;
  }

  return { api, compile };
}

const MOUNT = '/v1/session/otp';
const { api, compile } = readOpenApi(new URL('../../docs/reference/openapi.yaml', import.meta.url));

/** The document of every route. */
export { api };

interface Documented {
  readonly headers: Readonly<Record<string, { readonly $ref: string }>>;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}
interface DocumentedHeader {
  readonly required?: boolean;
  readonly schema: { readonly type: 'string' | 'integer' };
}

/** Asserts that the document lists a response, with its header fields and its body. */
export function assertDocumented(request: ExchangeRequest, response: ExchangeResponse): void {
  const found = findDocumented(request, response);
  assert.ok(found, `${request.method} ${request.path} answers ${response.status}`);
  const headers = Object.entries(found.headers).map(
    ([name, header]): [string, DocumentedHeader] => [name.toLowerCase(), resolve(header)],
  );
  for (const [name, { required = false, schema }] of headers) {
    const values = headerValues(response, name);
    assert.ok(values.length <= 1 && (values.length === 1 || !required), `one ${name}`);
    for (const value of values) {
      const parsed = schema.type === 'integer' ? Number(value) : value;
      assert.ok(compile(schema)(parsed), `${name}: ${value}`);
    }
  }
  const listed = new Set(headers.map(([name]) => name));
  for (const [name] of response.headers) {
    assert.ok(listed.has(name) || name === 'content-type', `${name} is listed`);
  }
  assertBody(response, found.content, request.method === 'HEAD');
}

function assertBody(
  response: ExchangeResponse,
  content: Documented['content'] = {},
  isHead: boolean,
): void {
  const types = headerValues(response, 'content-type');
  assert.deepEqual(types, Object.keys(content));
  const [media] = Object.values(content);
  if (media === undefined || isHead) {
    assert.equal(response.body, '');
    return;
  }
  const validate = compile(media.schema);
  assert.ok(
    validate(JSON.parse(response.body)),
    `${response.body}: ${validate.errors?.[0]?.message}`,
  );
}

/** `HEAD` is answered like `GET`. Unknown paths and methods are described once for the document. */
function findDocumented(
  request: ExchangeRequest,
  { status }: ExchangeResponse,
): Documented | undefined {
  const { method } = request;
  const pathname = routeOf(request);
  const item = api.paths[pathname === '/' ? MOUNT : MOUNT + pathname];
  if (item === undefined) return status === 404 ? api.components.responses.NotFound : undefined;
  const operation = item[method === 'HEAD' ? 'get' : method.toLowerCase()];
  if (operation === undefined) {
    return status === 405 ? api.components.responses.WrongMethod : undefined;
  }
  const response = operation.responses[status];
  return response && resolve(response);
}

/** The component that a reference names, or the part itself. */
// biome-ignore lint/suspicious/noExplicitAny: parts of a document that redocly has validated
export function resolve(part: any): any {
  if (typeof part !== 'object' || part === null || !('$ref' in part)) return part;
  const [, , kind = '', name = ''] = part.$ref.split('/');
  return api.components[kind][name];
}

/** The adapter, with every response held against the document. */
export function documented(adapter: AdapterUnderTest): AdapterUnderTest {
  return {
    async mount(service, options) {
      const mounted = await adapter.mount(service, options);
      return {
        ...mounted,
        async exchange(request) {
          const response = await mounted.exchange(request);
          assertDocumented(request, response);
          return response;
        },
      };
    },
  };
}
