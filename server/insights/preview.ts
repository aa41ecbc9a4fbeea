import type { Context } from "@/server/context";
import { notFound } from "@/server/errors";
import { allowMember, workshopScope } from "@/server/permissions";

/** What an invitation to a workshop shows, for a member to look at: no link is made and nothing is counted. */
export async function invitationPreview(ctx: Context, input: { workshopId: string }) {
  const actor = allowMember(ctx.actor, "workshop.read");
  const workshop = await ctx.db.workshop.findFirst({
    where: { ...workshopScope(actor), id: input.workshopId },
    select: {
      title: true,
      abstract: true,
      outcomes: true,
      bring: true,
      agenda: true,
      place: true,
      startsAt: true,
      endsAt: true,
      timeZone: true,
      capacity: true,
      seatsTaken: true,
      team: { select: { name: true, accentColor: true, anonymizeAfterDays: true } },
      accountManagers: {
        take: 1,
        select: { member: { select: { identity: { select: { name: true, email: true } } } } },
      },
    },
  });
  if (!workshop) throw notFound("workshop");
  const { team, accountManagers, ...rest } = workshop;
  const reader = await ctx.db.identity.findUniqueOrThrow({
    where: { id: actor.identityId },
    select: { name: true, email: true },
  });
  return { team, workshop: rest, host: accountManagers[0]?.member.identity ?? reader };
}
