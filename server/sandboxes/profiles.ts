import { isDeepStrictEqual } from "node:util";
import type { Prisma } from "@/prisma/generated/client";
import { audit } from "@/server/audit";
import { canaryAction } from "@/server/aws/iam";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { DomainError, notFound } from "@/server/errors";
import { enqueue } from "@/server/jobs/queue";
import { allowMember, mayDo } from "@/server/permissions";
import { type LeaseCredential, leasePolicy, profileGuardrails, storedPolicy } from "@/server/sandboxes/guardrails";
import { applyProfile as applyGuardrails, dropProfile } from "@/server/sandboxes/policies";
import type { ProfileValues } from "@/server/sandboxes/schemas";
import { parametersOf } from "@/server/sandboxes/stacks";
import { unitsOf } from "@/server/sandboxes/units";

/** Sandbox profiles: what an attendee gets. Admins write them, solutions architects read them. */

export type ProfileSummary = {
  id: string;
  name: string;
  description: string;
  regions: string[];
  services: string[];
  credentialKind: LeaseCredential;
  budgetMinor: number | null;
  budgetCurrency: string;
  budgetFreeze: boolean;
  hasStack: boolean;
  /** Workshops of any state that name it. */
  workshops: number;
  /** Accounts lent now under it. */
  liveLeases: number;
  mayEdit: boolean;
};

export type ProfileDetail = ProfileSummary & {
  /** The permissions, as JSON with line breaks. */
  policyText: string;
  stackTemplate: string;
  stackParameters: { name: string; value: string }[];
};

const live = { leases: { some: { endedAt: null } } } as const;

async function liveLeases(ctx: Context, teamId: string): Promise<Map<string, number>> {
  const workshops = await ctx.db.workshop.findMany({
    where: { teamId, sandboxProfileId: { not: null }, ...live },
    select: { sandboxProfileId: true, _count: { select: { leases: { where: { endedAt: null } } } } },
  });
  const counts = new Map<string, number>();
  for (const { sandboxProfileId: id, _count } of workshops)
    if (id) counts.set(id, (counts.get(id) ?? 0) + _count.leases);
  return counts;
}

const withWorkshops = { _count: { select: { workshops: true } } } as const;
type Row = Prisma.SandboxProfileGetPayload<{ include: typeof withWorkshops }>;

function summaryOf(row: Row, counts: Map<string, number>, mayEdit: boolean): ProfileSummary {
  const { id, name, description, regions, services, credentialKind, budgetMinor, budgetCurrency, budgetFreeze } = row;
  return {
    ...{ id, name, description, regions, services, credentialKind, budgetMinor, budgetCurrency, budgetFreeze },
    hasStack: row.stackTemplate !== null,
    workshops: row._count.workshops,
    liveLeases: counts.get(id) ?? 0,
    mayEdit,
  };
}

/** The team's profiles by name. */
export async function listProfiles(ctx: Context): Promise<ProfileSummary[]> {
  const actor = allowMember(ctx.actor, "sandbox.read");
  const { teamId } = actor;
  const [rows, counts] = await Promise.all([
    ctx.db.sandboxProfile.findMany({ where: { teamId }, include: withWorkshops, orderBy: { name: "asc" } }),
    liveLeases(ctx, teamId),
  ]);
  return rows.map((row) => summaryOf(row, counts, mayDo(actor.role, "profile.edit")));
}

/** One profile with everything that its form shows. */
export async function getProfile(ctx: Context, input: { profileId: string }): Promise<ProfileDetail> {
  const actor = allowMember(ctx.actor, "sandbox.read");
  const { teamId } = actor;
  const row = await ctx.db.sandboxProfile.findFirst({
    where: { id: input.profileId, teamId },
    include: withWorkshops,
  });
  if (!row) throw notFound("sandbox profile");
  const counts = await liveLeases(ctx, teamId);
  return {
    ...summaryOf(row, counts, mayDo(actor.role, "profile.edit")),
    policyText: JSON.stringify(row.policy, null, 2),
    stackTemplate: row.stackTemplate ?? "",
    stackParameters: Object.entries(parametersOf(row.stackParameters)).map(([name, value]) => ({ name, value })),
  };
}

/** What AWS has a size for: the permissions of a role or user, and the guard rails. */
function refuseTooLong(ctx: Context, values: ProfileValues): void {
  const role = ctx.env.ATELIER_MEMBER_ROLE;
  const wrong = (field: string, error: unknown) => {
    const text = error instanceof Error ? `${error.message}.` : "It is too long.";
    return new DomainError("invalid", text, { fields: { [field]: text } });
  };
  try {
    leasePolicy(values.policy, role, canaryAction, values.credentialKind);
  } catch (error) {
    throw wrong("policy", error);
  }
  try {
    const document = profileGuardrails(role, values, canaryAction);
    if (document) storedPolicy("of the guard rails", document);
  } catch (error) {
    throw wrong(values.services.length > 0 ? "services" : "regions", error);
  }
}

function columns({ policy, ...values }: ProfileValues) {
  return { ...values, policy: policy as Prisma.InputJsonObject };
}

/** One after another in a team, so that two of one name meet here and not in the database. */
async function refuseTakenName(tx: Tx, teamId: string, name: string, but?: string): Promise<void> {
  await tx.$queryRaw`SELECT "id" FROM "Team" WHERE "id" = ${teamId} FOR NO KEY UPDATE`;
  const other = await tx.sandboxProfile.findFirst({
    where: { teamId, name: { equals: name, mode: "insensitive" }, ...(but ? { id: { not: but } } : {}) },
    select: { id: true },
  });
  if (!other) return;
  const text = "A profile of this name is there already.";
  throw new DomainError("conflict", text, { fields: { name: text } });
}

/** The guard rails in AWS follow in a job. */
async function follow(ctx: Context, tx: Tx, teamId: string, profileId: string): Promise<void> {
  await enqueue(ctx, tx, "sandboxes.apply-profile", { teamId, profileId });
}

/** Makes a profile. */
export async function createProfile(ctx: Context, values: ProfileValues): Promise<{ profileId: string }> {
  const { teamId } = allowMember(ctx.actor, "profile.edit");
  refuseTooLong(ctx, values);
  const id = ctx.newId("sandboxProfile");
  await ctx.db.$transaction(async (tx) => {
    await refuseTakenName(tx, teamId, values.name);
    await tx.sandboxProfile.create({ data: { id, teamId, ...columns(values) } });
    await audit(ctx, tx, { teamId, action: "profile.created", entity: "sandboxProfile", entityId: id });
    await follow(ctx, tx, teamId, id);
  });
  return { profileId: id };
}

/**
 * Changes a profile. Regions and services reach all its accounts, lent ones too, when AWS has the new guard rails (a job, at
 * once); permissions, credential and start-up stack count for accounts lent from now on; the budget for all. Answers which
 * columns changed.
 */
export async function updateProfile(
  ctx: Context,
  { profileId, ...values }: ProfileValues & { profileId: string },
): Promise<{ changed: string[] }> {
  const { teamId } = allowMember(ctx.actor, "profile.edit");
  refuseTooLong(ctx, values);
  return ctx.db.$transaction(async (tx) => {
    await refuseTakenName(tx, teamId, values.name, profileId);
    const before = await tx.sandboxProfile.findFirst({ where: { id: profileId, teamId } });
    if (!before) throw notFound("sandbox profile");
    const data = columns(values);
    const changed = (Object.keys(data) as (keyof typeof data)[]).filter(
      (name) => !isDeepStrictEqual(plain(before[name]), plain(data[name])),
    );
    if (changed.length === 0) return { changed };
    await tx.sandboxProfile.update({ where: { id: profileId }, data });
    const entry = { teamId, entity: "sandboxProfile", entityId: profileId } as const;
    await audit(ctx, tx, { ...entry, action: "profile.changed", detail: { fields: changed } });
    if (changed.includes("regions") || changed.includes("services")) await follow(ctx, tx, teamId, profileId);
    return { changed };
  });
}

/** The database keeps the names of a JSON object in an order of its own. */
const plain = (value: unknown): unknown => (value === undefined ? null : JSON.parse(JSON.stringify(value)));

/** Deletes a profile that no workshop names. Its unit and guard rails in AWS go in a job. */
export async function deleteProfile(ctx: Context, { profileId }: { profileId: string }): Promise<void> {
  const { teamId } = allowMember(ctx.actor, "profile.edit");
  await ctx.db.$transaction(async (tx) => {
    // A workshop that takes it at this moment waits for this lock, and then finds it gone.
    const [row] = await tx.$queryRaw<{ id: string }[]>`
      SELECT "id" FROM "SandboxProfile" WHERE "id" = ${profileId} AND "teamId" = ${teamId} FOR UPDATE`;
    if (!row) throw notFound("sandbox profile");
    const workshops = await tx.workshop.count({ where: { teamId, sandboxProfileId: profileId } });
    if (workshops > 0)
      throw new DomainError(
        "conflict",
        `${workshops === 1 ? "A workshop uses" : `${workshops} workshops use`} this profile, so it stays.`,
      );
    await tx.sandboxProfile.delete({ where: { id: profileId } });
    await audit(ctx, tx, { teamId, action: "profile.deleted", entity: "sandboxProfile", entityId: profileId });
    await follow(ctx, tx, teamId, profileId);
  });
}

/**
 * Job: brings the guard rails of a profile in AWS in line with its row, or removes those of one that is deleted; then syncs
 * the team, which lends nothing while the two differ.
 */
export async function applyProfile(ctx: Context, input: { teamId: string; profileId: string }): Promise<void> {
  if (ctx.env.ATELIER_CLOUD_OFF) return;
  const { teamId, profileId } = input;
  const team = await ctx.db.team.findUnique({ where: { id: teamId } });
  const units = team && unitsOf(team);
  if (!units) return;
  const profile = await ctx.db.sandboxProfile.findFirst({ where: { id: profileId, teamId } });
  if (profile) await applyGuardrails(ctx, team, units, profile);
  else await dropProfile(ctx, team, units, profileId);
  await ctx.db.$transaction((tx) => enqueue(ctx, tx, "sandboxes.reconcile", { teamId }));
}
