import { canaryCall, roleArn, roleExists, stripRole } from "@/server/aws/iam";
import { inMember, leaseCredentials, probeAccessKey } from "@/server/aws/sts";
import { deleteKey, deletePassword, deleteUser, hasPassword, keysOfUser, userExists } from "@/server/aws/users";
import type { Context } from "@/server/context";
import type { Db, Tx } from "@/server/db";
import { assertNever } from "@/server/errors";
import type { JobRun } from "@/server/jobs/registry";
import { untilSo } from "@/server/sandboxes/catch-up";
import { leaseUserName } from "@/server/sandboxes/guardrails";
import { seal, unseal } from "@/server/secrets";

/**
 * What was ever handed out for a lease, one row each, so that the end of each can be proved: the role, and where the profile
 * wants it an IAM user with its passwords and access keys. A secret is kept encrypted until its holder was shown it, and
 * never after: the proof that a key is gone needs its id alone.
 */

export type CredentialKind = "role" | "user" | "password" | "access_key";

export type VendedCredential = {
  id: string;
  kind: CredentialKind;
  /** The role's or user's name, the key's id, or "password-1", "password-2" … */
  reference: string;
  revokedAt: Date | null;
  provedAt: Date | null;
};

/** What revoking and proving need to know of a lease. */
export type CredentialLease = { id: string; teamId: string; account: { awsAccountId: string } };

const order: readonly CredentialKind[] = ["role", "user", "password", "access_key"];

/** Everything that was vended for the lease, in the order in which it is revoked. */
export async function credentialsOf(
  ctx: Context,
  lease: { id: string; teamId: string },
  db: Db | Tx = ctx.db,
): Promise<VendedCredential[]> {
  const rows = await db.credential.findMany({
    where: { leaseId: lease.id, teamId: lease.teamId },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    select: { id: true, kind: true, reference: true, revokedAt: true, provedAt: true },
  });
  const known = rows.map((row) => ({ ...row, kind: row.kind as CredentialKind }));
  return order.flatMap((kind) => known.filter((row) => row.kind === kind));
}

/** Notes what is handed out, before or as it is made; what is noted already stays as it is. */
export async function noteCredential(
  ctx: Context,
  db: Db | Tx,
  lease: { id: string; teamId: string },
  credential: { kind: CredentialKind; reference: string; sealed?: string; shownAt?: Date; revokedAt?: Date },
): Promise<void> {
  const { id: leaseId, teamId } = lease;
  const row = { ...credential, id: ctx.newId("credential"), leaseId, teamId, createdAt: ctx.clock.now() };
  await db.credential.createMany({ data: [row], skipDuplicates: true });
}

/** Notes that a credential was ended, and wipes what was still to be shown of it. */
export async function markRevoked(ctx: Context, db: Db | Tx, ids: readonly string[]): Promise<void> {
  const revokedAt = ctx.clock.now();
  await db.credential.updateMany({ where: { id: { in: [...ids] }, revokedAt: null }, data: { revokedAt } });
  await db.credential.updateMany({ where: { id: { in: [...ids] } }, data: { sealed: null } });
}

/** Notes that AWS was seen to refuse a credential. */
export async function markProved(ctx: Context, db: Db | Tx, ids: readonly string[]): Promise<void> {
  const provedAt = ctx.clock.now();
  await db.credential.updateMany({ where: { id: { in: [...ids] }, provedAt: null }, data: { provedAt } });
}

/**
 * Ends one credential in AWS and notes it; can run twice, and one that is gone already counts as ended. Ending a user ends all
 * that it has: keys that nobody noted are noted first, so read `credentialsOf` again before proving.
 */
export async function revokeCredential(
  ctx: Context,
  lease: CredentialLease,
  credential: VendedCredential,
): Promise<void> {
  const { env } = ctx;
  const { kind, reference } = credential;
  const account = lease.account.awsAccountId;
  switch (kind) {
    case "role":
      await inMember(env, account, (keys) => stripRole(env, keys, reference));
      break;
    case "user":
      await endUser(ctx, lease, reference);
      break;
    case "password":
      // An older one ended when the next took its place; what is there now is the newest.
      if (!credential.revokedAt) await inMember(env, account, (keys) => deletePassword(env, keys, leaseUserName));
      break;
    case "access_key":
      await inMember(env, account, (keys) => deleteKey(env, keys, { userName: leaseUserName, accessKeyId: reference }));
      break;
    default:
      assertNever(kind);
  }
  await markRevoked(ctx, ctx.db, [credential.id]);
}

async function endUser(ctx: Context, lease: CredentialLease, name: string): Promise<void> {
  const { env } = ctx;
  const account = lease.account.awsAccountId;
  const accessKeyIds = await inMember(env, account, (keys) => keysOfUser(env, keys, name));
  for (const reference of accessKeyIds) await noteCredential(ctx, ctx.db, lease, { kind: "access_key", reference });
  await inMember(env, account, (keys) => deleteUser(env, keys, { name, accessKeyIds }));
  const ended = (await credentialsOf(ctx, lease)).filter(({ kind }) => kind === "password" || kind === "access_key");
  await markRevoked(
    ctx,
    ctx.db,
    ended.map(({ id }) => id),
  );
}

/**
 * Proves that a credential was ended, and notes it: AWS refuses the role's session with AccessDenied (or knows neither the
 * role), does not know the user, its password or the key's id. Asked again until IAM has caught up; throws, in words, where
 * AWS still lets it in or gives no clear answer. One that was proved is not asked about again.
 */
export async function proveRevoked(
  ctx: Context,
  lease: CredentialLease,
  credential: VendedCredential,
  run?: JobRun,
): Promise<void> {
  if (credential.provedAt) return;
  const seen = { answer: "" };
  const gone = await untilSo(
    ctx.env,
    async () => {
      seen.answer = await refusal(ctx, lease, credential);
      return seen.answer === "";
    },
    run?.signal,
  );
  if (!gone) throw new Error(seen.answer);
  await markProved(ctx, ctx.db, [credential.id]);
}

/** What still stands against the proof, in words; empty once it is made. */
async function refusal(ctx: Context, lease: CredentialLease, credential: VendedCredential): Promise<string> {
  const { env } = ctx;
  const { kind, reference } = credential;
  const account = lease.account.awsAccountId;
  switch (kind) {
    case "role":
      return refusalOfRole(ctx, lease, reference);
    case "user": {
      const there = await inMember(env, account, (keys) => userExists(env, keys, reference));
      return there ? "The lease's IAM user still exists: AWS knows it" : "";
    }
    case "password": {
      const there = await inMember(env, account, (keys) => hasPassword(env, keys, leaseUserName));
      return there ? "The lease's IAM user can still sign in to the console" : "";
    }
    case "access_key": {
      const answer = await probeAccessKey(env, reference);
      if (answer === "UnknownKey") return "";
      if (answer === "WrongSecret") return "An access key of the lease's IAM user still exists: AWS knows it";
      return `It is not proved that access is gone. An access key of the lease's IAM user got no clear answer from AWS (${answer})`;
    }
    default:
      return assertNever(kind);
  }
}

async function refusalOfRole(ctx: Context, lease: CredentialLease, name: string): Promise<string> {
  const { env } = ctx;
  const { awsAccountId } = lease.account;
  if (!(await inMember(env, awsAccountId, (keys) => roleExists(env, keys, name)))) return "";
  const session = await leaseCredentials(env, { id: lease.id, roleArn: roleArn(awsAccountId, name) });
  const answer = await canaryCall(env, session);
  if (answer === "AccessDenied") return "";
  if (answer === "Allowed") return "The lease's role can still act in the account: AWS allows its call";
  return `It is not proved that access is gone. The lease's role got no clear answer from AWS (${answer})`;
}

const purpose = (kind: CredentialKind) => `credential.${kind}`;

/** A secret for the column `sealed`, bound to its kind. */
export function sealSecret(ctx: Context, kind: CredentialKind, secret: string): string {
  return seal(ctx.env.ATELIER_SECRET_KEY, purpose(kind), secret);
}

export function openSecret(ctx: Context, kind: CredentialKind, sealed: string): string {
  return unseal(ctx.env.ATELIER_SECRET_KEY, purpose(kind), sealed);
}
