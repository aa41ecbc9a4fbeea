import type { Cleanup, SandboxAccount, Team } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import { DomainError, notFound } from "@/server/errors";
import { enqueue } from "@/server/jobs/queue";
import { allowMember } from "@/server/permissions";
import { moveAccountRow, serveWaitingWorkshops } from "@/server/sandboxes/accounts";
import { enqueueClean } from "@/server/sandboxes/cleaning";
import { type AccountState, accountActs } from "@/server/sandboxes/lifecycle";
import { lendingProblem, placeAccount, requireCloud, unitName, unitsOf } from "@/server/sandboxes/units";

/** The pool and its cleanups as members see them, and what they do by hand. Answers are plain JSON; instants are ISO 8601. */

export type CleanupSummary = {
  id: string;
  accountId: string;
  cause: string;
  state: Cleanup["state"];
  reason: string | null;
  pass: number;
  regions: string[];
  /** Cells to look at in a pass, and those of this pass that were looked at. */
  checksPerPass: number;
  checksDone: number;
  found: number;
  removed: number;
  remaining: number;
  unknown: number;
  calls: number;
  startedAt: string;
  heartbeatAt: string;
  endedAt: string | null;
};

export type AccountRow = {
  id: string;
  awsAccountId: string;
  name: string;
  state: AccountState;
  stateSince: string;
  quarantineReason: string | null;
  coolingUntil: string | null;
  lastCleanedAt: string | null;
  syncedAt: string | null;
  /** The team's unit that AWS last said it is in ("ready", "leased" …); null when it was in none of them, or never asked. */
  unit: string | null;
  /** Whom it is lent to: the workshop, and the kind of holder (no person). */
  lease: { id: string; state: string; holder: string; workshopId: string; workshopTitle: string } | null;
  lastCleanup: CleanupSummary | null;
  /** What may be done by hand now. */
  acts: { clean: boolean; release: boolean; retire: boolean };
};

export type PoolOverview = {
  total: number;
  byState: Record<AccountState, number>;
  /** Why nothing is lent at present, in words; null when all is well. */
  problem: string | null;
  checkedAt: string | null;
  accounts: AccountRow[];
};

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

const rowParts = {
  leases: {
    where: { endedAt: null },
    select: { id: true, state: true, holder: true, workshopId: true, workshop: { select: { title: true } } },
  },
  cleanups: { orderBy: { startedAt: "desc" as const }, take: 1 },
  team: { select: { organizationalUnits: true } },
};

type LoadedRow = SandboxAccount & {
  leases: { id: string; state: string; holder: string; workshopId: string; workshop: { title: string } }[];
  cleanups: Cleanup[];
  team: Pick<Team, "organizationalUnits">;
};

function summaryOf(cleanup: Cleanup, checksDone: number): CleanupSummary {
  const { id, accountId, cause, state, reason, pass, regions, checksPerPass } = cleanup;
  const { found, removed, remaining, unknown, calls } = cleanup;
  return {
    ...{ id, accountId, cause, state, reason, pass, regions, checksPerPass, checksDone },
    ...{ found, removed, remaining, unknown, calls },
    startedAt: cleanup.startedAt.toISOString(),
    heartbeatAt: cleanup.heartbeatAt.toISOString(),
    endedAt: iso(cleanup.endedAt),
  };
}

function accountRow(
  row: LoadedRow,
  may: { edit: boolean; clean: boolean },
  done: ReadonlyMap<string, number>,
): AccountRow {
  const [lease] = row.leases;
  const [cleanup] = row.cleanups;
  const inState = (states: readonly AccountState[]) => !lease && states.includes(row.state);
  const { id, awsAccountId, name, state, quarantineReason } = row;
  return {
    ...{ id, awsAccountId, name, state, quarantineReason },
    stateSince: row.stateSince.toISOString(),
    coolingUntil: iso(row.coolingUntil),
    lastCleanedAt: iso(row.lastCleanedAt),
    syncedAt: iso(row.syncedAt),
    unit: unitName(unitsOf(row.team), row.organizationalUnitId),
    lease: lease
      ? {
          id: lease.id,
          state: lease.state,
          holder: lease.holder,
          workshopId: lease.workshopId,
          workshopTitle: lease.workshop.title,
        }
      : null,
    lastCleanup: cleanup ? summaryOf(cleanup, done.get(cleanup.id) ?? 0) : null,
    acts: {
      clean: may.clean && inState(accountActs.clean),
      release: may.edit && inState(accountActs.release),
      retire: may.edit && inState(accountActs.retire),
    },
  };
}

function mayOf(role: string) {
  return { edit: role === "admin", clean: role === "admin" || role === "solutions_architect" };
}

/** How many cells of its current pass each run has looked at. */
async function checksDone(ctx: Context, cleanups: readonly Cleanup[]): Promise<Map<string, number>> {
  const counts = await ctx.db.cleanupCheck.groupBy({
    by: ["cleanupId", "pass"],
    where: { cleanupId: { in: cleanups.map(({ id }) => id) } },
    _count: true,
  });
  const passes = new Map(cleanups.map(({ id, pass }) => [id, pass]));
  const current = counts.filter((row) => passes.get(row.cleanupId) === row.pass);
  return new Map(current.map((row) => [row.cleanupId, row._count]));
}

/** The team's accounts with their totals by state. */
export async function poolOverview(ctx: Context): Promise<PoolOverview> {
  const actor = allowMember(ctx.actor, "sandbox.read");
  const { teamId } = actor;
  const [team, rows] = await Promise.all([
    ctx.db.team.findUniqueOrThrow({ where: { id: teamId } }),
    ctx.db.sandboxAccount.findMany({
      where: { teamId },
      include: rowParts,
      orderBy: [{ name: "asc" }, { awsAccountId: "asc" }],
    }),
  ]);
  const done = await checksDone(
    ctx,
    rows.flatMap((row) => row.cleanups),
  );
  const byState = { available: 0, leased: 0, cleaning: 0, cooling: 0, quarantined: 0, retired: 0 };
  for (const row of rows) byState[row.state] += 1;
  return {
    total: rows.length,
    byState,
    problem: lendingProblem(ctx, team),
    checkedAt: iso(team.organizationCheckedAt),
    accounts: rows.map((row) => accountRow(row, mayOf(actor.role), done)),
  };
}

export type AccountDetail = AccountRow & {
  cleanups: CleanupSummary[];
  /** To which workshops it was lent, the latest first (the last 50); `provedAt` is when access was proved to be gone. */
  leases: {
    id: string;
    state: string;
    holder: string;
    workshopId: string;
    workshopTitle: string;
    reservedAt: string;
    provedAt: string | null;
    endedAt: string | null;
  }[];
  history: { at: string; action: string; actorKind: string; actorId: string | null; detail: unknown }[];
};

/** One account with its cleanups (the last 50) and its history (the last 100 entries). */
export async function getAccount(ctx: Context, input: { accountId: string }): Promise<AccountDetail> {
  const actor = allowMember(ctx.actor, "sandbox.read");
  const { teamId } = actor;
  const row = await ctx.db.sandboxAccount.findFirst({
    where: { id: input.accountId, teamId },
    include: { ...rowParts, cleanups: { orderBy: { startedAt: "desc" }, take: 50 } },
  });
  if (!row) throw notFound("account");
  const [done, leases, entries] = await Promise.all([
    checksDone(ctx, row.cleanups),
    ctx.db.lease.findMany({
      where: { teamId, accountId: row.id },
      include: { workshop: { select: { title: true } } },
      orderBy: { reservedAt: "desc" },
      take: 50,
    }),
    ctx.db.auditEntry.findMany({
      where: { teamId, entity: "sandboxAccount", entityId: row.id },
      orderBy: { ordinal: "desc" },
      take: 100,
    }),
  ]);
  return {
    ...accountRow(row, mayOf(actor.role), done),
    cleanups: row.cleanups.map((cleanup) => summaryOf(cleanup, done.get(cleanup.id) ?? 0)),
    leases: leases.map(({ id, state, holder, workshopId, workshop, reservedAt, provedAt, endedAt }) => ({
      ...{ id, state, holder, workshopId, workshopTitle: workshop.title },
      reservedAt: reservedAt.toISOString(),
      provedAt: iso(provedAt),
      endedAt: iso(endedAt),
    })),
    history: entries.map(({ at, action, actorKind, actorId, detail }) => ({
      at: at.toISOString(),
      action,
      actorKind,
      actorId,
      detail,
    })),
  };
}

export type ListedCleanup = CleanupSummary & {
  awsAccountId: string;
  accountName: string;
  /** Of the lease that ended with it; null for a new account and by hand. */
  workshopId: string | null;
  workshopTitle: string | null;
};

const named = {
  account: { select: { awsAccountId: true, name: true } },
  lease: { select: { workshopId: true, workshop: { select: { title: true } } } },
} as const;

/** The team's cleanups, the newest first: those of an account or of a workshop's leases, or all (at most 200). */
export async function listCleanups(
  ctx: Context,
  input: { accountId?: string; workshopId?: string } = {},
): Promise<ListedCleanup[]> {
  const { teamId } = allowMember(ctx.actor, "sandbox.read");
  const { accountId, workshopId } = input;
  const rows = await ctx.db.cleanup.findMany({
    where: { teamId, accountId, ...(workshopId ? { lease: { workshopId } } : {}) },
    orderBy: [{ startedAt: "desc" }, { id: "desc" }],
    take: 200,
    include: named,
  });
  const done = await checksDone(ctx, rows);
  return rows.map((row) => ({
    ...summaryOf(row, done.get(row.id) ?? 0),
    awsAccountId: row.account.awsAccountId,
    accountName: row.account.name,
    workshopId: row.lease?.workshopId ?? null,
    workshopTitle: row.lease?.workshop.title ?? null,
  }));
}

export type CleanupDetail = ListedCleanup & {
  /** Passes that have begun. */
  passes: number[];
  /** The evidence: one cell for each type and region of each pass. `outcome`: empty, found, unavailable, UNKNOWN. */
  cells: {
    pass: number;
    service: string;
    type: string;
    region: string;
    outcome: string;
    count: number;
    reason: string | null;
  }[];
  /** What was found and what became of it (at most 2,000). */
  resources: { type: string; region: string; id: string; pass: number; outcome: string; reason: string | null }[];
};

/** One cleanup, ready for a matrix of types × regions. */
export async function getCleanup(ctx: Context, input: { cleanupId: string }): Promise<CleanupDetail> {
  const { teamId } = allowMember(ctx.actor, "sandbox.read");
  const row = await ctx.db.cleanup.findFirst({
    where: { id: input.cleanupId, teamId },
    include: {
      ...named,
      checks: { orderBy: [{ pass: "asc" }, { service: "asc" }, { type: "asc" }, { region: "asc" }] },
      resources: { orderBy: [{ type: "asc" }, { region: "asc" }, { resourceId: "asc" }], take: 2_000 },
    },
  });
  if (!row) throw notFound("cleanup");
  const current = row.checks.filter((check) => check.pass === row.pass).length;
  return {
    ...summaryOf(row, current),
    awsAccountId: row.account.awsAccountId,
    accountName: row.account.name,
    workshopId: row.lease?.workshopId ?? null,
    workshopTitle: row.lease?.workshop.title ?? null,
    passes: [...new Set(row.checks.map((check) => check.pass))].sort((a, b) => a - b),
    cells: row.checks.map(({ pass, service, type, region, outcome, count, reason }) => ({
      ...{ pass, service, type, region, outcome, count, reason },
    })),
    resources: row.resources.map(({ type, region, resourceId, pass, outcome, reason }) => ({
      ...{ type, region, id: resourceId, pass, outcome, reason },
    })),
  };
}

// ── By hand ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const refusal = "This account cannot be changed so in its present state. The page shows what it is now.";

async function findAccount(ctx: Context, accountId: string, teamId: string) {
  const account = await ctx.db.sandboxAccount.findFirst({
    where: { id: accountId, teamId },
    include: { leases: { where: { endedAt: null }, select: { id: true } } },
  });
  if (!account) throw notFound("account");
  if (account.leases.length > 0)
    throw new DomainError("conflict", "This account is lent. It is emptied when its workshop closes.");
  return account;
}

/** Empties an account that nobody holds (again). */
export async function cleanAccount(ctx: Context, input: { accountId: string }): Promise<void> {
  const { teamId } = allowMember(ctx.actor, "cleanup.run");
  requireCloud(ctx);
  const { id: accountId } = await findAccount(ctx, input.accountId, teamId);
  await ctx.db.$transaction(async (tx) => {
    const moved = await moveAccountRow(ctx, tx, { accountId, teamId, from: accountActs.clean, to: "cleaning" });
    if (!moved) throw new DomainError("conflict", refusal);
    await enqueueClean(ctx, tx, accountId);
  });
}

/** Asks for a sync of the team's accounts with AWS now; it runs in the background and the pool's page shows what it found. */
export async function checkPool(ctx: Context): Promise<void> {
  const { teamId } = allowMember(ctx.actor, "pool.edit");
  requireCloud(ctx);
  await ctx.db.$transaction((tx) => enqueue(ctx, tx, "sandboxes.reconcile", { teamId }, { priority: 10 }));
}

/** A reason stands in the history for good, where nothing can be deleted: so it may not name an attendee of the account. */
async function requiredReason(ctx: Context, text: string, account: { id: string; teamId: string }): Promise<string> {
  const reason = text.trim().slice(0, 500);
  if (!reason) throw new DomainError("invalid", "Give a reason.", { fields: { reason: "Give a reason" } });
  const holders = await ctx.db.person.findMany({
    where: {
      teamId: account.teamId,
      registrations: { some: { anonymizedAt: null, leases: { some: { accountId: account.id } } } },
    },
    select: { name: true },
  });
  const words = new Set(wordsOf(reason));
  const named = holders.some(({ name }) => wordsOf(name ?? "").some((word) => word.length > 2 && words.has(word)));
  if (named || /\S@\S/.test(reason)) {
    const message = "Leave out names and addresses of attendees: this stays in the history for good.";
    throw new DomainError("invalid", message, { fields: { reason: message } });
  }
  return reason;
}

/** Words without case and accents. */
function wordsOf(text: string): string[] {
  const plain = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return plain.match(/\p{L}+/gu) ?? [];
}

/** Returns a quarantined or cooling account to the pool on a member's word; the reason stands in its history. */
export async function releaseAccount(ctx: Context, input: { accountId: string; reason: string }): Promise<void> {
  const { teamId } = allowMember(ctx.actor, "pool.edit");
  requireCloud(ctx);
  const account = await findAccount(ctx, input.accountId, teamId);
  const { id: accountId, lastCleanedAt } = account;
  const reason = await requiredReason(ctx, input.reason, account);
  if (!lastCleanedAt)
    throw new DomainError(
      "not_ready",
      "This account was never found to be empty, so it cannot be lent. Clean it first.",
    );
  const last = await ctx.db.lease.findFirst({ where: { accountId, teamId }, orderBy: { reservedAt: "desc" } });
  if (last?.endedAt && !last.provedAt && lastCleanedAt < last.endedAt)
    throw new DomainError(
      "not_ready",
      "It is not proved that whoever had this account before can no longer enter it. Clean it first.",
    );
  await ctx.db.$transaction(async (tx) => {
    const move = { accountId, teamId, from: accountActs.release, to: "available", detail: { reason } } as const;
    if (!(await moveAccountRow(ctx, tx, move))) throw new DomainError("conflict", refusal);
    await serveWaitingWorkshops(ctx, tx, teamId);
  });
  await placeAccount(ctx, accountId);
}

/** Takes an account out of the pool; it stays in AWS where it is. Cleaning it brings it back. */
export async function retireAccount(ctx: Context, input: { accountId: string; reason: string }): Promise<void> {
  const { teamId } = allowMember(ctx.actor, "pool.edit");
  const account = await findAccount(ctx, input.accountId, teamId);
  const { id: accountId } = account;
  const reason = await requiredReason(ctx, input.reason, account);
  await ctx.db.$transaction(async (tx) => {
    const move = { accountId, teamId, from: accountActs.retire, to: "retired", detail: { reason } } as const;
    if (!(await moveAccountRow(ctx, tx, move))) throw new DomainError("conflict", refusal);
  });
}
