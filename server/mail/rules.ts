import { daysBefore } from "@/server/times";

/**
 * When which scheduled mail goes, relative to the workshop. Pure. Computed on the workshop's own calendar, so that "two days
 * before at 09:00" holds over a change of the clocks.
 */

/** Days before the workshop's first day, and the time of day there, when the reminder goes. */
export const reminderRule = { daysBefore: 2, at: "09:00" } as const;

type Schedule = { startsAt: Date | null; timeZone: string };

/** The instant of the reminder: two calendar days before the workshop's first day, 09:00 on its clocks. Null without a date. */
export function reminderAt({ startsAt, timeZone }: Schedule): Date | null {
  return startsAt && daysBefore(startsAt, reminderRule.daysBefore, reminderRule.at, timeZone);
}

/** The reminder of one registration: when it goes and until when, or null for one that comes too late to be of use. */
export function plannedReminder(schedule: Schedule, now: Date): { dueAt: Date; notAfter: Date } | null {
  const dueAt = reminderAt(schedule);
  if (!dueAt || !schedule.startsAt || dueAt <= now) return null;
  return { dueAt, notAfter: schedule.startsAt };
}
