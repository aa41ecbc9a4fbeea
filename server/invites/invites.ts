import type { Invite, Prisma } from "@/prisma/generated/client";
import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { DomainError, notFound } from "@/server/errors";
import { hashToken, makeToken } from "@/server/ids";
import { recordActivity } from "@/server/insights/activity";
import { inviteRevocation, type NewInvite, newInvite } from "@/server/invites/schemas";
import { publicPaths } from "@/server/paths";
import { allowMember, attributedScope, type MemberActor, workshopScope } from "@/server/permissions";
import { limit } from "@/server/rate-limit";
import { seatStates } from "@/server/registrations/lifecycle";
import { seal, unseal } from "@/server/secrets";

/**
 * Invites: unguessable links of account managers. A link has 192 random bits; its hash is what the database looks it up by,
 * an encrypted copy lets its owner copy it again.
 */

const tokenShape = /^[A-Za-z0-9_-]{32}$/;
const sealPurpose = "invite";

/** The address behind an invite; only for its owner and for mails to them. */
export function inviteLink(ctx: Context, invite: Pick<Invite, "tokenSealed">): string {
  const token = unseal(ctx.env.ATELIER_SECRET_KEY, sealPurpose, invite.tokenSealed);
  return `${ctx.env.PUBLIC_URL}${publicPaths.invite(token)}`;
}

type InviteFacts = {
  teamId: string;
  workshopId: string;
  memberId: string;
  customerId?: string | null;
  seatLimit?: number | null;
  expiresAt?: Date | null;
  note?: string;
};

function inviteRow(ctx: Context, facts: InviteFacts): Prisma.InviteUncheckedCreateInput {
  const token = makeToken();
  return {
    ...facts,
    id: ctx.newId("invite"),
    tokenHash: hashToken(token),
    tokenSealed: seal(ctx.env.ATELIER_SECRET_KEY, sealPurpose, token),
    createdAt: ctx.clock.now(),
  };
}

/**
 * The account manager's own link for a workshop, made if there is none yet; safe to call twice and from two transactions at
 * once (the index invite_shared decides).
 */
export async function ensureInvite(
  ctx: Context,
  tx: Tx,
  { teamId, workshopId, memberId }: { teamId: string; workshopId: string; memberId: string },
): Promise<Invite> {
  const where = { teamId, workshopId, memberId, customerId: null, revokedAt: null };
  const known = await tx.invite.findFirst({ where });
  if (known) return known;
  const row = inviteRow(ctx, { teamId, workshopId, memberId });
  await tx.invite.createMany({ data: [row], skipDuplicates: true });
  const invite = await tx.invite.findFirstOrThrow({ where });
  if (invite.id === row.id)
    await audit(ctx, tx, { teamId, action: "invite.created", entity: "invite", entityId: invite.id });
  return invite;
}

/** The customer of that name in the team, in whatever case it is written; made if there is none. */
async function customerByName(ctx: Context, tx: Tx, teamId: string, name: string): Promise<string> {
  // Two who write "Acme" and "ACME" at the same moment mean one customer: the second waits for the first.
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`customer:${teamId}:${name.toLowerCase()}`}, 0))`;
  const known = await tx.customer.findFirst({
    where: { teamId, name: { equals: name.replace(/[\\%_]/g, "\\$&"), mode: "insensitive" } },
    select: { id: true },
  });
  if (known) return known.id;
  const made = await tx.customer.create({
    data: { id: ctx.newId("customer"), teamId, name, createdAt: ctx.clock.now() },
    select: { id: true },
  });
  return made.id;
}

/** Whose link it will be: an account manager's own; others name an account manager of the workshop. */
function ownerOf(actor: MemberActor, memberId: string | undefined): string {
  if (actor.role === "account_manager") {
    if (memberId && memberId !== actor.memberId) throw notFound("member");
    return actor.memberId;
  }
  if (!memberId)
    throw new DomainError("invalid", "Choose whose link it is.", { fields: { memberId: "Choose whose link it is." } });
  return memberId;
}

function checkExpiry(ctx: Context, expiresAt: Date | null | undefined): void {
  if (!expiresAt || expiresAt > ctx.clock.now()) return;
  const message = "Choose an expiry in the future.";
  throw new DomainError("invalid", message, { fields: { expiresAt: message } });
}

/**
 * Makes a link for a workshop that is a draft, in registration or open: for a customer (matched by name in any case, made if
 * new), or the account manager's own, of which there is one. Returns the link for the one who made it.
 */
export async function createInvite(ctx: Context, input: NewInvite): Promise<{ inviteId: string; link: string }> {
  const actor = allowMember(ctx.actor, "invite.edit");
  const wanted = newInvite.parse(input);
  const memberId = ownerOf(actor, wanted.memberId);
  checkExpiry(ctx, wanted.expiresAt);
  const workshop = await ctx.db.workshop.findFirst({
    where: { ...workshopScope(actor), id: wanted.workshopId },
    select: { id: true, state: true, accountManagers: { where: { memberId }, select: { memberId: true } } },
  });
  if (!workshop) throw notFound("workshop");
  if (workshop.accountManagers.length === 0) {
    const message = "This account manager does not invite to this workshop yet. Add them to it first.";
    throw new DomainError("invalid", message, { fields: { memberId: message } });
  }
  if (!["draft", "registration", "open"].includes(workshop.state))
    throw new DomainError("not_ready", "Nobody can register for this workshop any more, so a link would lead nowhere.");
  return ctx.db.$transaction(async (tx) => {
    const { teamId } = actor;
    const customerId = wanted.customerName ? await customerByName(ctx, tx, teamId, wanted.customerName) : null;
    const { seatLimit, expiresAt, note = "" } = wanted;
    const row = inviteRow(ctx, { teamId, workshopId: workshop.id, memberId, customerId, seatLimit, expiresAt, note });
    const { count } = await tx.invite.createMany({ data: [row], skipDuplicates: true });
    if (count === 0)
      throw new DomainError(
        "conflict",
        "There is a link without a customer already. Name a customer to make another.",
        {
          fields: { customerName: "Name a customer: the link for everybody exists already." },
        },
      );
    await audit(ctx, tx, { teamId, action: "invite.created", entity: "invite", entityId: row.id });
    return { inviteId: row.id, link: inviteLink(ctx, row) };
  });
}

/**
 * Ends a link, with a reason for the team. Whoever registered through it and has not confirmed yet cannot any more; seats
 * that are taken stay taken. A second call is a `conflict`.
 */
export async function revokeInvite(ctx: Context, input: { inviteId: string; reason: string }): Promise<void> {
  const actor = allowMember(ctx.actor, "invite.edit");
  const { inviteId, reason } = inviteRevocation.parse(input);
  const scope = { ...attributedScope(actor), id: inviteId };
  if (!(await ctx.db.invite.findFirst({ where: scope, select: { id: true } }))) throw notFound("link");
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.invite.updateMany({
      where: { ...scope, revokedAt: null },
      data: { revokedAt: ctx.clock.now(), revokeReason: reason },
    });
    if (count === 0) throw new DomainError("conflict", "This link was revoked already.");
    // The reason is free text and may name somebody, so it stays out of the history.
    const entry = { action: "invite.revoked", entity: "invite", entityId: inviteId };
    await audit(ctx, tx, { teamId: actor.teamId, ...entry });
  });
}

export type InviteRow = {
  id: string;
  workshop: { id: string; title: string; state: string; startsAt: Date | null; timeZone: string };
  member: { id: string; name: string };
  customer: { id: string; name: string } | null;
  note: string;
  seatLimit: number | null;
  expiresAt: Date | null;
  revokedAt: Date | null;
  revokeReason: string | null;
  createdAt: Date;
  opened: number;
  registered: number;
  waitlisted: number;
  /** Seats held through this link. */
  confirmed: number;
  /** Null for everybody but its owner. */
  link: string | null;
};

/** The links of a workshop, or of all: with counts, newest first. An account manager gets their own. */
export async function listInvites(ctx: Context, { workshopId }: { workshopId?: string } = {}): Promise<InviteRow[]> {
  const actor = allowMember(ctx.actor, "invite.read");
  const rows = await ctx.db.invite.findMany({
    where: { ...attributedScope(actor), ...(workshopId ? { workshopId } : {}) },
    include: {
      workshop: { select: { id: true, title: true, state: true, startsAt: true, timeZone: true } },
      member: { select: { id: true, identity: { select: { name: true } } } },
      customer: { select: { id: true, name: true } },
    },
    orderBy: { id: "desc" },
  });
  const ids = rows.map((row) => row.id);
  const [openings, registrations] = await Promise.all([
    ctx.db.activity.groupBy({
      by: ["inviteId"],
      where: { teamId: actor.teamId, kind: "invite_opened", inviteId: { in: ids } },
      _count: true,
    }),
    ctx.db.registration.groupBy({
      by: ["inviteId", "state"],
      where: { teamId: actor.teamId, inviteId: { in: ids } },
      _count: true,
    }),
  ]);
  const sum = (inviteId: string, states?: readonly string[]) =>
    registrations
      .filter((group) => group.inviteId === inviteId && (!states || states.includes(group.state)))
      .reduce((total, group) => total + group._count, 0);
  return rows.map(
    ({ tokenSealed, tokenHash: _hash, teamId: _team, workshopId: _w, memberId, customerId: _c, ...row }) => ({
      ...row,
      member: { id: row.member.id, name: row.member.identity.name },
      opened: openings.find((group) => group.inviteId === row.id)?._count ?? 0,
      registered: sum(row.id),
      waitlisted: sum(row.id, ["waitlisted"]),
      confirmed: sum(row.id, seatStates),
      link: memberId === actor.memberId && !row.revokedAt ? inviteLink(ctx, { tokenSealed }) : null,
    }),
  );
}

/** Why a link cannot be used now, in the order in which it is said. */
export type InviteProblem = "unknown" | "revoked" | "cancelled" | "closed" | "not_open" | "expired" | "paused";
/** Which limit makes a further person wait. */
export type WaitReason = "capacity" | "account_manager" | "invite";

const workshopFields = {
  id: true,
  state: true,
  title: true,
  abstract: true,
  outcomes: true,
  bring: true,
  agenda: true,
  place: true,
  startsAt: true,
  endsAt: true,
  timeZone: true,
  languages: true,
  capacity: true,
  seatsTaken: true,
  pausedAt: true,
} as const;

const inviteFields = {
  id: true,
  teamId: true,
  workshopId: true,
  memberId: true,
  customerId: true,
  seatLimit: true,
  expiresAt: true,
  revokedAt: true,
  customer: { select: { name: true } },
  member: { select: { removedAt: true, identity: { select: { name: true, email: true } } } },
  workshop: {
    select: {
      ...workshopFields,
      accountManagers: { select: { memberId: true, seatLimit: true } },
      team: {
        select: {
          name: true,
          locale: true,
          accentColor: true,
          senderName: true,
          senderEmail: true,
          anonymizeAfterDays: true,
        },
      },
    },
  },
} as const satisfies Prisma.InviteSelect;

type LoadedInvite = Prisma.InviteGetPayload<{ select: typeof inviteFields }>;

/** Whom to ask: the account manager, or the team where they have left it. */
export type Host = { name: string; email: string };

export type InvitePage = {
  /** Null: the form is there, and a seat or (with `waitReason`) a place on the waitlist can be had. */
  problem: Exclude<InviteProblem, "unknown"> | null;
  waitReason: WaitReason | null;
  /** Seats that this link can still give; may be more than are free by the time the form is sent. */
  seatsLeft: number;
  inviteId: string;
  teamId: string;
  memberId: string;
  customerId: string | null;
  customerName: string | null;
  host: Host;
  team: LoadedInvite["workshop"]["team"];
  workshop: Omit<LoadedInvite["workshop"], "accountManagers" | "team">;
};

function problemOf(invite: LoadedInvite, now: Date): InvitePage["problem"] {
  const { workshop } = invite;
  const stillInvites = workshop.accountManagers.some((row) => row.memberId === invite.memberId);
  if (invite.revokedAt || !stillInvites) return "revoked";
  if (workshop.state === "cancelled") return "cancelled";
  const over = workshop.endsAt !== null && workshop.endsAt <= now;
  if (workshop.state === "closing" || workshop.state === "closed" || over) return "closed";
  if (workshop.state === "draft") return "not_open";
  if (invite.expiresAt && invite.expiresAt <= now) return "expired";
  return workshop.pausedAt ? "paused" : null;
}

async function seatsOf(ctx: Context, invite: LoadedInvite): Promise<Pick<InvitePage, "waitReason" | "seatsLeft">> {
  const held = { workshopId: invite.workshopId, state: { in: [...seatStates] } };
  const [ofMember, ofInvite] = await Promise.all([
    ctx.db.registration.count({ where: { ...held, memberId: invite.memberId } }),
    ctx.db.registration.count({ where: { ...held, inviteId: invite.id } }),
  ]);
  const limit = invite.workshop.accountManagers.find((row) => row.memberId === invite.memberId)?.seatLimit;
  const left: [WaitReason, number][] = [["capacity", invite.workshop.capacity - invite.workshop.seatsTaken]];
  if (typeof limit === "number") left.push(["account_manager", limit - ofMember]);
  if (invite.seatLimit !== null) left.push(["invite", invite.seatLimit - ofInvite]);
  const [reason, fewest] = left.reduce((a, b) => (b[1] < a[1] ? b : a));
  return { waitReason: fewest <= 0 ? reason : null, seatsLeft: Math.max(0, fewest) };
}

/** What an invitation's page shows, and why it cannot be used if so; null for a link that does not exist. Changes nothing. */
export async function readInvite(ctx: Context, { token }: { token: string }): Promise<InvitePage | null> {
  if (!tokenShape.test(token)) return null;
  const invite = await ctx.db.invite.findUnique({ where: { tokenHash: hashToken(token) }, select: inviteFields });
  if (!invite) return null;
  const { team, accountManagers: _limits, ...workshop } = invite.workshop;
  const { removedAt, identity } = invite.member;
  return {
    problem: problemOf(invite, ctx.clock.now()),
    ...(await seatsOf(ctx, invite)),
    inviteId: invite.id,
    teamId: invite.teamId,
    memberId: invite.memberId,
    customerId: invite.customerId,
    customerName: invite.customer?.name ?? null,
    host: removedAt
      ? { name: team.senderName, email: team.senderEmail }
      : { name: identity.name, email: identity.email },
    team,
    workshop,
  };
}

/** Programs that open links to show a preview, or look ahead; none of them is a person who opened the link. */
const previewers =
  /bot\b|crawl|spider|preview|facebookexternalhit|whatsapp|telegram|slack|discord|skype|teams|linkedin|twitter|embedly|google-?image|safelinks|barracuda|proofpoint|mimecast|urlscan|curl\/|wget|python|^$/i;

/** Whether a request is a person's browser that opens a page, as far as one can tell from its head. */
export function isOpening(head: { method?: string | null; userAgent: string | null; purpose: string | null }): boolean {
  if (head.method && head.method !== "GET") return false;
  if (head.purpose && /prefetch|preview|prerender/i.test(head.purpose)) return false;
  return !previewers.test(head.userAgent ?? "");
}

/** Openings of one link that are counted: more than any mailing brings, and facts are kept for good. */
const openingsCounted = { points: 1000, seconds: 600 };

/** Counts that somebody opened an invitation: a fact for the statistics, with nobody in it. Unknown links count nothing. */
export async function recordOpened(ctx: Context, { token }: { token: string }): Promise<void> {
  if (!tokenShape.test(token)) return;
  const invite = await ctx.db.invite.findUnique({
    where: { tokenHash: hashToken(token) },
    select: { id: true, teamId: true, workshopId: true, memberId: true, customerId: true },
  });
  if (!invite) return;
  const { id: inviteId, ...rest } = invite;
  try {
    await limit(ctx, "invite-opened", inviteId, openingsCounted);
  } catch (error) {
    if (error instanceof DomainError) return;
    throw error;
  }
  await ctx.db.$transaction((tx) => recordActivity(ctx, tx, { kind: "invite_opened", inviteId, ...rest }));
}
