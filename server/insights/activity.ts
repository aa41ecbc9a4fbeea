import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";

/** Facts for statistics. None of them holds the id of a person or of a registration, so nothing in them needs erasing. */

export const activityKinds = [
  "invite_opened",
  "registered",
  "confirmed",
  "waitlisted",
  "awaiting_approval",
  "rejected",
  "offered",
  "promoted",
  "handed_over",
  "cancelled",
  "checked_in",
  "check_in_undone",
  "console_opened",
  "keys_made",
] as const;

export type ActivityKind = (typeof activityKinds)[number];

export type ActivityFact = {
  kind: ActivityKind;
  teamId: string;
  workshopId?: string | null;
  inviteId?: string | null;
  memberId?: string | null;
  customerId?: string | null;
};

/** Adds a fact, in the transaction of what happened. Facts are never changed or removed. */
export async function recordActivity(ctx: Context, tx: Tx, fact: ActivityFact): Promise<void> {
  await recordActivities(ctx, tx, [fact]);
}

/** The same for many facts, in one statement. */
export async function recordActivities(ctx: Context, tx: Tx, facts: readonly ActivityFact[]): Promise<void> {
  const at = ctx.clock.now();
  await tx.activity.createMany({ data: facts.map((fact) => ({ ...fact, at })) });
}
