import type { Cleanup, SandboxAccount, Team } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import { notFound } from "@/server/errors";
import { allowMember, mayDo } from "@/server/permissions";
import { type AccountAct, type AccountState, accountActs } from "@/server/sandboxes/lifecycle";
import { type MakingView, makingOf } from "@/server/sandboxes/making";
import { machineNote } from "@/server/sandboxes/tasks";
import { type Advice, adviceFor, type Leftover, leftoversOf } from "@/server/sandboxes/trouble";
import { lendingProblem, unitName, unitsOf } from "@/server/sandboxes/units";

/** The pool and its cleanups as members see them. Answers are plain JSON; instants are ISO 8601. */

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
  /** About the machine that it ran on, in words; null where that was the worker. */
  machine: string | null;
};

export type AccountRow = {
  id: string;
  awsAccountId: string;
  name: string;
  state: AccountState;
  stateSince: string;
  quarantineReason: string | null;
  /** What the last sync found wrong with it; null = healthy. */
  problem: string | null;
  coolingUntil: string | null;
  lastCleanedAt: string | null;
  syncedAt: string | null;
  /** The team's unit that AWS last said it is in ("ready", "leased" …); null when it was in none of them, or never asked. */
  unit: string | null;
  /** Whom it is lent to: the workshop, and the kind of holder (no person). */
  lease: { id: string; state: string; holder: string; workshopId: string; workshopTitle: string } | null;
  lastCleanup: CleanupSummary | null;
  /** What may be done by hand now. */
  acts: Record<AccountAct, boolean>;
};

export type PoolOverview = {
  total: number;
  byState: Record<AccountState, number>;
  /** Why nothing is lent at present, in words; null when all is well. */
  problem: string | null;
  checkedAt: string | null;
  /** Hours that an account rests after its use. */
  cooldownHours: number;
  accounts: AccountRow[];
  /** New accounts that are being made; null for those who may not ask for any. */
  making: MakingView | null;
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
    machine: machineNote(cleanup),
  };
}

function accountRow(
  row: LoadedRow,
  may: { edit: boolean; clean: boolean },
  done: ReadonlyMap<string, number>,
): AccountRow {
  const [lease] = row.leases;
  const [cleanup] = row.cleanups;
  const now = (act: AccountAct) => !lease && (accountActs[act] as readonly AccountState[]).includes(row.state);
  const { id, awsAccountId, name, state, quarantineReason, problem } = row;
  return {
    ...{ id, awsAccountId, name, state, quarantineReason, problem },
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
      clean: may.clean && now("clean"),
      release: may.edit && now("release"),
      endCooldown: may.edit && now("endCooldown"),
      retire: may.edit && now("retire"),
      bringBack: may.edit && now("bringBack"),
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
    cooldownHours: team.cooldownHours,
    accounts: rows.map((row) => accountRow(row, mayOf(actor.role), done)),
    making: mayDo(actor.role, "pool.edit") ? await makingOf(ctx, team) : null,
  };
}

export type AccountDetail = AccountRow & {
  /** Of a quarantined account: what is left in it by its last cleanup, what to do, and how many others can be lent now. */
  trouble: (Advice & { leftovers: Leftover[]; tries: number; others: number }) | null;
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
    trouble: row.state === "quarantined" ? await troubleOf(ctx, row) : null,
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

async function troubleOf(
  ctx: Context,
  row: SandboxAccount & { cleanups: Cleanup[] },
): Promise<AccountDetail["trouble"]> {
  const last = row.cleanups[0];
  const good = row.cleanups.findIndex(({ state }) => state === "clean");
  const tries = good < 0 ? row.cleanups.length : good;
  const [leftovers, others] = await Promise.all([
    last && tries > 0 ? leftoversOf(ctx, last.id) : [],
    ctx.db.sandboxAccount.count({ where: { teamId: row.teamId, state: "available" } }),
  ]);
  return { ...adviceFor({ ...row, leftovers, tries }), leftovers, tries, others };
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
