import type { Context } from "@/server/context";
import { DomainError, notFound } from "@/server/errors";
import { type CalendarMethod, calendarText } from "@/server/icalendar";
import { publicPaths } from "@/server/paths";

/** The calendar entry of a registration. */

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
  return calendarText({
    method,
    events: [
      {
        uid: `${registration.id}@${new URL(ctx.env.PUBLIC_URL).hostname}`,
        sequence: registration.calendarSequence + workshop.scheduleVersion - 1,
        stamp: ctx.clock.now(),
        ...{ startsAt, endsAt, timeZone, url },
        title: workshop.title,
        place: workshop.place || (trusted ? workshop.link : ""),
        description: [workshop.abstract, `Details, changes, or to cancel: ${url}`].filter(Boolean).join("\n\n"),
        status: cancelled ? "cancelled" : "confirmed",
        ...(method === "PUBLISH" ? {} : people(team, person)),
      },
    ],
  });
}

function people(
  team: { senderName: string; senderEmail: string },
  person: { name: string | null; email: string | null },
) {
  const { name, email } = person;
  return {
    organizer: { name: team.senderName, email: team.senderEmail },
    ...(email ? { attendee: { name: name ?? email, email } } : {}),
  };
}
