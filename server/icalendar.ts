import ical, {
  ICalAttendeeRole,
  ICalAttendeeStatus,
  ICalCalendarMethod,
  ICalEventStatus,
  ICalEventTransparency,
} from "ical-generator";
import { clockChanges, offsetMinutes, offsetName } from "@/server/times";

/** Calendars as text (RFC 5545; for what is mailed RFC 5546). Pure: the same events give the same bytes. */

export type CalendarMethod = "REQUEST" | "CANCEL" | "PUBLISH";

type Named = { name: string; email: string };

export type CalendarEvent = {
  /** Stays the event's for ever; calendars find what they hold by it. */
  uid: string;
  /** Rises with each change (RFC 5545 §3.8.7.4). */
  sequence: number;
  stamp: Date;
  startsAt: Date;
  endsAt: Date;
  /** IANA name. */
  timeZone: string;
  title: string;
  place: string;
  description: string;
  url: string;
  status: "confirmed" | "tentative" | "cancelled";
  /** Who it comes from and whom it is for: of what is mailed only. Answers are not asked for. */
  organizer?: Named;
  attendee?: Named;
};

const statuses = {
  confirmed: ICalEventStatus.CONFIRMED,
  tentative: ICalEventStatus.TENTATIVE,
  cancelled: ICalEventStatus.CANCELLED,
} as const;

/**
 * A calendar of events. With `feed` it has a name, and says how often to ask again (RFC 7986 §5.7; X-PUBLISHED-TTL is what
 * Outlook reads). Lines end in CRLF and are folded at 75 octets, never within a character.
 */
export function calendarText(calendar: {
  method: CalendarMethod;
  events: readonly CalendarEvent[];
  feed?: { name: string; refreshMinutes: number };
}): string {
  const { method, events, feed } = calendar;
  const text = ical({
    prodId: { company: "Atelier", product: "Workshops", language: "EN" },
    method: ICalCalendarMethod[method],
    timezone: { name: null, generator: (timeZone) => zoneOfEvents(timeZone, events) },
    ...(feed ? { name: feed.name, ttl: feed.refreshMinutes * 60 } : {}),
  });
  for (const event of events) addEvent(text, event);
  return text.toString();
}

function addEvent(calendar: ReturnType<typeof ical>, event: CalendarEvent): void {
  const { startsAt, endsAt, timeZone, organizer, attendee } = event;
  // Calendars disagree about which of the two is meant by a time that the clock shows twice: it is told in UTC.
  const told = shownOnce(startsAt, timeZone) && shownOnce(endsAt, timeZone) ? timeZone : "UTC";
  const made = calendar.createEvent({
    id: event.uid,
    sequence: event.sequence,
    stamp: event.stamp,
    start: zoned(startsAt, told),
    end: zoned(endsAt, told),
    timezone: told,
    summary: event.title,
    location: event.place,
    description: event.description,
    url: event.url,
    status: statuses[event.status],
    transparency: ICalEventTransparency.OPAQUE,
  });
  if (organizer) made.organizer({ name: parameter(organizer.name), email: organizer.email });
  if (attendee)
    made.createAttendee({
      name: parameter(attendee.name),
      email: attendee.email,
      rsvp: false,
      role: ICalAttendeeRole.REQ,
      status: ICalAttendeeStatus.ACCEPTED,
    });
}

function zoned(at: Date, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone);
}

/** Whether the zone's clock shows the time of an instant only then, and not again after it was put back. */
function shownOnce(at: Date, timeZone: string): boolean {
  const clock = zoned(at, timeZone).toPlainDateTime();
  const [first, last] = (["earlier", "later"] as const).map((disambiguation) =>
    clock.toZonedDateTime(timeZone, { disambiguation }),
  );
  return first?.epochMilliseconds === last?.epochMilliseconds;
}

/** A name as a parameter of a property, where nothing can be escaped and a double quote ends the text (RFC 5545 §3.2). */
function parameter(name: string): string {
  return name.replaceAll('"', "'").replaceAll("\\", "/");
}

function offsetText(minutes: number): string {
  const sign = minutes < 0 ? "-" : "+";
  const total = Math.abs(Math.round(minutes));
  return `${sign}${String(Math.floor(total / 60)).padStart(2, "0")}${String(total % 60).padStart(2, "0")}`;
}

/** The clock on the wall at an instant with a given offset: 20261025T030000. */
function wall(at: Date, offset: number): string {
  return new Date(at.getTime() + offset * 60_000).toISOString().slice(0, 19).replace(/[-:]/g, "");
}

function escapeText(text: string): string {
  return text.replace(/[\\;,]/g, "\\$&").replace(/\n/g, "\\n");
}

function zoneOfEvents(timeZone: string, events: readonly CalendarEvent[]): string {
  const times = events
    .filter((event) => event.timeZone === timeZone)
    .flatMap(({ startsAt, endsAt }) => [startsAt.getTime(), endsAt.getTime()]);
  return timeZoneComponent(timeZone, new Date(Math.min(...times)), new Date(Math.max(...times)));
}

/**
 * VTIMEZONE of a zone between two instants (RFC 5545 §3.6.5): the clock change in force at the first and each one until the
 * last, with plain dates and no rules, since entries lie at known instants. Right for whatever the time zone database says.
 */
function timeZoneComponent(timeZone: string, from: Date, until: Date): string {
  const changes = clockChanges(timeZone, from, until);
  const inForce = changes.filter((change) => change.at <= from).at(-1);
  const relevant = changes.filter((change) => change.at > from || change === inForce);
  const base = offsetMinutes(from, timeZone);
  if (!inForce)
    relevant.unshift({ at: new Date(0), offsetBefore: base, offsetAfter: base, name: offsetName(from, timeZone) });
  const lines = ["BEGIN:VTIMEZONE", `TZID:${timeZone}`];
  for (const change of relevant) {
    const kind = change.offsetAfter > change.offsetBefore ? "DAYLIGHT" : "STANDARD";
    lines.push(
      `BEGIN:${kind}`,
      `DTSTART:${wall(change.at, change.offsetBefore)}`,
      `TZOFFSETFROM:${offsetText(change.offsetBefore)}`,
      `TZOFFSETTO:${offsetText(change.offsetAfter)}`,
      `TZNAME:${escapeText(change.name)}`,
      `END:${kind}`,
    );
  }
  return [...lines, "END:VTIMEZONE"].join("\r\n");
}
