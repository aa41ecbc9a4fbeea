import type { Prisma } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import type { Db, Tx } from "@/server/db";
import { kindRule } from "@/server/mail/kinds";
import {
  calendarOf,
  insertRows,
  loadRules,
  occurrenceOf,
  type PlannedWorkshop,
  plannedColumns,
  unmetCondition,
} from "@/server/mail/planning";
import { type MailRuleNow, rulesNow } from "@/server/mail/rules";
import { lastWeekly, type Moment, momentOf, notAfterOf } from "@/server/mail/schedule";
import type { MailAudienceOf } from "@/server/mail/schemas";

/**
 * Mails of rules to members: nudges, digests, reports, alarms. Who gets one, and whether its condition holds, is asked when its
 * moment comes; a row of MailRuleRun says that it came, so that it comes once, whatever runs twice or is interrupted.
 */

const dayMilliseconds = 86_400_000;
/** Rules reach no further from a workshop's dates (schemas.ts), and no mail is late by more. */
const reachMilliseconds = 62 * dayMilliseconds;
const latestMilliseconds = 15 * dayMilliseconds;
/** A moment this young is the tick's, also when dates or rules change meanwhile. */
const tickMilliseconds = 120_000;

// --- Recipients ------------------------------------------------------------------------------------------------------

/** The members whom an audience means, by id: of a workshop where there is one, else of the team by role. */
export async function membersOf(
  db: Db | Tx,
  of: { teamId: string; workshopId: string | null },
  { role, memberIds }: MailAudienceOf,
): Promise<string[]> {
  const { teamId, workshopId } = of;
  const ofWorkshop = workshopId
    ? { account_manager: { inviting: { some: { workshopId } } }, presenter: { presenting: { some: { workshopId } } } }
    : {};
  const byRole: Record<string, Prisma.MemberWhereInput> = {
    ...{ account_manager: { role: "account_manager" }, presenter: { role: "solutions_architect" } },
    ...{ solutions_architect: { role: "solutions_architect" }, admin: { role: "admin" }, ...ofWorkshop },
  };
  const members = await db.member.findMany({
    where: { teamId, removedAt: null, ...(memberIds.length > 0 ? { id: { in: memberIds } } : {}), ...byRole[role] },
    select: { id: true },
    orderBy: { id: "asc" },
  });
  return members.map(({ id }) => id);
}

/** Seats of an account manager in a workshop: their limit (null: none of their own), those held, and what is left for them. */
export type OwnSeats = { limit: number | null; held: number; left: number; capacity: number };

/** The seats of one account manager, or null where they do not invite to the workshop. */
export async function ownSeats(db: Db | Tx, workshopId: string, memberId: string): Promise<OwnSeats | null> {
  const invites = await db.workshopAccountManager.findUnique({
    where: { workshopId_memberId: { workshopId, memberId } },
    select: { seatLimit: true, workshop: { select: { capacity: true, seatsTaken: true } } },
  });
  if (!invites) return null;
  const { capacity, seatsTaken } = invites.workshop;
  const held = await db.registration.count({
    where: { workshopId, memberId, state: { in: ["offered", "confirmed", "attended", "no_show"] } },
  });
  const room = Math.max(0, capacity - seatsTaken);
  const left = invites.seatLimit === null ? room : Math.min(room, Math.max(0, invites.seatLimit - held));
  return { limit: invites.seatLimit, held, left, capacity };
}

async function meetsConditions(
  db: Db | Tx,
  workshop: PlannedWorkshop,
  rule: MailRuleNow,
  memberId: string,
): Promise<boolean> {
  if (unmetCondition(workshop, rule.conditions)) return false;
  if (rule.conditions.includes("seats_left") && ((await ownSeats(db, workshop.id, memberId))?.left ?? 0) === 0)
    return false;
  if (!rule.conditions.includes("someone_waits")) return true;
  return (await db.registration.count({ where: { workshopId: workshop.id, state: "waitlisted" } })) > 0;
}

/** Whom a workshop's rule for members would reach if its moment were now, and how many do not meet its conditions. */
export async function reached(
  db: Db | Tx,
  workshop: PlannedWorkshop,
  rule: MailRuleNow,
): Promise<{ memberIds: string[]; skipped: number }> {
  const of = { teamId: workshop.teamId, workshopId: workshop.id };
  const members = await membersOf(db, of, rule.audience);
  // The report of a workshop that nobody presents still has to reach somebody.
  const meant =
    members.length === 0 && rule.audience.role === "presenter" && rule.audience.memberIds.length === 0
      ? await membersOf(db, of, { ...rule.audience, role: "solutions_architect" })
      : members;
  const memberIds: string[] = [];
  for (const memberId of meant) if (await meetsConditions(db, workshop, rule, memberId)) memberIds.push(memberId);
  return { memberIds, skipped: meant.length - memberIds.length };
}

// --- Rows ------------------------------------------------------------------------------------------------------------

type About = { teamId: string; workshopId: string | null; data?: Prisma.InputJsonObject };

function rowsFor(
  ctx: Context,
  about: About,
  rule: MailRuleNow,
  moment: Moment & { notAfter: Date | null },
  memberIds: readonly string[],
): Prisma.MessageCreateManyInput[] {
  const { teamId, workshopId, data = {} } = about;
  const { kind, key } = rule;
  const { dueAt, occurrence, notAfter } = moment;
  const createdAt = ctx.clock.now();
  return memberIds.map((memberId) => ({
    ...{ id: ctx.newId("message"), teamId, workshopId, kind, rule: key, memberId, recipientKey: memberId, data },
    ...{ occurrence, dueAt, notAfter, createdAt, urgent: kindRule(kind).urgent },
  }));
}

/** The occurrence of a member's mail about a workshop: one member gets it for each of theirs. */
const ofWorkshop = (rule: MailRuleNow, workshopId: string, occurrence: string) =>
  `${workshopId} ${occurrenceOf(rule, occurrence)}`;

/** Claims a moment for the transaction: false when it was had before. */
async function claim(
  ctx: Context,
  tx: Tx,
  of: { teamId: string; scope: string; key: string; occurrence: string },
  outcome: "made" | "passed" | "too_late",
): Promise<boolean> {
  const data = [{ ...of, ranAt: ctx.clock.now(), outcome }];
  const { count } = await tx.mailRuleRun.createMany({ data, skipDuplicates: true });
  return count > 0;
}

async function settle(
  tx: Tx,
  of: { teamId: string; scope: string; key: string; occurrence: string },
  made: number,
  skipped: number,
): Promise<void> {
  await tx.mailRuleRun.update({ where: { teamId_scope_key_occurrence: of }, data: { made, skipped } });
}

// --- The clock -------------------------------------------------------------------------------------------------------

/** Each minute: what has its moment now goes to members. Many workers may run it at once; a missed minute is caught up with. */
export async function tickRules(ctx: Context): Promise<void> {
  const now = ctx.clock.now();
  const [from, until] = [new Date(now.getTime() - reachMilliseconds), new Date(now.getTime() + reachMilliseconds)];
  const workshops = await ctx.db.workshop.findMany({
    where: { state: { in: ["registration", "open"] }, startsAt: { gte: from, lte: until } },
    select: plannedColumns,
  });
  const rows = await ctx.db.mailRule.findMany({
    where: { scope: { in: ["team", ...workshops.map(({ id }) => id)] } },
    select: { teamId: true, key: true, scope: true, settings: true },
  });
  const runs = await ctx.db.mailRuleRun.findMany({
    where: { scope: { in: workshops.map(({ id }) => id) } },
    select: { scope: true, key: true, occurrence: true },
  });
  const had = new Set(runs.map((run) => `${run.scope} ${run.key} ${run.occurrence}`));
  for (const workshop of workshops) {
    const own = rows.filter((row) => row.teamId === workshop.teamId);
    for (const rule of rulesNow(own, workshop.id)) {
      const moment = dueMoment(rule, workshop, now);
      if (moment && !had.has(`${workshop.id} ${rule.key} ${moment.occurrence}`))
        await runRule(ctx, workshop.id, rule.key);
    }
  }
  await tickWeekly(ctx, rows);
}

/** The moment of a rule for members that has come; null before, long after, and for one that was over before registration opened. */
function dueMoment(rule: MailRuleNow, workshop: PlannedWorkshop, now: Date): Moment | null {
  if (rule.planned !== "members" || !rule.on) return null;
  const moment = momentOf(rule.when, calendarOf(workshop));
  if (!moment || moment.dueAt > now || now.getTime() - moment.dueAt.getTime() > latestMilliseconds) return null;
  return workshop.registrationAt && moment.dueAt < workshop.registrationAt ? null : moment;
}

/**
 * Carries out a rule for members in a workshop, once for its moment: now when `atOnce`, else only if the moment has come.
 * Returns how many mails were written. Too late by the rule's own word, it says so and writes none.
 */
export async function runRule(ctx: Context, workshopId: string, key: string, atOnce = false): Promise<number> {
  return ctx.db.$transaction(async (tx) => {
    // Dates and rules do not change while it runs.
    await tx.$queryRaw`SELECT 1 FROM "Workshop" WHERE "id" = ${workshopId} FOR NO KEY UPDATE`;
    const workshop = await tx.workshop.findUniqueOrThrow({ where: { id: workshopId }, select: plannedColumns });
    const rule = (await loadRules(tx, workshop.teamId, workshopId)).find((one) => one.key === key);
    const now = ctx.clock.now();
    const moment = rule && (atOnce ? momentOf(rule.when, calendarOf(workshop)) : dueMoment(rule, workshop, now));
    if (!rule || !moment) return 0;
    const dueAt = atOnce ? now : moment.dueAt;
    const notAfter = notAfterOf(rule.late, dueAt, calendarOf(workshop));
    const tooLate = notAfter !== null && notAfter <= now;
    const of = { teamId: workshop.teamId, scope: workshopId, key, occurrence: moment.occurrence };
    const claimed = await claim(ctx, tx, of, tooLate ? "too_late" : "made");
    if ((!claimed && !atOnce) || tooLate) return 0;
    const { memberIds, skipped } = await reached(tx, workshop, rule);
    const row = { dueAt, notAfter, occurrence: ofWorkshop(rule, workshopId, moment.occurrence) };
    const made = await insertRows(ctx, tx, rowsFor(ctx, { teamId: of.teamId, workshopId }, rule, row, memberIds));
    await settle(tx, of, made, skipped);
    return made;
  });
}

/** The weekly mails of each team, on the team's calendar. */
async function tickWeekly(
  ctx: Context,
  rows: readonly { teamId: string; key: string; scope: string; settings: unknown }[],
) {
  const now = ctx.clock.now();
  const teams = await ctx.db.team.findMany({ select: { id: true, timeZone: true, createdAt: true } });
  for (const team of teams) {
    const own = rows.filter((row) => row.teamId === team.id && row.scope === "team");
    for (const rule of rulesNow(own, null)) {
      if (rule.planned !== "week" || rule.when.at !== "weekly" || !rule.on) continue;
      const moment = lastWeekly(rule.when, team.timeZone, now);
      const late = notAfterOf(rule.late, moment.dueAt, noCalendar);
      // A team that is younger than the moment has nothing to be told of it.
      if (moment.dueAt < team.createdAt || (late && late <= now)) continue;
      await runWeekly(ctx, team.id, rule, { ...moment, notAfter: late });
    }
  }
}

const noCalendar = { startsAt: null, endsAt: null, opensAt: null, closesAt: null, timeZone: "UTC" };

async function runWeekly(
  ctx: Context,
  teamId: string,
  rule: MailRuleNow,
  moment: Moment & { notAfter: Date | null },
): Promise<void> {
  const of = { teamId, scope: "team", key: rule.key, occurrence: moment.occurrence };
  // Asked outside of a transaction first: for all minutes of a week but one, that is all there is to do.
  if (await ctx.db.mailRuleRun.findUnique({ where: { teamId_scope_key_occurrence: of }, select: { key: true } }))
    return;
  await ctx.db.$transaction(async (tx) => {
    if (!(await claim(ctx, tx, of, "made"))) return;
    const members = await membersOf(tx, { teamId, workshopId: null }, rule.audience);
    const row = { ...moment, occurrence: occurrenceOf(rule, `${teamId} ${moment.occurrence}`) };
    const made = await insertRows(ctx, tx, rowsFor(ctx, { teamId, workshopId: null }, rule, row, members));
    await settle(tx, of, made, 0);
  });
}

/**
 * After a change of dates or rules: moments of members' mails that are over now are had, so that the change itself sends
 * nothing. In the transaction of the change.
 */
export async function passMemberMoments(ctx: Context, tx: Tx, workshopId: string): Promise<void> {
  const workshop = await tx.workshop.findUniqueOrThrow({ where: { id: workshopId }, select: plannedColumns });
  const now = ctx.clock.now();
  for (const rule of await loadRules(tx, workshop.teamId, workshopId)) {
    if (rule.planned !== "members") continue;
    const moment = momentOf(rule.when, calendarOf(workshop));
    if (!moment || moment.dueAt.getTime() > now.getTime() - tickMilliseconds) continue;
    const { occurrence } = moment;
    await claim(ctx, tx, { teamId: workshop.teamId, scope: workshopId, key: rule.key, occurrence }, "passed");
  }
}

// --- What goes by its cause ------------------------------------------------------------------------------------------

/** The reports of a workshop that is closed, to members, each once. */
export async function queueClosingReports(ctx: Context, tx: Tx, workshopId: string): Promise<void> {
  const workshop = await tx.workshop.findUniqueOrThrow({ where: { id: workshopId }, select: plannedColumns });
  if (!workshop.sandboxProfileId) return;
  const rules = await loadRules(tx, workshop.teamId, workshopId);
  for (const rule of rules.filter((one) => one.kind === "cleanup_report" && one.on)) {
    const { memberIds } = await reached(tx, workshop, rule);
    const moment = { dueAt: ctx.clock.now(), occurrence: ofWorkshop(rule, workshopId, "1"), notAfter: null };
    await insertRows(ctx, tx, rowsFor(ctx, { teamId: workshop.teamId, workshopId }, rule, moment, memberIds));
  }
}

/** One mail to each member whom the team's rule names that an account is quarantined. */
export async function queueQuarantineAlarm(
  ctx: Context,
  tx: Tx,
  { teamId, accountId }: { teamId: string; accountId: string },
): Promise<void> {
  const rule = (await loadRules(tx, teamId, null)).find((one) => one.kind === "quarantine_alarm");
  if (!rule?.on) return;
  const now = ctx.clock.now();
  const { validMinutes } = kindRule(rule.kind);
  const notAfter = validMinutes === null ? null : new Date(now.getTime() + validMinutes * 60_000);
  const members = await membersOf(tx, { teamId, workshopId: null }, rule.audience);
  const moment = { dueAt: now, notAfter, occurrence: `${accountId} ${now.toISOString()}` };
  await insertRows(ctx, tx, rowsFor(ctx, { teamId, workshopId: null, data: { accountId } }, rule, moment, members));
}
