import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { DomainError, notFound } from "@/server/errors";
import { allowMember } from "@/server/permissions";
import { startTakingBack } from "@/server/sandboxes/closing";
import { leaseInUse } from "@/server/sandboxes/lifecycle";
import { lendingProblem } from "@/server/sandboxes/units";
import { lend } from "@/server/sandboxes/vending";

/** Replacing the account of an attendee in the middle of a workshop. */

/**
 * Replaces an attendee's account by another one: in one transaction the old lease begins to be taken back (revoked, proved,
 * emptied, returned, like any other) and the new one is reserved; the job makes it ready and mails its holder. `not_ready`
 * where no account is free, and then nothing has changed; `conflict` where somebody replaced it a moment ago. Everything in
 * the old account is lost.
 */
export async function swapAccount(ctx: Context, input: { leaseId: string }): Promise<{ leaseId: string }> {
  const { teamId } = allowMember(ctx.actor, "sandbox.lease");
  const seen = await ctx.db.lease.findFirst({
    where: { id: input.leaseId, teamId, holder: "registration" },
    select: { workshopId: true },
  });
  if (!seen) throw notFound("sandbox");
  return ctx.db.$transaction(async (tx) => {
    const registrationId = await checkSwap(ctx, tx, { ...input, ...seen, teamId });
    const { workshopId } = seen;
    const { leases } = await startTakingBack(ctx, tx, { workshopId, leaseIds: [input.leaseId] });
    if (leases === 0) throw new DomainError("conflict", "This account is being replaced, or taken back, already.");
    const holder = { holder: "registration", registrationId, replacesId: input.leaseId } as const;
    if ((await lend(ctx, tx, { teamId, workshopId }, [holder])) === 0)
      throw new DomainError(
        "not_ready",
        "No account is free to take its place, so nothing has changed. One that is being emptied will be soon; the pool says when.",
      );
    const made = await tx.lease.findFirstOrThrow({ where: { replacesId: input.leaseId }, select: { id: true } });
    await audit(ctx, tx, {
      teamId,
      action: "lease.replaced",
      entity: "lease",
      entityId: input.leaseId,
      detail: { workshopId, by: made.id },
    });
    return { leaseId: made.id };
  });
}

/** The workshop's row is the lock, as everywhere: two clicks come one after the other, and none while it closes. */
async function checkSwap(
  ctx: Context,
  tx: Tx,
  { leaseId, workshopId, teamId }: { leaseId: string; workshopId: string; teamId: string },
): Promise<string> {
  await tx.$queryRaw`
    SELECT "id" FROM "Workshop" WHERE "id" = ${workshopId} AND "teamId" = ${teamId} FOR NO KEY UPDATE`;
  const workshop = await tx.workshop.findFirstOrThrow({ where: { id: workshopId, teamId }, include: { team: true } });
  if (workshop.state !== "open")
    throw new DomainError("not_ready", "An account can be replaced only while its workshop is open.");
  const problem = lendingProblem(ctx, workshop.team);
  if (problem) throw new DomainError("unavailable", `No account can be lent now: ${problem}`);
  const lease = await tx.lease.findFirst({
    where: { id: leaseId, teamId, workshopId, ...leaseInUse },
    select: { registrationId: true, registration: { select: { state: true } } },
  });
  if (!lease?.registrationId)
    throw new DomainError("conflict", "This account is being replaced, or taken back, already.");
  if (lease.registration?.state !== "confirmed" && lease.registration?.state !== "attended")
    throw new DomainError("conflict", "This person has no seat any more, so the account is not replaced.");
  return lease.registrationId;
}
