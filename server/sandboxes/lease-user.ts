import { randomInt } from "node:crypto";
import { z } from "zod";
import { canaryAction, canaryCall } from "@/server/aws/iam";
import { inMember } from "@/server/aws/sts";
import {
  createKey,
  deleteKey,
  ensureUser,
  hasPassword,
  keysOfUser,
  setPassword,
  type UserKey,
} from "@/server/aws/users";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { untilAllowed } from "@/server/sandboxes/catch-up";
import { credentialsOf, markRevoked, noteCredential, openSecret, sealSecret } from "@/server/sandboxes/credentials";
import { leasePolicy, leaseUserName } from "@/server/sandboxes/guardrails";

/**
 * The IAM user of a lease, for profiles of that kind: made when the account is vended, with a console password and an access
 * key that wait encrypted until their holder looks at them, once. What is lost is made anew, and the old one ends first.
 */

type UserLease = { id: string; teamId: string; awsAccountId: string };

/** A password as "kP7xm-Qr4tz-Wn9cb-Fh3sd": 20 characters without those that look alike, good for any usual password policy. */
export function makePassword(): string {
  const kinds = ["ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnpqrstuvwxyz", "23456789"];
  const one = (from: string) => from[randomInt(from.length)] ?? "";
  for (;;) {
    const groups = Array.from({ length: 4 }, () => Array.from({ length: 5 }, () => one(kinds.join(""))).join(""));
    const password = groups.join("-");
    if (kinds.every((kind) => [...kind].some((character) => password.includes(character)))) return password;
  }
}

const key = z.object({ accessKeyId: z.string(), secretAccessKey: z.string() });

export function readKey(secret: string): UserKey {
  return key.parse(JSON.parse(secret));
}

/** One run at a time makes or renews the credentials of a lease: AWS chooses a key's secret and says it once. */
async function oneByOne<T>(ctx: Context, leaseId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  return ctx.db.$transaction(
    async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`credentials:${leaseId}`}, 0))`;
      return work(tx);
    },
    { timeout: 120_000, maxWait: 60_000 },
  );
}

/**
 * Makes the user of a lease with its password and its key, each where it is missing, and waits until AWS lets the key in. Can
 * run twice, and be cut off anywhere: a key that no row knows, since the secret was lost with the run, is ended.
 */
export async function makeUser(ctx: Context, lease: UserLease, profilePolicy: unknown): Promise<void> {
  const policy = leasePolicy(profilePolicy, ctx.env.ATELIER_MEMBER_ROLE, canaryAction, "iam_user");
  await noteCredential(ctx, ctx.db, lease, { kind: "user", reference: leaseUserName });
  await inMember(ctx.env, lease.awsAccountId, (keys) => ensureUser(ctx.env, keys, { name: leaseUserName, policy }));
  await oneByOne(ctx, lease.id, async (tx) => {
    await ensurePassword(ctx, tx, lease);
    await ensureKey(ctx, tx, lease);
  });
  const waiting = await ctx.db.credential.findFirst({
    where: { leaseId: lease.id, kind: "access_key", revokedAt: null, sealed: { not: null } },
  });
  if (!waiting?.sealed) return;
  const made = readKey(openSecret(ctx, "access_key", waiting.sealed));
  const answer = await untilAllowed(ctx.env, () => canaryCall(ctx.env, made));
  if (answer !== "Allowed")
    throw new Error(`The lease's IAM user may not make the canary's call ${canaryAction}: AWS answered ${answer}`);
}

async function ensurePassword(ctx: Context, tx: Tx, lease: UserLease): Promise<void> {
  const current = (await credentialsOf(ctx, lease, tx)).filter((one) => one.kind === "password" && !one.revokedAt);
  const there = await inMember(ctx.env, lease.awsAccountId, (keys) => hasPassword(ctx.env, keys, leaseUserName));
  if (there && current.length > 0) return;
  await newPassword(ctx, tx, lease, false);
}

async function ensureKey(ctx: Context, tx: Tx, lease: UserLease): Promise<void> {
  const { env } = ctx;
  const rows = (await credentialsOf(ctx, lease, tx)).filter((one) => one.kind === "access_key" && !one.revokedAt);
  const there = await inMember(env, lease.awsAccountId, (keys) => keysOfUser(env, keys, leaseUserName));
  const known = new Set(rows.map(({ reference }) => reference));
  if (rows.some(({ reference }) => there.includes(reference)) && there.every((id) => known.has(id))) return;
  await newKey(ctx, tx, lease, false);
}

/** A new password in the place of the one before; `shown` where the caller shows it now, else it waits to be. */
async function newPassword(ctx: Context, tx: Tx, lease: UserLease, shown: boolean): Promise<string> {
  const before = (await credentialsOf(ctx, lease, tx)).filter(({ kind }) => kind === "password");
  const password = makePassword();
  // One call puts the new one into the old one's place: at no moment do both work, or none for long.
  await inMember(ctx.env, lease.awsAccountId, (keys) => setPassword(ctx.env, keys, leaseUserName, password));
  await markRevoked(
    ctx,
    tx,
    before.map(({ id }) => id),
  );
  const reference = `password-${before.length + 1}`;
  const state = shown ? { shownAt: ctx.clock.now() } : { sealed: sealSecret(ctx, "password", password) };
  await noteCredential(ctx, tx, lease, { kind: "password", reference, ...state });
  return password;
}

/** The same for the access key: whatever keys the user has are ended first, also those that no row knows. */
async function newKey(ctx: Context, tx: Tx, lease: UserLease, shown: boolean): Promise<UserKey> {
  const { env } = ctx;
  const there = await inMember(env, lease.awsAccountId, (keys) => keysOfUser(env, keys, leaseUserName));
  for (const accessKeyId of there) {
    await noteCredential(ctx, tx, lease, { kind: "access_key", reference: accessKeyId });
    await inMember(env, lease.awsAccountId, (keys) => deleteKey(env, keys, { userName: leaseUserName, accessKeyId }));
  }
  const before = (await credentialsOf(ctx, lease, tx)).filter(({ kind }) => kind === "access_key");
  await markRevoked(
    ctx,
    tx,
    before.map(({ id }) => id),
  );
  const made = await inMember(env, lease.awsAccountId, (keys) => createKey(env, keys, leaseUserName));
  const state = shown
    ? { shownAt: ctx.clock.now() }
    : { sealed: sealSecret(ctx, "access_key", JSON.stringify(made satisfies UserKey)) };
  await noteCredential(ctx, tx, lease, { kind: "access_key", reference: made.accessKeyId, ...state });
  return made;
}

/** A new password, for whoever lost the old one, which is good no more. Kept nowhere: it is shown now. */
export function renewPassword(ctx: Context, lease: UserLease): Promise<string> {
  return oneByOne(ctx, lease.id, (tx) => newPassword(ctx, tx, lease, true));
}

/** A new access key, once AWS lets it in. Kept nowhere: it is shown now. */
export async function renewKey(ctx: Context, lease: UserLease): Promise<UserKey> {
  const made = await oneByOne(ctx, lease.id, (tx) => newKey(ctx, tx, lease, true));
  await untilAllowed(ctx.env, () => canaryCall(ctx.env, made));
  return made;
}
