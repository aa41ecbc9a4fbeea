import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import { DomainError, notFound } from "@/server/errors";
import { type CalendarEvent, calendarText } from "@/server/icalendar";
import { hashToken, makeToken } from "@/server/ids";
import { consolePaths, publicPaths } from "@/server/paths";
import { allowMember, type MemberRole, mayDo } from "@/server/permissions";
import { limit } from "@/server/rate-limit";
import { seatStates } from "@/server/registrations/lifecycle";
import { seal, unseal } from "@/server/secrets";
import { type CalendarFeedScope, calendarFeedScopes } from "@/server/workshops/schemas";

/**
 * Calendars to subscribe to: workshops with their state and counts, and nobody's name. The address is the only key, since
 * calendar programs cannot sign in: 192 random bits, looked up by their hash, kept encrypted too so that its owner can copy it
 * again, dead once revoked and while its owner may not see what is in it.
 */

const sealPurpose = "calendar-feed";
const fileShape = /^([A-Za-z0-9_-]{32})\.ics$/;
const refreshMinutes = 60;
/** How long a workshop stays in a feed after its end. */
const keptMilliseconds = 90 * 86_400_000;

const acts = { presenting: "feed.presenting", inviting: "feed.inviting", team: "feed.team" } as const;

export type FeedRow = { scope: CalendarFeedScope; feed: { id: string; link: string; createdAt: Date } | null };

/** The kinds of calendar that the member's role can have, each with the member's own live one. */
export async function listFeeds(ctx: Context): Promise<FeedRow[]> {
  const { teamId, memberId, role } = allowMember(ctx.actor, "workshop.read");
  const live = await ctx.db.calendarFeed.findMany({ where: { teamId, memberId, revokedAt: null } });
  return calendarFeedScopes
    .filter((scope) => mayDo(role, acts[scope]))
    .map((scope) => {
      const feed = live.find((row) => row.scope === scope);
      if (!feed) return { scope, feed: null };
      const token = unseal(ctx.env.ATELIER_SECRET_KEY, sealPurpose, feed.tokenSealed);
      const link = `${ctx.env.PUBLIC_URL}${publicPaths.calendarFeed(token)}`;
      return { scope, feed: { id: feed.id, link, createdAt: feed.createdAt } };
    });
}

/** Makes the member's calendar of a kind. `conflict` while there is a live one. */
export async function createFeed(ctx: Context, { scope }: { scope: CalendarFeedScope }): Promise<{ feedId: string }> {
  const { teamId, memberId } = allowMember(ctx.actor, acts[scope]);
  const token = makeToken();
  const row = {
    ...{ id: ctx.newId("calendarFeed"), teamId, memberId, scope },
    tokenHash: hashToken(token),
    tokenSealed: seal(ctx.env.ATELIER_SECRET_KEY, sealPurpose, token),
    createdAt: ctx.clock.now(),
  };
  return ctx.db.$transaction(async (tx) => {
    const { count } = await tx.calendarFeed.createMany({ data: [row], skipDuplicates: true });
    if (count === 0)
      throw new DomainError("conflict", "You have this calendar already. Copy its address, or revoke it.");
    const entry = { action: "feed.created", entity: "calendarFeed", entityId: row.id, detail: { scope } };
    await audit(ctx, tx, { teamId, ...entry });
    return { feedId: row.id };
  });
}

/** Ends one of the member's own calendars; its address is dead at once. A second call is a `conflict`. */
export async function revokeFeed(ctx: Context, { feedId }: { feedId: string }): Promise<void> {
  const { teamId, memberId } = allowMember(ctx.actor, "workshop.read");
  const own = { id: feedId, teamId, memberId };
  const feed = await ctx.db.calendarFeed.findFirst({ where: own, select: { scope: true } });
  if (!feed) throw notFound("calendar");
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.calendarFeed.updateMany({
      where: { ...own, revokedAt: null },
      data: { revokedAt: ctx.clock.now() },
    });
    if (count === 0) throw new DomainError("conflict", "This calendar was revoked already.");
    const entry = { action: "feed.revoked", entity: "calendarFeed", entityId: feedId, detail: { scope: feed.scope } };
    await audit(ctx, tx, { teamId, ...entry });
  });
}

/** Calendar programs ask some times an hour, Google for many people from few addresses. */
const asked = { points: 120, seconds: 3600 };
const fromOneAddress = { points: 600, seconds: 60 };

/**
 * The calendar behind `TOKEN.ics`, for whoever has the address. The same words and instants give the same bytes. `not_found`
 * for what never was, is revoked, or is no longer its owner's to see; `too_many` above the limits.
 */
export async function readFeed(ctx: Context, { file, address }: { file: string; address: string }): Promise<string> {
  const token = fileShape.exec(file)?.[1];
  if (!token) throw notFound("calendar");
  await limit(ctx, "calendar-address", address, fromOneAddress);
  const feed = await ctx.db.calendarFeed.findUnique({
    where: { tokenHash: hashToken(token) },
    include: { member: { select: { role: true, removedAt: true, team: { select: { name: true } } } } },
  });
  const scope = calendarFeedScopes.find((known) => known === feed?.scope);
  if (!feed || !scope || feed.revokedAt || feed.member.removedAt || !mayDo(feed.member.role, acts[scope]))
    throw notFound("calendar");
  await limit(ctx, "calendar-feed", feed.id, asked);
  const events = await eventsOf(ctx, { ...feed, scope, role: feed.member.role });
  return calendarText({
    method: "PUBLISH",
    events,
    feed: { name: feedName(scope, feed.member.team.name), refreshMinutes },
  });
}

function feedName(scope: CalendarFeedScope, team: string): string {
  const names = { presenting: "workshops I present", inviting: "workshops I invite to", team: "all workshops" };
  return `${team}: ${names[scope]}`;
}

type Reader = { teamId: string; memberId: string; scope: CalendarFeedScope; role: MemberRole };

async function eventsOf(ctx: Context, reader: Reader): Promise<CalendarEvent[]> {
  const { teamId, memberId, scope } = reader;
  const workshops = await ctx.db.workshop.findMany({
    where: {
      teamId,
      startsAt: { not: null },
      endsAt: { gt: new Date(ctx.clock.now().getTime() - keptMilliseconds) },
      ...(scope === "presenting" ? { presenters: { some: { memberId } } } : {}),
      ...(scope === "inviting" ? { accountManagers: { some: { memberId } } } : {}),
    },
    include: { accountManagers: { where: { memberId }, select: { seatLimit: true } } },
    orderBy: [{ startsAt: "asc" }, { id: "asc" }],
  });
  // An account manager counts their own people, and those only.
  const own = scope === "inviting" || reader.role === "account_manager" ? { memberId } : {};
  const groups = await ctx.db.registration.groupBy({
    by: ["workshopId", "state"],
    where: { teamId, workshopId: { in: workshops.map(({ id }) => id) }, ...own },
    _count: true,
  });
  const host = new URL(ctx.env.PUBLIC_URL).hostname;
  return workshops.flatMap(({ startsAt, endsAt, ...workshop }) => {
    if (!startsAt || !endsAt) return [];
    const count = (states: readonly string[]) =>
      groups
        .filter((group) => group.workshopId === workshop.id && states.includes(group.state))
        .reduce((sum, group) => sum + group._count, 0);
    const limits = "memberId" in own ? (workshop.accountManagers[0]?.seatLimit ?? null) : workshop.capacity;
    const url = `${ctx.env.PUBLIC_URL}${consolePaths.workshop(workshop.id)}`;
    const seats = seatWords(count(seatStates), limits, count(["waitlisted"]), "memberId" in own);
    return {
      uid: `${workshop.id}@${host}`,
      sequence: workshop.scheduleVersion - 1,
      stamp: workshop.updatedAt,
      ...{ startsAt, endsAt, timeZone: workshop.timeZone, url },
      title: workshop.title,
      place: workshop.place || workshop.link,
      description: [`${stateWords[workshop.state]}. ${seats}`, url].join("\n\n"),
      status: statusOf(workshop.state),
    };
  });
}

const stateWords = {
  draft: "Draft",
  registration: "In registration",
  open: "Open",
  closing: "Closing",
  closed: "Closed",
  cancelled: "Cancelled",
} as const;

function statusOf(state: keyof typeof stateWords): CalendarEvent["status"] {
  return state === "draft" ? "tentative" : state === "cancelled" ? "cancelled" : "confirmed";
}

/** "12 of 20 seats taken, 3 waiting." */
function seatWords(taken: number, of: number | null, waiting: number, own: boolean): string {
  const seats = of === null ? `${taken} ${taken === 1 ? "seat" : "seats"} taken` : `${taken} of ${of} seats taken`;
  return `${seats}${own ? " through you" : ""}${waiting > 0 ? `, ${waiting} waiting` : ""}.`;
}
