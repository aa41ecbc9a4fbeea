import type { Context } from "@/server/context";
import type { Db, Tx } from "@/server/db";
import { type AccountState, leaseInUse } from "@/server/sandboxes/lifecycle";
import { formatMoment, formatRange, toLocal } from "@/server/times";

/**
 * Capacity by date: what the team's workshops want of the pool at each moment, and what is there. From the opening of its
 * registration a workshop counts from the moment when its accounts are lent until they are expected back. Times inside are
 * milliseconds of the epoch, intervals are half open: [from, to).
 */

const minute = 60_000;
const hour = 60 * minute;

// ── The sweep ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** So many accounts from one moment until another; `to` is Infinity where nobody knows when they are back. */
export type Hold = { id: string; from: number; to: number; accounts: number };

/** A stretch of time in which nothing changes: how many accounts are wanted, how many are there, and who wants them. */
export type Span = { from: number; to: number; wanted: number; there: number; ids: string[] };

/**
 * Demand and supply over time, as stretches in order without gaps, from the first change until the last one. `away` are
 * accounts of the pool that come back later. What begins at a moment counts from it on, what ends at it no longer does.
 */
export function sweep(wanted: readonly Hold[], away: readonly Hold[], accounts: number): Span[] {
  const changes = [
    ...wanted.flatMap((hold) => changesOf(hold, (by) => ({ wanted: by, away: 0 }))),
    ...away.flatMap((hold) => changesOf(hold, (by) => ({ wanted: 0, away: by }))),
  ].sort((a, b) => a.at - b.at);
  const spans: Span[] = [];
  const active = new Map<string, number>();
  let gone = 0;
  for (const [index, change] of changes.entries()) {
    gone += change.away;
    const now = (active.get(change.id) ?? 0) + change.wanted;
    if (now > 0) active.set(change.id, now);
    else active.delete(change.id);
    const to = changes[index + 1]?.at;
    if (to === undefined || to === change.at) continue;
    const sum = [...active.values()].reduce((all, one) => all + one, 0);
    spans.push({ from: change.at, to, wanted: sum, there: Math.max(0, accounts - gone), ids: [...active.keys()] });
  }
  return spans;
}

type Change = { at: number; id: string; wanted: number; away: number };

function changesOf({ id, from, to, accounts }: Hold, by: (count: number) => Omit<Change, "at" | "id">): Change[] {
  if (accounts <= 0 || to <= from) return [];
  return [
    { at: from, id, ...by(accounts) },
    { at: to, id, ...by(-accounts) },
  ];
}

/** A time over which more is wanted than there is, with its worst stretch. */
export type Shortage = { from: number; to: number; worst: Span };

const missingIn = (span: Span): number => span.wanted - span.there;

/** The stretches with too few accounts, joined where one follows the other. */
export function shortages(spans: readonly Span[]): Shortage[] {
  const found: Shortage[] = [];
  for (const span of spans) {
    if (missingIn(span) <= 0) continue;
    const last = found.at(-1);
    if (last?.to !== span.from) found.push({ from: span.from, to: span.to, worst: span });
    else {
      last.to = span.to;
      if (missingIn(span) > missingIn(last.worst)) last.worst = span;
    }
  }
  return found;
}

/** The stretch in which least is left, of those where something is wanted; undefined where nothing ever is. */
export function tightest(spans: readonly Span[]): Span | undefined {
  let worst: Span | undefined;
  for (const span of spans) if (span.wanted > 0 && (!worst || missingIn(span) > missingIn(worst))) worst = span;
  return worst;
}

/** What of the holds is still to come. */
function fromNow(holds: readonly Hold[], now: number): Hold[] {
  return holds.filter((hold) => hold.to > now).map((hold) => ({ ...hold, from: Math.max(hold.from, now) }));
}

// ── How long cleaning takes ─────────────────────────────────────────────────────────────────────────────────────────

const historyLength = 50;
const usualCleaning = 30 * minute;

/** How long an account is expected to be cleaned for after a workshop; `runs` is how many cleanups say so, 0 for a default. */
type CleaningTime = { minutes: number; runs: number };

/** The time within which nine of ten cleanups were done (nearest rank), in whole minutes, not less than one. */
export function cleaningTime(milliseconds: readonly number[]): CleaningTime {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const ninth = sorted[Math.ceil(sorted.length * 0.9) - 1] ?? usualCleaning;
  return { minutes: Math.max(1, Math.ceil(ninth / minute)), runs: sorted.length };
}

// ── The plan of a team ──────────────────────────────────────────────────────────────────────────────────────────────

/** A workshop as the plan sees it. */
export type PlannedWorkshop = {
  id: string;
  title: string;
  state: string;
  sandboxProfileId: string | null;
  startsAt: Date | null;
  endsAt: Date | null;
  timeZone: string;
  capacity: number;
  spares: number;
  opensMinutesBefore: number | null;
  closesHoursAfter: number | null;
  prewarmMinutes: number | null;
  openedAt: Date | null;
  presenters: number;
  /** Missing accounts that a member accepted; null where nobody was asked. */
  acceptedMissing?: number | null;
  /** Accounts that it has at present, without those that are being taken back. */
  lent: number;
};

type PlannedAccount = {
  id: string;
  awsAccountId: string;
  name: string;
  state: AccountState;
  stateSince: Date;
  coolingUntil: Date | null;
  quarantineReason: string | null;
  /** Whether somebody has it who is not being asked to give it back. */
  lent: boolean;
};

export type Plan = {
  now: number;
  timeZone: string;
  cleaning: CleaningTime;
  cooldownHours: number;
  workshops: PlannedWorkshop[];
  accounts: PlannedAccount[];
};

/** Everything that the team's capacity depends on, in a fixed number of queries. */
export async function capacityPlan(ctx: Context, tx: Tx | Db, teamId: string): Promise<Plan> {
  const live = { where: leaseInUse };
  const [team, workshops, accounts, cleanups] = await Promise.all([
    tx.team.findUniqueOrThrow({ where: { id: teamId }, select: { timeZone: true, cooldownHours: true } }),
    tx.workshop.findMany({
      where: {
        teamId,
        OR: [{ state: { in: ["draft", "registration", "open"] } }, { leases: { some: live.where } }],
      },
      select: {
        ...{ id: true, title: true, state: true, sandboxProfileId: true, startsAt: true, endsAt: true, timeZone: true },
        ...{ capacity: true, spares: true, opensMinutesBefore: true, closesHoursAfter: true, prewarmMinutes: true },
        ...{ openedAt: true, acceptedMissing: true, _count: { select: { presenters: true, leases: live } } },
      },
      orderBy: [{ startsAt: "asc" }, { id: "asc" }],
    }),
    tx.sandboxAccount.findMany({
      where: { teamId, state: { not: "retired" } },
      select: {
        ...{ id: true, awsAccountId: true, name: true, state: true, stateSince: true, coolingUntil: true },
        ...{ quarantineReason: true, leases: { ...live, select: { id: true } } },
      },
      orderBy: [{ awsAccountId: "asc" }],
    }),
    tx.cleanup.findMany({
      where: { teamId, cause: "closing", state: "clean", endedAt: { not: null } },
      orderBy: { startedAt: "desc" },
      take: historyLength,
      select: { startedAt: true, endedAt: true },
    }),
  ]);
  const durations = cleanups.map(({ startedAt, endedAt }) => (endedAt?.getTime() ?? 0) - startedAt.getTime());
  return {
    now: ctx.clock.now().getTime(),
    timeZone: team.timeZone,
    cleaning: cleaningTime(durations),
    cooldownHours: team.cooldownHours,
    workshops: workshops.map(({ _count, ...row }) => ({ ...row, presenters: _count.presenters, lent: _count.leases })),
    accounts: accounts.map(({ leases, ...row }) => ({ ...row, lent: leases.length > 0 })),
  };
}

/** From now until the end of the transaction nobody else reserves of the team's pool: what is read after this stays true. */
export async function lockPoolDates(tx: Tx, teamId: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`pool-dates:${teamId}`}, 0))`;
}

/** From the end of a use until the account can be lent again. */
const comesBack = (plan: Plan): number => plan.cleaning.minutes * minute + plan.cooldownHours * hour;

/** An account for each seat, each presenter (who may take one by hand) and each spare one. */
function accountsWanted(workshop: PlannedWorkshop): number {
  return Math.max(workshop.capacity + workshop.presenters + workshop.spares, workshop.lent);
}

/**
 * The time over which a workshop wants all of its accounts, or null without dates or sandbox: from the opening, or from
 * when they are made ready where that is earlier, until they are expected to be back in the pool.
 */
export function reservation(plan: Plan, workshop: PlannedWorkshop): Hold | null {
  const { id, state, startsAt, endsAt, openedAt, sandboxProfileId } = workshop;
  if (!sandboxProfileId || !startsAt || !endsAt) return null;
  const before = Math.max(workshop.opensMinutesBefore ?? 0, workshop.prewarmMinutes ?? 0);
  const from = Math.min(startsAt.getTime() - before * minute, openedAt?.getTime() ?? Number.POSITIVE_INFINITY);
  const closes = endsAt.getTime() + (workshop.closesHoursAfter ?? 0) * hour;
  // One that is open beyond its end has its accounts until somebody closes it.
  const end = state === "open" ? Math.max(closes, plan.now) : closes;
  return { id, from, to: end + comesBack(plan), accounts: accountsWanted(workshop) };
}

/** Accounts that somebody took before the workshop's own time, to rehearse or to prepare. */
export function takenBefore(plan: Plan, workshop: PlannedWorkshop): Hold | null {
  const { id, state, lent } = workshop;
  if (lent === 0 || state === "open") return null;
  const own = reservation(plan, workshop);
  // One that was never opened keeps them until somebody gives them back.
  const to = own && own.to > plan.now ? (state === "registration" ? own.from : own.to) : Number.POSITIVE_INFINITY;
  return { id, from: plan.now, to, accounts: lent };
}

/** Whether a workshop counts against the pool: a draft does not yet, and of one that closes each account is on its way back. */
export function isReserved({ state }: PlannedWorkshop): boolean {
  return state === "registration" || state === "open";
}

/** What is wanted of the pool by all workshops but one, from now on. */
function wantedBy(plan: Plan, except: string | null): Hold[] {
  const holds = plan.workshops
    .filter((workshop) => workshop.id !== except)
    .flatMap((workshop) => [isReserved(workshop) ? reservation(plan, workshop) : null, takenBefore(plan, workshop)]);
  return fromNow(
    holds.filter((hold) => hold !== null),
    plan.now,
  );
}

/** An account that nobody has and that cannot be lent now: when it can be again, and whether that is later than expected. */
type Away = { until: number; late: boolean };

/** Null for an account that is lent or can be; until Infinity for one in quarantine, which comes back by hand. */
export function awayOf(plan: Plan, account: PlannedAccount): Away | null {
  const { state, lent, stateSince, coolingUntil } = account;
  if (state === "quarantined") return { until: Number.POSITIVE_INFINITY, late: false };
  if (lent || state === "available") return null;
  if (state === "cooling") return { until: Math.max(coolingUntil?.getTime() ?? plan.now, plan.now), late: false };
  // Being taken back is a matter of minutes before it is cleaned; one that is late is given as long again.
  const expected = (state === "cleaning" ? stateSince.getTime() : plan.now) + comesBack(plan);
  return expected > plan.now ? { until: expected, late: false } : { until: plan.now + comesBack(plan), late: true };
}

/** Accounts that are neither retired nor quarantined. */
export function usableAccounts(plan: Plan): number {
  return plan.accounts.filter((account) => account.state !== "quarantined").length;
}

function awayHolds(plan: Plan): Hold[] {
  return plan.accounts
    .filter((account) => account.state !== "quarantined")
    .map((account) => ({ id: account.id, from: plan.now, to: awayOf(plan, account)?.until ?? plan.now, accounts: 1 }));
}

/** Demand and supply of the team from now on, as everything stands. */
export function poolSpans(plan: Plan): Span[] {
  return sweep(wantedBy(plan, null), awayHolds(plan), usableAccounts(plan));
}

// ── One workshop ────────────────────────────────────────────────────────────────────────────────────────────────────

/** What one workshop's dates mean for the pool, at the moment when least is left of it. */
type DateCheck = {
  /** Accounts that the workshop itself wants. */
  own: number;
  /** Accounts that all want together, and those that are there. */
  wanted: number;
  there: number;
  /** 0 when there are enough. */
  missing: number;
  /** The same as a sentence without its full stop. Names other workshops: for those who see all of the team's. */
  text: string;
  /** The reserved time, as instants. */
  from: number;
  to: number;
  /** "2026-12": where the calendar shows it. */
  month: string;
};

/** Checks a workshop's dates as if its registration were open; null without dates or sandbox, or when its time is over. */
export function checkDates(plan: Plan, workshop: PlannedWorkshop): DateCheck | null {
  const own = reservation(plan, workshop);
  if (!own || own.to <= plan.now) return null;
  const mine = fromNow([own], plan.now);
  const others = wantedBy(plan, workshop.id).filter((hold) => hold.from < own.to && hold.to > own.from);
  const all = sweep([...others, ...mine], awayHolds(plan), usableAccounts(plan));
  const within = all.filter((span) => span.to > Math.max(own.from, plan.now) && span.from < own.to);
  const worst = tightest(within);
  if (!worst) return null;
  const missing = Math.max(0, missingIn(worst));
  const shortage = shortages(within).find((one) => one.from <= worst.from && worst.to <= one.to);
  return {
    ...{ own: own.accounts, wanted: worst.wanted, there: worst.there, missing, from: own.from, to: own.to },
    text: shortage ? shortText(plan, workshop, shortage) : enoughText(workshop, worst),
    month: toLocal(new Date(Math.max(own.from, plan.now)), plan.timeZone).slice(0, 7),
  };
}

/**
 * For how many of its seats a workshop has an account on its dates; null where the pool sets it no limit: without sandbox or
 * dates, or where nobody was ever asked. What members accepted as missing at the time, for it or for others, is no shortage.
 */
export function seatsInPool(plan: Plan, workshop: PlannedWorkshop): number | null {
  const own = reservation(plan, workshop);
  const check = checkDates(plan, workshop);
  if (!own || !check || (workshop.acceptedMissing ?? null) === null) return null;
  const accepted = plan.workshops.reduce((sum, other) => {
    const hold = other.id === workshop.id || isReserved(other) ? reservation(plan, other) : null;
    return hold && hold.from < own.to && hold.to > own.from ? sum + (other.acceptedMissing ?? 0) : sum;
  }, 0);
  return Math.max(0, workshop.capacity - Math.max(0, check.missing - accepted));
}

const counted = (count: number, one: string, more = `${one}s`) => `${count} ${count === 1 ? one : more}`;

/** "20 seats, 1 presenter, 2 spares". */
export function partsOf({ capacity, presenters, spares }: PlannedWorkshop): string {
  return [
    counted(capacity, "seat"),
    ...(presenters > 0 ? [counted(presenters, "presenter")] : []),
    ...(spares > 0 ? [counted(spares, "spare")] : []),
  ].join(", ");
}

function enoughText(workshop: PlannedWorkshop, worst: Span): string {
  const own = accountsWanted(workshop);
  const others = worst.wanted - own;
  const elsewhere = others > 0 ? `, and ${others} wanted elsewhere at the time` : "";
  return `${counted(worst.there, "sandbox account")} for ${own} (${partsOf(workshop)})${elsewhere}`;
}

function shortText(plan: Plan, workshop: PlannedWorkshop, shortage: Shortage): string {
  const { wanted, there, ids } = shortage.worst;
  const others = ids
    .filter((id) => id !== workshop.id)
    .flatMap((id) => plan.workshops.find((one) => one.id === id) ?? []);
  const named = others.slice(0, 3).map((one) => `“${one.title}” (${ownAt(plan, one, shortage.worst)})`);
  const more = others.length > 3 ? [`${others.length - 3} more`] : [];
  const also = others.length > 0 ? `: also ${[...named, ...more].join(", ")}` : `: ${partsOf(workshop)}`;
  const aside = plan.accounts.length - usableAccounts(plan);
  const quarantined = aside > 0 ? `; ${aside} more ${aside === 1 ? "is" : "are"} quarantined` : "";
  const when = `On ${timeText(plan, shortage, workshop.timeZone)}`;
  return `${when}, ${counted(wanted, "account is", "accounts are")} wanted and ${there} ${there === 1 ? "is" : "are"} there${also}${quarantined}`;
}

/** How many accounts a workshop wants in a stretch. */
export function ownAt(plan: Plan, workshop: PlannedWorkshop, span: Span): number {
  const holds = [isReserved(workshop) ? reservation(plan, workshop) : null, takenBefore(plan, workshop)];
  return holds.reduce((sum, hold) => sum + (hold && hold.from < span.to && hold.to > span.from ? hold.accounts : 0), 0);
}

/** "Thu 3 Dec, 09:30–18:10 Madrid", or from when on, where nobody knows until when. */
export function timeText(plan: Plan, time: { from: number; to: number }, timeZone: string): string {
  const [from, now] = [new Date(time.from), new Date(plan.now)];
  if (time.to === Number.POSITIVE_INFINITY) return `${formatMoment(from, timeZone, "en", now)} and after`;
  return formatRange(from, new Date(time.to), timeZone, "en", now);
}
