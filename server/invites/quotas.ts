import type { Invite } from "@/prisma/generated/client";
import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { DomainError, notFound } from "@/server/errors";
import { checkExpiry, customerByName } from "@/server/invites/invites";
import { type InviteChange, inviteChange, type QuotaChange, quotaChange } from "@/server/invites/schemas";
import { allowMember, attributedScope, customerScope, type MemberActor, workshopScope } from "@/server/permissions";
import { seatStates } from "@/server/registrations/lifecycle";
import { promoteWaitlist } from "@/server/registrations/registrations";

/**
 * Limits of seats: of account managers, of customers, of links. They can change while people register: nobody loses a seat by
 * it, and whoever may get one by it gets it in the same transaction. Who may get a seat is decided in registrations/seats.ts.
 */

export type QuotaRow = {
  id: string;
  name: string;
  /** Null for no limit of its own. */
  seatLimit: number | null;
  /** Seats held: offered, confirmed, attended, not come. */
  held: number;
  waiting: number;
};

export type Quotas = {
  capacity: number;
  taken: number;
  members: QuotaRow[];
  /** Customers with a limit, a link or a registration here. */
  customers: QuotaRow[];
  mayEdit: boolean;
};

/** Seats by account manager and by customer. An account manager gets their own row, and those of their customers. */
export async function readQuotas(ctx: Context, { workshopId }: { workshopId: string }): Promise<Quotas> {
  const actor = allowMember(ctx.actor, "workshop.read");
  const workshop = await ctx.db.workshop.findFirst({
    where: { ...workshopScope(actor), id: workshopId },
    select: {
      state: true,
      capacity: true,
      seatsTaken: true,
      customerQuotas: { select: { customerId: true, seatLimit: true } },
      accountManagers: {
        where: actor.role === "account_manager" ? { memberId: actor.memberId } : {},
        select: { memberId: true, seatLimit: true, member: { select: { identity: { select: { name: true } } } } },
      },
    },
  });
  if (!workshop) throw notFound("workshop");
  const counts = await countsOf(ctx.db, actor.teamId, workshopId);
  const limits = new Map(workshop.customerQuotas.map((row) => [row.customerId, row.seatLimit]));
  const here = { some: { workshopId } };
  const customers = await ctx.db.customer.findMany({
    where: {
      AND: [customerScope(actor), { OR: [{ invites: here }, { registrations: here }, { quotas: here }] }],
    },
    select: { id: true, name: true },
    orderBy: { name: "asc" },
  });
  return {
    capacity: workshop.capacity,
    taken: workshop.seatsTaken,
    members: workshop.accountManagers.map(({ memberId, seatLimit, member }) => ({
      ...{ id: memberId, name: member.identity.name, seatLimit },
      ...counts("memberId", memberId),
    })),
    customers: customers.map(({ id, name }) => ({
      ...{ id, name, seatLimit: limits.get(id) ?? null },
      ...counts("customerId", id),
    })),
    mayEdit: actor.role !== "account_manager" && ["draft", "registration", "open"].includes(workshop.state),
  };
}

type Attributed = "memberId" | "customerId";

/** Seats held and people waiting in a workshop, by whom they are attributed to. */
async function countsOf(tx: Tx, teamId: string, workshopId: string) {
  const groups = await tx.registration.groupBy({
    by: ["memberId", "customerId", "state"],
    where: { teamId, workshopId, state: { in: [...seatStates, "waitlisted"] } },
    _count: true,
  });
  return (by: Attributed, id: string) => {
    const own = groups.filter((group) => group[by] === id);
    const sum = (waits: boolean) =>
      own.filter(({ state }) => (state === "waitlisted") === waits).reduce((total, { _count }) => total + _count, 0);
    return { held: sum(false), waiting: sum(true) };
  };
}

export type QuotaPreview = {
  /** What each change means, in a sentence. */
  lines: string[];
  /** Who would move up at once: how many in all, and a sentence. */
  moves: number;
  text: string;
};

/** What a preview found, carried out of the transaction that it undoes. */
class Undone extends Error {
  readonly preview: QuotaPreview;
  constructor(preview: QuotaPreview) {
    super("undone");
    this.preview = preview;
  }
}

/**
 * What a change would mean. It makes the change and takes it back (one transaction that never commits), so that it says what
 * saving does and not what somebody thinks that it does: no mail goes, no seat moves.
 */
export async function previewQuotas(ctx: Context, input: QuotaChange): Promise<QuotaPreview> {
  try {
    await ctx.db.$transaction(async (tx) => {
      throw new Undone(await changeQuotas(ctx, tx, input));
    });
    throw new Error("a preview was not undone");
  } catch (error) {
    if (error instanceof Undone) return error.preview;
    throw error;
  }
}

/**
 * Changes the limits of account managers and customers, and gives seats to whoever on the waitlist may have one now. Each
 * change names the limit that it was decided on: where somebody else changed it meanwhile it is a `conflict`, and nothing is
 * changed. Returns how many moved up.
 */
export async function setQuotas(ctx: Context, input: QuotaChange): Promise<{ moves: number }> {
  const { moves } = await ctx.db.$transaction((tx) => changeQuotas(ctx, tx, input));
  return { moves };
}

async function changeQuotas(ctx: Context, tx: Tx, input: QuotaChange): Promise<QuotaPreview> {
  const { teamId } = allowMember(ctx.actor, "workshop.edit");
  const { workshopId, members, customers } = quotaChange.parse(input);
  const workshop = await lockForLimits(tx, teamId, workshopId);
  const counts = await countsOf(tx, teamId, workshopId);
  const lines: string[] = [];
  for (const { id, from, to } of members) {
    const { count } = await tx.workshopAccountManager.updateMany({
      where: { teamId, workshopId, memberId: id, seatLimit: from },
      data: { seatLimit: to },
    });
    if (count === 0) throw changedMeanwhile();
    const member = await tx.member.findFirstOrThrow({
      where: { teamId, id },
      select: { identity: { select: { name: true } } },
    });
    lines.push(meaning(member.identity.name, from, to, counts("memberId", id).held));
  }
  for (const { name, from, to } of customers) {
    const customerId = await customerByName(ctx, tx, teamId, name);
    if (!(await changeCustomer(tx, { teamId, workshopId, customerId, from, to }))) throw changedMeanwhile();
    lines.push(meaning(name, from, to, counts("customerId", customerId).held));
  }
  await audit(ctx, tx, {
    teamId,
    action: "workshop.quotas",
    entity: "workshop",
    entityId: workshopId,
    detail: { members: members.length, customers: customers.length },
  });
  const moved = await promoteWaitlist(ctx, tx, { workshopId });
  return { lines: [...lines, ...(await beyond(tx, workshop))], ...(await movesText(tx, workshopId, moved)) };
}

type Locked = { id: string; capacity: number };

/** The workshop, locked as every change of its seats locks it, so that nobody gets one by a limit that is just changing. */
async function lockForLimits(tx: Tx, teamId: string, workshopId: string): Promise<Locked> {
  const [workshop] = await tx.$queryRaw<(Locked & { state: string })[]>`
    SELECT "id", "capacity", "state"::text AS "state" FROM "Workshop"
    WHERE "id" = ${workshopId} AND "teamId" = ${teamId} FOR NO KEY UPDATE`;
  if (!workshop) throw notFound("workshop");
  if (!["draft", "registration", "open"].includes(workshop.state))
    throw new DomainError("conflict", "This workshop is over: its limits change nothing any more.");
  return workshop;
}

function changedMeanwhile(): DomainError {
  return new DomainError("conflict", "Somebody changed these limits meanwhile. Look at them again.");
}

type CustomerLimit = {
  teamId: string;
  workshopId: string;
  customerId: string;
  from: number | null;
  to: number | null;
};

/** Whether the limit was what it was thought to be, and is now the new one. No row is no limit. */
async function changeCustomer(tx: Tx, { from, to, ...key }: CustomerLimit): Promise<boolean> {
  if (from === null && to === null) return true;
  if (from === null)
    return (
      (await tx.workshopCustomer.createMany({ data: [{ ...key, seatLimit: to ?? 0 }], skipDuplicates: true })).count ===
      1
    );
  const where = { ...key, seatLimit: from };
  const done =
    to === null
      ? await tx.workshopCustomer.deleteMany({ where })
      : await tx.workshopCustomer.updateMany({ where, data: { seatLimit: to } });
  return done.count === 1;
}

const seats = (count: number) => `${count} ${count === 1 ? "seat" : "seats"}`;

/** What a changed limit means for one holder of it. */
function meaning(name: string, from: number | null, to: number | null, held: number): string {
  const now = from === null ? `${name}: ${seats(held)} held without a limit` : `${name}: ${held} of ${from} held`;
  if (to === null) return `${now}; without a limit, only the seats of the workshop count.`;
  if (held > to)
    return `${now}; lowering to ${to} takes nobody's seat, but nobody new gets in until ${held - to + 1} cancel.`;
  if (held === to) return `${now}; with ${to}, nobody new gets in until 1 cancels.`;
  return `${now}; with ${to}, ${to - held} more can get in.`;
}

/** Limits that promise more seats than there are: no mistake, but worth a word. */
async function beyond(tx: Tx, { id, capacity }: Locked): Promise<string[]> {
  const rows = await tx.workshopAccountManager.findMany({ where: { workshopId: id }, select: { seatLimit: true } });
  const sum = rows.reduce((total, { seatLimit }) => total + (seatLimit ?? 0), 0);
  if (sum <= capacity) return [];
  return [`The account managers' limits add up to ${sum} for ${seats(capacity)}: whoever comes first has them.`];
}

async function movesText(tx: Tx, workshopId: string, moved: string[]): Promise<Pick<QuotaPreview, "moves" | "text">> {
  const waiting = await tx.registration.count({ where: { workshopId, state: "waitlisted" } });
  if (moved.length === 0)
    return { moves: 0, text: waiting > 0 ? `Nobody of the ${waiting} who wait moves up.` : "Nobody is waiting." };
  const rows = await tx.registration.groupBy({ by: ["memberId"], where: { id: { in: moved } }, _count: true });
  const members = await tx.member.findMany({
    where: { id: { in: rows.flatMap(({ memberId }) => memberId ?? []) } },
    select: { id: true, identity: { select: { name: true } } },
  });
  const whose = rows
    .flatMap(({ memberId, _count }) => {
      const name = members.find(({ id }) => id === memberId)?.identity.name;
      return name ? `${_count} invited by ${name}` : [];
    })
    .sort();
  const who = moved.length === 1 ? "1 waiting person moves up" : `${moved.length} waiting people move up`;
  const told = moved.length === 1 ? "is told" : "are told";
  const rest = waiting > 0 ? ` ${waiting} ${waiting === 1 ? "keeps" : "keep"} waiting.` : "";
  return { moves: moved.length, text: `${who} and ${told} by mail: ${whose.join(", ")}.${rest}` };
}

/**
 * Changes until when a link works, its language, its note and its limit of seats. An expired one works again with a later date; a revoked
 * one is a `conflict`. A higher limit gives seats to those who wait for it; a lower one takes none away. The limit of a
 * personal link stays one.
 */
export async function editInvite(ctx: Context, input: InviteChange): Promise<{ moves: number }> {
  const actor = allowMember(ctx.actor, "invite.edit");
  const change = inviteChange.parse(input);
  const before = await findInvite(ctx, actor, change.inviteId);
  if (before.expiresAt?.getTime() !== change.expiresAt?.getTime()) checkExpiry(ctx, change.expiresAt);
  const { inviteId, expiresAt, note, locale } = change;
  const seatLimit = before.personal || change.seatLimit === undefined ? before.seatLimit : change.seatLimit;
  return ctx.db.$transaction(async (tx) => {
    const wait = seatLimit !== before.seatLimit;
    if (wait) await tx.$queryRaw`SELECT 1 FROM "Workshop" WHERE "id" = ${before.workshopId} FOR NO KEY UPDATE`;
    const { count } = await tx.invite.updateMany({
      where: { ...attributedScope(actor), id: inviteId, revokedAt: null },
      data: { expiresAt, note, seatLimit, locale },
    });
    if (count === 0) throw new DomainError("conflict", "This link was revoked meanwhile.");
    await audit(ctx, tx, { teamId: actor.teamId, action: "invite.changed", entity: "invite", entityId: inviteId });
    const moved = wait ? await promoteWaitlist(ctx, tx, { workshopId: before.workshopId }) : [];
    return { moves: moved.length };
  });
}

async function findInvite(
  ctx: Context,
  actor: MemberActor,
  inviteId: string,
): Promise<Pick<Invite, "expiresAt" | "personal" | "seatLimit" | "workshopId">> {
  const invite = await ctx.db.invite.findFirst({
    where: { ...attributedScope(actor), id: inviteId },
    select: { expiresAt: true, personal: true, seatLimit: true, workshopId: true },
  });
  if (!invite) throw notFound("link");
  return invite;
}
