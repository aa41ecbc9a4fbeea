import type { Context } from "@/server/context";
import { DomainError, notFound } from "@/server/errors";
import { type CalendarEvent, type CalendarMethod, calendarText } from "@/server/icalendar";
import { wordsIn } from "@/server/languages/languages";
import { publicPaths } from "@/server/paths";
import { together } from "@/server/together";
import { agendaItem } from "@/server/workshops/schemas";

/**
 * The calendar entry of a registration: one block ("whole"), or one event for each point of the agenda ("1", "2", …) where
 * the workshop asks for it. The UID of a part is the registration's for ever; SEQUENCE rises with each change of the
 * schedule and with a cancellation.
 */

type Part = "whole" | `${number}`;
type Slot = { part: Part; title: string; description: string; startsAt: Date; endsAt: Date };
type Entry = Awaited<ReturnType<typeof loadEntry>>;
/** An iCalendar object for a mail: one event, since all of a REQUEST or CANCEL have one UID (RFC 5546 §3.2.2). */
export type CalendarFile = { method: CalendarMethod; content: string };

async function loadEntry(ctx: Context, registrationId: string) {
  const { actor } = ctx;
  if (actor.kind === "attendee" && actor.registrationId !== registrationId) throw notFound("registration");
  if (actor.kind === "visitor") throw notFound("registration");
  // By the id alone, since Prisma makes one query of those that all mails of a handful look up.
  const registration = await ctx.db.registration.findUnique({
    relationLoadStrategy: "query",
    where: { id: registrationId },
    select: {
      id: true,
      teamId: true,
      state: true,
      anonymizedAt: true,
      calendarSequence: true,
      calendarParts: true,
      person: { select: { name: true, email: true, locale: true } },
      workshop: {
        select: {
          title: true,
          abstract: true,
          agenda: true,
          calendarItems: true,
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
  if (!registration || registration.anonymizedAt) throw notFound("registration");
  if (actor.kind !== "system" && actor.teamId !== registration.teamId) throw notFound("registration");
  return registration;
}

function local(at: Date, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone);
}

const quarter = 15 * 60_000;

/**
 * The points of an agenda as spans of time on the workshop's day, each until the next later one, the last until the end; at
 * least a quarter of an hour. Empty for a workshop over several days, whose agenda does not say which day a point is on.
 */
function agendaSlots({ workshop }: Entry, startsAt: Date, endsAt: Date): Slot[] {
  const { timeZone, title } = workshop;
  const day = local(startsAt, timeZone).toPlainDate();
  if (!day.equals(local(endsAt, timeZone).toPlainDate())) return [];
  const points = (agendaItem.array().safeParse(workshop.agenda).data ?? []).map((point) => {
    const moment = day.toZonedDateTime({ timeZone, plainTime: Temporal.PlainTime.from(point.startsAt) });
    return { ...point, at: moment.epochMilliseconds };
  });
  return points.map((point, index) => {
    const next = points.find(({ at }) => at > point.at)?.at ?? endsAt.getTime();
    return {
      part: `${index + 1}`,
      title: `${title}: ${point.title}`,
      description: point.description,
      startsAt: new Date(point.at),
      endsAt: new Date(Math.max(next, point.at + quarter)),
    };
  });
}

/** The block, with the agenda in its description. */
function wholeSlot({ workshop }: Entry, startsAt: Date, endsAt: Date): Slot {
  const { title, abstract } = workshop;
  const agenda = (agendaItem.array().safeParse(workshop.agenda).data ?? [])
    .map((point) => `${point.startsAt} ${point.title}`)
    .join("\n");
  return { part: "whole", title, description: [abstract, agenda].filter(Boolean).join("\n\n"), startsAt, endsAt };
}

/** The parts that stand in the calendar now, and how any part becomes an event. `not_ready` without dates. */
function layOut(ctx: Context, entry: Entry) {
  const { workshop, id, calendarSequence } = entry;
  const { startsAt, endsAt, timeZone } = workshop;
  if (!startsAt || !endsAt) throw new DomainError("not_ready", "The workshop has no dates yet.");
  const whole = wholeSlot(entry, startsAt, endsAt);
  const items = workshop.calendarItems ? agendaSlots(entry, startsAt, endsAt) : [];
  const url = `${ctx.env.PUBLIC_URL}${publicPaths.my(id)}`;
  const host = new URL(ctx.env.PUBLIC_URL).hostname;
  const trusted = ctx.actor.kind !== "attendee" || ctx.actor.verified;
  const event = ({ part, description, ...slot }: Slot, cancelled: boolean): CalendarEvent => ({
    ...slot,
    uid: part === "whole" ? `${id}@${host}` : `${id}.${part}@${host}`,
    sequence: calendarSequence + workshop.scheduleVersion - 1,
    stamp: ctx.clock.now(),
    ...{ timeZone, url },
    place: workshop.place || (trusted ? workshop.link : ""),
    description: [description, wordsIn(entry.person.locale, "calendar")("details", { link: url })]
      .filter(Boolean)
      .join("\n\n"),
    status: cancelled ? "cancelled" : "confirmed",
  });
  return { slots: items.length > 0 ? items : [whole], whole, event };
}

/** The entry as a file to download, which names nobody. `not_ready` while the workshop has no dates. */
export async function calendarEntry(ctx: Context, input: { registrationId: string }): Promise<string> {
  const entry = await loadEntry(ctx, input.registrationId);
  const { slots, event } = layOut(ctx, entry);
  const cancelled = entry.workshop.state === "cancelled" || entry.state === "cancelled";
  return calendarText({ method: "PUBLISH", events: slots.map((slot) => event(slot, cancelled)) });
}

/**
 * What a mail carries: a REQUEST for each part of the entry, and a CANCEL for each that an earlier mail brought and that is
 * no longer one; with `cancel`, a CANCEL for all of those, so none for who never got one. The attendee is the recipient, who is not asked to answer; the organizer is
 * the team's mailbox. Remembers what it brings before it is sent, so that a mail which came twice or half leaves no part
 * behind. Nothing for who has no seat yet. `not_ready` while the workshop has no dates.
 */
export async function mailedEntries(
  ctx: Context,
  { registrationId, cancel }: { registrationId: string; cancel: boolean },
): Promise<CalendarFile[]> {
  const entry = await loadEntry(ctx, registrationId);
  // A seat that is only offered, or waited for, stands in no calendar yet.
  if (!cancel && (entry.state === "offered" || entry.state === "waitlisted")) return [];
  const { slots, whole, event } = layOut(ctx, entry);
  const ever = await rememberParts(ctx, entry, cancel ? [] : slots.map(({ part }) => part));
  const gone = ever
    .filter((part) => cancel || !slots.some((slot) => slot.part === part))
    .map((part): Slot => slots.find((slot) => slot.part === part) ?? { ...whole, part });
  const { senderName, senderEmail } = entry.workshop.team;
  const { name, email } = entry.person;
  const people = {
    organizer: { name: senderName, email: senderEmail },
    ...(email ? { attendee: { name: name ?? email, email } } : {}),
  };
  const file = (method: "REQUEST" | "CANCEL") => (slot: Slot) => ({
    method,
    content: calendarText({ method, events: [{ ...event(slot, method === "CANCEL"), ...people }] }),
  });
  return [...(cancel ? [] : slots.map(file("REQUEST"))), ...gone.map(file("CANCEL"))];
}

/** Adds to the parts that were ever mailed, which are never taken away again, and returns all of them. */
async function rememberParts(ctx: Context, { id, calendarParts }: Entry, parts: readonly Part[]): Promise<Part[]> {
  const hasAll = (known: readonly string[]): known is Part[] => parts.every((part) => known.includes(part));
  if (hasAll(calendarParts)) return calendarParts;
  const added = await rememberTogether(ctx, { id, parts });
  if (hasAll(added)) return added;
  const [row] = await ctx.db.$queryRaw<{ parts: Part[] }[]>`
    UPDATE "Registration" SET "calendarParts" =
      ARRAY(SELECT DISTINCT unnest("calendarParts" || ${[...parts]}::text[]) AS "part" ORDER BY "part")
    WHERE "id" = ${id} RETURNING "calendarParts" AS "parts"`;
  return row?.parts ?? [];
}

/** One statement for a handful. Rows that are locked are left out: one that holds some and waits for others may wait for ever. */
const rememberTogether = together(async (ctx, asked: readonly { id: string; parts: readonly Part[] }[]) => {
  const ids = asked.map(({ id }) => id);
  const lists = asked.map(({ parts }) => parts.join(" "));
  const rows = await ctx.db.$queryRaw<{ id: string; parts: string[] }[]>`
    UPDATE "Registration" "kept" SET "calendarParts" =
      ARRAY(SELECT DISTINCT unnest("kept"."calendarParts" || string_to_array("free"."parts", ' ')) AS "part" ORDER BY "part")
    FROM (
      SELECT "asked".* FROM unnest(${ids}::text[], ${lists}::text[]) AS "asked"("id", "parts")
      JOIN "Registration" "found" ON "found"."id" = "asked"."id" FOR UPDATE OF "found" SKIP LOCKED
    ) "free"
    WHERE "kept"."id" = "free"."id" RETURNING "kept"."id", "kept"."calendarParts" AS "parts"`;
  const known = new Map(rows.map(({ id, parts }) => [id, parts]));
  return asked.map(({ id }) => known.get(id) ?? []);
});
