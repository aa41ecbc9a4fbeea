import type { Context } from "@/server/context";
import { allowMember } from "@/server/permissions";
import {
  awayOf,
  capacityPlan,
  type Hold,
  isReserved,
  ownAt,
  type Plan,
  type PlannedWorkshop,
  partsOf,
  poolSpans,
  reservation,
  type Shortage,
  type Span,
  shortages,
  takenBefore,
  tightest,
  timeText,
  usableAccounts,
} from "@/server/sandboxes/capacity";
import type { AccountState } from "@/server/sandboxes/lifecycle";

/** The pool's calendar: a month of the team with what its workshops want each day. Plain JSON; instants are ISO 8601. */

export type CalendarDay = {
  /** "2026-12-03" on the team's calendar. */
  date: string;
  /** At the tightest moment of the day, from now on; null for a day that is over. */
  peak: { wanted: number; there: number } | null;
};

export type CalendarBar = {
  /** Indexes of the first and the last of the month's days that it touches. */
  first: number;
  last: number;
  accounts: number;
  /** `reserved` counts against the pool; `draft` does not yet; `taken` are accounts lent before the workshop's own time. */
  kind: "reserved" | "draft" | "taken";
  from: string;
  /** When the accounts are expected back; null when nobody knows. */
  to: string | null;
};

export type CalendarWorkshop = {
  id: string;
  title: string;
  state: string;
  /** "20 seats, 1 presenter, 2 spares". */
  parts: string;
  bars: CalendarBar[];
};

export type CalendarShortage = {
  /** "Thu 3 Dec, 09:30–18:10 Madrid". */
  when: string;
  wanted: number;
  there: number;
  workshops: { id: string; title: string; accounts: number }[];
};

export type AwayAccount = {
  id: string;
  awsAccountId: string;
  name: string;
  state: AccountState;
  since: string;
  /** When it is expected back; null for one in quarantine, which comes back by hand. */
  backAt: string | null;
  /** Whether it was expected to be back by now. */
  late: boolean;
  reason: string | null;
};

export type PoolCalendar = {
  timeZone: string;
  /** "2026-12", and its neighbours; months that are over are not planned. */
  month: string;
  previous: string | null;
  next: string;
  /** "2026-12-03", today on the team's calendar. */
  today: string;
  days: CalendarDay[];
  workshops: CalendarWorkshop[];
  shortages: CalendarShortage[];
  away: AwayAccount[];
  /** Accounts that are neither retired nor quarantined. */
  usable: number;
  /** How long cleaning is expected to take, and how many cleanups say so (0: a default). */
  cleaning: { minutes: number; runs: number };
  cooldownHours: number;
};

/** A month of the team's pool; one that is over or cannot be read is this month. */
export async function poolCalendar(ctx: Context, input: { month: string | null }): Promise<PoolCalendar> {
  const { teamId } = allowMember(ctx.actor, "sandbox.read");
  const plan = await capacityPlan(ctx, ctx.db, teamId);
  const today = Temporal.Instant.fromEpochMilliseconds(plan.now).toZonedDateTimeISO(plan.timeZone).toPlainDate();
  const thisMonth = today.toPlainYearMonth();
  const asked = readMonth(input.month) ?? thisMonth;
  const month = Temporal.PlainYearMonth.compare(asked, thisMonth) < 0 ? thisMonth : asked;
  const edges = daysOf(month, plan.timeZone);
  const spans = poolSpans(plan);
  const [from, to] = [edges[0]?.from ?? 0, edges.at(-1)?.to ?? 0];
  return {
    timeZone: plan.timeZone,
    month: month.toString(),
    previous: month.equals(thisMonth) ? null : month.subtract({ months: 1 }).toString(),
    next: month.add({ months: 1 }).toString(),
    today: today.toString(),
    days: edges.map((day) => ({ date: day.date, peak: peakOf(plan, spans, day) })),
    workshops: plan.workshops.flatMap((workshop) => rowOf(plan, workshop, edges)),
    shortages: shortages(spans)
      .filter((one) => one.from < to && one.to > from)
      .map((one) => shortageOf(plan, one)),
    away: plan.accounts.flatMap((account) => {
      const away = awayOf(plan, account);
      if (!away) return [];
      const { id, awsAccountId, name, state, stateSince, quarantineReason: reason } = account;
      const since = stateSince.toISOString();
      return [{ ...{ id, awsAccountId, name, state, since, reason }, backAt: isoOf(away.until), late: away.late }];
    }),
    usable: usableAccounts(plan),
    cleaning: plan.cleaning,
    cooldownHours: plan.cooldownHours,
  };
}

const isoOf = (at: number): string | null => (Number.isFinite(at) ? new Date(at).toISOString() : null);

function readMonth(text: string | null): Temporal.PlainYearMonth | null {
  return text && /^20\d\d-(0[1-9]|1[0-2])$/.test(text) ? Temporal.PlainYearMonth.from(text) : null;
}

type Day = { date: string; from: number; to: number };

/** The days of a month as they are on the zone's clock: one is 23 or 25 hours long where the clock changes. */
function daysOf(month: Temporal.PlainYearMonth, timeZone: string): Day[] {
  const starts = Array.from({ length: month.daysInMonth + 1 }, (_, index) => {
    const date = month.toPlainDate({ day: 1 }).add({ days: index });
    return { date: date.toString(), from: date.toZonedDateTime(timeZone).epochMilliseconds };
  });
  return starts.slice(0, -1).map((day, index) => ({ ...day, to: starts[index + 1]?.from ?? day.from }));
}

function peakOf(plan: Plan, spans: readonly Span[], day: Day): CalendarDay["peak"] {
  if (day.to <= plan.now) return null;
  const within = spans.filter((span) => span.from < day.to && span.to > Math.max(day.from, plan.now));
  const worst = tightest(within);
  if (worst) return { wanted: worst.wanted, there: worst.there };
  return { wanted: 0, there: Math.min(usableAccounts(plan), ...within.map((span) => span.there)) };
}

/** A workshop's line, if it has accounts in the month. */
function rowOf(plan: Plan, workshop: PlannedWorkshop, days: readonly Day[]): CalendarWorkshop[] {
  const use = reservation(plan, workshop);
  const taken = takenBefore(plan, workshop);
  const drafted = workshop.state === "draft";
  const shown = drafted || isReserved(workshop) ? use : null;
  const main = barOf(shown, drafted ? "draft" : "reserved", days);
  const early = barOf(taken, "taken", days);
  // A day has one bar: that of the workshop's own time.
  if (early && main) early.last = Math.min(early.last, main.first - 1);
  const bars = [early, main].filter((bar) => bar !== null).filter((bar) => bar.first <= bar.last);
  const { id, title, state } = workshop;
  return bars.length > 0 ? [{ id, title, state, parts: partsOf(workshop), bars }] : [];
}

function barOf(hold: Hold | null, kind: CalendarBar["kind"], days: readonly Day[]): CalendarBar | null {
  if (!hold) return null;
  const first = days.findIndex((day) => day.to > hold.from);
  const last = days.findLastIndex((day) => day.from < hold.to);
  if (first < 0 || last < first) return null;
  const from = new Date(hold.from).toISOString();
  return { first, last, accounts: hold.accounts, kind, from, to: isoOf(hold.to) };
}

function shortageOf(plan: Plan, shortage: Shortage): CalendarShortage {
  const { wanted, there, ids } = shortage.worst;
  const workshops = plan.workshops
    .filter(({ id }) => ids.includes(id))
    .map((one) => ({ id: one.id, title: one.title, accounts: ownAt(plan, one, shortage.worst) }));
  return { when: timeText(plan, shortage, plan.timeZone), wanted, there, workshops };
}
