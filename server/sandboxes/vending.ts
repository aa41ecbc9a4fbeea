import { setTimeout as wait } from "node:timers/promises";
import type { CredentialKind, Team } from "@/prisma/generated/client";
import { audit, auditAll } from "@/server/audit";
import { kindOf } from "@/server/aws/errors";
import {
  allowLeaseRole,
  canaryAction,
  canaryCall,
  deleteRole,
  ensureLeaseRole,
  roleArn,
  stripRole,
} from "@/server/aws/iam";
import { basePrincipalArn, inMember, leaseCredentials, type SessionKeys } from "@/server/aws/sts";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import type { Env } from "@/server/env";
import { DomainError, notFound } from "@/server/errors";
import { enqueue, enqueueAll } from "@/server/jobs/queue";
import type { JobRun } from "@/server/jobs/registry";
import { queueMail } from "@/server/mail/outbox";
import { allowMember } from "@/server/permissions";
import { sealCanary } from "@/server/sandboxes/canary";
import { catchUpMilliseconds, untilAllowed } from "@/server/sandboxes/catch-up";
import { credentialsOf, noteCredential, revokeCredential } from "@/server/sandboxes/credentials";
import { leasePolicy, leaseRoleName, leaseTrust } from "@/server/sandboxes/guardrails";
import { makeUser } from "@/server/sandboxes/lease-user";
import { type LeaseState, leaseInUse } from "@/server/sandboxes/lifecycle";
import { ensureProfiles } from "@/server/sandboxes/policies";
import { planStack } from "@/server/sandboxes/stacks";
import { lendingProblem, placeAccount, unitsOf } from "@/server/sandboxes/units";

/** Lending accounts: reserving them in one transaction, and making each usable in a job. */

export type Reserved = {
  /** Accounts lent now. */
  leased: number;
  /** Registrations that wait for an account, in the order of confirmation. */
  waiting: string[];
  /** Why nothing could be lent at all, in words; null when the pool is fine. */
  problem: string | null;
};

type Holder = {
  holder: "registration" | "presenter" | "rehearsal";
  registrationId?: string;
  memberId?: string;
  /** The lease that the new one takes the place of. */
  replacesId?: string;
};

/**
 * Reserves an available account for each confirmed registration that has none, in the order of confirmation,
 * and enqueues their vending; all in the caller's transaction. Never all or nothing: who gets none is in
 * `waiting`. Two callers at once never get the same account: rows are locked (SKIP LOCKED), and the database takes only one
 * live lease for an account.
 */
export async function reserveLeases(ctx: Context, tx: Tx, input: { workshopId: string }): Promise<Reserved> {
  const workshop = await tx.workshop.findUnique({ where: { id: input.workshopId }, include: { team: true } });
  if (!workshop) throw notFound("workshop");
  if (!workshop.sandboxProfileId) return { leased: 0, waiting: [], problem: null };
  const { id: workshopId, teamId } = workshop;
  const registrations = await tx.registration.findMany({
    where: { workshopId, teamId, state: { in: ["confirmed", "attended"] }, leases: { none: leaseInUse } },
    orderBy: [{ ordinal: "asc" }, { id: "asc" }],
    select: { id: true },
  });
  const holders: Holder[] = registrations.map(({ id }) => ({ holder: "registration", registrationId: id }));
  const problem = lendingProblem(ctx, workshop.team);
  const leased = problem ? 0 : await lend(ctx, tx, { teamId, workshopId }, holders);
  const waiting = holders.slice(leased).flatMap(({ registrationId }) => registrationId ?? []);
  return { leased, waiting, problem };
}

/**
 * Lends to the first holders as many accounts as there are, but for those that other workshops of the team keep as spares;
 * answers how many. Of one team, one after another: spares are counted and accounts taken in one breath.
 */
export async function lend(
  ctx: Context,
  tx: Tx,
  { teamId, workshopId }: { teamId: string; workshopId: string },
  holders: readonly Holder[],
): Promise<number> {
  if (holders.length === 0) return 0;
  const now = ctx.clock.now();
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`lending:${teamId}`}, 0))`;
  const room = await freeAccounts(tx, { teamId, workshopId, now });
  if (room <= 0) return 0;
  // Those that rested longest first.
  const accounts = await tx.$queryRaw<{ id: string }[]>`
    SELECT "id" FROM "SandboxAccount" WHERE "teamId" = ${teamId} AND "state" = 'available'
    ORDER BY "stateSince", "id" LIMIT ${Math.min(room, holders.length)} FOR UPDATE SKIP LOCKED`;
  if (accounts.length === 0) return 0;
  const leases = accounts.map((account, index) => {
    const id = ctx.newId("lease");
    const of = { id, teamId, workshopId, accountId: account.id, reservedAt: now };
    return { ...of, ...(holders[index] as Holder), roleName: leaseRoleName(id) };
  });
  await tx.sandboxAccount.updateMany({
    where: { id: { in: accounts.map(({ id }) => id) }, state: "available" },
    data: { state: "leased", stateSince: now },
  });
  await tx.lease.createMany({ data: leases });
  await auditAll(
    ctx,
    tx,
    leases.flatMap(({ id, accountId, holder }) => [
      { teamId, action: "lease.reserved", entity: "lease", entityId: id, detail: { workshopId, accountId, holder } },
      {
        teamId,
        action: "account.leased",
        entity: "sandboxAccount",
        entityId: accountId,
        detail: { workshopId, leaseId: id },
      },
    ]),
  );
  await enqueueAll(
    ctx,
    tx,
    "sandboxes.vend",
    leases.map(({ id }) => ({ leaseId: id })),
  );
  return leases.length;
}

/**
 * Accounts that a workshop may take now: the available ones without the spares of other workshops. A workshop keeps its spares
 * from its opening (or from the moment when its accounts are made ready before) until it closes, less one for each account
 * that was replaced.
 */
async function freeAccounts(
  tx: Tx,
  { teamId, workshopId, now }: { teamId: string; workshopId: string; now: Date },
): Promise<number> {
  const [row] = await tx.$queryRaw<{ free: number }[]>`
    SELECT ((SELECT count(*) FROM "SandboxAccount" WHERE "teamId" = ${teamId} AND "state" = 'available') -
      (SELECT coalesce(sum(greatest(0, w."spares" - (
          SELECT count(*) FROM "Lease" l WHERE l."workshopId" = w."id" AND l."replacesId" IS NOT NULL))), 0)
        FROM "Workshop" w
        WHERE w."teamId" = ${teamId} AND w."id" <> ${workshopId} AND w."spares" > 0 AND w."sandboxProfileId" IS NOT NULL
          AND (w."state" = 'open' OR (w."state" = 'registration' AND w."endsAt" > ${now}
            AND w."startsAt" - make_interval(mins => w."prewarmMinutes") <= ${now}))))::int AS "free"`;
  return row?.free ?? 0;
}

/** Lends one account to the member who asks, as a presenter of the workshop or to rehearse it. */
export async function leaseForMember(
  ctx: Context,
  input: { workshopId: string; holder: "presenter" | "rehearsal" },
): Promise<{ leaseId: string }> {
  const actor = allowMember(ctx.actor, "sandbox.lease");
  const { workshopId, holder } = input;
  return ctx.db.$transaction(async (tx) => {
    // The workshop first, as everywhere: a lease made while it closes would be taken back by nobody.
    await tx.$queryRaw`
      SELECT "id" FROM "Workshop" WHERE "id" = ${workshopId} AND "teamId" = ${actor.teamId} FOR NO KEY UPDATE`;
    const workshop = await tx.workshop.findFirst({
      where: { id: workshopId, teamId: actor.teamId },
      include: { team: true },
    });
    if (!workshop) throw notFound("workshop");
    if (!["draft", "registration", "open"].includes(workshop.state))
      throw new DomainError("not_ready", "Accounts are lent only until a workshop closes.");
    if (!workshop.sandboxProfileId) throw new DomainError("not_ready", "This workshop has no sandbox accounts.");
    const problem = lendingProblem(ctx, workshop.team);
    if (problem) throw new DomainError("unavailable", `No account can be lent now: ${problem}`);
    // The member's row is the lock: two clicks make one lease.
    await tx.$queryRaw`SELECT "id" FROM "Member" WHERE "id" = ${actor.memberId} FOR NO KEY UPDATE`;
    const own = { workshopId, holder, memberId: actor.memberId };
    const live = await tx.lease.findFirst({ where: { ...own, endedAt: null } });
    if (live) return { leaseId: live.id };
    const lent = await lend(ctx, tx, { teamId: actor.teamId, workshopId }, [{ holder, memberId: actor.memberId }]);
    if (lent === 0)
      throw new DomainError("not_ready", "No account is free now. One that is being emptied will be soon.");
    const lease = await tx.lease.findFirstOrThrow({ where: { ...own, endedAt: null } });
    return { leaseId: lease.id };
  });
}

type LoadedLease = {
  id: string;
  teamId: string;
  workshopId: string;
  accountId: string;
  registrationId: string | null;
  state: LeaseState;
  roleName: string;
  awsAccountId: string;
  profileId: string | null;
  /** The sandbox profile's policy. */
  policy: unknown;
  credentialKind: CredentialKind | null;
  organizationalUnits: Team["organizationalUnits"];
  /** The holder's language. */
  locale: string | null;
};

/** One statement, since a whole room is vended at once. */
async function loadLease(ctx: Context, leaseId: string): Promise<LoadedLease | undefined> {
  const [lease] = await ctx.db.$queryRaw<LoadedLease[]>`
    SELECT l."id", l."teamId", l."workshopId", l."accountId", l."registrationId", l."state"::text, l."roleName",
      a."awsAccountId", s."id" AS "profileId", s."policy", s."credentialKind"::text, t."organizationalUnits", p."locale"
    FROM "Lease" l JOIN "SandboxAccount" a ON a."id" = l."accountId" JOIN "Team" t ON t."id" = l."teamId"
    JOIN "Workshop" w ON w."id" = l."workshopId"
    LEFT JOIN "SandboxProfile" s ON s."id" = w."sandboxProfileId"
    LEFT JOIN "Registration" r ON r."id" = l."registrationId" LEFT JOIN "Person" p ON p."id" = r."personId"
    WHERE l."id" = ${leaseId}`;
  return lease;
}

/**
 * Job: makes a reserved account usable and tells its holder. Each call to AWS can run twice, so a try that was cut off
 * anywhere is simply made again. What fails stands in the lease, in words; after the last try the lease is `failed`.
 */
export async function vend(ctx: Context, input: { leaseId: string }, run?: JobRun): Promise<void> {
  const lease = await loadLease(ctx, input.leaseId);
  if (lease?.state !== "reserved") return;
  try {
    const access = await makeAccess(ctx, lease);
    if (!(await markReady(ctx, lease, access))) await removeLateRole(ctx, lease);
  } catch (error) {
    await ctx.db.lease.updateMany({
      where: { id: lease.id, state: "reserved" },
      data: { lastError: inWords(error), ...(run?.lastTry ? { state: "failed" as const } : {}) },
    });
    throw error;
  }
}

export type Access = { roleArn: string; canarySealed: string; canaryAllowedAt: Date };

/** The role of a lease, the account in its unit, and a canary that was seen to be allowed. */
export async function makeAccess(ctx: Context, lease: LoadedLease): Promise<Access> {
  const { awsAccountId } = lease;
  const arn = roleArn(awsAccountId, lease.roleName);
  const role = {
    name: lease.roleName,
    trust: JSON.stringify(leaseTrust(await basePrincipalArn(ctx.env))),
    policy: leasePolicy(lease.policy, ctx.env.ATELIER_MEMBER_ROLE, canaryAction),
  };
  await ensureGuardrails(ctx, lease);
  await noteCredential(ctx, ctx.db, lease, { kind: "role", reference: lease.roleName });
  await inMember(ctx.env, awsAccountId, (keys) => ensureLeaseRole(ctx.env, keys, role));
  const [session] = await Promise.all([
    newSession(ctx.env, { id: lease.id, roleArn: arn }),
    inMember(ctx.env, awsAccountId, (keys) => allowLeaseRole(ctx.env, keys, role)),
    placeAccount(ctx, lease.accountId),
  ]);
  const answer = await untilAllowed(ctx.env, () => canaryCall(ctx.env, session));
  if (answer !== "Allowed")
    throw new Error(`The lease's role may not make the canary's call ${canaryAction}: AWS answered ${answer}`);
  if (lease.credentialKind === "iam_user" && lease.registrationId) await makeUser(ctx, lease, lease.policy);
  const canarySealed = sealCanary(ctx.env, { session, accessKeyIds: [] });
  return { roleArn: arn, canarySealed, canaryAllowedAt: ctx.clock.now() };
}

/** A profile that is newer than the last sync gets its unit and guard rails before anybody is let into it. */
async function ensureGuardrails(ctx: Context, { teamId, profileId, organizationalUnits }: LoadedLease): Promise<void> {
  const units = unitsOf({ organizationalUnits });
  if (!units || !profileId || units.profiles[profileId]) return;
  const profile = await ctx.db.sandboxProfile.findUniqueOrThrow({ where: { id: profileId } });
  await ensureProfiles(ctx, { id: teamId }, units, [profile]);
}

async function newSession(env: Env, lease: { id: string; roleArn: string }): Promise<SessionKeys> {
  const start = performance.now();
  for (let pause = 250; ; pause = Math.min(4_000, pause * 2)) {
    try {
      return await leaseCredentials(env, lease);
    } catch (error) {
      const mayComeYet = kindOf(error) === "AccessDenied" || kindOf(error) === "NotFound";
      if (!mayComeYet || performance.now() - start > catchUpMilliseconds(env)) throw error;
      await wait(pause);
    }
  }
}

async function markReady(ctx: Context, lease: LoadedLease, access: Access): Promise<boolean> {
  return ctx.db.$transaction(async (tx) => {
    // Held, so that a workshop that opens meanwhile finds the account ready, or is seen open here: one of both tells.
    const [{ state } = { state: null }] = await tx.$queryRaw<{ state: string }[]>`
      SELECT "state"::text FROM "Workshop" WHERE "id" = ${lease.workshopId} FOR SHARE`;
    const { count } = await tx.lease.updateMany({
      where: { id: lease.id, state: "reserved" },
      data: { ...access, state: "ready", readyAt: ctx.clock.now(), lastError: null },
    });
    if (count === 0) return false;
    const { teamId, workshopId, registrationId } = lease;
    await audit(ctx, tx, { teamId, action: "lease.ready", entity: "lease", entityId: lease.id });
    await planStack(ctx, tx, { leaseId: lease.id });
    // One that is ready before the opening is told of at the opening.
    if (registrationId && state === "open")
      await tellReady(ctx, tx, { leaseId: lease.id, teamId, workshopId, registrationId, locale: lease.locale });
    return true;
  });
}

/** The mail that access is ready, once for a lease. */
export async function tellReady(
  ctx: Context,
  tx: Tx,
  lease: { leaseId: string; teamId: string; workshopId: string; registrationId: string; locale: string | null },
): Promise<void> {
  const { leaseId, teamId, workshopId, registrationId, locale } = lease;
  await queueMail(ctx, tx, {
    kind: "access_ready",
    teamId,
    recipientKey: registrationId,
    occurrence: leaseId,
    workshopId,
    registrationId,
    locale: locale ?? undefined,
  });
}

/** The lease was closed, or is ready by another run, while its role was being made: a role that nobody lends must not stay. */
export async function removeLateRole(ctx: Context, lease: LoadedLease): Promise<void> {
  const now = await ctx.db.lease.findUnique({ where: { id: lease.id }, select: { state: true } });
  if (now?.state === "ready" || now?.state === "reserved") return;
  await inMember(ctx.env, lease.awsAccountId, async (keys) => {
    await stripRole(ctx.env, keys, lease.roleName);
    // While the lease is being closed its steps still need the role for their proof, and delete it themselves.
    if (now?.state !== "closing") await deleteRole(ctx.env, keys, lease.roleName);
  });
  await removeLateUser(ctx, lease);
}

/** The user has the same name in every lease: where the account has another holder by now, it is theirs. */
async function removeLateUser(ctx: Context, lease: LoadedLease): Promise<void> {
  const { accountId, id, awsAccountId } = lease;
  const [user] = (await credentialsOf(ctx, lease)).filter(({ kind }) => kind === "user");
  if (!user || (await ctx.db.lease.count({ where: { accountId, endedAt: null, id: { not: id } } })) > 0) return;
  await revokeCredential(ctx, { ...lease, account: { awsAccountId } }, user);
}

/** Makes the access of a ready lease again where its role is gone. Answers whether it was. */
export async function restoreAccess(ctx: Context, leaseId: string): Promise<void> {
  const lease = await loadLease(ctx, leaseId);
  if (lease?.state !== "ready") return;
  const access = await makeAccess(ctx, lease);
  const { count } = await ctx.db.lease.updateMany({ where: { id: lease.id, state: "ready" }, data: access });
  if (count === 0) await removeLateRole(ctx, lease);
}

/** Tries again to make a failed lease's account usable. */
export async function retryVend(ctx: Context, input: { leaseId: string }): Promise<void> {
  const { teamId } = allowMember(ctx.actor, "sandbox.lease");
  const lease = await ctx.db.lease.findFirst({ where: { id: input.leaseId, teamId } });
  if (!lease) throw notFound("sandbox");
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.lease.updateMany({
      where: { id: lease.id, teamId, state: "failed" },
      data: { state: "reserved", lastError: null },
    });
    if (count === 0) throw new DomainError("conflict", "This account is not waiting for another try.");
    await audit(ctx, tx, { teamId, action: "lease.retried", entity: "lease", entityId: lease.id });
    await enqueue(ctx, tx, "sandboxes.vend", { leaseId: lease.id });
  });
}

/** A failure for the people who read it: our own sentences, or a general one; never a stack. */
export function inWords(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 400) : "Something unexpected happened";
}
