import type { Prisma } from "@/prisma/generated/client";
import { audit } from "@/server/audit";
import { costsByDay, type DayCost } from "@/server/aws/cost";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { DomainError, notFound } from "@/server/errors";
import { enqueue } from "@/server/jobs/queue";
import { queueMail } from "@/server/mail/outbox";
import { allowMember } from "@/server/permissions";
import { minorDigits } from "@/server/sandboxes/schemas";
import { placeAccount } from "@/server/sandboxes/units";

/**
 * What lent accounts cost against the budget of their sandbox profile. AWS knows costs some hours to a day late and by whole
 * days (UTC), so an alarm is a warning and a freeze a brake, neither a limit.
 */

/** The thresholds of a budget, in percent, and the one that a sum has reached. */
type BudgetLevel = 0 | 80 | 100;

/** Which threshold `spentMinor` has reached. Whole numbers, so that a cent below is below. */
export function levelOf(spentMinor: number, budgetMinor: number): BudgetLevel {
  if (spentMinor >= budgetMinor) return 100;
  return BigInt(spentMinor) * 100n >= BigInt(budgetMinor) * 80n ? 80 : 0;
}

/** No lease is asked about further back than this. */
const longestDays = 365;
const dayMilliseconds = 86_400_000;
const dayOf = (at: Date) => at.toISOString().slice(0, 10);

async function watchedLeases(ctx: Context) {
  const leases = await ctx.db.lease.findMany({
    where: { endedAt: null, state: "ready", workshop: { sandboxProfile: { budgetMinor: { not: null } } } },
    select: {
      ...{ id: true, teamId: true, workshopId: true, accountId: true, reservedAt: true },
      ...{ budgetLevel: true, frozenAt: true },
      account: { select: { awsAccountId: true } },
      workshop: {
        select: { sandboxProfile: { select: { budgetMinor: true, budgetCurrency: true, budgetFreeze: true } } },
      },
    },
    orderBy: { id: "asc" },
  });
  return leases.flatMap(({ workshop: { sandboxProfile: profile }, ...lease }) =>
    profile?.budgetMinor ? [{ ...lease, budget: { ...profile, minor: profile.budgetMinor } }] : [],
  );
}
type WatchedLease = Awaited<ReturnType<typeof watchedLeases>>[number];

/** Job, every hour: asks once what all lent accounts with a budget have cost, and raises the alarms that follow. */
export async function watchBudgets(ctx: Context): Promise<void> {
  if (ctx.env.ATELIER_CLOUD_OFF) return;
  const leases = await watchedLeases(ctx);
  if (leases.length === 0) return;
  const now = ctx.clock.now().getTime();
  const first = Math.min(...leases.map((lease) => lease.reservedAt.getTime()));
  const costs = await costsByDay(ctx.env, {
    awsAccountIds: [...new Set(leases.map((lease) => lease.account.awsAccountId))].sort(),
    from: dayOf(new Date(Math.max(first, now - longestDays * dayMilliseconds))),
    until: dayOf(new Date(now + dayMilliseconds)),
  });
  for (const workshopId of new Set(leases.map((lease) => lease.workshopId))) {
    const own = leases.filter((lease) => lease.workshopId === workshopId);
    await noteWorkshop(ctx, workshopId, own, costs);
  }
}

/** What a lease has cost, in its budget's minor units; null where AWS bills in another currency. Credits count as nothing. */
function spentBy(lease: WatchedLease, costs: readonly DayCost[]): number | null {
  const from = dayOf(lease.reservedAt);
  const own = costs.filter((cost) => cost.awsAccountId === lease.account.awsAccountId && cost.day >= from);
  if (own.some((cost) => cost.currency !== lease.budget.budgetCurrency)) return null;
  const micros = own.reduce((sum, cost) => sum + cost.micros, 0n);
  const minor = micros / 10n ** BigInt(6 - minorDigits(lease.budget.budgetCurrency));
  return Math.min(largestMinor, minor > 0n ? Number(minor) : 0);
}

/** What the column holds. */
const largestMinor = 2 ** 31 - 1;

type Alarm = { lease: WatchedLease; level: 80 | 100; frozen: boolean };

/** One transaction for a workshop: the sums, and for the thresholds reached since the last time one mail for each. */
async function noteWorkshop(
  ctx: Context,
  workshopId: string,
  leases: readonly WatchedLease[],
  costs: readonly DayCost[],
): Promise<void> {
  await ctx.db.$transaction(async (tx) => {
    const alarms: Alarm[] = [];
    for (const lease of leases) {
      const spent = spentBy(lease, costs);
      if (spent === null) {
        ctx.log.warn({ leaseId: lease.id }, "AWS bills this account in another currency than its budget");
        continue;
      }
      const alarm = await noteLease(ctx, tx, lease, spent);
      if (alarm) alarms.push(alarm);
    }
    for (const level of [80, 100] as const) {
      const reached = alarms.filter((alarm) => alarm.level === level);
      if (reached.length > 0) await tellTeam(ctx, tx, workshopId, reached);
    }
  });
}

/** Writes the sum; answers the alarm where this run, and no other, is the one that sees a threshold reached. */
async function noteLease(ctx: Context, tx: Tx, lease: WatchedLease, spentMinor: number): Promise<Alarm | null> {
  const now = ctx.clock.now();
  const level = levelOf(spentMinor, lease.budget.minor);
  const sum = { spentMinor, spentAt: now };
  const { count } = await tx.lease.updateMany({
    where: { id: lease.id, state: "ready", budgetLevel: lease.budgetLevel },
    data: { ...sum, budgetLevel: level, ...(level > lease.budgetLevel ? { budgetAlarmAt: now } : {}) },
  });
  if (count === 0 || level === 0 || level <= lease.budgetLevel) return null;
  const { id: entityId, teamId } = lease;
  const detail = { percent: level, spentMinor, budgetMinor: lease.budget.minor, currency: lease.budget.budgetCurrency };
  await audit(ctx, tx, { teamId, action: "lease.budget_reached", entity: "lease", entityId, detail });
  const frozen = level === 100 && lease.budget.budgetFreeze && (await freeze(ctx, tx, lease));
  return { lease, level, frozen };
}

/** The row first, then AWS: the account goes to where everything is denied to everybody but Atelier. */
async function freeze(ctx: Context, tx: Tx, lease: WatchedLease): Promise<boolean> {
  const { count } = await tx.lease.updateMany({
    where: { id: lease.id, state: "ready", frozenAt: null },
    data: { frozenAt: ctx.clock.now() },
  });
  if (count === 0) return false;
  const { id: entityId, teamId, accountId } = lease;
  await audit(ctx, tx, { teamId, action: "lease.frozen", entity: "lease", entityId });
  await enqueue(ctx, tx, "sandboxes.place", { accountId });
  return true;
}

async function tellTeam(ctx: Context, tx: Tx, workshopId: string, alarms: readonly Alarm[]): Promise<void> {
  const [one] = alarms;
  if (!one) return;
  const { teamId } = one.lease;
  const members = await tx.member.findMany({
    where: { teamId, removedAt: null, role: { in: ["solutions_architect", "admin"] } },
    select: { id: true },
  });
  const { minor, budgetCurrency: currency } = one.lease.budget;
  const data = {
    percent: one.level,
    accounts: alarms.length,
    frozen: alarms.filter(({ frozen }) => frozen).length,
    budgetMinor: minor,
    currency,
  };
  for (const { id: memberId } of members)
    await queueMail(ctx, tx, {
      kind: "budget_reached",
      ...{ teamId, workshopId, memberId, recipientKey: memberId, data },
      // The same lease reaches the same threshold of the same budget once.
      occurrence: `${one.lease.id}:${one.level}:${minor}`,
    });
}

/** Lets the holder of a frozen account work again. What it costs is watched on; it is frozen once for a budget. */
export async function unfreezeLease(ctx: Context, input: { leaseId: string }): Promise<void> {
  const { teamId } = allowMember(ctx.actor, "pool.edit");
  const lease = await ctx.db.lease.findFirst({
    where: { id: input.leaseId, teamId, endedAt: null },
    select: { id: true, accountId: true },
  });
  if (!lease) throw notFound("sandbox");
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.lease.updateMany({
      where: { id: lease.id, teamId, state: "ready", frozenAt: { not: null } },
      data: { frozenAt: null },
    });
    if (count === 0) throw new DomainError("conflict", "This account is not frozen now.");
    await audit(ctx, tx, { teamId, action: "lease.unfrozen", entity: "lease", entityId: lease.id });
    await enqueue(ctx, tx, "sandboxes.place", { accountId: lease.accountId });
  });
}

/** Job: puts an account into the unit that its row asks for; the sync would do the same some minutes later. */
export async function place(ctx: Context, input: { accountId: string }): Promise<void> {
  if (ctx.env.ATELIER_CLOUD_OFF) return;
  await placeAccount(ctx, input.accountId);
}

/** What is to be seen of a lease's start-up stack and budget, beside its state. */
export type LeaseMarks = {
  /** Null where the profile has no start-up stack. */
  stack: { state: "pending" | "creating" | "done" | "failed"; error: string | null } | null;
  /** Null where the profile has no budget. Amounts in minor units; `spentMinor` null until AWS was asked. */
  budget: {
    minor: number;
    currency: string;
    spentMinor: number | null;
    spentAt: string | null;
    level: BudgetLevel;
    alarmAt: string | null;
  } | null;
  frozenAt: string | null;
};

/** What `leaseMarks` reads of a lease, for a select. */
export const marksSelect = {
  ...{ stackState: true, stackError: true, spentMinor: true, spentAt: true },
  ...{ budgetLevel: true, budgetAlarmAt: true, frozenAt: true },
  workshop: { select: { sandboxProfile: { select: { budgetMinor: true, budgetCurrency: true } } } },
} as const satisfies Prisma.LeaseSelect;

const iso = (at: Date | null) => at?.toISOString() ?? null;

/** The marks of a lease for the screens of staff. */
export function leaseMarks(row: Prisma.LeaseGetPayload<{ select: typeof marksSelect }>): LeaseMarks {
  const profile = row.workshop.sandboxProfile;
  const state = row.stackState as NonNullable<LeaseMarks["stack"]>["state"] | null;
  return {
    stack: state ? { state, error: row.stackError } : null,
    budget: profile?.budgetMinor
      ? {
          ...{ minor: profile.budgetMinor, currency: profile.budgetCurrency, spentMinor: row.spentMinor },
          ...{ spentAt: iso(row.spentAt), level: row.budgetLevel as BudgetLevel, alarmAt: iso(row.budgetAlarmAt) },
        }
      : null,
    frozenAt: iso(row.frozenAt),
  };
}
