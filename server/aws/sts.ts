import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { z } from "zod";
import { type Credentials, clientOptions, type SessionKeys } from "@/server/aws/clients";
import { type CloudErrorKind, calling, cloudError, kindOf } from "@/server/aws/errors";
import type { CloudEnv as Env } from "@/server/env";

/**
 * The path of credentials: base (this process) → [management →] member → lease. Sessions of roles assumed by a role last an
 * hour at most (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining), so no duration is
 * asked for anywhere.
 */

export type { Credentials, SessionKeys };

/** Where calls go: the settings that every verb of this folder takes from the environment. */
export function placeOf(env: Env): { region: string; endpoint?: string } {
  return { region: env.AWS_REGION, ...(env.AWS_ENDPOINT_URL ? { endpoint: env.AWS_ENDPOINT_URL } : {}) };
}

const bases = new Map<string, Credentials>();
const principals = new Map<string, Promise<string>>();
const sessions = new Map<string, { keys: Promise<SessionKeys>; freshUntil: number }>();

/** The credentials of this process, from the SDK's default chain (environment, container, profile). */
export function baseCredentials(env: Env): Credentials {
  const known = bases.get(env.AWS_REGION);
  if (known) return known;
  const credentials = new STSClient({ region: env.AWS_REGION }).config.credentials;
  bases.set(env.AWS_REGION, credentials);
  return credentials;
}

/** Forgets every credential of this process: after the emulator was replaced, and between tests. */
export function forgetCredentials(): void {
  bases.clear();
  sessions.clear();
  principals.clear();
  managers.clear();
}

/** A session is renewed this long before its end, so that a call begun with it can finish. */
const renewMilliseconds = 10 * 60_000;

/** A provider of a role's session that is shared by all callers and renewed in time. */
function cachedSession(env: Env, roleArn: string, from: () => Credentials): () => Promise<SessionKeys> {
  const key = `${env.AWS_ENDPOINT_URL ?? ""} ${roleArn}`;
  return async () => {
    // The expiry is AWS's clock against this machine's, not the domain's.
    const known = sessions.get(key);
    if (known && known.freshUntil > performance.timeOrigin + performance.now()) return known.keys;
    const entry = { keys: assume(env, roleArn, "atelier", from()), freshUntil: Number.POSITIVE_INFINITY };
    sessions.set(key, entry);
    try {
      entry.freshUntil = (await entry.keys).expiration.getTime() - renewMilliseconds;
      return await entry.keys;
    } catch (error) {
      if (sessions.get(key) === entry) sessions.delete(key);
      throw error;
    }
  };
}

const clients = new Map<string, WeakMap<object, STSClient>>();

/** One client for each holder of credentials, since a whole room is vended at once and making a client reads settings. */
function stsOf(env: Env, credentials: Credentials): STSClient {
  const place = placeOf(env);
  const key = `${place.endpoint ?? ""} ${place.region}`;
  const known = clients.get(key) ?? new WeakMap<object, STSClient>();
  clients.set(key, known);
  const client = known.get(credentials) ?? new STSClient(clientOptions({ ...place, credentials }));
  known.set(credentials, client);
  return client;
}

const answeredKeys = z.object({
  AccessKeyId: z.string(),
  SecretAccessKey: z.string(),
  SessionToken: z.string(),
  Expiration: z.date(),
});

async function assume(env: Env, roleArn: string, sessionName: string, credentials: Credentials): Promise<SessionKeys> {
  const command = new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: sessionName });
  const answer = await calling("AssumeRole", () => stsOf(env, credentials).send(command));
  const keys = answeredKeys.parse(answer.Credentials);
  return {
    accessKeyId: keys.AccessKeyId,
    secretAccessKey: keys.SecretAccessKey,
    sessionToken: keys.SessionToken,
    expiration: keys.Expiration,
  };
}

const managers = new Map<string, Credentials>();

/** Credentials for Organizations: the base principal's, or those of the management role where one is set. */
export function managementCredentials(env: Env): Credentials {
  const role = env.ATELIER_MANAGEMENT_ROLE_ARN;
  if (!role) return baseCredentials(env);
  const key = `${env.AWS_ENDPOINT_URL ?? ""} ${role}`;
  const credentials = managers.get(key) ?? cachedSession(env, role, () => baseCredentials(env));
  managers.set(key, credentials);
  return credentials;
}

/** ARN of Atelier's role in a member account. */
export function memberRoleArn(env: Env, accountId: string): string {
  return `arn:aws:iam::${accountId}:role/${env.ATELIER_MEMBER_ROLE}`;
}

/** A provider of Atelier's own credentials in a member account: cached, renewed before they run out. */
export function memberCredentials(env: Env, accountId: string): () => Promise<SessionKeys> {
  return cachedSession(env, memberRoleArn(env, accountId), () => managementCredentials(env));
}

/** Forgets the cached session of an account, so that the next call assumes the role anew. */
export function forgetMember(env: Env, accountId: string): void {
  sessions.delete(`${env.AWS_ENDPOINT_URL ?? ""} ${memberRoleArn(env, accountId)}`);
}

/** Runs calls in a member account; when AWS no longer takes the cached session, once more with a new one. */
export async function inMember<T>(env: Env, accountId: string, work: (keys: Credentials) => Promise<T>): Promise<T> {
  try {
    return await work(memberCredentials(env, accountId));
  } catch (error) {
    const kind = kindOf(error);
    if (kind !== "Expired" && kind !== "UnknownKey") throw error;
    forgetMember(env, accountId);
    return work(memberCredentials(env, accountId));
  }
}

/**
 * Keys of a lease's role, made now and stored nowhere: assumed by the base principal itself, which is the only one that the
 * role trusts. The session's name is the lease's id: no name and no address reaches AWS.
 */
export function leaseCredentials(env: Env, lease: { id: string; roleArn: string }): Promise<SessionKeys> {
  return assume(env, lease.roleArn, lease.id, baseCredentials(env));
}

/** ARN of the principal that lease roles trust: the setting, or (demo and test) who this process is. */
export function basePrincipalArn(env: Env): Promise<string> {
  if (env.ATELIER_BASE_PRINCIPAL_ARN) return Promise.resolve(env.ATELIER_BASE_PRINCIPAL_ARN);
  const key = env.AWS_ENDPOINT_URL ?? "";
  const known = principals.get(key);
  if (known) return known;
  const asked = askWhoWeAre(env);
  principals.set(key, asked);
  asked.catch(() => principals.delete(key));
  return asked;
}

async function askWhoWeAre(env: Env): Promise<string> {
  const client = new STSClient(clientOptions({ ...placeOf(env), credentials: baseCredentials(env) }));
  const { Arn: arn } = await calling("GetCallerIdentity", () => client.send(new GetCallerIdentityCommand({})));
  if (!arn) throw new Error("GetCallerIdentity answered without an ARN");
  // A trust policy names the role behind a session.
  return arn.replace(/^arn:([\w-]+):sts::(\d+):assumed-role\/([^/]+)\/.*$/, "arn:$1:iam::$2:role/$3");
}

/**
 * What AWS answers to an access key id with a secret that is certainly wrong: `UnknownKey` once the key is deleted,
 * `WrongSecret` while it exists. This proves the end of keys whose secret only their owner has.
 */
export async function probeAccessKey(env: Env, accessKeyId: string): Promise<CloudErrorKind | "Allowed"> {
  const credentials = { accessKeyId, secretAccessKey: "not-the-secret-of-this-key" };
  const client = new STSClient(clientOptions({ ...placeOf(env), credentials, attempts: 2, throttledAttempts: 2 }));
  try {
    await client.send(new GetCallerIdentityCommand({}));
    return "Allowed";
  } catch (error) {
    const known = kindOf(cloudError("GetCallerIdentity", error));
    if (known) return known;
    throw error;
  }
}
