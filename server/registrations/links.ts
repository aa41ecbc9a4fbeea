import type { Prisma, WorkshopState } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { notFound } from "@/server/errors";
import { hashToken, makeToken } from "@/server/ids";
import type { Host } from "@/server/invites/invites";
import { publicPaths } from "@/server/paths";
import { isLive, tooLateToConfirm } from "@/server/registrations/lifecycle";
import { together } from "@/server/together";

/**
 * The links in mails to registrants: `confirm`, whose button confirms the address, `personal`, which opens "my workshop",
 * `offer`, whose buttons take or decline a seat, and, to a colleague, `handover`, whose form takes over a seat.
 */

export type LinkPurpose = "confirm" | "personal" | "offer" | "handover";

const confirmDays = 7;
/** A personal link lives until the data behind it goes; with no date yet, this long. */
const personalDaysWithoutDate = 90;
/** How long after its first use a confirm link still proves that the browser belongs to the mailbox (double click, back). */
const graceMinutes = 15;

const day = 86_400_000;

/**
 * Makes a link for a mail that is being sent and returns it; only its hash is kept. Each mail has links of its own, so a job
 * that runs twice makes two, and both work. `not_found` for a registration that is gone, anonymized, cancelled or expired, for
 * an offer or a hand-over that is over.
 */
export async function mintLink(
  ctx: Context,
  input: { registrationId: string; purpose: LinkPurpose; handoverId?: string },
): Promise<string> {
  const registration = await ctx.db.registration.findUnique({
    relationLoadStrategy: "query",
    where: { id: input.registrationId },
    select: {
      id: true,
      teamId: true,
      state: true,
      offerEndsAt: true,
      anonymizedAt: true,
      handovers: { where: { id: input.handoverId ?? "", state: "pending" }, select: { id: true, endsAt: true } },
      workshop: {
        select: {
          endsAt: true,
          closedAt: true,
          anonymizeAt: true,
          team: { select: { anonymizeAfterDays: true } },
        },
      },
    },
  });
  if (!registration || registration.anonymizedAt || !isLive(registration.state)) throw notFound("registration");
  const { workshop } = registration;
  const now = ctx.clock.now();
  const over = workshop.closedAt ?? workshop.endsAt;
  const personalUntil =
    workshop.anonymizeAt ??
    new Date(
      over
        ? Math.max(over.getTime(), now.getTime()) + workshop.team.anonymizeAfterDays * day
        : now.getTime() + personalDaysWithoutDate * day,
    );
  const [handover] = registration.handovers;
  const until = {
    confirm: new Date(now.getTime() + confirmDays * day),
    personal: personalUntil,
    offer: registration.state === "offered" ? registration.offerEndsAt : null,
    handover: handover?.endsAt ?? null,
  }[input.purpose];
  if (!until) throw notFound(input.purpose);
  const token = makeToken();
  await keepLink(ctx, {
    id: ctx.newId("personalLink"),
    teamId: registration.teamId,
    registrationId: registration.id,
    handoverId: handover?.id ?? null,
    purpose: input.purpose,
    tokenHash: hashToken(token),
    createdAt: now,
    expiresAt: until,
  });
  return `${ctx.env.PUBLIC_URL}${publicPaths[input.purpose](token)}`;
}

const keepLink = together(async (ctx, links: readonly Prisma.PersonalLinkCreateManyInput[]) => {
  await ctx.db.personalLink.createMany({ data: [...links] });
  return links.map(() => undefined);
});

const linkFields = {
  id: true,
  teamId: true,
  registrationId: true,
  handoverId: true,
  handover: { select: { locale: true } },
  purpose: true,
  expiresAt: true,
  usedAt: true,
  revokedAt: true,
  registration: {
    select: {
      id: true,
      state: true,
      offerEndsAt: true,
      workshopId: true,
      memberId: true,
      inviteId: true,
      customerId: true,
      typedName: true,
      company: true,
      jobTitle: true,
      noticeLocale: true,
      anonymizedAt: true,
      person: { select: { id: true, name: true, locale: true } },
      invite: {
        select: {
          revokedAt: true,
          member: { select: { removedAt: true, identity: { select: { name: true, email: true } } } },
        },
      },
      workshop: {
        select: {
          title: true,
          state: true,
          startsAt: true,
          endsAt: true,
          timeZone: true,
          place: true,
          registrationOpensAt: true,
          registrationClosesAt: true,
          minimumNoticeHours: true,
          team: {
            select: { name: true, accentColor: true, senderName: true, senderEmail: true, anonymizeAfterDays: true },
          },
        },
      },
    },
  },
} as const satisfies Prisma.PersonalLinkSelect;

export type LoadedLink = Prisma.PersonalLinkGetPayload<{ select: typeof linkFields }>;

/** A link by its token, or null for one that is wrong, cut short, or of the other purpose. */
export async function findLink(ctx: Context, token: string, purpose: LinkPurpose): Promise<LoadedLink | null> {
  if (!/^[A-Za-z0-9_-]{32}$/.test(token)) return null;
  const link = await ctx.db.personalLink.findUnique({ where: { tokenHash: hashToken(token) }, select: linkFields });
  return link?.purpose === purpose ? link : null;
}

/** The link again as it is under the lock of its workshop: what may have changed since it was found, and no more. */
export async function refreshLink(
  tx: Tx,
  found: LoadedLink,
  workshop: { state: WorkshopState; endsAt: Date | null },
): Promise<LoadedLink | null> {
  const [link] = await refreshLinks(tx, [found], workshop);
  return link ?? null;
}

/** The same for several links of one workshop, in one read; in their order. */
export async function refreshLinks(
  tx: Tx,
  found: readonly LoadedLink[],
  workshop: { state: WorkshopState; endsAt: Date | null },
): Promise<(LoadedLink | null)[]> {
  const rows = await tx.personalLink.findMany({
    where: { id: { in: found.map(({ id }) => id) } },
    select: {
      id: true,
      expiresAt: true,
      usedAt: true,
      revokedAt: true,
      registration: {
        select: {
          state: true,
          offerEndsAt: true,
          typedName: true,
          anonymizedAt: true,
          invite: { select: { revokedAt: true } },
        },
      },
    },
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return found.map((before) => {
    const fresh = byId.get(before.id);
    if (!fresh) return null;
    const { registration, ...link } = fresh;
    const { invite } = before.registration;
    return {
      ...before,
      ...link,
      registration: {
        ...before.registration,
        ...registration,
        invite: invite && { ...invite, revokedAt: registration.invite?.revokedAt ?? null },
        workshop: { ...before.registration.workshop, state: workshop.state, endsAt: workshop.endsAt },
      },
    };
  });
}

/** Why a link does nothing (any more). `used`: the address is confirmed already, which is good news. */
export type LinkProblem =
  | "used"
  | "expired"
  | "revoked"
  | "registration_over"
  | "invite_revoked"
  | "workshop_cancelled"
  | "workshop_closed"
  | "anonymized";

/** Closing a workshop ends what is left of its waitlist: that is no cancellation. */
export function overProblem({ registration }: LoadedLink): LinkProblem {
  const closed = registration.workshop.state === "closing" || registration.workshop.state === "closed";
  return registration.state === "expired" && closed ? "workshop_closed" : "registration_over";
}

/** `too_late`: registration ended before the address was confirmed, and the time that was left for it is over. */
export type ConfirmProblem = LinkProblem | "too_late";

/** Why a confirm link cannot confirm now; null when it can. */
export function confirmProblem(link: LoadedLink, now: Date): ConfirmProblem | null {
  const { registration } = link;
  const { workshop } = registration;
  if (registration.anonymizedAt) return "anonymized";
  if (workshop.state === "cancelled") return "workshop_cancelled";
  if (!isLive(registration.state)) return overProblem(link);
  if (link.revokedAt) return "revoked";
  if (registration.state !== "unverified") return "used";
  if (link.expiresAt <= now) return "expired";
  if (registration.invite?.revokedAt) return "invite_revoked";
  const over = workshop.endsAt !== null && workshop.endsAt <= now;
  if (over || !["registration", "open"].includes(workshop.state)) return "workshop_closed";
  return tooLateToConfirm(workshop, now) ? "too_late" : null;
}

/** Why a personal link cannot be entered now; null when it can. */
export function personalProblem(link: LoadedLink, now: Date): LinkProblem | null {
  if (link.registration.anonymizedAt) return "anonymized";
  if (link.registration.workshop.state === "cancelled") return "workshop_cancelled";
  if (!isLive(link.registration.state)) return overProblem(link);
  if (link.revokedAt) return "revoked";
  return link.expiresAt <= now ? "expired" : null;
}

/** Whether pressing the button of this confirm link verifies the browser: not yet used, or used moments ago. */
export function stillVerifies(link: LoadedLink, now: Date): boolean {
  if (link.revokedAt || link.expiresAt <= now) return false;
  return link.usedAt === null || now.getTime() - link.usedAt.getTime() < graceMinutes * 60_000;
}

export type LinkPage = {
  problem: ConfirmProblem | null;
  host: Host;
  /** The language of the registration. */
  locale: string;
  team: LoadedLink["registration"]["workshop"]["team"];
  workshop: Omit<LoadedLink["registration"]["workshop"], "team" | "state">;
  /** What the form held, so that they see what they confirm; null once confirmed. */
  typed: { name: string; company: string; jobTitle: string } | null;
};

/** What the page of a link shows. Changes nothing: mail scanners open links too. Null for an unknown link. */
export async function readLink(ctx: Context, input: { token: string; purpose: LinkPurpose }): Promise<LinkPage | null> {
  const link = await findLink(ctx, input.token, input.purpose);
  if (!link) return null;
  const { registration } = link;
  const { team, state: _state, ...workshop } = registration.workshop;
  const now = ctx.clock.now();
  const problem = input.purpose === "confirm" ? confirmProblem(link, now) : personalProblem(link, now);
  return {
    problem,
    host: hostOf(registration.invite?.member ?? null, team),
    // A colleague who is asked to take over a seat reads in the language that was chosen for them.
    locale:
      link.handover?.locale ??
      (registration.state === "unverified" ? registration.noticeLocale : registration.person.locale),
    team,
    workshop,
    typed:
      input.purpose === "confirm" && problem === null
        ? {
            name: registration.typedName ?? registration.person.name ?? "",
            company: registration.company ?? "",
            jobTitle: registration.jobTitle ?? "",
          }
        : null,
  };
}

/** Whom an attendee asks: the account manager who invited them, or the team where there is none any more. */
export function hostOf(
  member: { removedAt: Date | null; identity: { name: string; email: string } } | null,
  team: { senderName: string; senderEmail: string },
): Host {
  if (member && !member.removedAt) return { name: member.identity.name, email: member.identity.email };
  return { name: team.senderName, email: team.senderEmail };
}
