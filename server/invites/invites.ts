import type { Invite, Prisma } from "@/prisma/generated/client";
import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import { insertRows, type Tx } from "@/server/db";
import { DomainError, notFound } from "@/server/errors";
import { hashToken, makeToken } from "@/server/ids";
import { recordActivity } from "@/server/insights/activity";
import { type InviteState, inviteState } from "@/server/invites/lifecycle";
import {
  inviteRevocation,
  type NewInvite,
  type NewPersonalInvite,
  newInvite,
  newPersonalInvite,
} from "@/server/invites/schemas";
import type { Language } from "@/server/languages/kinds";
import { mailKinds } from "@/server/mail/kinds";
import { queueMail } from "@/server/mail/outbox";
import { publicPaths } from "@/server/paths";
import { allowMember, attributedScope, type MemberActor, workshopScope } from "@/server/permissions";
import { limit } from "@/server/rate-limit";
import { endStates, seatStates, windowProblem } from "@/server/registrations/lifecycle";
import { domainAllowed } from "@/server/registrations/schemas";
import { seal, unseal } from "@/server/secrets";
import { sharedRead } from "@/server/shared-reads";

/**
 * Invites: unguessable links of account managers, of three kinds in one table: shared (one for each account manager), for one
 * customer, and personal (for one address, one seat, one use). A link has 192 random bits; its hash is what the database looks
 * it up by, an encrypted copy lets its owner, and those who act for the team's account managers, copy it again. Whom a
 * registration is attributed to is written into it when it is made, so that nothing that happens to the link afterwards
 * changes it.
 */

const tokenShape = /^[A-Za-z0-9_-]{32}$/;
const sealPurpose = "invite";

/** The address behind an invite; only for those who see the invite (attributedScope) and for mails to its owner. */
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
  locale?: Language;
  personal?: boolean;
  email?: string;
  name?: string | null;
};

/** A row of the table with a token of its own. */
export function inviteRow(ctx: Context, facts: InviteFacts): Prisma.InviteUncheckedCreateInput {
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
  const where = { teamId, workshopId, memberId, customerId: null, revokedAt: null, personal: false };
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
export async function customerByName(ctx: Context, tx: Tx, teamId: string, name: string): Promise<string> {
  const [id] = (await customersByName(ctx, tx, teamId, [name])).values();
  if (!id) throw new Error("a customer was neither found nor made");
  return id;
}

/** The same for many: customers by the name as it was given, in a few statements however many there are. */
export async function customersByName(
  ctx: Context,
  tx: Tx,
  teamId: string,
  names: readonly string[],
): Promise<Map<string, string>> {
  const find = async (wanted: string[]) => {
    const rows = await tx.$queryRaw<{ typed: string; id: string }[]>`
      SELECT typed, c."id" FROM unnest(${wanted}::text[]) typed
      JOIN "Customer" c ON c."teamId" = ${teamId} AND lower(c."name") = lower(typed) ORDER BY c."id" DESC`;
    for (const { typed, id } of rows) found.set(typed, id);
    return wanted.filter((name) => !found.has(name));
  };
  const found = new Map<string, string>();
  let missing = await find([...new Set(names)]);
  if (missing.length === 0) return found;
  // Two who write "Acme" and "ACME" at the same moment mean one customer: the second waits for the first, then finds it.
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`customers:${teamId}`}, 0))`;
  missing = await find(missing);
  const spellings = Map.groupBy(missing, (name) => name.toLowerCase());
  const rows = [...spellings.values()].flatMap(([name]) =>
    name ? { id: ctx.newId("customer"), teamId, name, createdAt: ctx.clock.now() } : [],
  );
  await insertRows(tx, "Customer", rows);
  for (const { id, name } of rows) for (const typed of spellings.get(name.toLowerCase()) ?? []) found.set(typed, id);
  return found;
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

/** Refuses an expiry that has passed. */
export function checkExpiry(ctx: Context, expiresAt: Date | null | undefined): void {
  if (!expiresAt || expiresAt > ctx.clock.now()) return;
  const message = "Choose an expiry in the future.";
  throw new DomainError("invalid", message, { fields: { expiresAt: message } });
}

const invitedTo = {
  ...{ id: true, state: true, startsAt: true, endsAt: true, pausedAt: true },
  ...{ registrationOpensAt: true, registrationClosesAt: true, minimumNoticeHours: true },
  allowedDomains: true,
} as const;
type InvitedTo = Prisma.WorkshopGetPayload<{ select: typeof invitedTo }>;

/** Where a new link may lead: a workshop of the actor's that is not over, and whose account manager invites to it. */
export async function invitedWorkshop(
  ctx: Context,
  wanted: { workshopId: string; memberId?: string; expiresAt?: Date | null },
): Promise<{ actor: MemberActor; memberId: string; workshop: InvitedTo }> {
  const actor = allowMember(ctx.actor, "invite.edit");
  const memberId = ownerOf(actor, wanted.memberId);
  checkExpiry(ctx, wanted.expiresAt);
  const workshop = await ctx.db.workshop.findFirst({
    where: { ...workshopScope(actor), id: wanted.workshopId },
    select: {
      ...invitedTo,
      accountManagers: { where: { memberId }, select: { memberId: true } },
    },
  });
  if (!workshop) throw notFound("workshop");
  if (workshop.accountManagers.length === 0) {
    const message = "This account manager does not invite to this workshop yet. Add them to it first.";
    throw new DomainError("invalid", message, { fields: { memberId: message } });
  }
  if (!["draft", "registration", "open"].includes(workshop.state))
    throw new DomainError("not_ready", "Nobody can register for this workshop any more, so a link would lead nowhere.");
  return { actor, memberId, workshop };
}

/** Mails go only where their link works at once. */
export function mayMail(workshop: InvitedTo, now: Date): void {
  const window = workshop.endsAt && workshop.endsAt <= now ? "ended" : windowProblem(workshop, now);
  const why =
    workshop.state === "draft"
      ? "Open registration first: until then the link in the mail would lead nowhere."
      : window === "not_yet"
        ? "Registration has a later opening: until then the link in the mail would lead nowhere."
        : window === "ended"
          ? "Registration has ended, so the link in the mail would lead nowhere. Give it a later end first."
          : workshop.pausedAt
            ? "Registration is paused: until it goes on the link in the mail would lead nowhere."
            : null;
  if (why) throw new DomainError("not_ready", why);
}

/**
 * Makes a link for a workshop that is a draft, in registration or open: for a customer (matched by name in any case, made if
 * new), or the account manager's own, of which there is one. Returns the link for the one who made it.
 */
export async function createInvite(ctx: Context, input: NewInvite): Promise<{ inviteId: string; link: string }> {
  const wanted = newInvite.parse(input);
  const { actor, memberId, workshop } = await invitedWorkshop(ctx, wanted);
  return ctx.db.$transaction(async (tx) => {
    const { teamId } = actor;
    const customerId = wanted.customerName ? await customerByName(ctx, tx, teamId, wanted.customerName) : null;
    const { seatLimit, expiresAt, note = "", locale } = wanted;
    const row = inviteRow(ctx, {
      ...{ teamId, workshopId: workshop.id, memberId, customerId, seatLimit, expiresAt, note, locale },
    });
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
 * Makes a link for one address and, unless asked not to, mails it there. The address is kept with the link until it is
 * deleted by its date (retention.ts); it becomes a person only when they register. An address that is invited to the workshop
 * already, or that the workshop's domains shut out, is `invalid`.
 */
export async function invitePerson(
  ctx: Context,
  input: NewPersonalInvite,
): Promise<{ inviteId: string; link: string }> {
  const wanted = newPersonalInvite.parse(input);
  const { actor, memberId, workshop } = await invitedWorkshop(ctx, wanted);
  const outside = domainProblem(workshop.allowedDomains, wanted.email);
  if (outside) throw new DomainError("invalid", outside, { fields: { email: outside } });
  if (wanted.send) mayMail(workshop, ctx.clock.now());
  const { teamId } = actor;
  const { email, name, expiresAt, note = "", locale } = wanted;
  return ctx.db.$transaction(async (tx) => {
    const known = await knownAddresses(tx, { teamId, workshopId: workshop.id, emails: [email] });
    if (wanted.send && (await heldBackAddresses(tx, { teamId, emails: [email] })).size > 0)
      throw new DomainError("invalid", heldBackProblem, { fields: { email: heldBackProblem } });
    const customerId = wanted.customerName ? await customerByName(ctx, tx, teamId, wanted.customerName) : null;
    const facts = { teamId, workshopId: workshop.id, memberId, customerId, expiresAt, note, locale };
    const row = inviteRow(ctx, { ...facts, personal: true, seatLimit: 1, email, name: name || null });
    const made = known.size > 0 ? 0 : (await tx.invite.createMany({ data: [row], skipDuplicates: true })).count;
    if (made === 0) throw new DomainError("invalid", alreadyKnown, { fields: { email: alreadyKnown } });
    await audit(ctx, tx, { teamId, action: "invite.created", entity: "invite", entityId: row.id });
    if (wanted.send) await mailInvite(ctx, tx, { ...row, locale }, "1");
    return { inviteId: row.id, link: inviteLink(ctx, row) };
  });
}

/** Why somebody who is invited by name could not register with this address; null when the workshop's domains let them. */
export function domainProblem(allowed: readonly string[], email: string): string | null {
  if (domainAllowed(allowed, email)) return null;
  return `Only addresses of ${new Intl.ListFormat("en").format(allowed)} can register for this workshop.`;
}

/** In the same words whoever invited: whose customers they are is not for everybody. */
export const alreadyKnown = "Invited to this workshop or registered for it already.";

/** Those of the addresses that are invited to a workshop or live in it, by whomever. */
export async function knownAddresses(
  tx: Tx,
  { teamId, workshopId, emails }: { teamId: string; workshopId: string; emails: string[] },
): Promise<Set<string>> {
  const invited = await tx.invite.findMany({
    where: { teamId, workshopId, revokedAt: null, email: { in: emails } },
    select: { email: true },
  });
  const registered = await tx.person.findMany({
    where: { teamId, email: { in: emails }, registrations: { some: { workshopId, state: { notIn: [...endStates] } } } },
    select: { email: true },
  });
  return new Set([...invited, ...registered].flatMap((row) => row.email ?? []));
}

/** In the same words whatever the reason: what became of earlier mails is their reader's own affair. */
export const heldBackProblem = "The team does not write to this address: mails came back, or its reader wants none.";

/** Those of the addresses that no invitation would reach, as the sender would find out one by one. */
export async function heldBackAddresses(
  tx: Tx,
  { teamId, emails }: { teamId: string; emails: string[] },
): Promise<Set<string>> {
  const rows = await tx.suppressedAddress.findMany({
    where: { teamId, email: { in: emails }, removedAt: null },
    select: { email: true },
  });
  return new Set(rows.map((row) => row.email));
}

/** Queues the mail that brings a personal link. Answers to it go to the account manager. */
export async function mailInvite(
  ctx: Context,
  tx: Tx,
  invite: { id: string; teamId: string; workshopId: string; memberId: string; locale: string },
  occurrence: string,
): Promise<void> {
  const { id, teamId, workshopId, memberId, locale } = invite;
  const about = { teamId, workshopId, memberId, inviteId: id, locale };
  await queueMail(ctx, tx, { kind: "invitation", ...about, recipientKey: id, occurrence });
}

const resendMinutes = 5;

/**
 * Mails a personal link again. `not_ready` says why it cannot: used, declined, expired, revoked, its address deleted or shut out;
 * `too_many` when a mail was written in the last minutes.
 */
export async function resendInvite(ctx: Context, { inviteId }: { inviteId: string }): Promise<void> {
  const actor = allowMember(ctx.actor, "invite.edit");
  const now = ctx.clock.now();
  await ctx.db.$transaction(async (tx) => {
    const [locked] = await tx.$queryRaw<{ id: string }[]>`
      SELECT "id" FROM "Invite" WHERE "id" = ${inviteId} AND "teamId" = ${actor.teamId} AND "personal" FOR UPDATE`;
    const invite =
      locked &&
      (await tx.invite.findFirst({
        where: { ...attributedScope(actor), id: inviteId },
        include: {
          workshop: { select: invitedTo },
          registrations: { where: { state: { notIn: [...endStates] } }, select: { id: true } },
        },
      }));
    if (!invite) throw notFound("link");
    mayMail(invite.workshop, now);
    const { allowedDomains } = invite.workshop;
    const why = whyNotAgain({ ...invite, allowedDomains, registered: invite.registrations.length }, now);
    if (why) throw new DomainError("not_ready", why);
    const mails = await tx.message.findMany({
      where: { inviteId, kind: "invitation" },
      orderBy: { createdAt: "desc" },
      select: { createdAt: true },
    });
    const last = mails[0]?.createdAt.getTime() ?? 0;
    if (now.getTime() - last < resendMinutes * 60_000)
      throw new DomainError("too_many", `A mail was written a moment ago. Wait ${resendMinutes} minutes.`);
    await mailInvite(ctx, tx, invite, String(mails.length + 1));
    await audit(ctx, tx, { teamId: actor.teamId, action: "invite.mailed", entity: "invite", entityId: inviteId });
  });
}

function whyNotAgain(
  invite: Pick<Invite, "revokedAt" | "declinedAt" | "expiresAt" | "email"> & {
    allowedDomains: string[];
    registered: number;
  },
  now: Date,
): string | null {
  if (invite.revokedAt) return "This link was revoked.";
  if (invite.registered > 0) return "They have registered already.";
  if (invite.declinedAt) return "They said that it is not for them.";
  if (invite.expiresAt && invite.expiresAt <= now) return "This link has expired. Choose a later date first.";
  return invite.email ? domainProblem(invite.allowedDomains, invite.email) : "The address was deleted.";
}

/**
 * "Not for me": the button of a personal link's page. Pressed again it changes nothing; whoever thinks better of it can still
 * register. `gone` for a link that cannot be used, `not_found` for one that is not personal.
 */
export async function declineInvite(ctx: Context, { token }: { token: string }): Promise<void> {
  const page = await readInvite(ctx, { token });
  if (!page?.personal) throw notFound("invitation");
  if (page.problem)
    throw new DomainError("gone", "This invitation cannot be answered any more.", { reason: page.problem });
  const { inviteId, teamId } = page;
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.invite.updateMany({
      where: { id: inviteId, declinedAt: null, revokedAt: null },
      data: { declinedAt: ctx.clock.now() },
    });
    if (count === 1) await audit(ctx, tx, { teamId, action: "invite.declined", entity: "invite", entityId: inviteId });
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
  declinedAt: Date | null;
  forgottenAt: Date | null;
  personal: boolean;
  /** Of a personal link, until it is deleted. */
  email: string | null;
  name: string | null;
  locale: string;
  createdAt: Date;
  state: InviteState;
  /** A mail with this link went. */
  mailed: boolean;
  /** A mail with this link is on its way. */
  mailing: boolean;
  /** Why the last mail with it did not arrive, in words. */
  mailProblem: string | null;
  /** Of a personal link that is not used yet: why its address cannot register, since the domains were narrowed. */
  domainProblem: string | null;
  opened: number;
  registered: number;
  waitlisted: number;
  /** Seats held through this link. */
  confirmed: number;
  /** Null once revoked. Whoever sees an invite may copy it: an account manager their own, others act for all of the team. */
  link: string | null;
};

/**
 * The links of a workshop, of a customer, or of all: with counts, newest first. An account manager gets their own. `personal`
 * says whether links for one address are among them, of which there can be thousands.
 */
export async function listInvites(
  ctx: Context,
  { workshopId, customerId, personal = true }: { workshopId?: string; customerId?: string; personal?: boolean } = {},
): Promise<InviteRow[]> {
  const actor = allowMember(ctx.actor, "invite.read");
  const rows = await ctx.db.invite.findMany({
    where: { ...attributedScope(actor), workshopId, customerId, ...(personal ? {} : { personal }) },
    include: {
      workshop: {
        select: { id: true, title: true, state: true, startsAt: true, timeZone: true, allowedDomains: true },
      },
      member: { select: { id: true, identity: { select: { name: true } } } },
      customer: { select: { id: true, name: true } },
    },
    orderBy: { id: "desc" },
  });
  const ids = rows.map((row) => row.id);
  const [openings, registrations, mails] = await Promise.all([
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
    ctx.db.message.findMany({
      where: { teamId: actor.teamId, inviteId: { in: ids }, kind: { in: inviteMails } },
      orderBy: { createdAt: "asc" },
      select: { inviteId: true, state: true, lastError: true },
    }),
  ]);
  const opened = new Map(openings.map((group) => [group.inviteId, group._count]));
  const byInvite = Map.groupBy(registrations, (group) => group.inviteId);
  const sum = (inviteId: string, states?: readonly string[]) =>
    (byInvite.get(inviteId) ?? [])
      .filter((group) => !states || states.includes(group.state))
      .reduce((total, group) => total + group._count, 0);
  const mailsOf = Map.groupBy(mails, (mail) => mail.inviteId);
  const now = ctx.clock.now();
  return rows.map(
    ({
      tokenSealed,
      tokenHash: _hash,
      teamId: _team,
      workshopId: _w,
      memberId: _m,
      customerId: _c,
      workshop,
      ...row
    }) => {
      const own = mailsOf.get(row.id) ?? [];
      const counts = {
        opened: opened.get(row.id) ?? 0,
        registered: sum(row.id),
        waitlisted: sum(row.id, ["waitlisted"]),
        confirmed: sum(row.id, seatStates),
        mailed: own.some((mail) => mail.state === "sent" || mail.state === "delivered"),
        mailing: own.some((mail) => mail.state === "queued" || mail.state === "sending"),
      };
      const last = own.at(-1);
      const { allowedDomains, ...about } = workshop;
      const state = inviteState({ ...row, ...counts }, now);
      const unused = state === "made" || state === "mailed" || state === "opened";
      return {
        ...row,
        ...counts,
        workshop: about,
        member: { id: row.member.id, name: row.member.identity.name },
        state,
        mailProblem: last && mailTroubles.has(last.state) ? (last.lastError ?? "The mail did not arrive.") : null,
        domainProblem: unused && row.email ? domainProblem(allowedDomains, row.email) : null,
        link: row.revokedAt ? null : inviteLink(ctx, { tokenSealed }),
      };
    },
  );
}

/**
 * How many people are invited by name to a workshop and have not registered yet, by the domain of their address: for whoever
 * changes which domains may register. Ordered by domain.
 */
export async function invitedDomains(
  ctx: Context,
  { workshopId }: { workshopId: string },
): Promise<{ domain: string; count: number }[]> {
  const { teamId } = allowMember(ctx.actor, "workshop.edit");
  return ctx.db.$queryRaw<{ domain: string; count: number }[]>`
    SELECT split_part(i."email", '@', 2) AS "domain", count(*)::int AS "count" FROM "Invite" i
    WHERE i."teamId" = ${teamId} AND i."workshopId" = ${workshopId} AND i."personal" AND i."email" IS NOT NULL
      AND i."revokedAt" IS NULL AND i."declinedAt" IS NULL AND (i."expiresAt" IS NULL OR i."expiresAt" > ${ctx.clock.now()})
      AND NOT EXISTS (SELECT 1 FROM "Registration" r
        WHERE r."inviteId" = i."id" AND r."state" NOT IN ('rejected', 'cancelled', 'expired'))
    GROUP BY 1 ORDER BY 1`;
}

const inviteMails = Object.entries(mailKinds).flatMap(([kind, { link }]) => (link === "invite" ? kind : []));
const mailTroubles: ReadonlySet<string> = new Set(["failed", "bounced", "complained", "suppressed", "in_doubt"]);

/** Why a link cannot be used now, in the order in which it is said. */
export type InviteProblem =
  | "unknown"
  | "revoked"
  | "cancelled"
  | "closed"
  | "not_open"
  | "used"
  | "expired"
  | "ended"
  | "paused"
  | "not_yet";
/** Which limit makes a further person wait. */
export type WaitReason = "capacity" | "pool" | "account_manager" | "customer" | "invite";

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
  offerHours: true,
  poolSeats: true,
  pausedAt: true,
  registrationOpensAt: true,
  registrationClosesAt: true,
  minimumNoticeHours: true,
  allowedDomains: true,
  approvalBy: true,
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
  personal: true,
  email: true,
  name: true,
  locale: true,
  declinedAt: true,
  forgottenAt: true,
  customer: { select: { name: true } },
  member: { select: { removedAt: true, identity: { select: { name: true, email: true } } } },
  workshop: {
    select: {
      ...workshopFields,
      accountManagers: { select: { memberId: true, seatLimit: true } },
      customerQuotas: { select: { customerId: true, seatLimit: true } },
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
  /** Of a link for one address: whom it is for. */
  personal: { email: string; name: string; declined: boolean } | null;
  /** The language that the account manager chose for it. */
  locale: string;
  host: Host;
  team: LoadedInvite["workshop"]["team"];
  workshop: Omit<LoadedInvite["workshop"], "accountManagers" | "customerQuotas" | "team">;
};

/** Whoever has shown once that a personal link's address is theirs has used it. */
async function isUsed(ctx: Context, { id, personal }: LoadedInvite): Promise<boolean> {
  if (!personal) return false;
  const where = { inviteId: id, state: { notIn: ["unverified", "expired"] } } satisfies Prisma.RegistrationWhereInput;
  return (await ctx.db.registration.findFirst({ where, select: { id: true } })) !== null;
}

function problemOf(invite: LoadedInvite, used: boolean, now: Date): InvitePage["problem"] {
  const { workshop } = invite;
  const stillInvites = workshop.accountManagers.some((row) => row.memberId === invite.memberId);
  if (invite.revokedAt || !stillInvites) return "revoked";
  if (workshop.state === "cancelled") return "cancelled";
  const over = workshop.endsAt !== null && workshop.endsAt <= now;
  if (workshop.state === "closing" || workshop.state === "closed" || over) return "closed";
  if (workshop.state === "draft") return "not_open";
  if (used) return "used";
  if (invite.forgottenAt) return "expired";
  if (invite.expiresAt && invite.expiresAt <= now) return "expired";
  const window = windowProblem(workshop, now);
  if (window === "ended") return window;
  return workshop.pausedAt ? "paused" : window;
}

async function seatsOf(ctx: Context, invite: LoadedInvite): Promise<Pick<InvitePage, "waitReason" | "seatsLeft">> {
  const held = { workshopId: invite.workshopId, state: { in: [...seatStates] } };
  const { customerId } = invite;
  const quota = invite.workshop.customerQuotas.find((row) => row.customerId === customerId)?.seatLimit;
  const limit = invite.workshop.accountManagers.find((row) => row.memberId === invite.memberId)?.seatLimit;
  // What has no limit is not counted: of a large workshop that takes a while.
  const [ofMember, ofInvite, ofCustomer] = await Promise.all([
    typeof limit === "number" ? ctx.db.registration.count({ where: { ...held, memberId: invite.memberId } }) : 0,
    invite.seatLimit === null ? 0 : ctx.db.registration.count({ where: { ...held, inviteId: invite.id } }),
    quota === undefined ? 0 : ctx.db.registration.count({ where: { ...held, customerId } }),
  ]);
  const left: [WaitReason, number][] = [["capacity", invite.workshop.capacity - invite.workshop.seatsTaken]];
  const { poolSeats, seatsTaken } = invite.workshop;
  if (poolSeats !== null) left.push(["pool", poolSeats - seatsTaken]);
  if (typeof limit === "number") left.push(["account_manager", limit - ofMember]);
  if (quota !== undefined) left.push(["customer", quota - ofCustomer]);
  if (invite.seatLimit !== null) left.push(["invite", invite.seatLimit - ofInvite]);
  const [reason, fewest] = left.reduce((a, b) => (b[1] < a[1] ? b : a));
  return { waitReason: fewest <= 0 ? reason : null, seatsLeft: Math.max(0, fewest) };
}

/** What an invitation's page shows, and why it cannot be used if so; null for a link that does not exist. Changes nothing. */
export async function readInvite(ctx: Context, { token }: { token: string }): Promise<InvitePage | null> {
  return tokenShape.test(token) ? readTogether(ctx, token) : null;
}

const readTogether = sharedRead(async (ctx, token): Promise<InvitePage | null> => {
  const invite = await ctx.db.invite.findUnique({ where: { tokenHash: hashToken(token) }, select: inviteFields });
  if (!invite) return null;
  const { team, accountManagers: _limits, customerQuotas: _quotas, ...workshop } = invite.workshop;
  const { removedAt, identity } = invite.member;
  return {
    problem: problemOf(invite, await isUsed(ctx, invite), ctx.clock.now()),
    ...(await seatsOf(ctx, invite)),
    inviteId: invite.id,
    teamId: invite.teamId,
    memberId: invite.memberId,
    customerId: invite.customerId,
    customerName: invite.customer?.name ?? null,
    personal: invite.email
      ? { email: invite.email, name: invite.name ?? "", declined: invite.declinedAt !== null }
      : null,
    locale: invite.locale,
    host: removedAt
      ? { name: team.senderName, email: team.senderEmail }
      : { name: identity.name, email: identity.email },
    team,
    workshop,
  };
});

/** Programs that open links to show a preview, or look ahead; none of them is a person who opened the link. */
const previewers =
  /bot\b|crawl|spider|preview|facebookexternalhit|whatsapp|telegram|slack|discord|skype|teams|linkedin|twitter|embedly|google-?image|safelinks|barracuda|proofpoint|mimecast|urlscan|curl\/|wget|python|^$/i;

/**
 * Whether a request is a person's browser that opens a page, as far as one can tell from its head. Fetch metadata
 * (`Sec-Fetch-Mode: navigate`, `Sec-Fetch-Dest: document`, W3C Fetch Metadata §2) is what says it: every browser since
 * Safari 16.4 sends it with the opening of a page and no page can forge it, while what fetches links for previews and
 * mail filters that imitate a browser's name do not send it. It needs no script and no cookie. What still imitates all of it
 * is one opening too many in a statistic: opening never uses up or changes a link.
 */
export function isOpening(head: {
  method?: string | null;
  userAgent: string | null;
  purpose: string | null;
  fetchMode: string | null;
  fetchDest: string | null;
}): boolean {
  if (head.method && head.method !== "GET") return false;
  if (head.fetchMode !== "navigate" || head.fetchDest !== "document") return false;
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
  await recordActivity(ctx, ctx.db, { kind: "invite_opened", inviteId, ...rest });
}
