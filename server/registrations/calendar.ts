import ical, {
  ICalAttendeeRole,
  ICalAttendeeStatus,
  ICalCalendarMethod,
  ICalEventStatus,
  ICalEventTransparency,
} from "ical-generator";
import type { Context } from "@/server/context";
import { DomainError, notFound } from "@/server/errors";
import { publicPaths } from "@/server/paths";
import { clockChanges, offsetMinutes, offsetName } from "@/server/times";

/** The calendar entry of a registration (RFC 5545 and, for what is mailed, RFC 5546). */

export type CalendarMethod = "REQUEST" | "CANCEL" | "PUBLISH";

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

/**
 * VTIMEZONE of a zone for an event (RFC 5545 §3.6.5): the clock change in force at its start and each one until its end,
 * with plain dates and no rules, since an entry lies at known instants. Right for whatever the time zone database says.
 */
export function timeZoneComponent(timeZone: string, from: Date, until: Date): string {
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

/** A name as a parameter of a property, where a double quote ends the text and cannot be escaped (RFC 5545 §3.2). */
function parameter(name: string): string {
  return name.replaceAll('"', "'");
}

async function loadEntry(ctx: Context, registrationId: string) {
  const { actor } = ctx;
  if (actor.kind === "attendee" && actor.registrationId !== registrationId) throw notFound("registration");
  if (actor.kind === "visitor") throw notFound("registration");
  const registration = await ctx.db.registration.findFirst({
    where: { id: registrationId, anonymizedAt: null, ...(actor.kind === "system" ? {} : { teamId: actor.teamId }) },
    select: {
      id: true,
      state: true,
      calendarSequence: true,
      updatedAt: true,
      person: { select: { name: true, email: true } },
      workshop: {
        select: {
          title: true,
          abstract: true,
          state: true,
          place: true,
          link: true,
          startsAt: true,
          endsAt: true,
          timeZone: true,
          scheduleVersion: true,
          team: { select: { senderName: true, senderEmail: true } },
        },
      },
    },
  });
  if (!registration) throw notFound("registration");
  return registration;
}

function zoned(at: Date, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone);
}

/**
 * The entry as ICS text. Its UID is the registration's for ever; SEQUENCE rises with each change of the schedule and with a
 * cancellation. REQUEST and CANCEL are for mails (with attendee and organizer; answers are not asked for), PUBLISH for the
 * download, which names nobody. `not_ready` while the workshop has no dates.
 */
export async function calendarEntry(
  ctx: Context,
  input: { registrationId: string; method?: CalendarMethod },
): Promise<string> {
  const method = input.method ?? "PUBLISH";
  const { workshop, person, ...registration } = await loadEntry(ctx, input.registrationId);
  const { startsAt, endsAt, timeZone, team } = workshop;
  if (!startsAt || !endsAt) throw new DomainError("not_ready", "The workshop has no dates yet.");
  const url = `${ctx.env.PUBLIC_URL}${publicPaths.my(registration.id)}`;
  const cancelled = method === "CANCEL" || workshop.state === "cancelled" || registration.state === "cancelled";
  const trusted = ctx.actor.kind !== "attendee" || ctx.actor.verified;
  const calendar = ical({
    prodId: { company: "Atelier", product: "Workshops", language: "EN" },
    method: ICalCalendarMethod[method],
    timezone: { name: timeZone, generator: () => timeZoneComponent(timeZone, startsAt, endsAt) },
  });
  const event = calendar.createEvent({
    id: `${registration.id}@${new URL(ctx.env.PUBLIC_URL).hostname}`,
    sequence: registration.calendarSequence + workshop.scheduleVersion - 1,
    stamp: ctx.clock.now(),
    start: zoned(startsAt, timeZone),
    end: zoned(endsAt, timeZone),
    timezone: timeZone,
    summary: workshop.title,
    location: workshop.place || (trusted ? workshop.link : ""),
    description: [workshop.abstract, `Details, changes, or to cancel: ${url}`].filter(Boolean).join("\n\n"),
    url,
    status: cancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    transparency: ICalEventTransparency.OPAQUE,
  });
  if (method === "PUBLISH") return calendar.toString();
  event.organizer({ name: parameter(team.senderName), email: team.senderEmail });
  if (person.email)
    event.createAttendee({
      name: parameter(person.name ?? person.email),
      email: person.email,
      rsvp: false,
      role: ICalAttendeeRole.REQ,
      status: ICalAttendeeStatus.ACCEPTED,
    });
  return calendar.toString();
}
