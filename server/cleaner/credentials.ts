import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import {
  type AccessMade,
  accessMade,
  deleteAccessUser,
  makeAccessRole,
  makeAccessUser,
  revokeOlderSessions,
} from "@/server/aws/access";
import { assumeRoleCredentials, type Credentials } from "@/server/aws/clients";
import { CloudError, type CloudErrorKind } from "@/server/aws/errors";
import { consoleSignInUrl } from "@/server/aws/federation";
import { canaryCall, deleteRole, stripRole } from "@/server/aws/iam";
import { baseCredentials, basePrincipalArn, probeAccessKey, type SessionKeys } from "@/server/aws/sts";
import { type Account, wayInto } from "@/server/cleaner/accounts";
import { isLoopback, partitionOf, UsageError } from "@/server/cleaner/command-io";
import { sayError } from "@/server/cleaner/failures";
import { filesIn, readWhole, writeWhole } from "@/server/cleaner/records";
import { wallClock } from "@/server/cleaner/time";
import type { CloudEnv } from "@/server/env";

/** Short-lived access to an account, made and taken away on the command line. No secret of it is stored anywhere. */

export type CredentialParts = {
  cloud: CloudEnv;
  /** Folder of the command line's records. */
  folder: string;
  now(): Date;
  signal?: AbortSignal;
};

export type Access = {
  account: string;
  name: string | null;
  kind: "role" | "user";
  /** Of the role or the user. */
  principal: string;
  /** ISO 8601: after this AWS refuses every call made with it. */
  expires: string;
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  /** Of a user. */
  password?: string;
  /** A link that signs a browser in (role), or the page to sign in at (user); null with `consoleNote`. */
  console: string | null;
  consoleNote?: string;
};

/** AWS knows new roles and keys everywhere within seconds; this long is waited for it. */
const settleMilliseconds = 90_000;
const pollMilliseconds = 1_000;

// --- Making it -----------------------------------------------------------------------------------------------------------

/**
 * Makes access to an account, good until `hours` from now, and answers once AWS takes it. A role's session by default: its
 * keys and a console link. With `user`, an IAM user with a password and keys. What was made is taken back where it fails.
 */
export async function generateAccess(
  parts: CredentialParts,
  account: Account,
  asked: { hours: number; user: boolean },
): Promise<Access> {
  const until = new Date(parts.now().getTime() + asked.hours * 3_600_000);
  const id = randomBytes(6).toString("hex");
  // Not "Atelier…" for the role: the cleaner keeps roles of such names, and this one goes with everything else.
  const principal = asked.user ? `AtelierCli-${id}` : `atelier-cli-${id}`;
  const keys = wayInto(parts.cloud, account.id);
  const policy = JSON.stringify(accessPolicy(parts.cloud.ATELIER_MEMBER_ROLE, until));
  try {
    const made = asked.user
      ? await asUser(parts, account, principal, policy, keys)
      : await asSession(parts, { principal, policy, until, hours: asked.hours }, keys);
    const session = made.sessionToken ? sessionOf(made, until) : keysOf(made);
    const answer = await untilAnswer(parts, () => canaryCall(parts.cloud, session), ["Allowed"]);
    if (answer !== "Allowed") throw new Error(`AWS does not take the new keys: ${answer}`);
    const access: Access = {
      account: account.id,
      name: account.name,
      principal,
      expires: until.toISOString(),
      ...made,
    };
    writeAccess(parts, access);
    return access;
  } catch (error) {
    await takeBack(parts, keys, principal, asked.user);
    throw error;
  }
}

type Made = Omit<Access, "account" | "name" | "principal" | "expires">;

const keysOf = (made: Made) => ({ accessKeyId: made.accessKeyId, secretAccessKey: made.secretAccessKey });
const sessionOf = (made: Made, expiration: Date): SessionKeys => ({
  ...keysOf(made),
  sessionToken: made.sessionToken ?? "",
  expiration,
});

async function asUser(
  { cloud }: CredentialParts,
  account: Account,
  name: string,
  policy: string,
  keys: Credentials,
): Promise<Made> {
  // 128 bits, and one of each kind of character, whatever the account's rule for passwords asks.
  const password = `${randomBytes(16).toString("base64url")}-aA1`;
  const pair = await makeAccessUser(cloud, keys, { name, policy, password });
  const page = `https://${account.id}.signin.aws.amazon.com/console`;
  const console = cloud.AWS_ENDPOINT_URL
    ? { console: null, consoleNote: "an emulator has no console for IAM users" }
    : { console: page };
  return { kind: "user", ...pair, password, ...console };
}

async function asSession(
  parts: CredentialParts,
  role: { principal: string; policy: string; until: Date; hours: number },
  keys: Credentials,
): Promise<Made> {
  const { cloud } = parts;
  const base = await basePrincipalArn(cloud);
  if (base.includes(":role/") && role.hours > 1) {
    throw new UsageError(
      "These credentials are those of a role, from which a role's session lasts an hour at most: take --hours 1 or --user.",
    );
  }
  const seconds = role.hours * 3_600;
  const trust = JSON.stringify(accessTrust(base, role.until));
  const arn = await makeAccessRole(cloud, keys, { ...role, name: role.principal, trust, sessionSeconds: seconds });
  const session = await assumeWhenKnown(parts, arn, role.principal, seconds);
  return {
    kind: "role",
    accessKeyId: session.accessKeyId,
    secretAccessKey: session.secretAccessKey,
    sessionToken: session.sessionToken,
    ...(await consoleLink(cloud, session)),
  };
}

/** Sends the keys to AWS's own sign-in page, or to one on this machine for those of an emulator; nowhere else. */
async function consoleLink(cloud: CloudEnv, session: SessionKeys): Promise<Pick<Made, "console" | "consoleNote">> {
  if (cloud.AWS_ENDPOINT_URL && !isLoopback(cloud.AWS_SIGNIN_URL)) {
    return { console: null, consoleNote: "this endpoint offers no sign-in" };
  }
  try {
    return { console: await consoleSignInUrl(cloud, session, { issuer: "Atelier" }) };
  } catch (error) {
    return { console: null, consoleNote: sayError(error) };
  }
}

async function assumeWhenKnown(parts: CredentialParts, roleArn: string, sessionName: string, durationSeconds: number) {
  const { cloud } = parts;
  const assume = () =>
    assumeRoleCredentials({
      region: cloud.AWS_REGION,
      endpoint: cloud.AWS_ENDPOINT_URL,
      credentials: baseCredentials(cloud),
      roleArn,
      sessionName,
      durationSeconds,
    });
  const deadline = wallClock.now().getTime() + settleMilliseconds;
  for (;;) {
    try {
      return await assume();
    } catch (error) {
      // A role that AWS does not know everywhere yet is refused like one that may not be assumed.
      const early = error instanceof Error && error.name === "AccessDenied";
      if (!early || wallClock.now().getTime() > deadline) throw error;
      await wallClock.wait(pollMilliseconds, parts.signal);
    }
  }
}

async function takeBack(parts: CredentialParts, keys: Credentials, principal: string, user: boolean): Promise<void> {
  const gone = user
    ? deleteAccessUser(parts.cloud, keys, { name: principal, accessKeyIds: [] })
    : stripRole(parts.cloud, keys, principal).then(() => deleteRole(parts.cloud, keys, principal));
  // The failure that led here is the one to tell; revoke finds what is left by its path.
  await gone.catch(() => undefined);
}

/** Everything, until then, but the way into the account and the account itself. */
export function accessPolicy(memberRole: string, until: Date) {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "*",
        Resource: "*",
        Condition: { DateLessThan: { "aws:CurrentTime": until.toISOString() } },
      },
      {
        Effect: "Deny",
        Action: ["iam:*", "sts:AssumeRole"],
        Resource: [`arn:*:iam::*:role/${memberRole}`, "arn:*:iam::*:role/Atelier*"],
      },
      {
        Effect: "Deny",
        Action: ["account:CloseAccount", "account:Put*", "organizations:LeaveOrganization"],
        Resource: "*",
      },
    ],
  };
}

/** Nobody but the caller, and until then. A role of IAM Identity Center is named by its session without its path. */
export function accessTrust(caller: string, until: Date) {
  const sso = /^arn:([\w-]+):iam::(\d+):role\/(AWSReservedSSO_[\w-]+)$/.exec(caller);
  const who = sso
    ? {
        Principal: { AWS: `arn:${sso[1]}:iam::${sso[2]}:root` },
        Condition: {
          ArnLike: {
            "aws:PrincipalArn": `arn:${sso[1]}:iam::${sso[2]}:role/aws-reserved/sso.amazonaws.com/*${sso[3]}`,
          },
        },
      }
    : { Principal: { AWS: caller }, Condition: {} };
  const Condition = { ...who.Condition, DateLessThan: { "aws:CurrentTime": until.toISOString() } };
  return { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", ...who, Condition }] };
}

// --- Taking it away ------------------------------------------------------------------------------------------------------

export type Ended = {
  kind: "role" | "user" | "sessions";
  principal: string;
  /** Whether AWS was seen to refuse it. */
  proved: boolean;
  /** How, or why not. */
  evidence: string;
};

export type Revocation = { account: string; name: string | null; ended: Ended[] };

/** Takes away what `generateAccess` made in the account, by whomever, and proves that AWS refuses it. Can run again. */
export async function revokeAccess(parts: CredentialParts, account: Account, sessionsOf?: string): Promise<Revocation> {
  const keys = wayInto(parts.cloud, account.id);
  const made = await accessMade(parts.cloud, keys);
  const ended: Ended[] = [];
  for (const user of made.users) ended.push(await endUser(parts, keys, user));
  for (const role of made.roles) ended.push(await endRole(parts, keys, role));
  if (sessionsOf) ended.push(await endSessions(parts, keys, account, sessionsOf));
  const open = new Set(ended.filter(({ proved }) => !proved).map(({ principal }) => principal));
  // What is no longer in the account was taken away from elsewhere, and its record ends too.
  endAccessRecords(parts, account.id, (one) => !open.has(one.principal));
  return { account: account.id, name: account.name, ended };
}

async function endUser(parts: CredentialParts, keys: Credentials, user: AccessMade["users"][number]): Promise<Ended> {
  const { accessKeyIds, deleted } = await deleteAccessUser(parts.cloud, keys, user);
  const about = { kind: "user" as const, principal: user.name };
  for (const id of accessKeyIds) {
    const answer = await untilAnswer(parts, () => probeAccessKey(parts.cloud, id), ["UnknownKey"]);
    if (answer !== "UnknownKey")
      return { ...about, proved: false, evidence: `AWS still answers ${answer} to key ${id}` };
  }
  const stays = deleted ? "" : "; the user holds more than was made for it and stays, without access, until a run";
  return { ...about, proved: true, evidence: `password deleted, ${accessKeyIds.length} keys unknown to AWS${stays}` };
}

async function endRole(parts: CredentialParts, keys: Credentials, role: AccessMade["roles"][number]): Promise<Ended> {
  const canary = await canaryOf(parts, role.arn);
  await stripRole(parts.cloud, keys, role.name);
  const verdict = await refused(parts, canary);
  const about = { kind: "role" as const, principal: role.name, ...verdict };
  try {
    await deleteRole(parts.cloud, keys, role.name);
    return about;
  } catch (error) {
    if (!(error instanceof CloudError && error.code === "DeleteConflict")) throw error;
    await stripRole(parts.cloud, keys, role.name);
    return { ...about, evidence: `${about.evidence}; the role is in use and stays, denied everything, until a run` };
  }
}

/** Sessions of a role that this command did not make: those issued until now are refused, later ones are not. */
async function endSessions(parts: CredentialParts, keys: Credentials, account: Account, role: string): Promise<Ended> {
  const { cloud } = parts;
  const canary = await canaryOf(parts, `arn:${partitionOf(cloud.AWS_REGION)}:iam::${account.id}:role/${role}`);
  // AWS compares whole seconds, and the canary's may be the present one.
  const before = new Date(parts.now().getTime() + 1_000);
  await revokeOlderSessions(cloud, keys, role, before);
  return { kind: "sessions", principal: role, ...(await refused(parts, canary)) };
}

/** One more session of the role, which stands for all that are out. */
async function canaryOf(parts: CredentialParts, roleArn: string): Promise<SessionKeys | string> {
  const { cloud } = parts;
  try {
    const session = await assumeRoleCredentials({
      region: cloud.AWS_REGION,
      endpoint: cloud.AWS_ENDPOINT_URL,
      credentials: baseCredentials(cloud),
      roleArn,
      sessionName: "atelier-canary",
    });
    const answer = await canaryCall(cloud, session);
    return answer === "Allowed" ? session : `a new session of it was refused before already (${answer})`;
  } catch (error) {
    return `no session of it could be had to prove it with (${sayError(error)})`;
  }
}

async function refused(parts: CredentialParts, canary: SessionKeys | string) {
  if (typeof canary === "string") return { proved: false, evidence: `everything is denied, but ${canary}` };
  const answer = await untilAnswer(parts, () => canaryCall(parts.cloud, canary), ["AccessDenied", "UnknownKey"]);
  const proved = answer === "AccessDenied" || answer === "UnknownKey";
  if (!proved) return { proved, evidence: `AWS still answers ${answer} to a session of it` };
  return { proved, evidence: `a session that was allowed before is refused (${answer})` };
}

/** Asks again until one of these is the answer, or AWS had time enough. Returns the last answer. */
async function untilAnswer(
  parts: CredentialParts,
  ask: () => Promise<CloudErrorKind | "Allowed">,
  wanted: readonly (CloudErrorKind | "Allowed")[],
): Promise<CloudErrorKind | "Allowed"> {
  const deadline = wallClock.now().getTime() + settleMilliseconds;
  for (;;) {
    const answer = await ask();
    if (wanted.includes(answer) || wallClock.now().getTime() > deadline) return answer;
    await wallClock.wait(pollMilliseconds, parts.signal);
  }
}

// --- What is out ---------------------------------------------------------------------------------------------------------

const accessRecord = z.object({
  account: z.string(),
  kind: z.enum(["role", "user"]),
  principal: z.string(),
  accessKeyId: z.string(),
  made: z.string(),
  expires: z.string(),
  revoked: z.string().nullable(),
});

export type AccessRecord = z.infer<typeof accessRecord>;

/** Writes down that access was made: never a secret of it. */
function writeAccess(parts: CredentialParts, access: Access): void {
  const { account, kind, principal, accessKeyId, expires } = access;
  const made = parts.now().toISOString();
  writeRecord(parts.folder, { account, kind, principal, accessKeyId, made, expires, revoked: null });
}

function writeRecord(folder: string, one: AccessRecord): void {
  const place = join(folder, "access", one.account);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  writeWhole(join(place, `${one.principal}.json`), one);
}

/** Access to an account that was made from here, has not ended by itself and was not taken away. */
export function accessOut(folder: string, account: string, at: Date): AccessRecord[] {
  const place = join(folder, "access", account);
  return filesIn(place)
    .flatMap((name) => readWhole(join(place, name), accessRecord) ?? [])
    .filter((one) => one.revoked === null && Date.parse(one.expires) > at.getTime());
}

/** Access that is gone: taken away, or removed with all else by a run that proved the account clean. */
export function endAccessRecords(
  { folder, now }: Pick<CredentialParts, "folder" | "now">,
  account: string,
  which: (one: AccessRecord) => boolean = () => true,
): void {
  for (const one of accessOut(folder, account, now()).filter(which))
    writeRecord(folder, { ...one, revoked: now().toISOString() });
}
