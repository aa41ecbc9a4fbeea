import type { Prisma, RegistrationState, Workshop, WorkshopState } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import type { Db, Tx } from "@/server/db";
import { enqueueAll } from "@/server/jobs/queue";
import { kindRule } from "@/server/mail/kinds";
import { definitionOf, type MailRuleNow, rulesNow } from "@/server/mail/rules";
import {
  type Decision,
  decide,
  momentOf,
  notAfterOf,
  type PlannedRow,
  reasons,
  type Wanted,
  type WorkshopCalendar,
} from "@/server/mail/schedule";
import type { MailAudienceOf, MailCondition } from "@/server/mail/schemas";

/**
 * The rows of the outbox that follow from a workshop's mail rules, for attendees: written ahead when they get their seat, or
 * when the workshop is closed; brought up to date when dates, rules or people change. All of it is a comparison of what there
 * is with what there should be, so it can run twice, and be shown before it is done.
 */

export const plannedColumns = {
  ...{ id: true, teamId: true, state: true, title: true, startsAt: true, endsAt: true, timeZone: true },
  ...{ registrationAt: true, closedAt: true, sandboxProfileId: true, place: true, link: true, surveyUrl: true },
  ...{ pausedAt: true, registrationOpensAt: true, registrationClosesAt: true, minimumNoticeHours: true },
} as const satisfies Prisma.WorkshopSelect;
export type PlannedWorkshop = Pick<Workshop, keyof typeof plannedColumns>;

/** The dates that a workshop's rules count from. Registration ends so long before the start as its notice says, or earlier. */
export function calendarOf(workshop: PlannedWorkshop): WorkshopCalendar {
  const { startsAt, endsAt, timeZone, registrationAt, registrationOpensAt, registrationClosesAt } = workshop;
  const lastCall = startsAt && new Date(startsAt.getTime() - workshop.minimumNoticeHours * 3_600_000);
  const closesAt =
    registrationClosesAt && (!lastCall || registrationClosesAt < lastCall) ? registrationClosesAt : lastCall;
  return { startsAt, endsAt, timeZone, opensAt: registrationOpensAt ?? registrationAt, closesAt };
}

/** Everything that teams and workshops say about rules, as far as it holds for a workshop (or for the team alone). */
export async function loadRules(db: Db | Tx, teamId: string, workshopId: string | null): Promise<MailRuleNow[]> {
  const rows = await db.mailRule.findMany({
    where: { teamId, scope: { in: workshopId ? ["team", workshopId] : ["team"] } },
    select: { key: true, scope: true, settings: true },
  });
  return rulesNow(rows, workshopId);
}

/** Conditions that a workshop as such meets or not; `seats_left` and `someone_waits` are asked when the mail goes. */
export function unmetCondition(workshop: PlannedWorkshop, conditions: readonly MailCondition[]): MailCondition | null {
  const met: Partial<Record<MailCondition, boolean>> = {
    has_sandbox: workshop.sandboxProfileId !== null,
    has_place: workshop.place !== "",
    has_link: workshop.link !== "",
    has_survey: workshop.surveyUrl !== "",
    registration_open: workshop.state === "registration" && workshop.pausedAt === null,
  };
  return conditions.find((condition) => met[condition] === false) ?? null;
}

/** An attendee, as far as rules ask. */
export type PlannedPerson = { id: string; state: RegistrationState; memberId: string | null; locale: string };

function isMeant(audience: MailAudienceOf, person: PlannedPerson): boolean {
  const { states, memberIds, locales } = audience;
  return (
    states.includes(person.state) &&
    (memberIds.length === 0 || (person.memberId !== null && memberIds.includes(person.memberId))) &&
    (locales.length === 0 || locales.includes(person.locale))
  );
}

/**
 * The occurrence as the row keeps it. Rows are unique for (kind, recipient, occurrence), and a rule made beside another has
 * its kind: so its key goes in front.
 */
export function occurrenceOf({ key, kind }: MailRuleNow, occurrence: string): string {
  return key === kind ? occurrence : `${key} ${occurrence}`;
}

const toCome: readonly WorkshopState[] = ["registration", "open"];

/** What a rule wants for an attendee. Pure. */
export function wantedFor(rule: MailRuleNow, workshop: PlannedWorkshop, person: PlannedPerson): Wanted {
  if (!rule.on) return { none: reasons.off };
  if (!isMeant(rule.audience, person)) return { none: reasons.audience };
  if (unmetCondition(workshop, rule.conditions)) return { none: reasons.condition };
  const calendar = calendarOf(workshop);
  if (rule.planned === "closing") {
    const { closedAt } = workshop;
    if (!closedAt) return { none: reasons.notToCome };
    const dueAt = rule.when.at === "cause" ? closedAt : (momentOf(rule.when, calendar)?.dueAt ?? closedAt);
    return {
      dueAt,
      occurrence: occurrenceOf(rule, "1"),
      notAfter: notAfterOf(rule.late, dueAt, calendar),
      atOnce: true,
    };
  }
  if (!toCome.includes(workshop.state)) return { none: reasons.notToCome };
  const moment = momentOf(rule.when, calendar);
  if (!moment) return { none: reasons.noDate };
  const occurrence = occurrenceOf(rule, moment.occurrence);
  return { dueAt: moment.dueAt, occurrence, notAfter: notAfterOf(rule.late, moment.dueAt, calendar) };
}

/** Everybody who ever had a place in the order of a workshop, in that order. */
export async function peopleOf(db: Db | Tx, workshopId: string): Promise<PlannedPerson[]> {
  const found = await db.registration.findMany({
    where: { workshopId, ordinal: { not: null }, anonymizedAt: null },
    select: { id: true, state: true, memberId: true, person: { select: { locale: true } } },
    orderBy: { ordinal: "asc" },
  });
  return found.map(({ person, ...registration }) => ({ ...registration, locale: person.locale }));
}

export type PlanChange = { rule: MailRuleNow; person: PlannedPerson; rows: PlannedRow[]; decision: Decision };

/** Which rules write rows for attendees in the state that a workshop is in. */
function ruled(workshop: PlannedWorkshop, rules: readonly MailRuleNow[]): MailRuleNow[] {
  return rules.filter(
    (rule) =>
      definitionOf(rule.base).roles[0] === "attendee" &&
      (rule.planned === "seat" || (rule.planned === "closing" && workshop.state === "closed")),
  );
}

/** Rows from before rules had keys. A second mail sent by hand ("v1 again 1") is nobody's plan. */
const beforeKeys: Prisma.MessageWhereInput[] = [
  { rule: null, kind: "reminder", occurrence: { startsWith: "v" }, NOT: { occurrence: { contains: " again " } } },
  { rule: null, kind: "thanks", occurrence: "1" },
];
/** The key of the rule that wrote a row. */
export const ruleOf = (row: { rule: string | null; kind: string }) => row.rule ?? row.kind;

/**
 * What has to happen to a workshop's planned mails so that they follow the rules given: one change for each rule and person,
 * also where nothing is to be done. Writes nothing. Rows of rules that are not given any more are taken back.
 */
export async function comparePlan(
  db: Db | Tx,
  workshop: PlannedWorkshop,
  rules: readonly MailRuleNow[],
  now: Date,
): Promise<{ changes: PlanChange[]; orphans: string[] }> {
  const people = await peopleOf(db, workshop.id);
  const messages = await db.message.findMany({
    where: { workshopId: workshop.id, OR: [{ rule: { not: null } }, ...beforeKeys] },
    select: {
      ...{ id: true, rule: true, kind: true, registrationId: true, state: true, occurrence: true, dueAt: true },
      ...{ notAfter: true, attempts: true, lastError: true },
    },
  });
  const rowsOf = Map.groupBy(messages, (row) => `${ruleOf(row)} ${row.registrationId}`);
  const applied = ruled(workshop, rules);
  const changes = applied.flatMap((rule) =>
    people.map((person) => {
      const rows = rowsOf.get(`${rule.key} ${person.id}`) ?? [];
      return { rule, person, rows, decision: decide(rows, wantedFor(rule, workshop, person), now) };
    }),
  );
  const keys = new Set(rules.map((rule) => rule.key));
  const orphans = messages.filter((row) => row.state === "queued" && row.registrationId && !keys.has(ruleOf(row)));
  return { changes, orphans: orphans.map((row) => row.id) };
}

/** One statement for all rows that get the same values. */
async function setAlike(tx: Tx, changes: readonly PlanChange[]): Promise<void> {
  const alike = Map.groupBy(
    changes.flatMap(({ decision }) => decision.set ?? []),
    ({ dueAt, notAfter, occurrence }) => JSON.stringify([dueAt, notAfter, occurrence]),
  );
  for (const group of alike.values()) {
    const [{ dueAt, notAfter, occurrence }] = group as [(typeof group)[number]];
    await tx.message.updateMany({
      where: { id: { in: group.map(({ id }) => id) }, state: { in: ["queued", "cancelled"] } },
      data: { dueAt, notAfter, occurrence, state: "queued", attempts: 0, lastError: null },
    });
  }
  const taken = Map.groupBy(
    changes.flatMap(({ decision }) => decision.cancel),
    ({ reason }) => reason,
  );
  for (const [lastError, group] of taken)
    await tx.message.updateMany({
      where: { id: { in: group.map(({ id }) => id) }, state: "queued" },
      data: { state: "cancelled", lastError },
    });
}

/** A row as a rule writes it for an attendee. */
export function newRow(
  ctx: Context,
  workshop: PlannedWorkshop,
  { rule, person }: Pick<PlanChange, "rule" | "person">,
  row: NonNullable<Decision["insert"]>,
): Prisma.MessageCreateManyInput {
  const { kind } = rule;
  return {
    ...{ id: ctx.newId("message"), teamId: workshop.teamId, workshopId: workshop.id, kind, rule: rule.key },
    ...{ recipientKey: person.id, registrationId: person.id, locale: person.locale, urgent: kindRule(kind).urgent },
    ...{ dueAt: row.dueAt, notAfter: row.notAfter, occurrence: row.occurrence, createdAt: ctx.clock.now() },
  };
}

/**
 * Brings a workshop's planned mails up to date with its dates, its rules and its people, in the transaction of the change.
 * Can run twice.
 */
export async function replanWorkshop(ctx: Context, tx: Tx, workshopId: string): Promise<void> {
  const workshop = await tx.workshop.findUniqueOrThrow({ where: { id: workshopId }, select: plannedColumns });
  const rules = await loadRules(tx, workshop.teamId, workshopId);
  const { changes, orphans } = await comparePlan(tx, workshop, rules, ctx.clock.now());
  await setAlike(tx, changes);
  if (orphans.length > 0)
    await tx.message.updateMany({
      where: { id: { in: orphans }, state: "queued" },
      data: { state: "cancelled", lastError: reasons.deleted },
    });
  await insertRows(
    ctx,
    tx,
    changes.flatMap((change) => {
      const { insert } = change.decision;
      return insert ? newRow(ctx, workshop, change, insert) : [];
    }),
  );
}

/** Writes rows, those that are there already left as they are; what is due gets its job. */
export async function insertRows(ctx: Context, tx: Tx, rows: Prisma.MessageCreateManyInput[]): Promise<number> {
  if (rows.length === 0) return 0;
  const made = await tx.message.createManyAndReturn({
    data: rows,
    skipDuplicates: true,
    select: { id: true, dueAt: true, urgent: true },
  });
  const now = ctx.clock.now();
  for (const urgent of [true, false]) {
    const due = made.filter((row) => row.dueAt <= now && row.urgent === urgent).map(({ id }) => ({ messageId: id }));
    await enqueueAll(ctx, tx, "mail.send", due, { priority: urgent ? 10 : 0 });
  }
  return made.length;
}

/** Plans what the rules want for registrations that have just got their seats; a moment that is over does not come. */
export async function planSeats(
  ctx: Context,
  tx: Tx,
  of: { workshopId: string; people: readonly { registrationId: string; locale: string }[] },
): Promise<void> {
  const workshop = await tx.workshop.findUnique({ where: { id: of.workshopId }, select: plannedColumns });
  if (!workshop) return;
  const rules = ruled(workshop, await loadRules(tx, workshop.teamId, workshop.id));
  const members = rules.some((rule) => rule.audience.memberIds.length > 0)
    ? await membersBehind(
        tx,
        of.people.map(({ registrationId }) => registrationId),
      )
    : new Map<string, string | null>();
  const now = ctx.clock.now();
  const rows = of.people.flatMap(({ registrationId: id, locale }) => {
    const person: PlannedPerson = { id, state: "confirmed", memberId: members.get(id) ?? null, locale };
    return rules.flatMap((rule) => {
      const { insert } = decide([], wantedFor(rule, workshop, person), now);
      return insert ? newRow(ctx, workshop, { rule, person }, insert) : [];
    });
  });
  await insertRows(ctx, tx, rows);
}

async function membersBehind(tx: Tx, ids: string[]): Promise<Map<string, string | null>> {
  const found = await tx.registration.findMany({ where: { id: { in: ids } }, select: { id: true, memberId: true } });
  return new Map(found.map(({ id, memberId }) => [id, memberId]));
}
