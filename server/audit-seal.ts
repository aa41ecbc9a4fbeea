import type { AuditEntry } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { keyedHash } from "@/server/ids";

/**
 * The hash chain over a team's audit entries. A job seals entries in the order in which it finds them, not the request: so a
 * request never waits for another, and an entry that commits late is sealed late. Each seal is a keyed hash over the one
 * before and the whole entry, so whoever changes a row in the database without the installation's key breaks the chain.
 */

const batchSize = 500;
const genesis = "genesis";
/** The chain of acts outside of any team, such as making one. */
const noTeam = "";

/** JSON with sorted keys: what the database gives back may be ordered in another way than what was written. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, inner]) => [key, canonical(inner)]);
}

function sealOf(ctx: Context, previousHash: string, position: number, entry: AuditEntry): string {
  const { id, ordinal, teamId, at, actorKind, actorId, action, entity, entityId, detail } = entry;
  const facts = [id, ordinal.toString(), teamId, at.toISOString(), actorKind, actorId, action, entity, entityId];
  const text = JSON.stringify([previousHash, position, ...facts, canonical(detail)]);
  return keyedHash(ctx.env.ATELIER_SECRET_KEY, "audit-seal", text);
}

/** Job, each minute: seals the entries that are not sealed yet, team by team. Can run twice and at the same time. */
export async function sealAudit(ctx: Context): Promise<void> {
  const teams = await ctx.db.$queryRaw<{ teamId: string | null }[]>`
    select distinct e."teamId" from "AuditEntry" e
    where not exists (select 1 from "AuditSeal" s where s."entryId" = e.id)`;
  for (const { teamId } of teams) {
    let sealed = batchSize;
    while (sealed === batchSize) sealed = await ctx.db.$transaction((tx) => sealBatch(ctx, tx, teamId));
  }
}

async function sealBatch(ctx: Context, tx: Tx, teamId: string | null): Promise<number> {
  const chain = teamId ?? noTeam;
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`audit-seal ${chain}`}, 0))`;
  const unsealed = await tx.$queryRaw<{ id: string }[]>`
    select e.id from "AuditEntry" e
    where e."teamId" is not distinct from ${teamId} and not exists (select 1 from "AuditSeal" s where s."entryId" = e.id)
    order by e.ordinal limit ${batchSize}`;
  const entries = await tx.auditEntry.findMany({
    where: { id: { in: unsealed.map((row) => row.id) } },
    orderBy: { ordinal: "asc" },
  });
  const last = await tx.auditSeal.findFirst({ where: { teamId: chain }, orderBy: { position: "desc" } });
  let { position, hash } = last ?? { position: 0, hash: genesis };
  const seals = entries.map((entry) => {
    const previousHash = hash;
    position += 1;
    hash = sealOf(ctx, previousHash, position, entry);
    return { entryId: entry.id, teamId: chain, position, previousHash, hash, sealedAt: ctx.clock.now() };
  });
  await tx.auditSeal.createMany({ data: seals });
  return entries.length;
}

/** Whether the chain holds; if not, the first place where it breaks. */
export type AuditVerdict =
  | { intact: true; sealed: number; unsealed: number }
  | { intact: false; position: number; entryId: string; problem: "changed" | "missing" | "broken" };

/** Reads a team's whole chain again (null: acts outside of teams) and compares each seal with its entry as it is now. */
export async function verifyAudit(ctx: Context, input: { teamId: string | null }): Promise<AuditVerdict> {
  const chain = input.teamId ?? noTeam;
  let [position, hash] = [0, genesis];
  for (;;) {
    const seals = await ctx.db.auditSeal.findMany({
      where: { teamId: chain, position: { gt: position } },
      orderBy: { position: "asc" },
      take: batchSize,
    });
    if (seals.length === 0) break;
    const entries = await ctx.db.auditEntry.findMany({ where: { id: { in: seals.map((seal) => seal.entryId) } } });
    const byId = new Map(entries.map((entry) => [entry.id, entry]));
    for (const seal of seals) {
      const broken = (problem: "changed" | "missing" | "broken"): AuditVerdict => ({
        intact: false,
        position: seal.position,
        entryId: seal.entryId,
        problem,
      });
      if (seal.position !== position + 1 || seal.previousHash !== hash) return broken("broken");
      const entry = byId.get(seal.entryId);
      if (!entry) return broken("missing");
      if (sealOf(ctx, hash, seal.position, entry) !== seal.hash) return broken("changed");
      [position, hash] = [seal.position, seal.hash];
    }
  }
  const entries = await ctx.db.auditEntry.count({ where: { teamId: input.teamId } });
  return { intact: true, sealed: position, unsealed: entries - position };
}
