import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import { type AddressLine, readAddressList } from "@/server/invites/address-list";
import {
  alreadyKnown,
  customerByName,
  invitedWorkshop,
  inviteRow,
  knownAddresses,
  mailInvite,
  mayMail,
} from "@/server/invites/invites";
import { type AddressListInput, addressList } from "@/server/invites/schemas";
import { seatStates } from "@/server/registrations/lifecycle";

/**
 * Inviting a list of addresses, each by a link of its own. The preview and the sending read the list by the same function, so
 * that what was shown is what goes; what changed in between is found again by the sending, line by line.
 */

export type PreviewedList = {
  /** In the order of the list. Lines with a problem are not sent. */
  lines: (AddressLine & { warning: string | null })[];
  /** How many invitations would go. */
  good: number;
};

/** Rows of one transaction: short enough that registering goes on meanwhile, and an outage loses none that was committed. */
const chunkSize = 250;

async function check(ctx: Context, where: { teamId: string; workshopId: string }, lines: AddressLine[]) {
  const emails = lines.flatMap((line) => (line.problem ? [] : line.email));
  const known = await ctx.db.$transaction((tx) => knownAddresses(tx, { ...where, emails }));
  return lines.map((line) => (!line.problem && known.has(line.email) ? { ...line, problem: alreadyKnown } : line));
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

/**
 * What sending a list would do, line by line; sends and stores nothing. More invitations than seats are no mistake (not
 * everybody comes), so those beyond are warned of and not refused. Throws `invalid` for a list that is too long or empty.
 */
export async function previewInvitations(ctx: Context, input: AddressListInput): Promise<PreviewedList> {
  const wanted = addressList.parse(input);
  const { actor, memberId, workshop } = await invitedWorkshop(ctx, wanted);
  const lines = await check(ctx, { teamId: actor.teamId, workshopId: workshop.id }, readAddressList(wanted.list));
  const left = await seatsLeft(ctx, workshop.id, memberId);
  let good = 0;
  const shown = lines.map((line) => {
    if (line.problem) return { ...line, warning: null };
    good += 1;
    const seats = left === 1 ? "1 seat is" : `${left} seats are`;
    const warning = good > left ? `Beyond the quota: ${seats} left, so whoever comes late joins the waitlist.` : null;
    return { ...line, warning };
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
  mayMail(workshop.state);
  const where = { teamId: actor.teamId, workshopId: workshop.id };
  const lines = await check(ctx, where, readAddressList(wanted.list));
  const good = lines.filter((line) => !line.problem);
  const { expiresAt, note = "", locale } = wanted;
  const shared = { ...where, memberId, expiresAt, note, locale };
  let sent = 0;
  for (let from = 0; from < good.length; from += chunkSize)
    sent += await sendChunk(ctx, shared, wanted.customerName, good.slice(from, from + chunkSize));
  return { sent, left: lines.length - sent };
}

type Shared = Pick<
  Parameters<typeof inviteRow>[1],
  "teamId" | "workshopId" | "memberId" | "expiresAt" | "note" | "locale"
>;

async function sendChunk(
  ctx: Context,
  shared: Shared,
  customerName: string | undefined,
  lines: AddressLine[],
): Promise<number> {
  const { teamId, workshopId, locale = "en" } = shared;
  return ctx.db.$transaction(async (tx) => {
    const companies = new Map<string, string>();
    // In one order for everybody, so that two lists with the same companies do not wait for each other.
    const names = lines.map((line) => line.company || customerName || "").filter((name) => name !== "");
    for (const name of [...new Set(names.map((one) => one.toLowerCase()))].sort()) {
      const written = names.find((one) => one.toLowerCase() === name) ?? name;
      companies.set(name, await customerByName(ctx, tx, teamId, written));
    }
    const rows = lines.map(({ email, name, company }) => {
      const customerId = companies.get((company || customerName || "").toLowerCase()) ?? null;
      const about = { ...shared, customerId, personal: true, seatLimit: 1, email, name: name || null };
      return inviteRow(ctx, about);
    });
    const made = await tx.invite.createManyAndReturn({ data: rows, skipDuplicates: true, select: { id: true } });
    for (const { id } of made) await mailInvite(ctx, tx, { ...shared, id, locale }, "1");
    if (made.length > 0)
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
