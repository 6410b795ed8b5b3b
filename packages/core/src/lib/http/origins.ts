import * as v from 'valibot';
import { ignoreRejection } from '../util/ignore-rejection.js';
import { fn } from '../util/schema.js';

/** The origins whose pages may call the service. See `OtpServiceOptions.origins`. */
export type OriginsOption = readonly string[] | ((origin: string) => boolean);

/** Whether the value of an `Origin` header field is allowed. Throws if the function of the host does. */
export type IsAllowed = (origin: string) => boolean;

/** Whether a value is an http(s) origin, spelled as a browser sends it. */
export function isOrigin(value: unknown): value is string {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { origin, protocol } = new URL(value);
  return origin === value && /^https?:$/.test(protocol);
}

/** Every origin but `null`, which browsers send for an opaque one. Any page can have that: it opens a sandboxed frame. */
const SERIALIZED = /^[a-z][a-z0-9+.-]*:\/\/[\w.:[\]-]*$/;

/** An origin of a custom scheme, such as `capacitor://localhost`. URL knows no origin of such a scheme. */
function isCustomOrigin(value: unknown): boolean {
  return typeof value === 'string' && SERIALIZED.test(value) && !/^https?:/.test(value);
}

/** One `*` in the first label; the group is the labels behind it. */
const PATTERN = /^https?:\/\/[a-z0-9-]*\*[a-z0-9-]*((?:\.[a-z0-9-]+){2,})(?::[0-9]+)?$/;

function isPattern(value: unknown): boolean {
  return typeof value === 'string' && PATTERN.test(value) && isOrigin(value.replace('*', 'a'));
}

const ORIGIN = v.custom<string>(
  (value) =>
    String(value).includes('*') ? isPattern(value) : isOrigin(value) || isCustomOrigin(value),
  'must be an origin like https://app.example.com or capacitor://localhost, without a slash at the end, or a pattern like https://*.example.com, with one * in the first label and at least two labels behind it',
);

const LIST = v.array(ORIGIN, "must be an array like ['https://app.example.com'], or a function");

export const ORIGINS = v.lazy<v.GenericSchema<OriginsOption>>((origins) =>
  typeof origins === 'function' ? fn<(origin: string) => boolean>() : LIST,
);

/** Compares with the listed origins, or calls the function of the host. */
export function toIsAllowed(origins: OriginsOption): IsAllowed {
  if (typeof origins === 'function') {
    return (origin) => SERIALIZED.test(origin) && isTrue(origins(origin));
  }
  const exact = new Set(origins.filter((origin) => !origin.includes('*')));
  const patterns = origins.filter((origin) => origin.includes('*')).map(toRegExp);
  return (origin) => exact.has(origin) || patterns.some((pattern) => pattern.test(origin));
}

/** A promise is not `true`. */
function isTrue(result: unknown): boolean {
  ignoreRejection(result);
  return result === true;
}

function toRegExp(pattern: string): RegExp {
  return new RegExp(`^${pattern.replaceAll('.', '\\.').replace('*', '[a-z0-9-]+')}$`);
}

/** The host of a list of exactly one http(s) origin. */
export function onlyHost(origins: OriginsOption | undefined): string | undefined {
  if (!Array.isArray(origins) || origins.length !== 1) return undefined;
  const [origin] = origins;
  return isOrigin(origin) && !isPattern(origin) ? new URL(origin).hostname : undefined;
}

/** Public suffixes, below which anybody can register a name. Not complete: for a warning only. */
const PUBLIC_SUFFIXES: ReadonlySet<string> = new Set([
  'a.run.app',
  'amplifyapp.com',
  'app.github.dev',
  'appspot.com',
  'azureedge.net',
  'azurefd.net',
  'azurestaticapps.net',
  'azurewebsites.net',
  'cloudfront.net',
  'csb.app',
  'deno.dev',
  'deno.net',
  'expo.app',
  'firebaseapp.com',
  'fly.dev',
  'framer.app',
  'github.io',
  'gitlab.io',
  'herokuapp.com',
  'hf.space',
  'lovable.app',
  'netlify.app',
  'ngrok-free.app',
  'ngrok.app',
  'ngrok.io',
  'ondigitalocean.app',
  'onrender.com',
  'pages.dev',
  'replit.app',
  's3.amazonaws.com',
  'streamlit.app',
  'surge.sh',
  'trycloudflare.com',
  'up.railway.app',
  'vercel.app',
  'web.app',
  'webflow.io',
  'workers.dev',
]);
/** Such as `co.uk` and `com.br`. */
const OF_A_COUNTRY = /^(?:co|com|net|org)\.[a-z]{2}$/;

/** Whether a pattern matches names that anybody can register. */
export function hasPublicSuffix(origins: OriginsOption | undefined): boolean {
  if (!Array.isArray(origins)) return false;
  return origins.some((origin) => {
    const labels = PATTERN.exec(origin)?.[1]?.slice(1) ?? '';
    return PUBLIC_SUFFIXES.has(labels) || OF_A_COUNTRY.test(labels);
  });
}
