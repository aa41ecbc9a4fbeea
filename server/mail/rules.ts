/**
 * When which scheduled mail goes, relative to the workshop. Pure. Computed on the workshop's own calendar, so that "two days
 * before at 09:00" holds over a change of the clocks.
 */

/** Days before the workshop's first day, and the time of day there, when the reminder goes. */
export const reminderRule = { daysBefore: 2, at: "09:00" } as const;

type Schedule = { startsAt: Date | null; timeZone: string };

/**
 * The instant of the reminder: two calendar days before the workshop's first day, 09:00 on its clocks. Null without a date.
 * A wall-clock time that a clock change skips is read as the instant after it, one that happens twice as the first
 * (Temporal's "compatible", as in RFC 5545 §3.3.5).
 */
export function reminderAt({ startsAt, timeZone }: Schedule): Date | null {
  if (!startsAt) return null;
  const day = Temporal.Instant.fromEpochMilliseconds(startsAt.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .subtract({ days: reminderRule.daysBefore });
  const at = day.toZonedDateTime({ timeZone, plainTime: Temporal.PlainTime.from(reminderRule.at) });
  return new Date(at.epochMilliseconds);
}

/** The reminder of one registration: when it goes and until when, or null for one that comes too late to be of use. */
export function plannedReminder(schedule: Schedule, now: Date): { dueAt: Date; notAfter: Date } | null {
  const dueAt = reminderAt(schedule);
  if (!dueAt || !schedule.startsAt || dueAt <= now) return null;
  return { dueAt, notAfter: schedule.startsAt };
}
