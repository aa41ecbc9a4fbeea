import type { Message, MessageState, Prisma } from "@/prisma/generated/client";
import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import { DomainError, notFound } from "@/server/errors";
import { enqueueAll } from "@/server/jobs/queue";
import { renderPreview } from "@/server/mail/deliver";
import { isMailKind, kindRule, mailKinds } from "@/server/mail/kinds";
import { reached, runRule } from "@/server/mail/member-mails";
import { type MessageOutlook, messageScope, outlookOf } from "@/server/mail/overview";
import {
  calendarOf,
  comparePlan,
  insertRows,
  loadRules,
  newRow,
  type PlannedPerson,
  type PlannedWorkshop,
  peopleOf,
  plannedColumns,
  ruleOf,
  wantedFor,
} from "@/server/mail/planning";
import { changerNames, draftRule, mayBeDoubled, mayEditRule } from "@/server/mail/rule-edits";
import { definitionOf, type MailRuleNow, type RuleSource, rulesNow } from "@/server/mail/rules";
import { momentOf, nextWeekly } from "@/server/mail/schedule";
import {
  type MailAudienceOf,
  type MailCondition,
  type MailLate,
  type MailRole,
  type MailWhen,
  type RuleSettings,
  wordsOfAudience,
  wordsOfCondition,
  wordsOfLate,
  wordsOfWhen,
} from "@/server/mail/schemas";
import { allowMember, type MemberActor, workshopScope } from "@/server/permissions";
import { languages } from "@/server/workshops/schemas";

/** What goes to whom when, as members see it: a workshop's time line, the team's defaults, and what a change would mean. */

/** What may be chosen for a rule. */
export type RuleChoices = {
  states: string[];
  roles: MailRole[];
  members: { id: string; name: string }[];
  /** Whether its time may be changed, and whether it is weekly. */
  when: "fixed" | "relative" | "after_end" | "weekly";
};

export type RuleView = {
  key: string;
  label: string;
  on: boolean;
  /** By its cause, or at a time of its own. */
  byCause: boolean;
  /** Whose word it is, when it was said and by whom. */
  source: RuleSource;
  version: number;
  changed: { by: string | null; at: Date } | null;
  when: MailWhen;
  audience: MailAudienceOf;
  conditions: MailCondition[];
  late: MailLate | null;
  words: { when: string; audience: string; conditions: string[]; late: string | null };
  /** The next instant, or the last; null where it depends on what people do. */
  at: Date | null;
  counts: { sent: number; waiting: number; problems: number; dropped: number; expected: number };
  /** What became of its moment, where that needs a word. */
  note: string | null;
  mayEdit: boolean;
  mayAdd: boolean;
  /** A person made it beside another one: it can be deleted. */
  own: boolean;
  /** Whether it can be sent now. */
  maySend: boolean;
  choices: RuleChoices;
};

const columns = {
  ...plannedColumns,
  closesHoursAfter: true,
  opensMinutesBefore: true,
} as const satisfies Prisma.WorkshopSelect;
type Seen = Prisma.WorkshopGetPayload<{ select: typeof columns }>;

async function loadWorkshop(ctx: Context, actor: MemberActor, workshopId: string): Promise<Seen> {
  const where = { ...workshopScope(actor), id: workshopId };
  const workshop = await ctx.db.workshop.findFirst({ where, select: columns });
  if (!workshop) throw notFound("workshop");
  return workshop;
}

// --- Words -----------------------------------------------------------------------------------------------------------

type Row = {
  scope: string;
  key: string;
  settings: unknown;
  version: number;
  changedById: string | null;
  updatedAt: Date;
};

function choicesOf(rule: MailRuleNow, members: { id: string; name: string }[]): RuleChoices {
  const { planned, states = [], roles } = definitionOf(rule.base);
  const when = { cause: "fixed", seat: "relative", members: "relative", closing: "after_end", week: "weekly" } as const;
  return { states: [...states], roles: [...roles], members, when: when[planned] };
}

const noCounts = { sent: 0, waiting: 0, problems: 0, dropped: 0, expected: 0 };

function viewOf(
  rule: MailRuleNow,
  of: { workshopId: string | null; actor: MemberActor; rows: Row[]; members: { id: string; name: string }[] },
  changers: Map<string, string>,
): RuleView {
  const { key, base, kind, on, when, audience, conditions, late, source } = rule;
  const { cause = "at once" } = definitionOf(base);
  const row = of.rows.find((one) => one.key === key && one.scope === (of.workshopId ?? "team"));
  const names = Object.fromEntries(of.members.map((member) => [member.id, member.name]));
  return {
    ...{ key, label: kindRule(kind).label, on, source, when, audience, conditions, late },
    byCause: rule.planned === "cause" && kind !== "access_ready",
    version: row?.version ?? 0,
    changed: row ? { by: changers.get(row.changedById ?? "") ?? null, at: row.updatedAt } : null,
    words: {
      when: wordsOfWhen(when, cause),
      audience: wordsOfAudience(audience, names, languages),
      conditions: conditions.map(wordsOfCondition),
      late: wordsOfLate(late),
    },
    ...{ at: null, counts: noCounts, note: null, maySend: false },
    mayEdit: mayEditRule(of.actor.role, base, of.workshopId),
    mayAdd: mayBeDoubled(base) && mayEditRule(of.actor.role, base, of.workshopId),
    own: key !== base && row !== undefined,
    choices: choicesOf(rule, of.members),
  };
}

async function membersForChoice(ctx: Context, actor: MemberActor, workshopId: string | null) {
  const found = await ctx.db.member.findMany({
    where: {
      ...{ teamId: actor.teamId, removedAt: null },
      ...(workshopId ? { inviting: { some: { workshopId } } } : { role: "account_manager" }),
    },
    select: { id: true, identity: { select: { name: true } } },
    orderBy: { id: "asc" },
  });
  return found.map(({ id, identity }) => ({ id, name: identity.name }));
}

async function readRules(ctx: Context, actor: MemberActor, workshopId: string | null) {
  const scopes = workshopId ? ["team", workshopId] : ["team"];
  const rows = await ctx.db.mailRule.findMany({ where: { teamId: actor.teamId, scope: { in: scopes } } });
  const members = await membersForChoice(ctx, actor, workshopId);
  const changers = await changerNames(
    ctx.db,
    actor.teamId,
    rows.flatMap((row) => row.changedById ?? []),
  );
  const rules = rulesNow(rows, workshopId);
  return { rules, view: (rule: MailRuleNow) => viewOf(rule, { workshopId, actor, rows, members }, changers) };
}

/** The team's defaults, as every workshop without a word of its own has them. */
export async function teamMailRules(ctx: Context): Promise<RuleView[]> {
  const actor = allowMember(ctx.actor, "mail.read");
  const { rules, view } = await readRules(ctx, actor, null);
  const { timeZone } = await ctx.db.team.findUniqueOrThrow({ where: { id: actor.teamId }, select: { timeZone: true } });
  const now = ctx.clock.now();
  return rules.map((rule) => ({
    ...view(rule),
    at: rule.when.at === "weekly" && rule.on ? nextWeekly(rule.when, timeZone, now) : null,
  }));
}

// --- A workshop's time line ------------------------------------------------------------------------------------------

/** When a workshop is closed, as things stand; null where that is done by hand. */
function closing({ closedAt, endsAt, closesHoursAfter }: Seen): Date | null {
  if (closedAt) return closedAt;
  return endsAt && closesHoursAfter !== null ? new Date(endsAt.getTime() + closesHoursAfter * 3_600_000) : null;
}

/** A workshop as it will be once it is closed, to see what the rules want then. */
function onceClosed(workshop: Seen): Seen {
  if (workshop.state === "closed") return workshop;
  return { ...workshop, state: "closed", closedAt: closing(workshop) ?? workshop.endsAt };
}

/** When accounts are given out, as things stand; null where a person opens the workshop. */
function opening({ startsAt, opensMinutesBefore }: Seen): Date | null {
  return startsAt && opensMinutesBefore !== null ? new Date(startsAt.getTime() - opensMinutesBefore * 60_000) : null;
}

function momentIn(rule: MailRuleNow, workshop: Seen): Date | null {
  if (rule.kind === "access_ready") return opening(workshop);
  if (rule.planned === "closing")
    return rule.when.at === "cause" ? closing(workshop) : (momentOf(rule.when, calendarOf(workshop))?.dueAt ?? null);
  return momentOf(rule.when, calendarOf(workshop))?.dueAt ?? null;
}

const needsAccounts: ReadonlySet<string> = new Set([
  ...[
    "accounts_missing",
    "access_ready",
    "waiting_for_account",
    "budget_reached",
    "cleanup_report",
    "machines_stopped",
  ],
]);

type Group = { kind: string; rule: string | null; state: MessageState; count: number; last: Date | null };

async function groupsOf(ctx: Context, actor: MemberActor, workshopId: string): Promise<Group[]> {
  const groups = await ctx.db.message.groupBy({
    by: ["kind", "rule", "state"],
    where: { ...messageScope(actor), workshopId },
    _count: { _all: true },
    _max: { dueAt: true },
  });
  return groups.map(({ kind, rule, state, _count, _max }) => ({
    ...{ kind, rule, state },
    ...{ count: _count._all, last: _max.dueAt },
  }));
}

function countsOf(groups: readonly Group[]) {
  const sum = (outlook: MessageOutlook) =>
    groups.reduce((total, group) => total + (outlookOf(group.state) === outlook ? group.count : 0), 0);
  return { sent: sum("sent"), waiting: sum("waiting"), problems: sum("problem"), dropped: sum("dropped") };
}

const passedWords: Record<string, string> = {
  passed: "Its time had passed when the dates or the rule changed: it does not go by itself.",
  too_late: "No worker ran in time: it was too late, and was not sent.",
};

/**
 * The mails of a workshop in the order of their time: for each rule how many went, wait, failed or were dropped, and how many
 * more there will be as things stand. An account manager gets the figures of their own people.
 */
export async function mailTimeline(ctx: Context, input: { workshopId: string }): Promise<RuleView[]> {
  const actor = allowMember(ctx.actor, "mail.read");
  const workshop = await loadWorkshop(ctx, actor, input.workshopId);
  const [{ rules, view }, groups, everybody, runs] = await Promise.all([
    readRules(ctx, actor, workshop.id),
    groupsOf(ctx, actor, workshop.id),
    peopleOf(ctx.db, workshop.id),
    ctx.db.mailRuleRun.findMany({ where: { teamId: actor.teamId, scope: workshop.id } }),
  ]);
  const people =
    actor.role === "account_manager" ? everybody.filter((one) => one.memberId === actor.memberId) : everybody;
  const shown = rules.filter(
    ({ base, kind }) => !definitionOf(base).ofTeam && (workshop.sandboxProfileId !== null || !needsAccounts.has(kind)),
  );
  const lines: RuleView[] = [];
  for (const rule of shown) {
    const own = groups.filter((group) => ruleOf(group) === rule.key);
    const moment = momentOf(rule.when, calendarOf(workshop));
    const run = runs.find((one) => one.key === rule.key && one.occurrence === moment?.occurrence);
    const counts = { ...countsOf(own), expected: await expectedOf(ctx, workshop, rule, people, run !== undefined) };
    const last = own.reduce<Date | null>(
      (at, group) => (group.last && (!at || group.last > at) ? group.last : at),
      null,
    );
    lines.push({
      ...view(rule),
      at: momentIn(rule, workshop) ?? last,
      counts,
      ...fateOf(ctx, workshop, rule, moment, run),
    });
  }
  const known = new Set(rules.map((rule) => rule.key));
  const others = Map.groupBy(
    groups.filter((group) => !known.has(ruleOf(group)) && group.kind !== "sign_in_code"),
    (group) => group.kind,
  );
  for (const [kind, own] of others) lines.push(lineWithoutRule(kind, own));
  return lines.sort((a, b) => (a.at?.getTime() ?? Infinity) - (b.at?.getTime() ?? Infinity));
}

/** What became of a rule's moment, and whether it can be sent by hand. */
function fateOf(
  ctx: Context,
  workshop: Seen,
  rule: MailRuleNow,
  moment: { dueAt: Date } | null,
  run: { outcome: string; made: number; skipped: number } | undefined,
): { note: string | null; maySend: boolean } {
  const live = ["registration", "open"].includes(workshop.state);
  const maySend = rule.on && live && moment !== null && (rule.planned === "seat" || rule.planned === "members");
  if (!rule.on) return { note: null, maySend: false };
  if (run?.outcome === "made" && run.skipped > 0)
    return { note: `${run.skipped} did not meet its condition at its time.`, maySend };
  if (run) return { note: passedWords[run.outcome] ?? null, maySend };
  const over = moment !== null && moment.dueAt <= ctx.clock.now();
  return { note: over && live ? "Its time has passed: who registers now does not get it." : null, maySend };
}

async function expectedOf(
  ctx: Context,
  workshop: Seen,
  rule: MailRuleNow,
  people: readonly PlannedPerson[],
  had: boolean,
): Promise<number> {
  const over = ["closing", "closed", "cancelled"].includes(workshop.state);
  if (rule.kind === "access_ready" && workshop.state === "registration")
    return people.filter((person) => person.state === "confirmed").length;
  if (!rule.on || over || rule.planned === "cause" || rule.planned === "seat") return 0;
  if (rule.planned === "members") {
    const at = momentIn(rule, workshop);
    return had || !at || at <= ctx.clock.now() ? 0 : (await reached(ctx.db, workshop, rule)).memberIds.length;
  }
  if (definitionOf(rule.base).roles[0] !== "attendee") return (await reached(ctx.db, workshop, rule)).memberIds.length;
  return people.filter((person) => !("none" in wantedFor(rule, onceClosed(workshop), person))).length;
}

/** Mails of a workshop that no rule stands for, e.g. invitations to single addresses. */
function lineWithoutRule(kind: string, groups: readonly Group[]): RuleView {
  const audience = { role: "attendee", states: [], memberIds: [], locales: [] } as const;
  return {
    ...{
      key: kind,
      label: isMailKind(kind) ? mailKinds[kind].label : kind,
      on: true,
      byCause: true,
      source: "default",
    },
    ...{ version: 0, changed: null, when: { at: "cause" }, conditions: [], late: null, at: null, note: null },
    audience: { ...audience, states: [], memberIds: [], locales: [] },
    words: { when: "at once", audience: "", conditions: [], late: null },
    counts: { ...countsOf(groups), expected: 0 },
    ...{ mayEdit: false, mayAdd: false, own: false, maySend: false },
    choices: { states: [], roles: [], members: [], when: "fixed" },
  };
}

// --- What a change would mean ----------------------------------------------------------------------------------------

export type RuleRecipient = {
  /** Registration or member id. */
  id: string;
  name: string;
  locale: string;
  /** Null where it depends on when the workshop is closed. */
  at: Date | null;
};

export type RulePreview = {
  before: RuleRecipient[];
  after: RuleRecipient[];
  /** Who got it already and does not get it again. */
  already: number;
  /** People of other account managers, whom the reader does not see. */
  hidden: { before: number; after: number };
  /** For a team's default: workshops that it changes something in. */
  workshops: { id: string; title: string; moved: number; added: number; dropped: number }[];
};

const listedLimit = 500;

/** Who gets a rule's mail when, as it is now and as it would be with other settings. Writes nothing. */
export async function previewRule(
  ctx: Context,
  input: { workshopId: string | null; key: string; settings: RuleSettings },
): Promise<RulePreview> {
  const actor = allowMember(ctx.actor, "mail.read");
  const { teamId } = actor;
  if (!input.workshopId) return previewDefault(ctx, actor, input);
  const workshop = await loadWorkshop(ctx, actor, input.workshopId);
  const { now: current, draft } = await draftRule(
    ctx.db,
    { teamId, workshopId: workshop.id, key: input.key },
    input.settings,
  );
  const existing = (await loadRules(ctx.db, teamId, workshop.id)).some((rule) => rule.key === input.key);
  const [before, after] = [
    existing ? await recipients(ctx, actor, workshop, current) : { shown: [], hidden: 0, already: 0 },
    await recipients(ctx, actor, workshop, draft),
  ];
  return {
    ...{ before: before.shown, after: after.shown, already: after.already, workshops: [] },
    hidden: { before: before.hidden, after: after.hidden },
  };
}

type Listed = { shown: RuleRecipient[]; hidden: number; already: number };

async function recipients(ctx: Context, actor: MemberActor, workshop: Seen, rule: MailRuleNow): Promise<Listed> {
  const none = { shown: [], hidden: 0, already: 0 };
  if (!rule.on || rule.planned === "cause" || rule.planned === "week") return none;
  if (definitionOf(rule.base).roles[0] !== "attendee") return memberRecipients(ctx, actor, workshop, rule);
  const as = rule.planned === "closing" ? onceClosed(workshop) : workshop;
  const now = ctx.clock.now();
  const { changes } = await comparePlan(ctx.db, as, [rule], now);
  const meant = changes.flatMap(({ person, rows, decision, rule: { planned } }) => {
    const wanted = wantedFor(rule, as, person);
    if ("none" in wanted) return [];
    const own = rows.find((row) => row.occurrence === wanted.occurrence);
    if (own && !["queued", "cancelled"].includes(own.state)) return [{ person, at: null, already: true }];
    const at = decision.insert?.dueAt ?? decision.set?.dueAt ?? (own?.state === "queued" ? own.dueAt : null);
    const open = planned === "closing" && rule.when.at === "cause" && !workshop.closedAt && !closing(workshop);
    return at && !decision.cancel.some(({ id }) => id === own?.id)
      ? [{ person, at: open ? null : at, already: false }]
      : [];
  });
  const seen = meant.filter(({ person }) => actor.role !== "account_manager" || person.memberId === actor.memberId);
  const coming = seen.filter((one) => !one.already);
  const names = await personNames(
    ctx,
    coming.slice(0, listedLimit).map(({ person }) => person.id),
  );
  return {
    shown: coming.map(({ person, at }) => ({
      ...{ id: person.id, at, locale: person.locale },
      name: names.get(person.id) ?? "Anonymous",
    })),
    hidden: meant.filter((one) => !one.already).length - coming.length,
    already: seen.length - coming.length,
  };
}

async function personNames(ctx: Context, ids: string[]): Promise<Map<string, string>> {
  const found = await ctx.db.registration.findMany({
    where: { id: { in: ids } },
    select: { id: true, person: { select: { name: true, email: true } } },
  });
  return new Map(found.map(({ id, person }) => [id, person.name ?? person.email ?? "Anonymous"]));
}

async function memberRecipients(ctx: Context, actor: MemberActor, workshop: Seen, rule: MailRuleNow): Promise<Listed> {
  const at = momentIn(rule, workshop);
  const live = ["registration", "open"].includes(workshop.state);
  const moment = momentOf(rule.when, calendarOf(workshop));
  const of = { teamId: actor.teamId, scope: workshop.id, key: rule.key, occurrence: moment?.occurrence ?? "" };
  const had = (await ctx.db.mailRuleRun.count({ where: of })) > 0;
  if (!live || had || (rule.planned === "members" && (!at || at <= ctx.clock.now())))
    return { shown: [], hidden: 0, already: 0 };
  const { memberIds } = await reached(ctx.db, workshop, rule);
  const names = await changerNames(ctx.db, actor.teamId, memberIds);
  return {
    shown: memberIds.map((id) => ({ id, name: names.get(id) ?? "Somebody who left", locale: "en", at })),
    ...{ hidden: 0, already: 0 },
  };
}

/** What a team's default would change in each of its workshops that are to come. */
async function previewDefault(
  ctx: Context,
  actor: MemberActor,
  { key, settings }: { key: string; settings: RuleSettings },
): Promise<RulePreview> {
  const { teamId } = actor;
  const { draft } = await draftRule(ctx.db, { teamId, workshopId: null, key }, settings);
  const found = await ctx.db.workshop.findMany({
    where: { ...workshopScope(actor), state: { in: ["registration", "open"] } },
    select: columns,
    orderBy: { startsAt: "asc" },
    take: 100,
  });
  const workshops: RulePreview["workshops"] = [];
  for (const workshop of draft.planned === "seat" ? found : []) {
    const rows = await ctx.db.mailRule.findMany({ where: { teamId, key, scope: { in: ["team", workshop.id] } } });
    const asTeam = { key, scope: "team", settings: JSON.parse(JSON.stringify(settings)) };
    const rule = rulesNow([...rows.filter((row) => row.scope !== "team"), asTeam], workshop.id).find(
      (one) => one.key === key,
    );
    if (!rule) continue;
    const { changes } = await comparePlan(ctx.db, workshop, [rule], ctx.clock.now());
    const count = (is: (change: (typeof changes)[number]) => boolean) => changes.filter(is).length;
    const line = {
      moved: count(({ decision }) => decision.set !== null),
      added: count(({ decision }) => decision.insert !== null),
      dropped: count(({ decision }) => decision.cancel.length > 0 && !decision.set && !decision.insert),
    };
    if (line.moved + line.added + line.dropped > 0) workshops.push({ id: workshop.id, title: workshop.title, ...line });
  }
  return { before: [], after: [], already: 0, hidden: { before: 0, after: 0 }, workshops };
}

// --- How it looks, and now -------------------------------------------------------------------------------------------

/** A row of the outbox as a rule would write it, for a preview; it is not stored. */
function imagined(ctx: Context, workshop: Seen, rule: MailRuleNow, to: RuleRecipient): Message {
  const attendee = definitionOf(rule.base).roles[0] === "attendee";
  const now = ctx.clock.now();
  return {
    ...{ id: ctx.newId("message"), teamId: workshop.teamId, kind: rule.kind, rule: rule.key, recipientKey: to.id },
    ...{ occurrence: "preview", workshopId: workshop.id, registrationId: attendee ? to.id : null },
    ...{ memberId: attendee ? null : to.id, inviteId: null, attemptId: null, locale: to.locale, data: {} },
    ...{ urgent: false, state: "queued", dueAt: to.at ?? now, notAfter: null, attempts: 0, lastError: null },
    ...{ providerId: null, sendingSince: null, sentAt: null, createdAt: now },
  };
}

export type RuleMail = { to: string; subject: string; text: string; html: string; locale: string };

/**
 * The mail of a rule as one of its recipients would get it, in their language, with marks in place of links; the first one's
 * where none is named. Null where nobody gets it as things stand.
 */
export async function previewRuleMail(
  ctx: Context,
  input: { workshopId: string; key: string; recipientId: string | null },
): Promise<RuleMail | null> {
  const actor = allowMember(ctx.actor, "mail.read");
  const workshop = await loadWorkshop(ctx, actor, input.workshopId);
  const rule = (await loadRules(ctx.db, actor.teamId, workshop.id)).find((one) => one.key === input.key);
  if (!rule) throw notFound("rule");
  const { shown } = await recipients(ctx, actor, workshop, { ...rule, on: true });
  const to = input.recipientId ? shown.find((one) => one.id === input.recipientId) : shown[0];
  if (!to) return null;
  const preview = await renderPreview(ctx, imagined(ctx, workshop, rule, to));
  if (!preview) return null;
  const { subject, text } = preview.content;
  return { to: preview.to.address, subject, text, html: preview.html, locale: to.locale };
}

/**
 * Sends a rule's mail now to everybody whom it is for and who did not have it for this date, also where its time has passed.
 * Returns how many.
 */
export async function sendRuleNow(ctx: Context, input: { workshopId: string; key: string }): Promise<{ sent: number }> {
  const actor = allowMember(ctx.actor, "mail.resend");
  const workshop = await loadWorkshop(ctx, actor, input.workshopId);
  const rule = (await loadRules(ctx.db, actor.teamId, workshop.id)).find((one) => one.key === input.key);
  if (!rule) throw notFound("rule");
  if (!mayEditRule(actor.role, rule.base, workshop.id))
    throw new DomainError("forbidden", "This mail is sent by others: ask a solutions architect or an admin.");
  if (!rule.on || !["seat", "members"].includes(rule.planned))
    throw new DomainError("not_ready", rule.on ? "This mail goes by its cause." : "The rule is turned off.");
  const sent =
    rule.planned === "members"
      ? await runRule(ctx, workshop.id, rule.key, true)
      : await sendPlanned(ctx, workshop, rule);
  await ctx.db.$transaction(async (tx) => {
    const entry = { teamId: actor.teamId, action: "mail_rule.sent_now", entity: "workshop", entityId: workshop.id };
    await audit(ctx, tx, { ...entry, detail: { key: rule.key, sent } });
  });
  return { sent };
}

async function sendPlanned(ctx: Context, workshop: PlannedWorkshop, rule: MailRuleNow): Promise<number> {
  const now = ctx.clock.now();
  return ctx.db.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM "Workshop" WHERE "id" = ${workshop.id} FOR NO KEY UPDATE`;
    // As if its moment were now: what waits and what was taken back comes, what went does not come again.
    const { changes } = await comparePlan(tx, workshop, [rule], now);
    const waiting: string[] = [];
    const rows: Prisma.MessageCreateManyInput[] = [];
    for (const { person, rows: own } of changes) {
      const wanted = wantedFor(rule, workshop, person);
      if ("none" in wanted || (wanted.notAfter && wanted.notAfter <= now)) continue;
      const row = own.find((one) => one.occurrence === wanted.occurrence) ?? own.find((one) => one.state === "queued");
      if (row?.state === "queued") waiting.push(row.id);
      else if (!row) rows.push(newRow(ctx, workshop, { rule, person }, { ...wanted, dueAt: now }));
    }
    const moved = await tx.message.updateManyAndReturn({
      where: { id: { in: waiting }, state: "queued" },
      data: { dueAt: now },
      select: { id: true },
    });
    await enqueueAll(
      ctx,
      tx,
      "mail.send",
      moved.map(({ id }) => ({ messageId: id })),
    );
    return moved.length + (await insertRows(ctx, tx, rows));
  });
}
