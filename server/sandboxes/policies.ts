import type { SandboxProfile } from "@/prisma/generated/client";
import { canaryAction } from "@/server/aws/iam";
import { attachPolicy, ensurePolicy, ensureUnit, removePolicy, removeUnit } from "@/server/aws/organizations";
import type { Context } from "@/server/context";
import { baseGuardrails, closedGuardrails, profileGuardrails, storedPolicy } from "@/server/sandboxes/guardrails";
import type { Units } from "@/server/sandboxes/units";

/** Which guard rails stand on which of a team's units, and putting them there. */

const policyName = (profileId: string) => `AtelierProfile-${profileId}`;

type StoredPolicy = ReturnType<typeof storedPolicy>;
export type Profile = Pick<SandboxProfile, "id" | "name" | "regions" | "services">;

/** The policies that a team's units must carry: what set-up attaches and every sync checks. */
export function wantedPolicies(ctx: Context, units: Units, profiles: readonly Profile[]) {
  const role = ctx.env.ATELIER_MEMBER_ROLE;
  const closed = storedPolicy("AtelierClosed", closedGuardrails(role));
  const wanted: { target: string; where: string; policy: StoredPolicy }[] = [
    { target: units.root, where: "the team's unit", policy: storedPolicy("AtelierBase", baseGuardrails(role)) },
    { target: units.closing, where: "the unit of accounts being emptied", policy: closed },
    { target: units.quarantine, where: "the unit of accounts set aside", policy: closed },
  ];
  for (const profile of profiles) {
    const document = profileGuardrails(role, profile, canaryAction);
    const target = units.profiles[profile.id];
    if (document && target)
      wanted.push({
        target,
        where: `the unit of the sandbox profile "${profile.name}"`,
        policy: storedPolicy(policyName(profile.id), document),
      });
  }
  return wanted;
}

/** Makes the guard rails and attaches them; can run again. */
export async function applyPolicies(ctx: Context, units: Units, profiles: readonly Profile[]): Promise<void> {
  const ids = new Map<string, string>();
  for (const { target, policy } of wantedPolicies(ctx, units, profiles)) {
    const id = ids.get(policy.name) ?? (await ensurePolicy(ctx.env, policy));
    ids.set(policy.name, id);
    await attachPolicy(ctx.env, id, target);
  }
}

/** Makes the units and guard rails of profiles that are newer than the last set-up. */
export async function ensureProfiles(
  ctx: Context,
  team: { id: string },
  units: Units,
  profiles: readonly Profile[],
): Promise<Units> {
  const fresh = profiles.filter((profile) => !units.profiles[profile.id]);
  if (fresh.length === 0) return units;
  const next: Units = { ...units, profiles: { ...units.profiles } };
  for (const profile of fresh)
    next.profiles[profile.id] = await ensureUnit(ctx.env, units.leased, `profile-${profile.id}`);
  await applyPolicies(ctx, next, fresh);
  await ctx.db.team.update({ where: { id: team.id }, data: { organizationalUnits: next } });
  return next;
}

/**
 * Brings the unit and guard rails of one profile in line with its row, so that the sync finds them as it wants them; those of
 * a profile that limits nothing any more are removed. Can run again.
 */
export async function applyProfile(ctx: Context, team: { id: string }, units: Units, profile: Profile): Promise<void> {
  const complete = await ensureProfiles(ctx, team, units, [profile]);
  await applyPolicies(ctx, complete, [profile]);
  const wanted = profileGuardrails(ctx.env.ATELIER_MEMBER_ROLE, profile, canaryAction);
  const target = complete.profiles[profile.id];
  if (!wanted && target) await removePolicy(ctx.env, policyName(profile.id), target);
}

/** Removes the unit and guard rails of a profile that is deleted. A unit with an account still in it stays. */
export async function dropProfile(ctx: Context, team: { id: string }, units: Units, profileId: string): Promise<void> {
  const { [profileId]: unit, ...profiles } = units.profiles;
  if (!unit) return;
  if (!(await removeUnit(ctx.env, unit))) return;
  await removePolicy(ctx.env, policyName(profileId), null);
  await ctx.db.team.update({ where: { id: team.id }, data: { organizationalUnits: { ...units, profiles } } });
}
