import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import { insertRows } from "@/server/db";
import { type AddressLine, readAddressList } from "@/server/invites/address-list";
import {
  alreadyKnown,
  customersByName,
  domainProblem,
  heldBackAddresses,
  heldBackProblem,
  invitedWorkshop,
  inviteRow,
  knownAddresses,
  mayMail,
} from "@/server/invites/invites";
import { type AddressListInput, addressList } from "@/server/invites/schemas";
import { queueMails } from "@/server/mail/outbox";
import { seatStates } from "@/server/registrations/lifecycle";

/**
 * Inviting a list of addresses, each by a link of its own. The preview and the sending read the list by the same function, so
 * that what was shown is what goes; what changed in between is found again by the sending, line by line.
 */

export type PreviewedLine = AddressLine & { warning: string | null };
export type PreviewedList = {
  /** In the order of the list. Lines with a problem are not sent. */
  lines: PreviewedLine[];
  /** How many invitations would go. */
  good: number;
};

/** Rows of one transaction: short enough that registering goes on meanwhile, and an outage loses none that was committed. */
const chunkSize = 1000;

const goes = (line: AddressLine) => !line.problem && !line.skipped;

/** Lines with what only the database knows of them: domains that may not register, addresses known or not written to. */
async function check(
  ctx: Context,
  where: { teamId: string; workshopId: string },
  allowedDomains: readonly string[],
  read: AddressLine[],
) {
  const lines = read.map((line) =>
    goes(line) ? { ...line, problem: domainProblem(allowedDomains, line.email) } : line,
  );
  const emails = lines.flatMap((line) => (goes(line) ? line.email : []));
  const [known, heldBack] = await ctx.db.$transaction(async (tx) => [
    await knownAddresses(tx, { ...where, emails }),
    await heldBackAddresses(tx, { teamId: where.teamId, emails }),
  ]);
  return lines.map((line) => {
    if (!goes(line)) return line;
    const problem = known.has(line.email) ? alreadyKnown : heldBack.has(line.email) ? heldBackProblem : null;
    return { ...line, problem };
  });
}

/** Seats that an account manager can still fill: of the workshop, and of their own. */
async function seatsLeft(ctx: Context, workshopId: string, memberId: string): Promise<number> {
  const workshop = await ctx.db.workshop.findUniqueOrThrow({
    where: { id: workshopId },
    select: { capacity: true, seatsTaken: true, accountManagers: { where: { memberId }, select: { seatLimit: true } } },
  });
  const room = workshop.capacity - workshop.seatsTaken;
  const limit = workshop.accountManagers[0]?.seatLimit;
  if (typeof limit !== "number") return Math.max(0, room);
  const held = { workshopId, memberId, state: { in: [...seatStates] } };
  return Math.max(0, Math.min(room, limit - (await ctx.db.registration.count({ where: held }))));
}

/** What a spreadsheet would run where it is opened; Atelier shows and mails it as the text that it is. */
const formula = /^[=+@-]./;

/**
 * What sending a list would do, line by line; sends and stores nothing. More invitations than seats are no mistake (not
 * everybody comes), so those beyond are warned of and not refused. Throws `invalid` for a list that is too long or empty.
 */
export async function previewInvitations(ctx: Context, input: AddressListInput): Promise<PreviewedList> {
  const wanted = addressList.parse(input);
  const { actor, memberId, workshop } = await invitedWorkshop(ctx, wanted);
  const read = readAddressList(wanted.list, wanted.corrections);
  const lines = await check(ctx, { teamId: actor.teamId, workshopId: workshop.id }, workshop.allowedDomains, read);
  const left = await seatsLeft(ctx, workshop.id, memberId);
  let good = 0;
  const shown = lines.map((line) => {
    if (!goes(line)) return { ...line, warning: null };
    good += 1;
    const seats = left === 1 ? "1 seat is" : `${left} seats are`;
    const late = good > left ? `Beyond the quota: ${seats} left, so whoever comes late joins the waitlist.` : null;
    const written = [line.name, line.company].some((text) => formula.test(text));
    return { ...line, warning: written ? "Looks like a formula of a spreadsheet: kept as text." : late };
  });
  return { lines: shown, good };
}

/**
 * Makes a link for each good line of a list and queues its mail. Bad lines are left out and lose no good one. Sent again, or
 * after an outage, it sends what has not been sent: an address is invited to a workshop once. Returns how many invitations
 * were queued, and how many lines were left out.
 */
export async function sendInvitations(ctx: Context, input: AddressListInput): Promise<{ sent: number; left: number }> {
  const wanted = addressList.parse(input);
  const { actor, memberId, workshop } = await invitedWorkshop(ctx, wanted);
  mayMail(workshop, ctx.clock.now());
  const where = { teamId: actor.teamId, workshopId: workshop.id };
  const read = readAddressList(wanted.list, wanted.corrections);
  const lines = await check(ctx, where, workshop.allowedDomains, read);
  const companyOf = (line: AddressLine) => line.company || wanted.customerName || "";
  const good = lines.filter(goes);
  const names = good.map(companyOf).filter((name) => name !== "");
  const customers = await ctx.db.$transaction((tx) => customersByName(ctx, tx, actor.teamId, names));
  const { expiresAt, note = "", locale } = wanted;
  let sent = 0;
  for (let from = 0; from < good.length; from += chunkSize) {
    const invitees = good.slice(from, from + chunkSize).map((line) => ({
      email: line.email,
      name: line.name || null,
      customerId: customers.get(companyOf(line)) ?? null,
    }));
    sent += await sendChunk(ctx, { ...where, memberId, expiresAt, note, locale }, invitees);
  }
  return { sent, left: lines.length - sent };
}

type Invitee = { email: string; name: string | null; customerId: string | null };
type Shared = Pick<
  Parameters<typeof inviteRow>[1],
  "teamId" | "workshopId" | "memberId" | "expiresAt" | "note" | "locale"
>;

async function sendChunk(ctx: Context, shared: Shared, invitees: Invitee[]): Promise<number> {
  const { teamId, workshopId, memberId, locale } = shared;
  const rows = invitees
    .map((invitee) => inviteRow(ctx, { ...shared, ...invitee, personal: true, seatLimit: 1 }))
    // In one order for everybody, so that two who send overlapping lists do not wait for each other in a circle.
    .sort((a, b) => ((a.email ?? "") < (b.email ?? "") ? -1 : 1));
  return ctx.db.$transaction(async (tx) => {
    const made = await insertRows(tx, "Invite", rows);
    if (made.length === 0) return 0;
    const mail = { kind: "invitation", teamId, workshopId, memberId, locale, occurrence: "1" } as const;
    await queueMails(
      ctx,
      tx,
      made.map((id) => ({ ...mail, inviteId: id, recipientKey: id })),
    );
    await audit(ctx, tx, {
      teamId,
      action: "invite.sent",
      entity: "workshop",
      entityId: workshopId,
      detail: { invitations: made.length },
    });
    return made.length;
  });
}
