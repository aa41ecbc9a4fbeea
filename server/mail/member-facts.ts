import type { Message, Prisma } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import type { MailKind } from "@/server/mail/kinds";
import { ownSeats } from "@/server/mail/member-mails";
import { calendarOf, unmetCondition } from "@/server/mail/planning";
import { formatDay, formatMoment, formatTime } from "@/server/times";

/** What mails to members about their work say: looked up when they are sent, and whether they are still true. */

export type MemberNews =
  | { of: "seats"; left: number; limit: number | null; held: number; capacity: number; closes: string }
  | { of: "digest"; workshops: { title: string; when: string; note: string }[]; attention: string[] }
  | { of: "cleanup"; accounts: number; quarantined: string[]; found: number; removed: number; minutes: number }
  | { of: "quarantine"; account: string; reason: string };

const memberKinds = ["nudge_seats", "nudge_closing", "weekly_digest", "cleanup_report", "quarantine_alarm"] as const;
export type MemberKind = (typeof memberKinds)[number];

export function isMemberKind(kind: MailKind): kind is MemberKind {
  return (memberKinds as readonly string[]).includes(kind);
}

const asked = { identity: true, team: true } as const satisfies Prisma.MemberInclude;
const workshopAsked = { team: true } as const satisfies Prisma.WorkshopInclude;
type Member = Prisma.MemberGetPayload<{ include: typeof asked }>;
type WorkshopOf = Prisma.WorkshopGetPayload<{ include: typeof workshopAsked }>;

export type MemberMail = { member: Member; workshop: WorkshopOf | null; news: MemberNews; untrue: string | null };

/** Whom a mail to a member reaches and what it says; a text says why there is nothing to say any more. */
export async function memberMail(ctx: Context, message: Message, kind: MemberKind): Promise<MemberMail | string> {
  const { teamId, memberId, workshopId } = message;
  if (!teamId || !memberId) return "The member is gone.";
  const [member, workshop] = await Promise.all([
    ctx.db.member.findFirst({ where: { id: memberId, teamId, removedAt: null }, include: asked }),
    workshopId ? ctx.db.workshop.findFirst({ where: { id: workshopId, teamId }, include: workshopAsked }) : null,
  ]);
  if (!member) return "The member left the team.";
  if (workshopId && !workshop) return "The workshop is gone.";
  if (kind === "quarantine_alarm") return quarantineMail(ctx, message, member);
  if (kind === "weekly_digest") return { member, workshop, ...(await digest(ctx, member)) };
  if (!workshop) return "The workshop is gone.";
  if (kind === "cleanup_report") return { member, workshop, news: await cleanup(ctx, workshop), untrue: null };
  return seatsMail(ctx, member, workshop);
}

async function seatsMail(ctx: Context, member: Member, workshop: WorkshopOf): Promise<MemberMail | string> {
  const seats = await ownSeats(ctx.db, workshop.id, member.id);
  if (!seats) return "They no longer invite to this workshop.";
  const { closesAt } = calendarOf(workshop);
  const closes = closesAt ? formatMoment(closesAt, workshop.timeZone, "en", ctx.clock.now()) : "";
  const untrue =
    seats.left === 0
      ? "They have no seats left."
      : unmetCondition(workshop, ["registration_open"])
        ? "Registration is not open."
        : null;
  return { member, workshop, news: { of: "seats", ...seats, closes }, untrue };
}

async function quarantineMail(ctx: Context, message: Message, member: Member): Promise<MemberMail | string> {
  const { data } = message;
  const accountId =
    typeof data === "object" && data !== null && !Array.isArray(data) && typeof data.accountId === "string"
      ? data.accountId
      : "";
  const account = await ctx.db.sandboxAccount.findFirst({ where: { id: accountId, teamId: member.teamId } });
  if (!account) return "The account left the pool.";
  const news = {
    of: "quarantine",
    account: `${account.name} (${account.awsAccountId})`,
    reason: account.quarantineReason ?? "",
  } as const;
  const untrue = account.state === "quarantined" ? null : "The account is no longer quarantined.";
  return { member, workshop: null, news, untrue };
}

/** What became of a closed workshop's accounts, from its leases and the cleanups of them. */
async function cleanup(ctx: Context, workshop: WorkshopOf): Promise<MemberNews> {
  const leases = await ctx.db.lease.findMany({
    where: { teamId: workshop.teamId, workshopId: workshop.id },
    select: {
      account: { select: { id: true, name: true, state: true } },
      cleanups: { select: { found: true, removed: true } },
    },
  });
  const accounts = new Map(leases.map(({ account }) => [account.id, account]));
  const runs = leases.flatMap((lease) => lease.cleanups);
  const sum = (part: "found" | "removed") => runs.reduce((total, run) => total + run[part], 0);
  const { closingAt, closedAt } = workshop;
  return {
    of: "cleanup",
    accounts: accounts.size,
    quarantined: [...accounts.values()].filter(({ state }) => state === "quarantined").map(({ name }) => name),
    found: sum("found"),
    removed: sum("removed"),
    minutes: closingAt && closedAt ? Math.max(1, Math.round((closedAt.getTime() - closingAt.getTime()) / 60_000)) : 0,
  };
}

// --- The week --------------------------------------------------------------------------------------------------------

const day = 86_400_000;
const held = ["offered", "confirmed", "attended"] as const;

/** The weeks ahead for one member: an account manager's own workshops and links, anybody else's team. */
async function digest(ctx: Context, member: Member): Promise<{ news: MemberNews; untrue: string | null }> {
  const now = ctx.clock.now();
  const own = member.role === "account_manager";
  const workshops = await ctx.db.workshop.findMany({
    where: {
      teamId: member.teamId,
      state: { in: ["draft", "registration", "open"] },
      startsAt: { gte: now, lte: new Date(now.getTime() + 42 * day) },
      ...(own ? { accountManagers: { some: { memberId: member.id } }, state: { in: ["registration", "open"] } } : {}),
    },
    orderBy: { startsAt: "asc" },
    take: 20,
    include: { _count: { select: { presenters: true } } },
  });
  const lines = [];
  for (const workshop of workshops) {
    const { id, title, startsAt, timeZone } = workshop;
    const when = startsAt
      ? `${formatDay(startsAt, timeZone, "en", now)} ${formatTime(startsAt, timeZone)}`
      : "No date yet";
    const seats = own ? await ownSeats(ctx.db, id, member.id) : null;
    lines.push({ title, when, note: seats ? ownNote(seats) : teamNote(workshop) });
  }
  const attention = own ? await linksAboutToEnd(ctx, member, now) : await teamTrouble(ctx, member.teamId);
  const since = new Date(now.getTime() - 7 * day);
  const fresh = await ctx.db.registration.count({
    where: {
      teamId: member.teamId,
      confirmedAt: { gte: since },
      ...(own ? { memberId: member.id } : {}),
      state: { in: [...held] },
    },
  });
  if (fresh > 0) attention.unshift(`${fresh} ${fresh === 1 ? "person" : "people"} got a seat in the last seven days.`);
  const untrue = lines.length + attention.length > 0 ? null : "There was nothing to tell this week.";
  return { news: { of: "digest", workshops: lines, attention }, untrue };
}

function ownNote({ limit, held: taken, left }: { limit: number | null; held: number; left: number }): string {
  const mine = limit === null ? `${taken} of your people have a seat` : `${taken} of your ${limit} seats are taken`;
  return left === 0 ? `${mine}; none is left` : `${mine}; ${left} ${left === 1 ? "is" : "are"} left`;
}

function teamNote(workshop: {
  state: string;
  seatsTaken: number;
  capacity: number;
  _count: { presenters: number };
}): string {
  if (workshop.state === "draft") return "Draft: registration is not open yet";
  const seats = `${workshop.seatsTaken} of ${workshop.capacity} seats are taken`;
  return workshop._count.presenters === 0 ? `${seats}; nobody presents it yet` : seats;
}

async function linksAboutToEnd(ctx: Context, member: Member, now: Date): Promise<string[]> {
  const count = await ctx.db.invite.count({
    where: {
      ...{ teamId: member.teamId, memberId: member.id, revokedAt: null },
      expiresAt: { gt: now, lte: new Date(now.getTime() + 7 * day) },
      workshop: { state: "registration" },
    },
  });
  return count === 0 ? [] : [`${count === 1 ? "1 of your links expires" : `${count} of your links expire`} this week.`];
}

async function teamTrouble(ctx: Context, teamId: string): Promise<string[]> {
  const [quarantined, mails] = await Promise.all([
    ctx.db.sandboxAccount.count({ where: { teamId, state: "quarantined" } }),
    ctx.db.message.count({
      where: {
        ...{ teamId, state: { in: ["failed", "in_doubt", "bounced"] } },
        dueAt: { gte: new Date(ctx.clock.now().getTime() - 7 * day) },
      },
    }),
  ]);
  return [
    quarantined > 0 ? `${quarantined} ${quarantined === 1 ? "account is" : "accounts are"} quarantined.` : "",
    mails > 0 ? `${mails} ${mails === 1 ? "mail" : "mails"} of the last seven days did not arrive.` : "",
  ].filter((line) => line !== "");
}
