import { describe, expect, it } from "vitest";
import { defaultRules } from "@/server/mail/rules";
import {
  decide,
  lastWeekly,
  momentOf,
  nextWeekly,
  type PlannedRow,
  reasons,
  type WorkshopCalendar,
} from "@/server/mail/schedule";
import type { MailWhen } from "@/server/mail/schemas";

const zones = Intl.supportedValuesOf("timeZone");
const leapYear = 2028;
const hour = 3_600_000;

/** Rules relative to the start: what the code has, and times of night, at which clocks change. */
const dayRules = [
  { days: -2, time: "09:00" },
  { days: -1, time: "02:30" },
  { days: 0, time: "00:00" },
  { days: 1, time: "23:30" },
] as const;
const when = ({ days, time }: { days: number; time: string }): MailWhen => ({
  at: "days",
  anchor: "start",
  days,
  time,
});

const zoned = (at: Date | number, zone: string) =>
  Temporal.Instant.fromEpochMilliseconds(Number(at)).toZonedDateTimeISO(zone);

const known = new Map<string, Temporal.ZonedDateTime[]>();

/** Every day of the leap year in a zone, at 09:30 on its clock. */
function daysOf(zone: string): Temporal.ZonedDateTime[] {
  const cached = known.get(zone);
  if (cached) return cached;
  const first = Temporal.PlainDate.from({ year: leapYear, month: 1, day: 1 });
  const plainTime = Temporal.PlainTime.from("09:30");
  const days = Array.from({ length: 366 }, (_, day) =>
    first.add({ days: day }).toZonedDateTime({ timeZone: zone, plainTime }),
  );
  known.set(zone, days);
  return days;
}

const calendar = (startsAt: number, timeZone: string): WorkshopCalendar => {
  const start = new Date(startsAt);
  return { startsAt: start, endsAt: new Date(startsAt + 8 * hour), opensAt: null, closesAt: start, timeZone };
};

/** The days next to which a zone's clock changes in the year, and the leap day. */
function specialDays(days: Temporal.ZonedDateTime[]): Temporal.ZonedDateTime[] {
  return days.filter((day, index) => {
    const [before, after] = [days[index - 3], days[index + 3]];
    const changes = before && after && before.offsetNanoseconds !== after.offsetNanoseconds;
    return changes || day.toPlainDate().toString() === `${leapYear}-02-29`;
  });
}

/** What is wrong with a mail's moment, or null: reckoned from the result back, not the way it was made. */
function wrong(dueAt: Date, start: Temporal.ZonedDateTime, rule: { days: number; time: string }): string | null {
  const zone = start.timeZoneId;
  const due = zoned(dueAt, zone);
  const wanted = start.toPlainDate().add({ days: rule.days }).toPlainDateTime(Temporal.PlainTime.from(rule.time));
  const off = wanted.until(due.toPlainDateTime()).total("minutes");
  if (off === 0) {
    // Shown twice: the first. An hour and less before, the clock showed something else.
    const again = [30, 60].some((minutes) => {
      const earlier = due.subtract({ minutes });
      return earlier.toPlainDateTime().equals(wanted);
    });
    return again ? "the second of two" : null;
  }
  // Skipped: on by the gap, which is as long as the offset grew since just before.
  const gap =
    (due.offsetNanoseconds - due.subtract({ minutes: off }).subtract({ minutes: 1 }).offsetNanoseconds) / 60e9;
  const day = due.subtract({ hours: 24 }).offsetNanoseconds;
  const grown = (due.offsetNanoseconds - day) / 60e9;
  return off > 0 && (gap === off || grown === off) ? null : `${due} instead of ${wanted}`;
}

describe("the moment of a mail", () => {
  it("is at its time on the workshop's clock, every day of a leap year in every zone; a time that the clock skips moves on by the gap", () => {
    const found: string[] = [];
    const rule = dayRules[0];
    for (const zone of zones) {
      let last = 0;
      const days = daysOf(zone);
      for (const [index, start] of days.entries()) {
        const moment = momentOf(when(rule), calendar(start.epochMilliseconds, zone));
        // Half an hour before the same clock two days earlier; where that is not so, it is looked at closely.
        const plain = moment?.dueAt.getTime() === (days[index - 2]?.epochMilliseconds ?? 0) - hour / 2;
        const problem = plain ? null : moment ? wrong(moment.dueAt, start, rule) : "none";
        if (problem) found.push(`${zone} ${start.toPlainDate()}: ${problem}`);
        // A later workshop is never reminded of before an earlier one.
        if (moment && moment.dueAt.getTime() <= last) found.push(`${zone} ${start.toPlainDate()}: out of order`);
        last = moment?.dueAt.getTime() ?? last;
      }
    }
    expect(found).toEqual([]);
    expect(zones.length).toBeGreaterThan(300);
  });

  it("holds at every hour at which clocks change, and minutes are elapsed time", () => {
    const found: string[] = [];
    let skipped = 0;
    for (const zone of zones) {
      for (const start of specialDays(daysOf(zone))) {
        const dates = calendar(start.epochMilliseconds, zone);
        for (const rule of dayRules) {
          const moment = momentOf(when(rule), dates);
          const problem = moment ? wrong(moment.dueAt, start, rule) : "none";
          if (problem) found.push(`${zone} ${start.toPlainDate()} ${rule.time}: ${problem}`);
          if (moment && zoned(moment.dueAt, zone).toPlainTime().toString({ smallestUnit: "minute" }) !== rule.time)
            skipped += 1;
        }
        const ending = momentOf(defaultRules.ending_soon.when, dates);
        if (ending?.dueAt.getTime() !== start.epochMilliseconds + 7 * hour) found.push(`${zone}: minutes`);
      }
    }
    expect(found).toEqual([]);
    // The days looked at do hold times that clocks skip.
    expect(skipped).toBeGreaterThan(20);
  });

  it("goes once a week on the team's clock, in every zone through the year", () => {
    const found: string[] = [];
    const weekly = { at: "weekly", weekday: 1, time: "08:00" } as const;
    for (const zone of zones) {
      for (let week = 0; week < 53; week += 2) {
        const now = new Date(Date.UTC(leapYear, 0, 1 + week * 7, week % 24, 30));
        const last = lastWeekly(weekly, zone, now);
        const next = nextWeekly(weekly, zone, now);
        const due = zoned(last.dueAt, zone);
        if (due.dayOfWeek !== 1 || due.hour !== 8 || last.dueAt > now || next <= now)
          found.push(`${zone} ${now.toISOString()}`);
        const from = due.toPlainDate().until(zoned(next, zone).toPlainDate()).days;
        if (from !== 7 || lastWeekly(weekly, zone, next).occurrence === last.occurrence)
          found.push(`${zone} next ${from}`);
      }
    }
    expect(found).toEqual([]);
  });

  it("does not come without a date", () => {
    const none = { startsAt: null, endsAt: null, opensAt: null, closesAt: null, timeZone: "Europe/Madrid" };
    expect(momentOf(defaultRules.reminder.when, none)).toBeNull();
    expect(momentOf({ at: "cause" }, calendar(0, "UTC"))).toBeNull();
  });
});

// --- Rows ------------------------------------------------------------------------------------------------------------

const sooner = new Date(Date.UTC(leapYear - 1, 0, 1));

/** Applies what was decided, as the outbox does. */
function apply(rows: PlannedRow[], startsAt: number, zone: string, now = sooner): PlannedRow[] {
  const dates = calendar(startsAt, zone);
  const moment = momentOf(when(dayRules[0]), dates);
  if (!moment) throw new Error("no date");
  const { insert, set, cancel } = decide(rows, { ...moment, notAfter: dates.startsAt }, now);
  const kept = rows.map((row) => {
    const taken = cancel.find(({ id }) => id === row.id);
    if (taken) return { ...row, state: "cancelled", lastError: taken.reason };
    return set?.id === row.id ? { ...row, ...set, state: "queued", lastError: null } : row;
  });
  if (!insert) return kept;
  return [...kept, { ...insert, id: `m${rows.length}`, state: "queued", attempts: 0, lastError: null }];
}

const sent = (rows: PlannedRow[]): PlannedRow[] =>
  rows.map((row) => (row.state === "queued" ? { ...row, state: "sent" } : row));
const waiting = (rows: PlannedRow[]) => rows.filter((row) => row.state === "queued");

describe("a workshop that moves", () => {
  it("moves the mail that waits, and back to the identical instant, from any day to any other in every zone", () => {
    const found: string[] = [];
    for (const [index, zone] of zones.entries()) {
      const days = daysOf(zone);
      for (const start of specialDays(days)) {
        const other = days[(start.dayOfYear * 7 + index * 13) % days.length];
        const first = apply([], start.epochMilliseconds, zone);
        const away = apply(first, other?.epochMilliseconds ?? 0, zone);
        const back = apply(away, start.epochMilliseconds, zone);
        if (waiting(away).length !== 1 || back.length !== 1 || JSON.stringify(back) !== JSON.stringify(first))
          found.push(`${zone} ${start.toPlainDate()} by way of ${other?.toPlainDate()}`);
      }
    }
    expect(found).toEqual([]);
  });

  it("tells nobody twice of one date, however often it moves", () => {
    const zone = "Europe/Madrid";
    const days = daysOf(zone).map((day) => day.epochMilliseconds);
    const [a, b] = [days[86] ?? 0, days[299] ?? 0];
    let rows = sent(apply([], a, zone));
    rows = apply(rows, b, zone);
    expect(waiting(rows)).toHaveLength(1);
    rows = apply(rows, a, zone);
    expect(waiting(rows)).toEqual([]);
    expect(rows.find((row) => row.state === "cancelled")?.lastError).toBe(reasons.moved);
    rows = apply(rows, b, zone);
    expect(rows).toHaveLength(2);
    expect(waiting(rows)).toHaveLength(1);
    expect(apply(sent(rows), b, zone).every((row) => row.state === "sent")).toBe(true);
  });

  it("writes nothing whose time has passed, takes back what waits for it, and leaves alone what is with the sender", () => {
    const zone = "Europe/Madrid";
    const start = daysOf(zone)[86]?.epochMilliseconds ?? 0;
    const late = new Date(start - hour);
    expect(apply([], start, zone, late)).toEqual([]);
    const [row] = apply([], start + 40 * 24 * hour, zone);
    const moved = apply(row ? [row] : [], start, zone, late);
    expect(moved).toMatchObject([{ state: "cancelled", lastError: reasons.passed }]);
    // Due already, and a worker may have it in hand: a change of the agenda is no reason to lose it.
    const due = apply([], start, zone);
    expect(apply(due, start, zone, late)).toEqual(due);
    // Over meanwhile: whether it is still true is asked by who sends it.
    expect(decide(due, { none: reasons.notToCome }, late).cancel).toEqual([]);
    expect(decide(due, { none: reasons.notToCome }, sooner).cancel).toHaveLength(1);
    const tried = due.map((one) => ({ ...one, attempts: 1, dueAt: new Date(start + hour), lastError: "Throttled." }));
    expect(apply(tried, start, zone)).toEqual(tried);
  });

  it("takes back what waits when the rule is turned off, and brings it back when it is turned on again", () => {
    const zone = "Pacific/Auckland";
    const start = daysOf(zone)[100]?.epochMilliseconds ?? 0;
    const rows = apply([], start, zone);
    const off = decide(rows, { none: reasons.off }, sooner);
    expect(off.cancel).toEqual([{ id: "m0", reason: reasons.off }]);
    const cancelled = rows.map((row) => ({ ...row, state: "cancelled", lastError: reasons.off }));
    expect(apply(cancelled, start, zone)).toEqual(rows);
    // What somebody's own cancellation took back stays away.
    const theirs = cancelled.map((row) => ({ ...row, lastError: "Overtaken by what happened since." }));
    expect(apply(theirs, start, zone)).toEqual(theirs);
  });
});
