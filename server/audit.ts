import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";

type Entry = { teamId: string | null; action: string; entity: string; entityId: string; detail?: object };

/** Writes an audit entry in the transaction of the act: who, what, which row; ids and facts, never personal data. */
export async function audit(ctx: Context, tx: Tx, entry: Entry): Promise<void> {
  await auditAll(ctx, tx, [entry]);
}

/** The same for an act on many rows, in one statement. */
export async function auditAll(ctx: Context, tx: Tx, entries: readonly Entry[]): Promise<void> {
  const { actor } = ctx;
  const who =
    actor.kind === "member"
      ? { actorKind: "member", actorId: actor.memberId }
      : actor.kind === "attendee"
        ? { actorKind: "attendee", actorId: actor.registrationId }
        : actor.kind === "visitor"
          ? { actorKind: "attendee", actorId: null }
          : { actorKind: actor.by, actorId: null };
  const at = ctx.clock.now();
  await tx.auditEntry.createMany({
    data: entries.map((entry) => ({ id: ctx.newId("auditEntry"), at, detail: {}, ...who, ...entry })),
  });
}
