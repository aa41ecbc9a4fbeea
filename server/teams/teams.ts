import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { DomainError, notFound } from "@/server/errors";
import { allowMember, type MemberActor, type MemberRole } from "@/server/permissions";
import { type NewMember, type NewTeam, newTeam, type TeamSettings } from "@/server/teams/schemas";

/** Teams and who belongs to them. A change of role or a removal counts from the next request on. */

// --- The team --------------------------------------------------------------------------------------------------------

/**
 * Makes a team with its first admin; only for an operator. Can run twice: a team with this slug is left as it is, and the admin
 * becomes a member of it if they are not. `invalid` names what is wrong in the input.
 */
export async function createTeam(ctx: Context, input: NewTeam): Promise<{ teamId: string; created: boolean }> {
  if (ctx.actor.kind !== "system" || ctx.actor.by !== "operator") throw notFound("page");
  const parsed = newTeam.safeParse(input);
  if (!parsed.success) {
    const fields = Object.fromEntries(parsed.error.issues.map((issue) => [issue.path.join("."), issue.message]));
    throw new DomainError("invalid", "Some values cannot be used.", { fields });
  }
  const { adminEmail, adminName, senderName, ...team } = parsed.data;
  return ctx.db.$transaction(async (tx) => {
    const row = { ...team, id: ctx.newId("team"), senderName: senderName ?? team.name, createdAt: ctx.clock.now() };
    const [made] = await tx.team.createManyAndReturn({ data: [row], skipDuplicates: true, select: { id: true } });
    const teamId = made?.id ?? (await tx.team.findUniqueOrThrow({ where: { slug: team.slug } })).id;
    if (made) await audit(ctx, tx, { teamId, action: "team.created", entity: "team", entityId: teamId });
    const admin: NewMember = { email: adminEmail, name: adminName, role: "admin" };
    const present = await tx.member.findFirst({
      where: { teamId, removedAt: null, identity: { email: adminEmail } },
      select: { id: true },
    });
    if (!present) await join(ctx, tx, teamId, admin);
    return { teamId, created: made !== undefined };
  });
}

/** Id of the team with this slug; for an operator. */
export async function teamBySlug(ctx: Context, slug: string): Promise<{ id: string; name: string }> {
  if (ctx.actor.kind !== "system") throw notFound("page");
  const team = await ctx.db.team.findUnique({ where: { slug }, select: { id: true, name: true } });
  if (!team) throw notFound(`team with the slug "${slug}"`);
  return team;
}

/** Every team, by name; for an operator. */
export async function listTeams(ctx: Context): Promise<{ id: string; slug: string; name: string }[]> {
  if (ctx.actor.kind !== "system") throw notFound("page");
  return ctx.db.team.findMany({ select: { id: true, slug: true, name: true }, orderBy: { name: "asc" } });
}

/** The member's team with its settings and the state of its Organization. */
export async function currentTeam(ctx: Context) {
  const member = allowMember(ctx.actor, "team.read");
  return ctx.db.team.findUniqueOrThrow({ where: { id: member.teamId } });
}

/**
 * Changes settings of the member's team; what is not given stays. Days until anonymizing count for workshops that close or are
 * cancelled from now on.
 */
export async function updateTeam(ctx: Context, patch: Partial<TeamSettings>): Promise<void> {
  const { teamId } = allowMember(ctx.actor, "team.edit");
  await ctx.db.$transaction(async (tx) => {
    const before = await tx.team.findUniqueOrThrow({ where: { id: teamId } });
    const given = Object.entries(patch).filter(([, value]) => value !== undefined);
    const changed = given.filter(([field, value]) => before[field as keyof TeamSettings] !== value);
    if (changed.length === 0) return;
    await tx.team.update({ where: { id: teamId }, data: Object.fromEntries(changed) });
    await audit(ctx, tx, {
      teamId,
      action: "team.changed",
      entity: "team",
      entityId: teamId,
      detail: { fields: changed.map(([field]) => field) },
    });
  });
}

// --- Members ---------------------------------------------------------------------------------------------------------

export type TeamMember = {
  memberId: string;
  name: string;
  email: string;
  role: MemberRole;
  since: Date;
  /** Workshops not over yet that they present or invite to: what somebody else must take over. */
  liveWorkshops: number;
  isYou: boolean;
};

/** The members of the team, by name. */
export async function listMembers(ctx: Context): Promise<TeamMember[]> {
  const me = allowMember(ctx.actor, "team.read");
  const live = { state: { in: ["draft" as const, "registration" as const, "open" as const] } };
  const of = { where: { workshop: live }, select: { workshopId: true } };
  const members = await ctx.db.member.findMany({
    where: { teamId: me.teamId, removedAt: null },
    include: { identity: { select: { name: true, email: true } }, presenting: of, inviting: of },
    orderBy: [{ identity: { name: "asc" } }, { id: "asc" }],
  });
  return members.map((member) => ({
    memberId: member.id,
    name: member.identity.name,
    email: member.identity.email,
    role: member.role,
    since: member.createdAt,
    liveWorkshops: new Set([...member.presenting, ...member.inviting].map((one) => one.workshopId)).size,
    isYou: member.id === me.memberId,
  }));
}

/**
 * Makes an identity a member of the team; who was removed before comes back under the same id. An address that somebody
 * signs in with already keeps its name. `conflict` for one who is a member.
 */
export async function addMember(ctx: Context, input: NewMember): Promise<{ memberId: string }> {
  const { teamId } = allowMember(ctx.actor, "team.edit");
  return ctx.db.$transaction((tx) => join(ctx, tx, teamId, input));
}

async function join(ctx: Context, tx: Tx, teamId: string, { email, name, role }: NewMember) {
  const now = ctx.clock.now();
  const identity = await tx.identity.upsert({
    where: { email },
    create: { id: ctx.newId("identity"), email, name, createdAt: now },
    update: {},
    select: { id: true },
  });
  const where = { teamId_identityId: { teamId, identityId: identity.id } };
  const before = await tx.member.findUnique({ where, select: { removedAt: true } });
  if (before && !before.removedAt) {
    const message = "This address belongs to a member already. Change their role in the list.";
    throw new DomainError("conflict", message, { fields: { email: message } });
  }
  const member = await tx.member.upsert({
    where,
    create: { id: ctx.newId("member"), teamId, identityId: identity.id, role, createdAt: now },
    update: { role, removedAt: null },
    select: { id: true },
  });
  await audit(ctx, tx, { teamId, action: "member.added", entity: "member", entityId: member.id, detail: { role } });
  return { memberId: member.id };
}

/** Gives a member another role. `conflict` for the last admin. */
export async function changeRole(ctx: Context, input: { memberId: string; role: MemberRole }): Promise<void> {
  const actor = allowMember(ctx.actor, "team.edit");
  await ctx.db.$transaction(async (tx) => {
    const member = await lockMember(tx, actor, input.memberId);
    if (member.role === input.role) return;
    if (member.role === "admin") await keepAnAdmin(tx, actor.teamId);
    await tx.member.update({ where: { id: input.memberId }, data: { role: input.role } });
    await audit(ctx, tx, {
      teamId: actor.teamId,
      action: "member.role_changed",
      entity: "member",
      entityId: input.memberId,
      detail: { from: member.role, to: input.role },
    });
  });
}

/**
 * Ends a membership: no access to the team from the next request on. What is attributed to them stays, and so do their invites
 * and identity. `conflict` for the last admin.
 */
export async function removeMember(ctx: Context, input: { memberId: string }): Promise<void> {
  const actor = allowMember(ctx.actor, "team.edit");
  await ctx.db.$transaction(async (tx) => {
    const member = await lockMember(tx, actor, input.memberId);
    if (member.role === "admin") await keepAnAdmin(tx, actor.teamId);
    const now = ctx.clock.now();
    await tx.member.update({ where: { id: input.memberId }, data: { removedAt: now } });
    // Their calendars stay dead also if they come back.
    await tx.calendarFeed.updateMany({
      where: { teamId: actor.teamId, memberId: input.memberId, revokedAt: null },
      data: { revokedAt: now },
    });
    await audit(ctx, tx, {
      teamId: actor.teamId,
      action: "member.removed",
      entity: "member",
      entityId: input.memberId,
      detail: { role: member.role },
    });
  });
}

/** The member, under the team's lock: two admins who remove each other come one after the other. */
async function lockMember(tx: Tx, actor: MemberActor, memberId: string) {
  await tx.$queryRaw`select 1 from "Team" where id = ${actor.teamId} for update`;
  const allowed = await tx.member.findFirst({
    where: { id: actor.memberId, teamId: actor.teamId, role: "admin", removedAt: null },
    select: { id: true },
  });
  if (!allowed) throw notFound("page");
  const member = await tx.member.findFirst({
    where: { id: memberId, teamId: actor.teamId, removedAt: null },
    select: { role: true },
  });
  if (!member) throw notFound("member");
  return member;
}

async function keepAnAdmin(tx: Tx, teamId: string): Promise<void> {
  if ((await tx.member.count({ where: { teamId, role: "admin", removedAt: null } })) > 1) return;
  throw new DomainError("conflict", "This is the team's last admin. Make somebody else an admin first.");
}
