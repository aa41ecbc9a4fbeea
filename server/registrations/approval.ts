import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { DomainError, notFound } from "@/server/errors";
import { recordActivity } from "@/server/insights/activity";
import { queueMail } from "@/server/mail/outbox";
import { allowMember, attributedScope } from "@/server/permissions";
import { cleanLine } from "@/server/registrations/schemas";
import { changeLocked, inTurn, type LockedWorkshop, lockWorkshop, serveLate } from "@/server/registrations/seats";

/**
 * Approval: a workshop can want somebody's yes before a registration takes a seat. Whoever confirmed the address waits with
 * their place in the order; a yes takes the seat then and there, or puts them on the waitlist in that order.
 */

/** Registrations that are decided at once. */
const most = 500;
const longestReason = 300;

export type Decided = { confirmed: number; waitlisted: number; rejected: number };

/**
 * Says yes or no to registrations of a workshop that await it, the first confirmed first, in one transaction; each is told by
 * mail, a no with the reason where one is given. An account manager decides on their own people, where the workshop leaves it
 * to them. One that no longer awaits a decision makes all of it a `conflict`.
 */
export async function decideRegistrations(
  ctx: Context,
  input: { workshopId: string; registrationIds: string[]; approve: boolean; reason?: string },
): Promise<Decided> {
  const actor = allowMember(ctx.actor, "registration.decide");
  const { workshopId, approve } = input;
  const ids = [...new Set(input.registrationIds)];
  const reason = cleanLine(input.reason ?? "") || null;
  if (reason && [...reason].length > longestReason)
    throw new DomainError("invalid", `Shorten the reason to ${longestReason} characters.`, {
      fields: { reason: `Shorten the reason to ${longestReason} characters.` },
    });
  if (ids.length === 0 || ids.length > most)
    throw new DomainError("invalid", `Choose between 1 and ${most} registrations.`);
  const found = await ctx.db.registration.count({
    where: { ...attributedScope(actor), workshopId, id: { in: ids } },
  });
  if (found !== ids.length) throw notFound("registration");
  const decide = async (tx: Tx) => {
    const workshop = await lockWorkshop(tx, workshopId, actor.teamId);
    if (actor.role === "account_manager" && workshop.approvalBy === "solutions_architect")
      throw new DomainError("not_ready", "For this workshop a solutions architect says yes or no.");
    const waiting = await tx.registration.findMany({
      where: { workshopId, id: { in: ids }, state: "awaiting_approval" },
      orderBy: { ordinal: "asc" },
      select: decidedFields,
    });
    if (waiting.length !== ids.length)
      throw new DomainError("conflict", "Somebody else has decided on one of these meanwhile. Load the page again.");
    const counts: Decided = { confirmed: 0, waitlisted: 0, rejected: 0 };
    const decision = { decidedById: actor.memberId, decidedAt: ctx.clock.now(), decisionReason: reason };
    for (const one of waiting) counts[await decideOne(ctx, tx, workshop, { one, approve, decision })] += 1;
    if (counts.confirmed > 0) await serveLate(ctx, tx, workshop);
    return counts;
  };
  return inTurn(workshopId, () => ctx.db.$transaction(decide, { timeout: 60_000 }));
}

const decidedFields = {
  ...{ id: true, memberId: true, inviteId: true, customerId: true },
  person: { select: { locale: true } },
} as const;

type Waiting = {
  id: string;
  memberId: string | null;
  inviteId: string | null;
  customerId: string | null;
  person: { locale: string };
};
type Decision = { decidedById: string; decidedAt: Date; decisionReason: string | null };

async function decideOne(
  ctx: Context,
  tx: Tx,
  workshop: LockedWorkshop,
  { one, approve, decision }: { one: Waiting; approve: boolean; decision: Decision },
): Promise<keyof Decided> {
  const { id, memberId, inviteId, customerId } = one;
  const { id: workshopId, teamId } = workshop;
  const to = approve ? "confirmed" : "rejected";
  const answer = await changeLocked(ctx, tx, workshop, { registrationId: id, to });
  const kind = answer.state === to ? to : "waitlisted";
  await tx.registration.update({ where: { id }, data: decision, select: { id: true } });
  if (kind === "rejected")
    await tx.personalLink.updateMany({
      where: { registrationId: id, revokedAt: null },
      data: { revokedAt: decision.decidedAt },
    });
  await recordActivity(ctx, tx, { kind, teamId, workshopId, memberId, inviteId, customerId });
  await audit(ctx, tx, {
    ...{ teamId, entity: "registration", entityId: id },
    action: approve ? "registration.approved" : "registration.rejected",
    detail: answer.waitReason ? { reason: answer.waitReason } : {},
  });
  await queueMail(ctx, tx, {
    ...{ kind, teamId, workshopId, registrationId: id, recipientKey: id, occurrence: "1", locale: one.person.locale },
  });
  return kind;
}
