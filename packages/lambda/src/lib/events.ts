// The fields of AWS's events that we read: the types of @types/aws-lambda are assignable, and a host does not need them.

type Fields = Readonly<Record<string, string | undefined>>;
type MultiValueFields = Readonly<Record<string, readonly string[] | undefined>>;

interface EventBody {
  /** A string or null, unless a middleware has parsed it. */
  readonly body?: unknown;
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
    /** As in the client's URL, with the stage. */
    readonly path?: string | undefined;
    readonly stage?: string | undefined;
  };
}

/** An HTTP API of API Gateway with payload format 2.0, or a function URL. */
export interface HttpApiEvent extends EventBody {
  /** Begins with the stage, unless that is `$default`. */
  readonly rawPath: string;
  /** Repeated fields are joined by commas. */
  readonly headers: Fields;
  readonly cookies?: readonly string[] | null | undefined;
  readonly requestContext: {
    readonly http: { readonly method: string; readonly sourceIp: string };
    readonly domainName: string;
    /** Equal to `apiId` at a domain of AWS. */
    readonly domainPrefix: string;
    readonly apiId: string;
    readonly stage: string;
  };
}

/** An Application Load Balancer; the target group decides which of the headers there are. */
export interface AlbEvent extends EventBody {
  readonly httpMethod: string;
  readonly path: string;
  /** The last value of a repeated field. */
  readonly headers?: Fields | undefined;
  readonly multiValueHeaders?: MultiValueFields | undefined;
  readonly requestContext: { readonly elb: object };
}

/** An HTTP request as API Gateway, a function URL or a load balancer hands it over. */
export type LambdaEvent = RestApiEvent | HttpApiEvent | AlbEvent;

/** An event that keeps an instance of the function warm: from a schedule, serverless-plugin-warmup or lambda-warmer. */
export type WarmerEvent =
  | { readonly source: 'aws.events' | 'serverless-plugin-warmup' }
  | { readonly warmer: true };

/** A result for any of the events, which decides which of the header members there are. */
export interface LambdaResult {
  statusCode: number;
  headers?: Record<string, string>;
  multiValueHeaders?: Record<string, string[]>;
  cookies?: string[];
  body: string;
  isBase64Encoded: false;
}

// Each looks at a member that only one kind has: VPC Lattice also has version 2.0, and ALB also has httpMethod.
export function isHttpApiEvent(event: LambdaEvent): event is HttpApiEvent {
  return isObject(contextOf(event).http);
}

export function isRestApiEvent(event: LambdaEvent): event is RestApiEvent {
  return isObject(contextOf(event).identity) && 'httpMethod' in event;
}

export function isAlbEvent(event: LambdaEvent): event is AlbEvent {
  return isObject(contextOf(event).elb);
}

export function isWarmerEvent(event: unknown): event is WarmerEvent {
  if (!isObject(event)) return false;
  const { source, warmer } = event;
  return warmer === true || source === 'aws.events' || source === 'serverless-plugin-warmup';
}

/** At run time any event may arrive. */
function contextOf(event: unknown): Readonly<Record<string, unknown>> {
  return isObject(event) && isObject(event.requestContext) ? event.requestContext : {};
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
