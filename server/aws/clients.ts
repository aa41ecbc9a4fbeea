/**
 * The one place where AWS SDK clients get their settings: a shared connection pool, retries of their own, time-outs that
 * throw, and a middleware that lets a dry run make no write call.
 *
 * Nothing here reads the environment: `AWS_ENDPOINT_URL` is picked up by the SDK itself, or an endpoint is passed in.
 * Never call `destroy()` on a client made with these options: it would cut the requests of all the others.
 */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { DescribeRegionsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DescribeOrganizationCommand, OrganizationsClient } from "@aws-sdk/client-organizations";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient, type STSClientConfig } from "@aws-sdk/client-sts";
import { NodeHttpHandler } from "@smithy/node-http-handler";

/** Keys, or a function that answers with keys and is asked again when they run out. */
export type Credentials = NonNullable<STSClientConfig["credentials"]>;

/** Keys as AWS hands them out; `expiration` lets the SDK ask its provider again in time. */
export type SessionKeys = {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expiration: Date;
};

type Handler = Pick<NodeHttpHandler, "handle">;

export type ClientInput = {
  region: string;
  credentials: Credentials;
  /** Overrides `AWS_ENDPOINT_URL`. */
  endpoint?: string;
  /** Tries of a call that fails with a 5xx or a broken connection. Default 4. */
  attempts?: number;
  /** Tries of a call that was throttled. Default 10. */
  throttledAttempts?: number;
  /** In place of the shared connection pool, e.g. one that counts calls or carries a signal. */
  handler?: Handler;
  random?: () => number;
};

const connectionMilliseconds = 5_000;
const requestMilliseconds = 30_000;
const sockets = 256;

/** A connection pool. Time-outs throw: a service that hangs is an error, never an endless wait. */
export function connectionPool(timeouts: { requestMilliseconds?: number } = {}): NodeHttpHandler {
  return new NodeHttpHandler({
    connectionTimeout: connectionMilliseconds,
    requestTimeout: timeouts.requestMilliseconds ?? requestMilliseconds,
    throwOnRequestTimeout: true,
    socketAcquisitionWarningTimeout: 10 * 60_000,
    httpAgent: new HttpAgent({ keepAlive: true, maxSockets: sockets }),
    httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets: sockets }),
  });
}

let shared: NodeHttpHandler | undefined;

function sharedPool(): NodeHttpHandler {
  shared ??= connectionPool();
  return shared;
}

/**
 * Options for any SDK v3 client: `new S3Client(clientOptions({ region, credentials }))`. Make one client for each account,
 * region and service and drop it after use (it costs 13 KB): its retries are then its own, and a throttled account takes
 * nothing from the others.
 */
export function clientOptions(input: ClientInput) {
  return {
    region: input.region,
    credentials: input.credentials,
    ...(input.endpoint ? { endpoint: input.endpoint } : {}),
    requestHandler: input.handler ?? sharedPool(),
    maxAttempts: Math.max(input.attempts ?? 4, input.throttledAttempts ?? 10),
    retryStrategy: retries(input.attempts ?? 4, input.throttledAttempts ?? 10, input.random ?? Math.random),
    // Works everywhere, and is the only style that works for an emulator and for bucket names with dots.
    forcePathStyle: true,
    followRegionRedirects: true,
  };
}

export type ClientOptions = ReturnType<typeof clientOptions>;

type RetryToken = { getRetryCount(): number; getRetryDelay(): number };
type RetryErrorInfo = {
  errorType: "TRANSIENT" | "THROTTLING" | "SERVER_ERROR" | "CLIENT_ERROR";
  retryAfterHint?: Date;
};

/**
 * The SDK's standard strategy spends a budget of tokens and then gives up on throttled calls; for a cleaner a dropped list
 * is a hole in the evidence. This one has no budget: it gives each kind of failure its number of tries, with full jitter.
 */
function retries(attempts: number, throttledAttempts: number, random: () => number) {
  const token = (count: number, delay: number): RetryToken => ({
    getRetryCount: () => count,
    getRetryDelay: () => delay,
  });
  return {
    mode: "standard",
    acquireInitialRetryToken: async () => token(0, 0),
    refreshRetryTokenForRetry: async (last: RetryToken, info: RetryErrorInfo) => {
      const count = last.getRetryCount() + 1;
      const throttled = info.errorType === "THROTTLING";
      const limit = info.errorType === "CLIENT_ERROR" ? 1 : throttled ? throttledAttempts : attempts;
      if (count >= limit) throw new Error("No tries left");
      const ceiling = Math.min(20_000, (throttled ? 200 : 50) * 2 ** count);
      return token(count, Math.ceil(ceiling * (0.5 + random() / 2)));
    },
    recordSuccess: () => {},
  };
}

// --- Dry runs --------------------------------------------------------------------------------------------------------

type Next = (args: { input: unknown; request?: unknown }) => Promise<{ response: unknown; output: unknown }>;
type Middleware = (next: Next, context: Record<string, unknown>) => Next;
type Stack = {
  add(middleware: Middleware, options: { step: string; name: string; priority?: string }): void;
  addRelativeTo(middleware: Middleware, options: { relation: string; toMiddleware: string; name: string }): void;
};

/** Any SDK v3 client, seen only as something that takes a middleware. */
export type AnyClient = { middlewareStack: object };

/** Each client types its stack by its own inputs and outputs; the middlewares here look at neither. */
function stackOf(client: AnyClient): Stack {
  return client.middlewareStack as Stack;
}

/** What a dry run throws in place of the call. */
export class WriteRefused extends Error {
  override name = "WriteRefused";
  readonly operation: string;

  constructor(operation: string) {
    super(`${operation} is not known to be a read, and this is a dry run`);
    this.operation = operation;
  }
}

const readVerb = /^(Get|List|Describe|Head|Lookup|Search|BatchGet|BatchDescribe)(?=[A-Z]|$)/;

/** Named like reads, but they hand out keys, start work or are answered by something being made. */
const readsInNameOnly = new Set([
  "GetFederationToken",
  "GetSessionToken",
  "GetDelegatedAccessToken",
  "GetOpenIdToken",
  "GetOpenIdTokenForDeveloperIdentity",
  "GetId",
  "GetSMSSandboxAccountStatus",
]);

/**
 * Whether an operation of the SDK's model only reads. Both have to hold: its name begins with a verb of reading, and where
 * the model binds it to HTTP the method is not one that writes. Anything unknown is a write.
 */
export function isRead(operation: string, httpMethod?: string): boolean {
  if (!readVerb.test(operation) || readsInNameOnly.has(operation)) return false;
  return httpMethod === undefined || ["GET", "HEAD", "POST"].includes(httpMethod);
}

/** The HTTP method in an operation schema of the SDK: `[9, namespace, name, traits | 0, input, output]`. */
function methodOf(schema: unknown): string | undefined {
  const traits: unknown = Array.isArray(schema) ? schema[3] : undefined;
  if (typeof traits !== "object" || traits === null || !("http" in traits)) return undefined;
  const http: unknown = traits.http;
  return Array.isArray(http) && typeof http[0] === "string" ? http[0] : undefined;
}

/** From now on the client refuses every operation that is not known to be a read or named in `besides`, before anything is sent. */
export function readOnly<C extends AnyClient>(client: C, besides: readonly string[] = []): C {
  stackOf(client).add(
    (next, context) => async (args) => {
      const smithy = context.__smithy_context as { operationSchema?: unknown } | undefined;
      const schema = smithy?.operationSchema;
      const named: unknown = Array.isArray(schema) ? schema[2] : undefined;
      const operation = typeof named === "string" ? named : String(context.commandName).replace(/Command$/, "");
      if (!isRead(operation, methodOf(schema)) && !besides.includes(operation)) throw new WriteRefused(operation);
      return next(args);
    },
    { step: "initialize", name: "atelierReadOnly", priority: "high" },
  );
  return client;
}

/** What `paced` asks before each try of a call and tells afterwards. */
export type Pacer = { enter(): Promise<void>; leave(outcome: "ok" | "throttled" | "failed"): void };

/** From now on each try of a call (also a repeated one) waits for its turn and reports how it went. */
export function paced<C extends AnyClient>(client: C, pacer: Pacer): C {
  stackOf(client).addRelativeTo(
    (next) => async (args) => {
      await pacer.enter();
      try {
        const answer = await next(args);
        pacer.leave("ok");
        return answer;
      } catch (error) {
        pacer.leave(isThrottling(error) ? "throttled" : "failed");
        throw error;
      }
    },
    // Inside the retries and before signing, so that a call that waited long is signed when it goes.
    { relation: "after", toMiddleware: "retryMiddleware", name: "atelierPaced" },
  );
  return client;
}

const throttlingNames =
  /^(Throttl|TooManyRequests|RequestLimitExceeded|RequestThrottled|BandwidthLimitExceeded|SlowDown|LimitExceededException$|PriorRequestNotComplete|ProvisionedThroughputExceeded|EC2ThrottledException|TransactionInProgress)/;

/** Whether an SDK error says "slower". A `LimitExceededException` counts only with status 429: IAM uses it for quotas. */
export function isThrottling(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  if (status === 429) return true;
  return throttlingNames.test(error.name) && error.name !== "LimitExceededException";
}

// --- Who we are, and where -------------------------------------------------------------------------------------------

export type AssumeRoleInput = {
  roleArn: string;
  /** Opaque: no name and no address may reach AWS. */
  sessionName: string;
  region: string;
  credentials: Credentials;
  endpoint?: string;
  durationSeconds?: number;
  externalId?: string;
  /** A session policy, as JSON. */
  policy?: string;
  handler?: Handler;
};

/** Keys of a role, made now, by the regional STS endpoint. Throws the SDK's error, e.g. `AccessDenied`. */
export async function assumeRoleCredentials(input: AssumeRoleInput): Promise<SessionKeys> {
  const { Credentials: keys } = await new STSClient(clientOptions(input)).send(
    new AssumeRoleCommand({
      RoleArn: input.roleArn,
      RoleSessionName: input.sessionName,
      DurationSeconds: input.durationSeconds,
      ExternalId: input.externalId,
      Policy: input.policy,
    }),
  );
  if (!keys?.AccessKeyId || !keys.SecretAccessKey || !keys.SessionToken || !keys.Expiration) {
    throw new Error("AssumeRole answered without keys");
  }
  return {
    accessKeyId: keys.AccessKeyId,
    secretAccessKey: keys.SecretAccessKey,
    sessionToken: keys.SessionToken,
    expiration: keys.Expiration,
  };
}

/** A provider that assumes the role now and again whenever its keys are about to run out (the SDK keeps them meanwhile). */
export function assumedRole(input: AssumeRoleInput): () => Promise<SessionKeys> {
  return () => assumeRoleCredentials(input);
}

export type CallerIdentity = {
  accountId: string;
  arn: string;
  /** Of the Organization that the account belongs to; undefined where the account may not ask, or belongs to none. */
  managementAccountId?: string;
};

/** Who these credentials are, by STS; and, where it may be asked, which account manages its Organization. */
export async function callerIdentity(input: ClientInput): Promise<CallerIdentity> {
  const [identity, managementAccountId] = await Promise.all([
    new STSClient(clientOptions(input)).send(new GetCallerIdentityCommand({})),
    managementAccount(input),
  ]);
  if (!identity.Account || !identity.Arn) throw new Error("GetCallerIdentity answered without an account");
  return { accountId: identity.Account, arn: identity.Arn, ...(managementAccountId ? { managementAccountId } : {}) };
}

async function managementAccount(input: ClientInput): Promise<string | undefined> {
  try {
    const client = new OrganizationsClient(clientOptions({ ...input, attempts: 2 }));
    return (await client.send(new DescribeOrganizationCommand({}))).Organization?.MasterAccountId;
  } catch {
    // Not in an Organization, or not allowed to ask: the callers check the account's place by other means as well.
    return undefined;
  }
}

/**
 * Regions that the account can use: on by default or opted in. An opted-out region answers no call and holds nothing.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html
 */
export async function enabledRegions(input: ClientInput): Promise<string[]> {
  const answer = await new EC2Client(clientOptions(input)).send(new DescribeRegionsCommand({ AllRegions: true }));
  return (answer.Regions ?? [])
    .filter((region) => region.OptInStatus === "opt-in-not-required" || region.OptInStatus === "opted-in")
    .flatMap((region) => region.RegionName ?? [])
    .sort();
}
