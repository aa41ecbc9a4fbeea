import { placeIn, wordsIn } from "@/server/languages/languages";

/**
 * Dates and times in words. Pure; instants come and go as Date, calendars are reckoned with Temporal in an IANA zone, so
 * that "two days before at 09:00" holds over a clock change. Locales are BCP 47 tags; plain "en" reads the European way.
 */

function tag(locale: string): string {
  return locale === "en" ? "en-GB" : locale;
}

function local(at: Date, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone);
}

function toDate(moment: Temporal.ZonedDateTime): Date {
  return new Date(moment.epochMilliseconds);
}

// Making one takes longer than the rest of a page's words; there are few zones and languages, and few ways to write a date.
const formatters = new Map<string, Intl.DateTimeFormat>();
const mostFormatters = 1000;

function formatter(timeZone: string, locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const id = `${locale} ${timeZone} ${JSON.stringify(options)}`;
  let found = formatters.get(id);
  if (!found) {
    found = new Intl.DateTimeFormat(tag(locale), { timeZone, ...options });
    if (formatters.size >= mostFormatters) formatters.clear();
    formatters.set(id, found);
  }
  return found;
}

const relativeFormatters = new Map<string, Intl.RelativeTimeFormat>();

function relativeFormatter(locale: string): Intl.RelativeTimeFormat {
  const found = relativeFormatters.get(locale) ?? new Intl.RelativeTimeFormat(tag(locale), { numeric: "auto" });
  if (relativeFormatters.size >= mostFormatters) relativeFormatters.clear();
  relativeFormatters.set(locale, found);
  return found;
}

function part(at: Date, timeZone: string, locale: string, options: Intl.DateTimeFormatOptions): string {
  return formatter(timeZone, locale, options).format(at).replace(/\.$/, "");
}

/** Whether a text names a zone of the IANA time zone database that this runtime knows. */
export function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(text)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

/** The place that people know a zone by: "Madrid", "Buenos Aires", "UTC"; in French "Londres". */
export function zoneName(timeZone: string, locale = "en"): string {
  const place = timeZone.split("/").at(-1) ?? timeZone;
  return placeIn(locale, place.replaceAll("_", " "));
}

/** "09:30" on the zone's clock. */
export function formatTime(at: Date, timeZone: string, locale = "en"): string {
  return part(at, timeZone, locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

/** "Tue 12 May"; with the year where it is not the year of `now`. */
export function formatDay(at: Date, timeZone: string, locale = "en", now?: Date): string {
  const weekday = part(at, timeZone, locale, { weekday: "short" });
  const withYear = now !== undefined && local(now, timeZone).year !== local(at, timeZone).year;
  const day = part(at, timeZone, locale, { day: "numeric", month: "short", ...(withYear ? { year: "numeric" } : {}) });
  return `${weekday} ${day}`;
}

/** "Tue 12 May, 09:30 Madrid". */
export function formatMoment(at: Date, timeZone: string, locale = "en", now?: Date): string {
  return `${formatDay(at, timeZone, locale, now)}, ${formatTime(at, timeZone, locale)} ${zoneName(timeZone, locale)}`;
}

/** "Tue 12 May, 09:30–17:00 Madrid"; over several days "Tue 12 May, 09:30 – Wed 13 May, 17:00 Madrid". */
export function formatRange(startsAt: Date, endsAt: Date, timeZone: string, locale = "en", now?: Date): string {
  const start = `${formatDay(startsAt, timeZone, locale, now)}, ${formatTime(startsAt, timeZone, locale)}`;
  const sameDay = local(startsAt, timeZone).toPlainDate().equals(local(endsAt, timeZone).toPlainDate());
  const end = sameDay
    ? `–${formatTime(endsAt, timeZone, locale)}`
    : ` – ${formatDay(endsAt, timeZone, locale, now)}, ${formatTime(endsAt, timeZone, locale)}`;
  return `${start}${end} ${zoneName(timeZone, locale)}`;
}

/** The same range for a reader elsewhere: "08:30 in London", with the day where theirs differs; null where clocks agree. */
export function formatElsewhere(at: Date, timeZone: string, readerZone: string, locale = "en"): string | null {
  const here = local(at, timeZone);
  const there = local(at, readerZone);
  if (here.offsetNanoseconds === there.offsetNanoseconds) return null;
  const sameDay = here.toPlainDate().equals(there.toPlainDate());
  const day = sameDay ? "" : `${formatDay(at, readerZone, locale)}, `;
  const time = `${day}${formatTime(at, readerZone, locale)}`;
  return wordsIn(locale, "times")("elsewhere", { time, place: zoneName(readerZone, locale) });
}

/** The parts of a date block: { weekday: "Tuesday", day: "12", month: "May", year: "2026" }. */
export function dateBlock(at: Date, timeZone: string, locale = "en") {
  return {
    weekday: part(at, timeZone, locale, { weekday: "long" }),
    day: String(local(at, timeZone).day),
    month: part(at, timeZone, locale, { month: "short" }),
    year: String(local(at, timeZone).year),
  };
}

/**
 * How far away an instant is, in words: "in 5 weeks", "tomorrow", "in 2 hours", "40 minutes ago", "now". From a day on it
 * counts nights on the zone's calendar. Stands beside the exact time, never instead of it.
 */
export function relativeWords(at: Date, now: Date, locale = "en", timeZone = "UTC"): string {
  const words = relativeFormatter(locale);
  const minutes = Math.round((at.getTime() - now.getTime()) / 60_000);
  if (minutes === 0) return locale.startsWith("en") ? "now" : words.format(0, "second");
  if (Math.abs(minutes) < 60) return words.format(minutes, "minute");
  const nights = local(now, timeZone).toPlainDate().until(local(at, timeZone).toPlainDate()).days;
  if (nights === 0 || Math.abs(minutes) < 12 * 60) return words.format(Math.round(minutes / 60), "hour");
  if (Math.abs(nights) < 28) return words.format(nights, "day");
  if (Math.abs(nights) < 60) return words.format(Math.round(nights / 7), "week");
  return words.format(Math.round(nights / 30.44), "month");
}

/** The instant of a clock time ("09:00") some days before (negative: after) an instant, on the zone's calendar. */
export function daysBefore(at: Date, days: number, clockTime: string, timeZone: string): Date {
  const day = local(at, timeZone).toPlainDate().subtract({ days });
  return toDate(day.toZonedDateTime({ timeZone, plainTime: Temporal.PlainTime.from(clockTime) }));
}

/**
 * The instant of "2026-05-12T09:30" on the zone's clock. A time that the clock skips moves on by the gap, one that it shows
 * twice is the first (RFC 5545 §3.3.5). Null for what is no date or no zone.
 */
export function fromLocal(text: string, timeZone: string): Date | null {
  if (!isTimeZone(timeZone)) return null;
  try {
    return toDate(Temporal.PlainDateTime.from(text, { overflow: "reject" }).toZonedDateTime(timeZone));
  } catch {
    return null;
  }
}

/** An instant as the value of an <input type="datetime-local">: "2026-05-12T09:30" on the zone's clock. */
export function toLocal(at: Date, timeZone: string): string {
  return local(at, timeZone).toPlainDateTime().toString({ smallestUnit: "minute" });
}

/** Where a zone's clock changes between two instants: offsets in minutes before and after, and the name of the new time. */
export type ClockChange = { at: Date; offsetBefore: number; offsetAfter: number; name: string };

/** Abbreviation of the time in force, e.g. "CEST" or "GMT+2". */
export function offsetName(at: Date, timeZone: string): string {
  const parts = formatter(timeZone, "en-GB", { timeZoneName: "short" }).formatToParts(at);
  return parts.find((p) => p.type === "timeZoneName")?.value ?? timeZone;
}

/** Minutes that the zone's clock is ahead of UTC at an instant. */
export function offsetMinutes(at: Date, timeZone: string): number {
  return local(at, timeZone).offsetNanoseconds / 60e9;
}

/** The clock changes of a zone from the last one at or before `from` until `until`; empty for a zone without any. */
export function clockChanges(timeZone: string, from: Date, until: Date): ClockChange[] {
  const changes: ClockChange[] = [];
  let moment = local(new Date(from.getTime() + 1), timeZone).getTimeZoneTransition("previous");
  moment ??= local(from, timeZone).getTimeZoneTransition("next");
  while (moment && moment.epochMilliseconds <= until.getTime()) {
    const at = toDate(moment);
    changes.push({
      at,
      offsetBefore: offsetMinutes(new Date(at.getTime() - 1), timeZone),
      offsetAfter: moment.offsetNanoseconds / 60e9,
      name: offsetName(at, timeZone),
    });
    moment = moment.getTimeZoneTransition("next");
  }
  return changes;
}
