import { Prisma } from "@/prisma/generated/client";
import type { Tx } from "@/server/db";

/**
 * Names that attendees gave to what they made in their account ("bucket-of-lucia") stand in the evidence of cleanups and may
 * be quoted in errors. They go with the attendees; what was found, removed and when stays.
 */

const removedName = "(name deleted)";
const removedReason =
  "The details named things that attendees had made, and were deleted with their data. Clean the account again to see what is left.";

/**
 * Clears them for one workshop, or (null) for every one that is anonymized, since an account in quarantine may be cleaned
 * again afterwards. A cleanup belongs to the workshop of its lease, else to the last one that had the account before it.
 * Returns how many names of resources went.
 */
export async function clearTypedNames(tx: Tx, { workshopId }: { workshopId: string | null }): Promise<number> {
  const cleanups = await tx.$queryRaw<{ id: string }[]>`
    select c.id from "Cleanup" c
    cross join lateral (
      select l."workshopId" from "Lease" l
      where l.id = c."leaseId" or (c."leaseId" is null and l."accountId" = c."accountId" and l."reservedAt" <= c."startedAt")
      order by l."reservedAt" desc limit 1
    ) held
    join "Workshop" w on w.id = held."workshopId"
    where case when ${workshopId}::text is null
      then w."anonymizedAt" is not null and c."endedAt" >= w."anonymizedAt"
      else w.id = ${workshopId} end`;
  const ids = cleanups.map((cleanup) => cleanup.id);
  // The name is part of the row's key: a number in its place keeps the rows apart.
  const names = await tx.$executeRaw`
    update "CleanupResource" r set "resourceId" = ${`${removedName} `} || n.number, reason = null
    from (
      select "cleanupId", type, region, "resourceId",
        row_number() over (partition by "cleanupId", type, region order by "resourceId") as number
      from "CleanupResource" where "cleanupId" = any(${ids}) and "resourceId" not like ${`${removedName}%`}
    ) n
    where r."cleanupId" = n."cleanupId" and r.type = n.type and r.region = n.region and r."resourceId" = n."resourceId"`;
  await tx.cleanupCheck.updateMany({
    where: { cleanupId: { in: ids }, reason: { not: null } },
    data: { reason: null },
  });
  await tx.cleanup.updateMany({ where: { id: { in: ids }, reason: { not: null } }, data: { reason: null } });
  if (workshopId !== null) await clearWorkshop(tx, workshopId);
  await clearQuarantine(tx, workshopId);
  return names;
}

async function clearWorkshop(tx: Tx, workshopId: string): Promise<void> {
  await tx.lease.updateMany({
    where: { workshopId },
    data: { lastError: null, stackError: null, stackOutputs: Prisma.DbNull },
  });
  await tx.closingStep.updateMany({ where: { workshopId }, data: { lastError: null, detail: Prisma.DbNull } });
  await tx.invite.updateMany({ where: { workshopId }, data: { note: "" } });
  await tx.invite.updateMany({ where: { workshopId, revokeReason: { not: null } }, data: { revokeReason: null } });
}

/** Why an account is in quarantine, where the last workshop that had it is forgotten. */
async function clearQuarantine(tx: Tx, workshopId: string | null): Promise<void> {
  await tx.$executeRaw`
    update "SandboxAccount" a set "quarantineReason" = ${removedReason}
    where a."quarantineReason" is not null and a."quarantineReason" <> ${removedReason} and exists (
      select 1 from (
        select l."workshopId" from "Lease" l where l."accountId" = a.id order by l."reservedAt" desc limit 1
      ) held
      join "Workshop" w on w.id = held."workshopId"
      where case when ${workshopId}::text is null
        then w."anonymizedAt" is not null and a."stateSince" >= w."anonymizedAt"
        else w.id = ${workshopId} end)`;
}
