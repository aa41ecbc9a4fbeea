import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";

/** Writes an audit entry in the transaction of the act: who, what, which row; ids and facts, never personal data. */
export async function audit(
  ctx: Context,
  tx: Tx,
  entry: { teamId: string | null; action: string; entity: string; entityId: string; detail?: object },
): Promise<void> {
  const { actor } = ctx;
  const who =
    actor.kind === "member"
      ? { actorKind: "member", actorId: actor.memberId }
      : actor.kind === "attendee"
        ? { actorKind: "attendee", actorId: actor.registrationId }
        : actor.kind === "visitor"
          ? { actorKind: "attendee", actorId: null }
          : { actorKind: actor.by, actorId: null };
  await tx.auditEntry.create({
    data: { id: ctx.newId("auditEntry"), at: ctx.clock.now(), detail: {}, ...who, ...entry },
  });
}
