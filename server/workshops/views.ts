import { z } from "zod";
import type { Workshop } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import { notFound } from "@/server/errors";
import { consolePaths } from "@/server/paths";
import { allowMember, attributedScope, type MemberActor, mayDo, workshopScope } from "@/server/permissions";
import { type LostAccessMail, lostAccessMails, questionsOf } from "@/server/registrations/registrations";
import type { QuestionDefinition } from "@/server/registrations/schemas";
import { type LeaseMarks, leaseMarks, machineNote, marksSelect, stepNote } from "@/server/sandboxes/sandboxes";
import { toLocal } from "@/server/times";
import { factsOfWorkshops, workshopFacts } from "@/server/workshops/facts";
import type { FixTarget, Guard, Move, WorkshopFacts, WorkshopState } from "@/server/workshops/lifecycle";
import { movesOf } from "@/server/workshops/lifecycle";
import { type AgendaItem, agendaItem } from "@/server/workshops/schemas";

/** What the screens of workshops read: plain values, instants as ISO text in UTC. */

export type MoveView = Omit<Move, "guards"> & {
  guards: (Omit<Guard, "fix"> & { fix: { label: string; href: string } | null })[];
};

export type LifelineStep = {
  state: WorkshopState;
  /** When it happened. */
  at: string | null;
  /** When it will happen by the plan. */
  expectedAt: string | null;
  /** Whether the clock does it. */
  byItself: boolean;
  current: boolean;
};

export type WorkshopSummary = {
  id: string;
  title: string;
  state: WorkshopState;
  pausedAt: string | null;
  startsAt: string | null;
  endsAt: string | null;
  timeZone: string;
  place: string;
  link: string;
  capacity: number;
  seatsTaken: number;
  counts: Record<"confirmed" | "waitlisted" | "unverified" | "offered" | "attended" | "noShow" | "cancelled", number>;
  next: MoveView | null;
  nextAutomatic: { move: "open" | "close"; at: string } | null;
  /** What is wrong, in sentences. */
  trouble: string[];
};

export type WorkshopView = WorkshopSummary & {
  abstract: string;
  outcomes: string[];
  bring: string[];
  agenda: AgendaItem[];
  languages: string[];
  sandboxProfile: { id: string; name: string } | null;
  presenters: { memberId: string; name: string }[];
  accountManagers: { memberId: string; name: string; seatLimit: number | null; seatsTaken: number }[];
  opensMinutesBefore: number | null;
  closesHoursAfter: number | null;
  spares: number;
  prewarmMinutes: number | null;
  offerHours: number | null;
  registrationOpensAt: string | null;
  registrationClosesAt: string | null;
  minimumNoticeHours: number;
  approvalBy: string | null;
  allowedDomains: string[];
  questions: QuestionDefinition[];
  /** Seats that the pool has an account for; null where it sets no limit. */
  poolSeats: number | null;
  calendarItems: boolean;
  surveyUrl: string;
  materialsUrl: string;
  /** Whether accounts of it were, or are being, taken back: also before it closes, where one was replaced or given back. */
  takingBack: boolean;
  lifeline: LifelineStep[];
  moves: MoveView[];
  pool: {
    available: number;
    needed: number;
    problem: string | null;
    /** Of the pool on the workshop's dates; null without dates, when they are over, and for those who do not see the pool. */
    onDate: { wanted: number; there: number; missing: number; text: string; href: string } | null;
  } | null;
  anonymizeAt: string | null;
  anonymizedAt: string | null;
  anonymization: unknown;
  scheduleVersion: number;
  mayEdit: boolean;
  mayMove: boolean;
};

const iso = (at: Date | null) => at?.toISOString() ?? null;
const plus = (at: Date | null, milliseconds: number) => (at ? new Date(at.getTime() + milliseconds) : null);
const minute = 60_000;

/** The member's workshops, the next ones first: an account manager's own, or all of the team. */
export async function listWorkshops(ctx: Context): Promise<WorkshopSummary[]> {
  const actor = allowMember(ctx.actor, "workshop.read");
  const workshops = await ctx.db.workshop.findMany({
    where: workshopScope(actor),
    orderBy: [{ startsAt: "desc" }, { id: "desc" }],
  });
  const ids = workshops.map((workshop) => workshop.id);
  const moving = mayDo(actor.role, "workshop.move") ? workshops.filter(({ state }) => movable.includes(state)) : [];
  const [states, failed, facts] = await Promise.all([
    ctx.db.registration.groupBy({
      by: ["workshopId", "state"],
      where: { ...attributedScope(actor), workshopId: { in: ids } },
      _count: true,
    }),
    ctx.db.closingStep.groupBy({
      by: ["workshopId"],
      where: { teamId: actor.teamId, state: "failed", workshopId: { in: ids } },
      _count: true,
    }),
    factsOfWorkshops(ctx, ctx.db, actor.teamId, moving),
  ]);
  const now = ctx.clock.now();
  const statesOf = Map.groupBy(states, (row) => row.workshopId);
  return workshops.map((workshop) => {
    const moves = movesFor(actor, workshop, facts.get(workshop.id));
    const troubled = failed.find((row) => row.workshopId === workshop.id)?._count ?? 0;
    return summary(workshop, statesOf.get(workshop.id) ?? [], moves, troubled, now);
  });
}

/** One workshop with everything that its page shows. */
export async function getWorkshop(ctx: Context, { workshopId }: { workshopId: string }): Promise<WorkshopView> {
  const actor = allowMember(ctx.actor, "workshop.read");
  const { teamId } = actor;
  const workshop = await ctx.db.workshop.findFirst({
    where: { id: workshopId, ...workshopScope(actor) },
    include: {
      sandboxProfile: { select: { id: true, name: true } },
      presenters: { include: { member: { include: { identity: true } } } },
      accountManagers: { include: { member: { include: { identity: true } } } },
    },
  });
  if (!workshop) throw notFound("workshop");
  const scope = { ...attributedScope(actor), workshopId };
  const [questions, states, seats, failed, returning, facts] = await Promise.all([
    questionsOf(ctx.db, workshopId),
    ctx.db.registration.groupBy({ by: ["workshopId", "state"], where: scope, _count: true }),
    ctx.db.registration.groupBy({
      by: ["memberId"],
      where: { teamId, workshopId, state: { in: ["offered", "confirmed", "attended", "no_show"] } },
      _count: true,
    }),
    ctx.db.closingStep.count({ where: { teamId, workshopId, state: "failed" } }),
    ctx.db.closingStep.findFirst({ where: { teamId, workshopId, leaseId: { not: null } }, select: { id: true } }),
    workshopFacts(ctx, ctx.db, workshop),
  ]);
  const moves = movesFor(actor, workshop, facts);
  const managers = workshop.accountManagers.filter(
    (m) => actor.role !== "account_manager" || m.memberId === actor.memberId,
  );
  return {
    ...summary(workshop, states, moves, failed, ctx.clock.now()),
    abstract: workshop.abstract,
    outcomes: workshop.outcomes,
    bring: workshop.bring,
    agenda: z.array(agendaItem).catch([]).parse(workshop.agenda),
    languages: workshop.languages,
    sandboxProfile: workshop.sandboxProfile,
    presenters: workshop.presenters.map(({ memberId, member }) => ({ memberId, name: member.identity.name })),
    accountManagers: managers.map(({ memberId, member, seatLimit }) => ({
      ...{ memberId, seatLimit, name: member.identity.name },
      seatsTaken: seats.find((row) => row.memberId === memberId)?._count ?? 0,
    })),
    opensMinutesBefore: workshop.opensMinutesBefore,
    closesHoursAfter: workshop.closesHoursAfter,
    spares: workshop.spares,
    prewarmMinutes: workshop.prewarmMinutes,
    offerHours: workshop.offerHours,
    registrationOpensAt: iso(workshop.registrationOpensAt),
    registrationClosesAt: iso(workshop.registrationClosesAt),
    minimumNoticeHours: workshop.minimumNoticeHours,
    approvalBy: workshop.approvalBy,
    allowedDomains: workshop.allowedDomains,
    questions,
    poolSeats: workshop.poolSeats,
    calendarItems: workshop.calendarItems,
    surveyUrl: workshop.surveyUrl,
    materialsUrl: workshop.materialsUrl,
    takingBack: returning !== null,
    lifeline: lifeline(workshop),
    moves,
    pool: facts.pool && {
      available: facts.pool.available,
      needed: facts.confirmed,
      problem: facts.pool.problem,
      onDate: mayDo(actor.role, "sandbox.read") ? onDateView(workshop, facts.pool.onDate) : null,
    },
    anonymizeAt: iso(workshop.anonymizeAt),
    anonymizedAt: iso(workshop.anonymizedAt),
    // Its figures are of the whole workshop, account manager by account manager.
    anonymization: actor.role === "account_manager" ? null : workshop.anonymization,
    scheduleVersion: workshop.scheduleVersion,
    mayEdit: mayDo(actor.role, "workshop.edit") && movable.includes(workshop.state),
    mayMove: mayDo(actor.role, "workshop.move"),
  };
}

/** What the wizard offers to choose from. */
export async function formOptions(ctx: Context) {
  const { teamId } = allowMember(ctx.actor, "workshop.edit");
  const [team, members, profiles] = await Promise.all([
    ctx.db.team.findUniqueOrThrow({ where: { id: teamId }, select: { timeZone: true, locale: true } }),
    ctx.db.member.findMany({
      where: { teamId, removedAt: null },
      include: { identity: true },
      orderBy: { identity: { name: "asc" } },
    }),
    ctx.db.sandboxProfile.findMany({ where: { teamId }, orderBy: { name: "asc" } }),
  ]);
  return {
    timeZone: team.timeZone,
    timeZones: Intl.supportedValuesOf("timeZone"),
    members: members.map(({ id, role, identity }) => ({ id, role, name: identity.name })),
    profiles: profiles.map(({ id, name, description, regions }) => ({ id, name, description, regions })),
  };
}

export type LiveRow = {
  registrationId: string | null;
  memberId: string | null;
  name: string;
  company: string | null;
  holder: "registration" | "presenter" | "rehearsal";
  checkedInAt: string | null;
  enteredAt: string | null;
  consoleOpenedAt: string | null;
  /** Why the mail with the way in did not reach them; null where it did. */
  lostAccess: LostAccessMail | null;
  lease:
    | ({
        id: string;
        state: string;
        awsAccountId: string;
        lastError: string | null;
        readyAt: string | null;
      } & LeaseMarks)
    | null;
};

/** One row for each confirmed attendee and each other holder of an account, in the order of confirmation. */
export async function liveBoard(ctx: Context, { workshopId }: { workshopId: string }): Promise<LiveRow[]> {
  const actor = allowMember(ctx.actor, "sandbox.read");
  const { teamId } = actor;
  await getOwn(ctx, actor, workshopId);
  const account = { account: { select: { awsAccountId: true } }, workshop: marksSelect.workshop } as const;
  // The newest is the one in use; one that it took the place of is on its way back.
  const newest = [{ reservedAt: "desc" as const }, { id: "desc" as const }];
  const lease = { where: { endedAt: null }, orderBy: newest, include: account };
  const [lost, registrations, others] = await Promise.all([
    lostAccessMails(ctx, { teamId, workshopId }),
    ctx.db.registration.findMany({
      where: { teamId, workshopId, state: { in: ["confirmed", "attended", "no_show"] } },
      include: {
        ...{ person: true, customer: true, leases: lease, workshop: { select: { openedAt: true } } },
        browsers: { orderBy: { createdAt: "desc" }, take: 1 },
      },
      orderBy: { ordinal: "asc" },
    }),
    ctx.db.lease.findMany({
      where: { teamId, workshopId, endedAt: null, holder: { not: "registration" } },
      include: { ...account, member: { include: { identity: true } } },
      orderBy: { reservedAt: "asc" },
    }),
  ]);
  const leaseView = (row: (typeof others)[number] | (typeof registrations)[number]["leases"][number] | undefined) =>
    row
      ? {
          id: row.id,
          state: row.state,
          awsAccountId: row.account.awsAccountId,
          lastError: row.lastError,
          readyAt: iso(row.readyAt),
          ...leaseMarks(row),
        }
      : null;
  return [
    ...others.map(
      (row): LiveRow => ({
        ...{ registrationId: null, memberId: row.memberId, company: null, holder: row.holder },
        ...{ checkedInAt: null, enteredAt: null, consoleOpenedAt: null, lostAccess: null },
        name: row.member?.identity.name ?? "",
        lease: leaseView(row),
      }),
    ),
    ...registrations.map(
      ({ browsers: [browser], workshop: { openedAt }, ...row }): LiveRow => ({
        ...{ registrationId: row.id, memberId: null, holder: "registration" as const },
        name: row.person.name ?? "Anonymized",
        company: row.customer?.name ?? row.company,
        checkedInAt: iso(row.checkedInAt),
        // Who confirmed days ago has a browser that is known, and is not in the room for it.
        enteredAt: iso(browser && openedAt && browser.createdAt >= openedAt ? browser.createdAt : null),
        consoleOpenedAt: iso(row.consoleOpenedAt),
        // Whoever is in needs no mail.
        lostAccess: row.consoleOpenedAt ? null : (lost.get(row.id) ?? null),
        lease: leaseView(row.leases[0]),
      }),
    ),
  ];
}

/** The steps of closing, lease by lease, each with what its cleanup found; failed ones first. */
export async function closingTimeline(ctx: Context, { workshopId }: { workshopId: string }) {
  const actor = allowMember(ctx.actor, "sandbox.read");
  const { teamId } = actor;
  await getOwn(ctx, actor, workshopId);
  const leases = await ctx.db.lease.findMany({
    where: { teamId, workshopId, steps: { some: {} } },
    include: {
      account: { select: { id: true, awsAccountId: true, name: true, state: true, quarantineReason: true } },
      steps: { orderBy: { position: "asc" } },
      cleanups: { orderBy: { startedAt: "desc" }, take: 1 },
    },
    orderBy: { reservedAt: "asc" },
  });
  const rows = leases.map(({ id, account, steps, cleanups, endedAt, provedAt }) => ({
    leaseId: id,
    account,
    endedAt: iso(endedAt),
    provedAt: iso(provedAt),
    failed: steps.some((step) => step.state === "failed"),
    steps: steps.map((step) => ({
      ...{ id: step.id, name: step.name, state: step.state, attempts: step.attempts, lastError: step.lastError },
      startedAt: iso(step.startedAt),
      endedAt: iso(step.endedAt),
      note: stepNote(step),
    })),
    machine: cleanups[0] ? machineNote(cleanups[0]) : null,
    cleanup: cleanups[0]
      ? (({ id, state, pass, found, removed, remaining, unknown, checksPerPass }) => ({
          ...{ id, state, pass, found, removed, remaining, unknown, checksPerPass },
        }))(cleanups[0])
      : null,
  }));
  return rows.sort((a, b) => Number(b.failed) - Number(a.failed));
}

const sentences: Record<string, string> = {
  "workshop.created": "made the draft",
  "workshop.changed": "changed the workshop",
  "workshop.duplicated": "duplicated it from an older workshop",
  "workshop.openRegistration": "opened registration",
  "workshop.pause": "paused registration",
  "workshop.resume": "resumed registration",
  "workshop.open": "opened the workshop",
  "workshop.close": "started closing",
  "workshop.closed": "closed the workshop: every account is back or set aside",
  "workshop.cancel": "cancelled the workshop",
  "workshop.extended": "extended the workshop",
  "workshop.anonymized": "made the attendees anonymous",
  "invite.created": "made an invitation link",
  "invite.revoked": "revoked an invitation link",
  "invite.changed": "changed an invitation link",
  "invite.declined": "declined an invitation",
  "invite.mailed": "mailed an invitation again",
  "invite.sent": "sent invitations to a list of addresses",
  "workshop.limit_changed": "changed a limit of seats",
  "registration.made": "registered",
  "registration.confirmed": "confirmed a registration",
  "registration.waitlisted": "confirmed and went on the waitlist",
  "registration.awaiting_approval": "confirmed an address and waits for a yes",
  "registration.approved": "approved a registration",
  "registration.rejected": "turned down a registration",
  "workshop.missing_accepted": "accepted that accounts are missing",
  "registration.offered": "offered a seat to the next on the waitlist",
  "registration.offer_accepted": "took the seat that was offered",
  "registration.offer_declined": "declined the seat that was offered",
  "registration.offer_lapsed": "ended an offer that nobody answered in time",
  "registration.handover_started": "asked a colleague to take over a seat",
  "registration.handover_withdrawn": "took back a hand-over",
  "registration.handover_declined": "declined a hand-over",
  "registration.handover_expired": "ended a hand-over that nobody answered in time",
  "registration.handed_over": "handed over a seat",
  "registration.exported": "took along the data held about them",
  "registration.promoted": "moved somebody up from the waitlist",
  "registration.changed": "changed their data",
  "registration.cancelled": "cancelled a registration",
  "registration.checked_in": "checked somebody in",
  "registration.check_in_undone": "took a check-in back",
  "registration.let_in": "let somebody in at the door",
  "registration.walked_in": "wrote somebody down at the door",
  "registration.attendance_corrected": "put right who came",
  "registrations.exported": "exported registrations as a file",
  "registrations.printed": "printed a list of people",
  "registration.browser_verified": "proved a browser to be theirs",
  "registration.code_made": "made a one-time code to read out",
  "registration.erased": "erased a registration",
  "registration.address_corrected": "corrected the address of a registration",
  "mail.all_sent_again": "sent mails again that had failed or were in doubt",
  "lease.reserved": "lent an account",
  "lease.ready": "made an account ready",
  "lease.retried": "tried again to make an account ready",
  "lease.console_opened": "opened the console",
  "lease.keys_made": "made temporary keys",
  "lease.password_shown": "looked at the password of an account's user",
  "lease.password_renewed": "made a new password for an account's user",
  "lease.access_key_shown": "looked at the access key of an account's user",
  "lease.access_key_renewed": "made a new access key for an account's user",
  "lease.replaced": "replaced an account by another one",
  "lease.closing": "started to take an account back",
  "lease.revocation_proved": "proved that access to an account is gone",
  "lease.step_retried": "tried a closing step again",
  "lease.set_aside": "set an account aside",
  "lease.stack_made": "finished the start-up stack of an account",
  "lease.stack_failed": "could not make the start-up stack of an account",
  "lease.stack_retried": "tried the start-up stack of an account again",
  "lease.budget_reached": "saw an account reach a part of its budget",
  "lease.frozen": "froze an account that used up its budget",
  "lease.unfrozen": "unfroze an account",
  "lease.ended": "finished taking an account back",
};

/** Who did what in a workshop, newest first. */
export async function history(ctx: Context, { workshopId }: { workshopId: string }) {
  const actor = allowMember(ctx.actor, "history.read");
  const { teamId } = actor;
  await getOwn(ctx, actor, workshopId);
  const [registrations, invites, leases] = await Promise.all([
    ctx.db.registration.findMany({ where: { teamId, workshopId }, select: { id: true } }),
    ctx.db.invite.findMany({ where: { teamId, workshopId }, select: { id: true } }),
    ctx.db.lease.findMany({ where: { teamId, workshopId }, select: { id: true } }),
  ]);
  const entityIds = [workshopId, ...[...registrations, ...invites, ...leases].map((row) => row.id)];
  const entries = await ctx.db.auditEntry.findMany({
    where: { teamId, entityId: { in: entityIds } },
    orderBy: { ordinal: "desc" },
    take: 500,
  });
  const members = await ctx.db.member.findMany({
    where: { teamId },
    include: { identity: { select: { name: true } } },
  });
  const names = new Map(members.map((member) => [member.id, member.identity.name]));
  const who = (kind: string, id: string | null) =>
    kind === "member"
      ? (names.get(id ?? "") ?? "A former member")
      : { attendee: "An attendee", clock: "The clock", operator: "The operator" }[kind];
  return entries.map((entry) => ({
    id: entry.id,
    at: entry.at.toISOString(),
    who: who(entry.actorKind, entry.actorId) ?? entry.actorKind,
    what: sentences[entry.action] ?? entry.action.replace(/[._]/g, " "),
    entity: entry.entity,
    entityId: entry.entityId,
    detail: entry.detail,
  }));
}

async function getOwn(ctx: Context, actor: MemberActor, workshopId: string): Promise<void> {
  const workshop = await ctx.db.workshop.findFirst({
    where: { id: workshopId, ...workshopScope(actor) },
    select: { id: true },
  });
  if (!workshop) throw notFound("workshop");
}

const fixSteps: Partial<Record<FixTarget, string>> = {
  basics: "basics",
  schedule: "schedule",
  agenda: "agenda",
  people: "people",
  sandbox: "sandbox",
};

/** Where the calendar shows the workshop; its own month, or this one before it has a date. */
function calendarHref({ startsAt, timeZone }: Workshop): string {
  return consolePaths.poolCalendar(startsAt ? toLocal(startsAt, timeZone).slice(0, 7) : undefined);
}

type OnDate = NonNullable<WorkshopFacts["pool"]>["onDate"];

function onDateView(workshop: Workshop, onDate: OnDate) {
  if (!onDate) return null;
  const { wanted, there, missing, text } = onDate;
  return { wanted, there, missing, text, href: calendarHref(workshop) };
}

function fixHref(target: FixTarget, workshop: Workshop): string {
  const workshopId = workshop.id;
  if (target === "pool") return consolePaths.pool();
  if (target === "calendar") return calendarHref(workshop);
  if (target === "settings") return consolePaths.settings();
  if (target === "registrations") return consolePaths.workshop(workshopId, "registrations");
  return consolePaths.editWorkshop(workshopId, fixSteps[target]);
}

/** States from which a workshop can still be moved by hand. */
const movable: readonly WorkshopState[] = ["draft", "registration", "open"];

function movesFor(actor: MemberActor, workshop: Workshop, facts: WorkshopFacts | undefined): MoveView[] {
  if (!facts || !mayDo(actor.role, "workshop.move") || !movable.includes(workshop.state)) return [];
  return movesOf(facts).map((move) => ({
    ...move,
    guards: move.guards.map((guard) => ({
      ...guard,
      fix: guard.fix && { label: guard.fix.label, href: fixHref(guard.fix.target, workshop) },
    })),
  }));
}

function summary(
  workshop: Workshop,
  states: { state: string; _count: number }[],
  moves: MoveView[],
  failedSteps: number,
  now: Date,
): WorkshopSummary {
  const { id, title, state, timeZone, place, link, capacity, seatsTaken } = workshop;
  const count = (name: string) => states.find((row) => row.state === name)?._count ?? 0;
  const automatic = nextAutomatic(workshop);
  const trouble: string[] = [];
  if (failedSteps > 0) trouble.push(`${failedSteps} closing ${failedSteps === 1 ? "step" : "steps"} failed`);
  if (state === "registration" && workshop.endsAt && workshop.endsAt <= now)
    trouble.push("It is over and was never opened");
  return {
    ...{ id, title, state, timeZone, place, link, capacity, seatsTaken },
    pausedAt: iso(workshop.pausedAt),
    startsAt: iso(workshop.startsAt),
    endsAt: iso(workshop.endsAt),
    counts: {
      confirmed: count("confirmed"),
      waitlisted: count("waitlisted"),
      unverified: count("unverified"),
      offered: count("offered"),
      attended: count("attended"),
      noShow: count("no_show"),
      cancelled: count("cancelled"),
    },
    next: moves[0] ?? null,
    nextAutomatic: automatic,
    trouble,
  };
}

function nextAutomatic(workshop: Workshop): WorkshopSummary["nextAutomatic"] {
  const { state, startsAt, endsAt, opensMinutesBefore, closesHoursAfter } = workshop;
  if (state === "registration" && startsAt && opensMinutesBefore !== null)
    return { move: "open", at: new Date(startsAt.getTime() - opensMinutesBefore * minute).toISOString() };
  if (state === "open" && endsAt && closesHoursAfter !== null)
    return { move: "close", at: new Date(endsAt.getTime() + closesHoursAfter * 60 * minute).toISOString() };
  return null;
}

function lifeline(workshop: Workshop): LifelineStep[] {
  const { state, startsAt, endsAt, opensMinutesBefore, closesHoursAfter } = workshop;
  const opens = plus(startsAt, -(opensMinutesBefore ?? 0) * minute);
  const closes = plus(endsAt, (closesHoursAfter ?? 0) * 60 * minute);
  const step = (name: WorkshopState, at: Date | null, expected: Date | null, byItself: boolean): LifelineStep => ({
    ...{ state: name, at: iso(at), byItself, current: name === state },
    expectedAt: at ? null : iso(expected),
  });
  const ended = state === "cancelled";
  const steps = [
    step("draft", workshop.createdAt, null, false),
    step("registration", workshop.registrationAt, null, false),
    step("open", workshop.openedAt, ended ? null : opens, opensMinutesBefore !== null),
    step("closing", workshop.closingAt, ended ? null : closes, closesHoursAfter !== null),
    step("closed", workshop.closedAt, null, true),
  ];
  return ended ? [...steps.filter((s) => s.at !== null), step("cancelled", workshop.cancelledAt, null, false)] : steps;
}
