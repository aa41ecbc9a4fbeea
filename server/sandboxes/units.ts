import { z } from "zod";
import type { Team } from "@/prisma/generated/client";
import { moveAccount } from "@/server/aws/organizations";
import type { Context } from "@/server/context";
import { DomainError, notFound } from "@/server/errors";
import { type AccountState, unitOfState } from "@/server/sandboxes/lifecycle";

/** A team's organizational units in AWS, and putting an account into the one of its state. */

const shape = z.object({
  root: z.string(),
  ready: z.string(),
  leased: z.string(),
  closing: z.string(),
  quarantine: z.string(),
  /** Units under `leased`, by sandbox profile. */
  profiles: z.record(z.string(), z.string()).default({}),
});

export type Units = z.infer<typeof shape>;

/** The units of a team, or null before `organization set-up`. */
export function unitsOf(team: Pick<Team, "organizationalUnits">): Units | null {
  return team.organizationalUnits === null ? null : shape.parse(team.organizationalUnits);
}

/** What a unit of the team is called here; null for one that is not the team's. */
export function unitName(units: Units | null, unitId: string | null): string | null {
  if (!units || !unitId) return null;
  const { profiles, ...own } = units;
  if (Object.values(profiles).includes(unitId)) return "leased";
  return Object.entries(own).find(([, id]) => id === unitId)?.[0] ?? null;
}

/** Why no account of the team may be lent now, or null. */
export function lendingProblem(ctx: Context, team: Pick<Team, "organizationalUnits" | "organizationProblem">) {
  if (ctx.env.ATELIER_CLOUD_OFF) return ctx.env.ATELIER_CLOUD_OFF;
  if (team.organizationalUnits === null) return "the team's organizational units are not set up yet";
  return team.organizationProblem || null;
}

/** Refuses what needs AWS where there is none. */
export function requireCloud(ctx: Context): void {
  if (ctx.env.ATELIER_CLOUD_OFF)
    throw new DomainError("unavailable", `Sandboxes are off: ${ctx.env.ATELIER_CLOUD_OFF}.`);
}

/**
 * Puts an account into the unit of its state, as its row says it now. The row is the truth and AWS follows, so the row is
 * read again after the move: where it changed meanwhile, the account moves on.
 */
export async function placeAccount(ctx: Context, accountId: string): Promise<void> {
  let goal = await placeOfRow(ctx, accountId);
  for (let tries = 0; tries < 5; tries++) {
    if (!goal.unit) return;
    await moveAccount(ctx.env, { accountId: goal.awsAccountId, from: goal.at, to: goal.unit });
    const now = ctx.clock.now();
    await ctx.db.sandboxAccount.updateMany({
      where: { id: accountId },
      data: { organizationalUnitId: goal.unit, syncedAt: now },
    });
    const after = await placeOfRow(ctx, accountId);
    if (after.unit === goal.unit) return;
    goal = after;
  }
}

type PlaceRow = {
  awsAccountId: string;
  state: AccountState;
  at: string | null;
  units: Team["organizationalUnits"];
  profileId: string | null;
  frozen: boolean;
};

/** One statement, since a whole room is vended at once. */
async function placeOfRow(ctx: Context, accountId: string) {
  const [row] = await ctx.db.$queryRaw<PlaceRow[]>`
    SELECT a."awsAccountId", a."state"::text, a."organizationalUnitId" AS "at", t."organizationalUnits" AS "units",
      w."sandboxProfileId" AS "profileId", l."frozenAt" IS NOT NULL AS "frozen"
    FROM "SandboxAccount" a JOIN "Team" t ON t."id" = a."teamId"
    LEFT JOIN "Lease" l ON l."accountId" = a."id" AND l."endedAt" IS NULL
    LEFT JOIN "Workshop" w ON w."id" = l."workshopId"
    WHERE a."id" = ${accountId}`;
  if (!row) throw notFound("account");
  const units = unitsOf({ organizationalUnits: row.units });
  // A frozen account stays lent, where everything is denied to everybody but Atelier.
  const name = row.state === "leased" && row.frozen ? "closing" : unitOfState[row.state];
  const ofProfile = name === "leased" && row.profileId ? units?.profiles[row.profileId] : undefined;
  return { awsAccountId: row.awsAccountId, at: row.at, unit: units && name ? (ofProfile ?? units[name]) : null };
}
