import { isDeepStrictEqual } from "node:util";
import type { SandboxAccount, Team } from "@/prisma/generated/client";
import { audit } from "@/server/audit";
import { kindOf } from "@/server/aws/errors";
import {
  accountsIn,
  accountsUnder,
  describeOrganization,
  enableServiceControl,
  ensureUnit,
  type FoundAccount,
  moveAccount,
  policiesOf,
  unitsUnder,
} from "@/server/aws/organizations";
import { forgetMember, memberCredentials } from "@/server/aws/sts";
import type { Context } from "@/server/context";
import { DomainError, notFound } from "@/server/errors";
import { addAccount, quarantine } from "@/server/sandboxes/accounts";
import { resumeMaking } from "@/server/sandboxes/making";
import { applyPolicies, ensureProfiles, type Profile, wantedPolicies } from "@/server/sandboxes/policies";
import { resumeStuck } from "@/server/sandboxes/resume";
import { placeAccount, requireCloud, type Units, unitsOf } from "@/server/sandboxes/units";

/** Setting a team's part of the AWS Organization up, and keeping rows and AWS the same. */

const children = ["ready", "leased", "closing", "quarantine"] as const;

function requireOperator(ctx: Context): void {
  if (ctx.actor.kind !== "system") throw notFound("page");
}

async function loadTeam(ctx: Context, teamId: string) {
  const team = await ctx.db.team.findUnique({ where: { id: teamId }, include: { sandboxProfiles: true } });
  if (!team) throw notFound("team");
  return team;
}

/**
 * Makes the team's organizational units under `parentId` (default: the root of the Organization), with their service control
 * policies, and remembers their ids. Can run again at any time and makes only what is missing. A unit belongs to one team.
 */
export async function setUpOrganization(
  ctx: Context,
  input: { teamId: string; parentId?: string },
): Promise<{ units: Units }> {
  requireOperator(ctx);
  requireCloud(ctx);
  const team = await loadTeam(ctx, input.teamId);
  const { rootId } = await describeOrganization(ctx.env);
  const parentId = input.parentId ?? rootId;
  const root = await ensureUnit(ctx.env, parentId, `atelier-${team.slug}`);
  await refuseUnitsOfOthers(ctx, team, [parentId, root]);
  await enableServiceControl(ctx.env, rootId);
  const units: Units = { root, ready: "", leased: "", closing: "", quarantine: "", profiles: {} };
  for (const name of children) units[name] = await ensureUnit(ctx.env, root, name);
  for (const profile of team.sandboxProfiles)
    units.profiles[profile.id] = await ensureUnit(ctx.env, units.leased, `profile-${profile.id}`);
  await applyPolicies(ctx, units, team.sandboxProfiles);
  await ctx.db.$transaction(async (tx) => {
    await tx.team.update({
      where: { id: team.id },
      data: { organizationalUnits: units, organizationProblem: "", organizationCheckedAt: ctx.clock.now() },
    });
    // It runs at every start of the demo: the history tells only when something came of it.
    if (isDeepStrictEqual(unitsOf(team), units)) return;
    await audit(ctx, tx, {
      teamId: team.id,
      action: "organization.set_up",
      entity: "team",
      entityId: team.id,
      detail: { root: units.root },
    });
  });
  return { units };
}

async function refuseUnitsOfOthers(ctx: Context, team: Team, ids: string[]): Promise<void> {
  const others = await ctx.db.team.findMany({ where: { id: { not: team.id } }, select: { organizationalUnits: true } });
  for (const other of others) {
    const units = unitsOf(other);
    if (!units) continue;
    const { profiles, ...own } = units;
    const taken = new Set([...Object.values(own), ...Object.values(profiles)]);
    if (ids.some((id) => taken.has(id)))
      throw new DomainError("conflict", "This organizational unit belongs to another team.");
  }
}

/** What is wrong with the units and their policies, in one sentence; "" when all is well. Changes nothing. */
async function organizationProblem(ctx: Context, team: Team, units: Units, profiles: readonly Profile[]) {
  const again = `Run "organization set-up --team ${team.slug}" again.`;
  try {
    const present = new Set((await unitsUnder(ctx.env, units.root)).map((unit) => unit.id));
    const gone = children.filter((name) => !present.has(units[name]));
    if (gone.length > 0) return `The organizational unit "${gone[0]}" of the team is gone. ${again}`;
  } catch (error) {
    if (kindOf(error) === "NotFound") return `The team's organizational unit is gone. ${again}`;
    throw error;
  }
  const missing = profiles.find((profile) => !units.profiles[profile.id]);
  if (missing) return `The sandbox profile "${missing.name}" has no organizational unit yet. ${again}`;
  for (const { target, where, policy } of wantedPolicies(ctx, units, profiles)) {
    const attached = await policiesOf(ctx.env, target);
    const found = attached.find(({ name }) => name === policy.name);
    if (!found) return `The guard rails "${policy.name}" are not on ${where}. ${again}`;
    if (found.content !== policy.content) return `The guard rails "${policy.name}" were changed. ${again}`;
  }
  return "";
}

export type ReconcileResult = {
  problem: string;
  added: number;
  moved: number;
  quarantined: number;
  /** Accounts in the team's units that are not taken into the pool, with the reason. */
  refused: { awsAccountId: string; reason: string }[];
  resumed: number;
};

/**
 * Job: makes rows and AWS agree for one team. Checks units and guard rails (with a problem nothing is lent and nothing else is
 * touched), takes new accounts in as `cleaning`, sets aside those that vanished or cannot be entered, puts each account into
 * the unit of its state, makes roles of live leases again that are missing, and starts again what stands still.
 */
export async function reconcile(ctx: Context, input: { teamId: string }): Promise<ReconcileResult | null> {
  requireOperator(ctx);
  const team = await loadTeam(ctx, input.teamId);
  const before = unitsOf(team);
  if (!before || ctx.env.ATELIER_CLOUD_OFF) return null;
  let problem = await checkUnits(ctx, team, before);
  const result: ReconcileResult = { problem, added: 0, moved: 0, quarantined: 0, refused: [], resumed: 0 };
  if (problem === "") {
    const { managementAccountId } = await describeOrganization(ctx.env);
    const found = (await accountsUnder(ctx.env, before.root)).filter((account) => {
      if (account.id !== managementAccountId) return true;
      result.refused.push({ awsAccountId: account.id, reason: "It is the management account." });
      return false;
    });
    await takeIn(ctx, team, found, result);
    await checkHealth(ctx, team, found, result);
    await repairPlaces(ctx, team, found, result);
  }
  problem = result.problem;
  await ctx.db.team.update({
    where: { id: team.id },
    data: { organizationProblem: problem, organizationCheckedAt: ctx.clock.now() },
  });
  result.resumed = await resumeStuck(ctx, { teamId: team.id, cloud: problem === "" });
  result.resumed += await resumeMaking(ctx, team.id);
  return result;
}

async function checkUnits(ctx: Context, team: Awaited<ReturnType<typeof loadTeam>>, units: Units): Promise<string> {
  const problem = await organizationProblem(ctx, team, units, []);
  if (problem) return problem;
  const complete = await ensureProfiles(ctx, team, units, team.sandboxProfiles);
  return organizationProblem(ctx, team, complete, team.sandboxProfiles);
}

/** Adds accounts without a row, to be cleaned before anybody gets them. */
async function takeIn(
  ctx: Context,
  team: Team,
  found: readonly FoundAccount[],
  result: ReconcileResult,
): Promise<void> {
  const known = await ctx.db.sandboxAccount.findMany({
    where: { awsAccountId: { in: found.map((account) => account.id) } },
    select: { awsAccountId: true, teamId: true },
  });
  const owners = new Map(known.map((row) => [row.awsAccountId, row.teamId]));
  for (const account of found) {
    const owner = owners.get(account.id);
    if (owner === team.id) continue;
    if (owner) result.refused.push({ awsAccountId: account.id, reason: "It belongs to the pool of another team." });
    else if (account.status !== "ACTIVE")
      result.refused.push({ awsAccountId: account.id, reason: `AWS says that it is ${account.status.toLowerCase()}.` });
    else if (await ctx.db.$transaction((tx) => addAccount(ctx, tx, team.id, { ...account, awsAccountId: account.id })))
      result.added += 1;
  }
}

/**
 * Writes down what is wrong with each account of the pool (not the team's any more, suspended, not to be entered), and sets
 * those aside that nobody holds: a lent one stays with its holder, and one that is being emptied ends by itself. What is
 * right again is said, and never returns by itself.
 */
async function checkHealth(ctx: Context, team: Team, found: readonly FoundAccount[], result: ReconcileResult) {
  const there = new Map(found.map((account) => [account.id, account]));
  const rows = await ctx.db.sandboxAccount.findMany({ where: { teamId: team.id, state: { not: "retired" } } });
  await inParallel(ctx, 8, rows, async (row) => {
    const problem = await whyUnusable(ctx, row, there.get(row.awsAccountId));
    if (!problem) return row.problem === null ? undefined : clearProblem(ctx, row);
    if (problem !== row.problem) await noteProblem(ctx, row, problem);
    if (row.state !== "available" && row.state !== "cooling") return;
    if (await quarantine(ctx, { accountId: row.id, from: ["available", "cooling"], reason: problem }))
      result.quarantined += 1;
  });
}

async function noteProblem(ctx: Context, row: SandboxAccount, problem: string): Promise<void> {
  const { id, teamId } = row;
  await ctx.db.$transaction(async (tx) => {
    const where = { id, teamId, problem: row.problem };
    const { count } = await tx.sandboxAccount.updateMany({ where, data: { problem } });
    if (count === 0) return;
    const detail = { reason: problem };
    await audit(ctx, tx, { teamId, action: "account.unhealthy", entity: "sandboxAccount", entityId: id, detail });
  });
}

const healthyAgain = "The last sync found that it is right again. Clean it: it returns to the pool once it is empty.";

/** A quarantined account that was set aside for this problem says that it is over; the others keep their own reason. */
async function clearProblem(ctx: Context, row: SandboxAccount): Promise<void> {
  const { id, teamId, problem } = row;
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.sandboxAccount.updateMany({ where: { id, teamId, problem }, data: { problem: null } });
    if (count === 0 || problem === null) return;
    const [wrong] = problem.split(/(?<=[.!?])\s/);
    await tx.sandboxAccount.updateMany({
      where: { id, teamId, state: "quarantined", quarantineReason: problem },
      data: { quarantineReason: `It was set aside by a sync that said: "${wrong}" ${healthyAgain}` },
    });
    await audit(ctx, tx, { teamId, action: "account.healthy", entity: "sandboxAccount", entityId: id });
  });
}

async function whyUnusable(ctx: Context, row: SandboxAccount, found: FoundAccount | undefined): Promise<string | null> {
  if (!found)
    return "It is no longer in the team's organizational unit. Move it back in AWS Organizations and clean it again, or retire it.";
  if (found.status !== "ACTIVE")
    return `AWS says that it is ${found.status.toLowerCase()}. Open it again in AWS Organizations and clean it again, or retire it.`;
  try {
    // A session that is still good says nothing about the role as it is now.
    forgetMember(ctx.env, row.awsAccountId);
    await memberCredentials(ctx.env, row.awsAccountId)();
    return null;
  } catch (error) {
    if (kindOf(error) !== "AccessDenied") throw error;
    return `Atelier may not assume ${ctx.env.ATELIER_MEMBER_ROLE} in it. Make the role trust Atelier again, then clean it again.`;
  }
}

/** A crash between row and AWS leaves an account in the unit of another state: it is moved now. */
async function repairPlaces(ctx: Context, team: Team, found: readonly FoundAccount[], result: ReconcileResult) {
  const parents = new Map(found.map((account) => [account.id, account.parentId]));
  const rows = await ctx.db.sandboxAccount.findMany({
    where: { teamId: team.id, state: { not: "retired" }, awsAccountId: { in: [...parents.keys()] } },
    select: { id: true, awsAccountId: true, organizationalUnitId: true },
  });
  await inParallel(ctx, 4, rows, async (row) => {
    const at = parents.get(row.awsAccountId);
    const data = { organizationalUnitId: at, syncedAt: ctx.clock.now() };
    await ctx.db.sandboxAccount.update({ where: { id: row.id }, data });
    await placeAccount(ctx, row.id);
    const after = await ctx.db.sandboxAccount.findUniqueOrThrow({ where: { id: row.id } });
    if (after.organizationalUnitId !== at) result.moved += 1;
  });
}

/** Runs work on accounts, a few at a time; one that fails is logged and stops no other. */
async function inParallel<T extends { id: string }>(
  ctx: Context,
  width: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const runner = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      try {
        await work(item);
      } catch (error) {
        ctx.log.warn({ accountId: item.id, problem: String(error) }, "this account could not be synced");
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, runner));
}

/**
 * Moves accounts that stand right under the root of the Organization into the team's unit until it has `count` of them:
 * first those that the pool knows (an emulator that was started again), then others that no team has. Never the management
 * account. The sync takes them into the pool.
 */
export async function adoptAccounts(
  ctx: Context,
  input: { teamId: string; count: number },
): Promise<{ moved: number }> {
  requireOperator(ctx);
  requireCloud(ctx);
  const team = await loadTeam(ctx, input.teamId);
  const units = unitsOf(team);
  if (!units) throw new DomainError("not_ready", "Set the team's organization up first.");
  const { managementAccountId, rootId } = await describeOrganization(ctx.env);
  const [free, own] = await Promise.all([accountsIn(ctx.env, rootId), accountsUnder(ctx.env, units.root)]);
  const candidates = free.filter((account) => account.id !== managementAccountId && account.status === "ACTIVE");
  const rows = await ctx.db.sandboxAccount.findMany({
    where: { awsAccountId: { in: candidates.map((account) => account.id) } },
    select: { awsAccountId: true, teamId: true, state: true },
  });
  const known = new Map(rows.map((row) => [row.awsAccountId, row]));
  const returning = candidates.filter((account) => {
    const row = known.get(account.id);
    return row?.teamId === team.id && row.state !== "retired";
  });
  const fresh = candidates.filter((account) => !known.has(account.id));
  const wanted = [...returning, ...fresh.slice(0, Math.max(0, input.count - own.length - returning.length))];
  for (const account of wanted) await moveAccount(ctx.env, { accountId: account.id, from: rootId, to: units.root });
  if (wanted.length === 0) return { moved: 0 };
  await ctx.db.$transaction(async (tx) => {
    const detail = { accounts: wanted.length };
    await audit(ctx, tx, {
      teamId: team.id,
      action: "organization.adopted",
      entity: "team",
      entityId: team.id,
      detail,
    });
  });
  return { moved: wanted.length };
}
