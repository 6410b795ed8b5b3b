// What we read of AWS's events, so that a host needs no @types/aws-lambda; events typed by it fit.

type Fields = Readonly<Record<string, string | undefined>>;
type MultiValueFields = Readonly<Record<string, readonly string[] | undefined>>;

interface EventBody {
  readonly body?: string | null | undefined;
  readonly isBase64Encoded?: boolean | undefined;
}

/** A REST API of API Gateway, or an HTTP API with payload format 1.0. */
export interface RestApiEvent extends EventBody {
  readonly httpMethod: string;
  /** Without the stage; with the base path of a custom domain. */
  readonly path: string;
  readonly headers?: Fields | null | undefined;
  readonly multiValueHeaders?: MultiValueFields | null | undefined;
  readonly requestContext: {
    readonly identity: { readonly sourceIp: string };
    readonly domainName?: string | undefined;
    /** As the client wrote it. */
    readonly path?: string | undefined;
    readonly stage?: string | undefined;
  };
}

/** An HTTP API of API Gateway with payload format 2.0, or a function URL. */
export interface HttpApiEvent extends EventBody {
  /** Begins with the stage, unless that is `$default`. */
  readonly rawPath: string;
  /** Repeated fields are joined by comma. */
  readonly headers: Fields;
  readonly cookies?: readonly string[] | null | undefined;
  readonly requestContext: {
    readonly http: { readonly method: string; readonly sourceIp: string };
    readonly domainName: string;
    /** The id of the API where the domain is AWS's own. */
    readonly domainPrefix: string;
    readonly apiId: string;
    readonly stage: string;
  };
}

/** An Application Load Balancer; which headers there are is a setting of the target group. */
export interface AlbEvent extends EventBody {
  readonly httpMethod: string;
  readonly path: string;
  /** Of a repeated field the last one. */
  readonly headers?: Fields | undefined;
  readonly multiValueHeaders?: MultiValueFields | undefined;
  readonly requestContext: { readonly elb: object };
}

export type LambdaEvent = RestApiEvent | HttpApiEvent | AlbEvent;

/** An answer for any of them; which of the header members are there depends on the event. */
export interface LambdaResult {
  statusCode: number;
  headers?: Record<string, string>;
  multiValueHeaders?: Record<string, string[]>;
  cookies?: string[];
  body: string;
  isBase64Encoded: false;
}

// By what only one kind has: VPC Lattice also says version 2.0, and ALB also has httpMethod.
export function isHttpApiEvent(event: LambdaEvent): event is HttpApiEvent {
  return isObject(contextOf(event).http);
}

export function isRestApiEvent(event: LambdaEvent): event is RestApiEvent {
  return isObject(contextOf(event).identity) && 'httpMethod' in event;
}

export function isAlbEvent(event: LambdaEvent): event is AlbEvent {
  return isObject(contextOf(event).elb);
}

/** What arrives may be any event there is, whatever its type here. */
function contextOf(event: unknown): Readonly<Record<string, unknown>> {
  return isObject(event) && isObject(event.requestContext) ? event.requestContext : {};
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
