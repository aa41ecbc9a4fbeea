import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import type { Db, Tx } from "@/server/db";
import { DomainError, notFound } from "@/server/errors";
import { enqueueAll } from "@/server/jobs/queue";
import { passMemberMoments } from "@/server/mail/member-mails";
import { replanWorkshop } from "@/server/mail/planning";
import {
  baseOf,
  type DefaultKey,
  definitionOf,
  type MailRuleNow,
  problemOf,
  ruleNow,
  withSettings,
} from "@/server/mail/rules";
import type { RuleSettings } from "@/server/mail/schemas";
import { allowMember, type MemberActor, type MemberRole, workshopScope } from "@/server/permissions";

/** Changing mail rules: the team's defaults by admins, a workshop's by its staff, with a version that says who was faster. */

type Scope = { workshopId: string | null };

/** Whether a member may change a rule: account managers those of mails to themselves, in workshops that they invite to. */
export function mayEditRule(role: MemberRole, base: DefaultKey, workshopId: string | null): boolean {
  const { ofTeam = false, optional, planned } = definitionOf(base);
  if (!optional) return false;
  if (workshopId === null) return role === "admin";
  return !ofTeam && (role !== "account_manager" || planned === "members");
}

async function allowEdit(ctx: Context, base: DefaultKey, { workshopId }: Scope): Promise<MemberActor> {
  const actor = allowMember(ctx.actor, "mail.read");
  if (workshopId && !(await ctx.db.workshop.count({ where: { ...workshopScope(actor), id: workshopId } })))
    throw notFound("workshop");
  if (!mayEditRule(actor.role, base, workshopId))
    throw new DomainError("forbidden", "This rule is changed by others: ask a solutions architect or an admin.");
  return actor;
}

function baseOrThrow(key: string): DefaultKey {
  const base = baseOf(key);
  if (!base || !/^[a-z_]+(\.[a-z0-9]{1,12})?$/.test(key)) throw notFound("rule");
  return base;
}

/** What a rule would be with other settings, checked; and what it inherits. */
export async function draftRule(
  db: Db | Tx,
  of: { teamId: string; workshopId: string | null; key: string },
  settings: RuleSettings,
): Promise<{ inherited: MailRuleNow; now: MailRuleNow; draft: MailRuleNow }> {
  const { teamId, workshopId, key } = of;
  const scopes = workshopId ? ["team", workshopId] : ["team"];
  const rows = await db.mailRule.findMany({ where: { teamId, key, scope: { in: scopes } } });
  const base = baseOrThrow(key);
  const now = ruleNow(key, rows, workshopId);
  const inherited = ruleNow(key, workshopId ? rows.filter((row) => row.scope === "team") : [], null);
  if (!now || !inherited) throw notFound("rule");
  const draft = withSettings(inherited, settings, workshopId ? "workshop" : "team");
  const wrong = problemOf(base, draft);
  if (wrong) throw new DomainError("invalid", wrong.problem, { fields: { [wrong.field]: wrong.problem } });
  await checkPeople(db, teamId, draft.audience.memberIds);
  return { inherited, now, draft };
}

async function checkPeople(db: Db | Tx, teamId: string, memberIds: readonly string[]): Promise<void> {
  if (memberIds.length === 0) return;
  const known = await db.member.count({ where: { teamId, removedAt: null, id: { in: [...new Set(memberIds)] } } });
  if (known === new Set(memberIds).size) return;
  const message = "One of these people is no longer in the team. Choose again.";
  throw new DomainError("invalid", message, { fields: { audience: message } });
}

/** Only what differs from the level above is kept, so that a later change there still counts. */
function differing(inherited: MailRuleNow, draft: MailRuleNow): RuleSettings {
  const { on, when, audience, conditions, late } = draft;
  const all = { on, when, audience, conditions, late };
  const differs = Object.entries(all).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(inherited[name as keyof typeof all]),
  );
  return Object.fromEntries(differs);
}

export type SaveRuleInput = {
  workshopId: string | null;
  key: string;
  settings: RuleSettings;
  /** The version that was read; 0 where the level had no word of its own. */
  version: number;
};

/**
 * Saves what a team or a workshop says about a rule, and moves, writes or takes back the unsent mails that follow from it.
 * `conflict` when somebody else changed it since it was read; nothing is changed then.
 */
export async function saveRule(ctx: Context, input: SaveRuleInput): Promise<void> {
  const { workshopId, key, version } = input;
  const base = baseOrThrow(key);
  const { teamId, memberId } = await allowEdit(ctx, base, input);
  await ctx.db.$transaction(async (tx) => {
    if (workshopId) await lock(tx, workshopId);
    const { inherited, draft } = await draftRule(tx, { teamId, workshopId, key }, input.settings);
    const settings = differing(inherited, draft);
    await write(ctx, tx, { teamId, workshopId, key, settings, version, memberId });
    const entry = { teamId, entity: workshopId ? "workshop" : "team", entityId: workshopId ?? teamId };
    await audit(ctx, tx, { ...entry, action: "mail_rule.changed", detail: { key, settings } });
    await follow(ctx, tx, teamId, workshopId);
  });
}

/** Puts a rule back to what the level above says; a rule made beside another is deleted, its unsent mails are taken back. */
export async function resetRule(ctx: Context, input: Omit<SaveRuleInput, "settings">): Promise<void> {
  const { workshopId, key, version } = input;
  const { teamId } = await allowEdit(ctx, baseOrThrow(key), input);
  await ctx.db.$transaction(async (tx) => {
    if (workshopId) await lock(tx, workshopId);
    const scope = workshopId ?? "team";
    const { count } = await tx.mailRule.deleteMany({ where: { teamId, scope, key, version } });
    if (count === 0) throw changedMeanwhile;
    const entry = { teamId, entity: workshopId ? "workshop" : "team", entityId: workshopId ?? teamId };
    await audit(ctx, tx, { ...entry, action: "mail_rule.reset", detail: { key } });
    await follow(ctx, tx, teamId, workshopId);
  });
}

const changedMeanwhile = new DomainError(
  "conflict",
  "Somebody else changed this rule since you opened it. What you typed is still here; compare it with how the rule is now.",
);

async function lock(tx: Tx, workshopId: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM "Workshop" WHERE "id" = ${workshopId} FOR NO KEY UPDATE`;
}

type Write = Omit<SaveRuleInput, "settings"> & { teamId: string; memberId: string; settings: RuleSettings };

/** One conditional write: of two that read the same version, one is told. */
async function write(ctx: Context, tx: Tx, of: Write): Promise<void> {
  const { teamId, workshopId, key, settings, version, memberId: changedById } = of;
  const scope = workshopId ?? "team";
  const updatedAt = ctx.clock.now();
  const data = { settings: JSON.parse(JSON.stringify(settings)), changedById, updatedAt };
  if (version === 0) {
    const row = { ...data, id: ctx.newId("mailRule"), teamId, workshopId, scope, key, createdAt: updatedAt };
    const { count } = await tx.mailRule.createMany({ data: [row], skipDuplicates: true });
    if (count === 0) throw changedMeanwhile;
    return;
  }
  const { count } = await tx.mailRule.updateMany({
    where: { teamId, scope, key, version },
    data: { ...data, version: { increment: 1 } },
  });
  if (count === 0) throw changedMeanwhile;
}

/** What a changed rule does to unsent mails: at once for a workshop, by a job for each workshop of a team. */
async function follow(ctx: Context, tx: Tx, teamId: string, workshopId: string | null): Promise<void> {
  if (workshopId) {
    await replanWorkshop(ctx, tx, workshopId);
    await passMemberMoments(ctx, tx, workshopId);
    return;
  }
  const workshops = await tx.workshop.findMany({
    where: { teamId, state: { in: ["registration", "open"] } },
    select: { id: true },
  });
  await enqueueAll(
    ctx,
    tx,
    "mail.replan",
    workshops.map(({ id }) => ({ workshopId: id })),
  );
}

/** A job: brings one workshop's mails up to date with the team's rules. Can run twice. */
export async function replan(ctx: Context, { workshopId }: { workshopId: string }): Promise<void> {
  await ctx.db.$transaction(async (tx) => {
    await lock(tx, workshopId);
    if (!(await tx.workshop.count({ where: { id: workshopId } }))) return;
    await replanWorkshop(ctx, tx, workshopId);
    await passMemberMoments(ctx, tx, workshopId);
  });
}

/** Kinds of rule that another one may be made beside. */
export function mayBeDoubled(base: DefaultKey): boolean {
  const { planned } = definitionOf(base);
  return planned === "seat" || planned === "members";
}

/** Makes another rule of a kind that there is, e.g. a second reminder. Returns its key. */
export async function addRule(
  ctx: Context,
  input: { workshopId: string | null; base: string; settings: RuleSettings },
): Promise<{ key: string }> {
  const base = baseOrThrow(input.base);
  if (input.base !== base || !mayBeDoubled(base)) throw notFound("rule");
  const key = `${base}.${ctx.newId("mailRule").slice(-8)}`;
  await saveRule(ctx, { workshopId: input.workshopId, key, settings: { ...input.settings, on: true }, version: 0 });
  return { key };
}

/** Name of who changed a rule last; null where nobody did, or they left. */
export async function changerNames(db: Db, teamId: string, ids: readonly string[]): Promise<Map<string, string>> {
  const members = await db.member.findMany({
    where: { teamId, id: { in: [...new Set(ids)] } },
    select: { id: true, identity: { select: { name: true } } },
  });
  return new Map(members.map((member) => [member.id, member.identity.name]));
}
