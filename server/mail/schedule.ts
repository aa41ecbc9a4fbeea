import type { Anchor, MailLate, MailWhen } from "@/server/mail/schemas";
import { daysBefore } from "@/server/times";

/**
 * When a rule's mail goes. Pure. Days are counted on the workshop's own calendar, so that "two days before at 09:00" holds
 * over a change of the clocks; a time that the clock skips moves on by the gap, one that it shows twice is the first. Minutes
 * are elapsed time.
 */

/** The dates of a workshop that rules count from. */
export type WorkshopCalendar = {
  startsAt: Date | null;
  endsAt: Date | null;
  /** When registration opened or will, and when it ends. */
  opensAt: Date | null;
  closesAt: Date | null;
  timeZone: string;
};

/** A mail's time, and what makes it one of its kind: the date that it is about, so that nobody is told twice of one date. */
export type Moment = { dueAt: Date; occurrence: string };

/** The instant that a rule counts from; null while the workshop has none. */
export function anchorAt(calendar: WorkshopCalendar, anchor: Anchor): Date | null {
  const { startsAt, endsAt, opensAt, closesAt } = calendar;
  return { start: startsAt, end: endsAt, registration_opens: opensAt, registration_closes: closesAt }[anchor];
}

const toTheMinute = (at: Date) => `${at.toISOString().slice(0, 16)}Z`;

/** The moment of a rule that is relative to the workshop; null without that date, and for rules of another sort. */
export function momentOf(when: MailWhen, calendar: WorkshopCalendar): Moment | null {
  if (when.at !== "days" && when.at !== "minutes") return null;
  const anchor = anchorAt(calendar, when.anchor);
  if (!anchor) return null;
  const dueAt =
    when.at === "minutes"
      ? new Date(anchor.getTime() + when.minutes * 60_000)
      : daysBefore(anchor, -when.days, when.time, calendar.timeZone);
  return { dueAt, occurrence: toTheMinute(anchor) };
}

/** The instant after which a mail is not sent any more; null where it goes as long as it is true. */
export function notAfterOf(late: MailLate | null, dueAt: Date, calendar: WorkshopCalendar): Date | null {
  if (!late) return null;
  return late.by === "minutes" ? new Date(dueAt.getTime() + late.minutes * 60_000) : anchorAt(calendar, late.anchor);
}

/** The last weekly moment at or before an instant, on a team's calendar; its occurrence is the ISO week of its day. */
export function lastWeekly(when: Extract<MailWhen, { at: "weekly" }>, timeZone: string, now: Date): Moment {
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(timeZone).toPlainDate();
  const back = (today.dayOfWeek - when.weekday + 7) % 7;
  const plainTime = Temporal.PlainTime.from(when.time);
  const on = (days: number) => {
    const day = today.subtract({ days });
    const dueAt = new Date(day.toZonedDateTime({ timeZone, plainTime }).epochMilliseconds);
    return { dueAt, occurrence: `${day.yearOfWeek}-W${String(day.weekOfYear).padStart(2, "0")}` };
  };
  const latest = on(back);
  return latest.dueAt <= now ? latest : on(back + 7);
}

/** The weekly moment after an instant. */
export function nextWeekly(when: Extract<MailWhen, { at: "weekly" }>, timeZone: string, now: Date): Date {
  const week = 7 * 86_400_000;
  // A week by the calendar may be an hour longer or shorter: from the middle of the next one, the last is the one wanted.
  const { dueAt } = lastWeekly(when, timeZone, now);
  return lastWeekly(when, timeZone, new Date(dueAt.getTime() + week + 7_200_000)).dueAt;
}

// --- From what there is to what there should be ----------------------------------------------------------------------

/** A row of the outbox that a rule made for one recipient. */
export type PlannedRow = {
  id: string;
  state: string;
  occurrence: string;
  dueAt: Date;
  notAfter: Date | null;
  attempts: number;
  lastError: string | null;
};

/** What a rule wants for one recipient: a mail at a moment (`atOnce`: now, where that is over), or none and why. */
export type Wanted = (Moment & { notAfter: Date | null; atOnce?: boolean }) | { none: string };

/** What is to be done about a recipient's rows: at most one becomes or stays the mail, the others that wait are taken back. */
export type Decision = {
  /** Write a row. */
  insert: (Moment & { notAfter: Date | null }) | null;
  /** Make this row the mail: new moment, and queued where it was taken back. */
  set: ({ id: string } & Moment & { notAfter: Date | null }) | null;
  cancel: { id: string; reason: string }[];
};

/** Reasons that a rule takes a mail back for; such a row may come back when the rule wants it again. */
export const reasons = {
  passed: "Its time had passed when the dates or the rule changed.",
  noDate: "The workshop has no date for it.",
  notToCome: "The workshop does not take place, or is over.",
  off: "Turned off.",
  deleted: "The rule was deleted.",
  condition: "The condition of the rule is not met.",
  audience: "The rule goes to others.",
  moved: "The workshop has another date, for which it went already.",
} as const;

const takenBack: ReadonlySet<string> = new Set(Object.values(reasons));

/** Whether a row is with the sender: its time has come, or it was tried or put off. */
function withSender(row: PlannedRow, now: Date): boolean {
  return row.attempts > 0 || row.lastError !== null || row.dueAt <= now;
}

const sameTime = (a: Date | null, b: Date | null) => a?.getTime() === b?.getTime();

/**
 * What becomes of the rows of one rule for one recipient. A mail that has its moment once is not sent again for the same
 * date; one that waits moves with the date, and back; one whose moment is over is taken back, unless it is with the sender.
 */
export function decide(rows: readonly PlannedRow[], wanted: Wanted, now: Date): Decision {
  const queued = rows.filter((row) => row.state === "queued");
  const cancelled = (of: readonly PlannedRow[], reason: string): Decision => ({
    insert: null,
    set: null,
    cancel: of.map(({ id }) => ({ id, reason })),
  });
  // What is due when the workshop is over is for the sender to decide, who knows whether it is still true.
  const withdrawn = (row: PlannedRow) =>
    "none" in wanted && (wanted.none !== reasons.notToCome || !withSender(row, now));
  if ("none" in wanted) return cancelled(queued.filter(withdrawn), wanted.none);
  const own = rows.find((row) => row.occurrence === wanted.occurrence);
  const others = queued.filter((row) => row !== own);
  if (own && own.state !== "queued" && !(own.state === "cancelled" && takenBack.has(own.lastError ?? "")))
    return cancelled(others, reasons.moved);
  if (own?.state === "queued" && withSender(own, now)) return cancelled(others, reasons.moved);
  const { occurrence, notAfter } = wanted;
  const over = wanted.dueAt <= now;
  if ((over && !wanted.atOnce) || (notAfter && notAfter <= now)) return cancelled(queued, reasons.passed);
  const dueAt = over ? now : wanted.dueAt;
  const target = own ?? others[0];
  if (!target) return { insert: { dueAt, occurrence, notAfter }, set: null, cancel: [] };
  const rest = cancelled(
    others.filter((row) => row !== target),
    reasons.moved,
  );
  const asIs =
    target.state === "queued" &&
    target.occurrence === occurrence &&
    sameTime(target.dueAt, dueAt) &&
    sameTime(target.notAfter, notAfter);
  return { ...rest, set: asIs ? null : { id: target.id, dueAt, occurrence, notAfter } };
}
