import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { DomainError, notFound } from "@/server/errors";
import { ensureInvite } from "@/server/invites/invites";
import { enqueue } from "@/server/jobs/queue";
import { copyMailRules, queueClosingMails, queueMail, rescheduleMails } from "@/server/mail/outbox";
import { allowMember, allowMemberOrSystem, type MemberActor, workshopScope } from "@/server/permissions";
import {
  capOffers,
  copyQuestions,
  endOffers,
  promoteWaitlist,
  setQuestions,
  settleAttendance,
} from "@/server/registrations/registrations";
import {
  capacityPlan,
  checkDates,
  countPrewarmed,
  lockPoolDates,
  prewarm,
  reserveLeases,
  serveWaitingWorkshops,
  startTakingBack,
  tellPrewarmed,
  tickPrewarming,
} from "@/server/sandboxes/sandboxes";
import { workshopFacts } from "@/server/workshops/facts";
import { checkMove, type Guard, type MoveName } from "@/server/workshops/lifecycle";
import { setPoolSeats, tickPoolSeats } from "@/server/workshops/pool-seats";
import { type AgendaItem, agendaItem, type WorkshopForm } from "@/server/workshops/schemas";

/** The use cases of workshops: drafting, and every move of their life. The clock and the buttons call the same functions. */

export { acceptMissing } from "@/server/workshops/pool-seats";

const day = 86_400_000;

// ── Drafting ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Makes a draft in the member's team. */
export async function createWorkshop(ctx: Context, form: WorkshopForm): Promise<{ id: string }> {
  const actor = allowMember(ctx.actor, "workshop.edit");
  const id = ctx.newId("workshop");
  await ctx.db.$transaction(async (tx) => {
    await checkReferences(tx, actor, form);
    await tx.workshop.create({
      data: { id, teamId: actor.teamId, createdById: actor.memberId, ...columns(form) },
    });
    await setPeople(tx, actor.teamId, id, form);
    await setQuestions(ctx, tx, { teamId: actor.teamId, workshopId: id, questions: form.questions ?? [] });
    await audit(ctx, tx, { teamId: actor.teamId, action: "workshop.created", entity: "workshop", entityId: id });
  });
  return { id };
}

/**
 * Changes a workshop that is not over. A new date or place moves the unsent mails and sends each confirmed person a new
 * calendar entry, unless the member has them not told (`tell`: false); a larger capacity moves people up from the waitlist; a new account manager gets an invite. Where the change
 * leaves the pool with too few accounts on its dates it is refused (`not_ready`, reason `overcommitted`, `missing`) and nothing
 * is changed, unless the member accepts that so many are missing.
 */
export async function updateWorkshop(
  ctx: Context,
  {
    workshopId,
    form,
    acceptMissing = 0,
    tell = true,
  }: { workshopId: string; form: WorkshopForm; acceptMissing?: number; tell?: boolean },
): Promise<void> {
  const actor = allowMember(ctx.actor, "workshop.edit");
  await ctx.db.$transaction(async (tx) => {
    const before = await lockWorkshop(tx, workshopId, actor.teamId);
    if (before.state === "closing" || before.state === "closed" || before.state === "cancelled")
      throw new DomainError("conflict", "This workshop is over: it can be read and duplicated, not changed.");
    await checkReferences(tx, actor, form);
    const after = columns(form);
    const reserved = before.state !== "draft";
    if (reserved) await checkPublished(before, after);
    if (reserved && after.sandboxProfileId) await lockPoolDates(tx, actor.teamId);
    const promised = reserved && after.sandboxProfileId ? await datesOf(ctx, tx, before) : null;
    const fields = changedFields(before, after);
    await tx.workshop.update({
      where: { id: workshopId },
      data: { ...after, scheduleVersion: { increment: fields.length > 0 ? 1 : 0 } },
    });
    await setPeople(tx, actor.teamId, workshopId, form);
    if (form.questions) await setQuestions(ctx, tx, { teamId: actor.teamId, workshopId, questions: form.questions });
    if (reserved && after.sandboxProfileId) await keepPromise(ctx, tx, { before, promised, acceptMissing });
    // Without a sandbox the pool sets no limit any more.
    else if (before.poolSeats !== null) await setPoolSeats(ctx, tx, { teamId: actor.teamId, workshopId });
    if (reserved) {
      if (fields.length > 0 && tell) await tellChange(ctx, tx, before, fields);
      // Registration's own dates are no news to those who have a seat, but mails may count from them.
      else await rescheduleMails(ctx, tx, { workshopId });
      await inviteAccountManagers(ctx, tx, before);
      await capOffers(tx, { id: workshopId, startsAt: after.startsAt });
      // The seats in all may have risen, or an account manager's.
      await promoteWaitlist(ctx, tx, { workshopId });
      // A later date gives accounts back that were made ready early; so does another profile.
      await prewarm(ctx, tx, { workshopId, profileChanged: before.sandboxProfileId !== after.sandboxProfileId });
    }
    await audit(ctx, tx, {
      teamId: actor.teamId,
      action: "workshop.changed",
      entity: "workshop",
      entityId: workshopId,
      detail: { fields },
    });
  });
}

/**
 * What a form's dates would mean for the pool, before it is saved: a sentence, and how many accounts would be missing. Null
 * without a sandbox, without dates or when they are over.
 */
export async function previewDates(
  ctx: Context,
  { workshopId, form }: { workshopId: string | null; form: WorkshopForm },
): Promise<{ missing: number; text: string; month: string } | null> {
  const { teamId } = allowMember(ctx.actor, "workshop.edit");
  if (workshopId && !(await ctx.db.workshop.count({ where: { id: workshopId, teamId } }))) throw notFound("workshop");
  const plan = await capacityPlan(ctx, ctx.db, teamId);
  const known = plan.workshops.find(({ id }) => id === workshopId);
  const found = checkDates(plan, {
    ...{
      id: workshopId ?? "",
      state: known?.state ?? "draft",
      openedAt: known?.openedAt ?? null,
      lent: known?.lent ?? 0,
    },
    ...{ ...columns(form), presenters: form.presenterIds.length },
  });
  return found && { missing: found.missing, text: found.text, month: found.month };
}

/** A new draft from an older workshop: the same content, dates shifted so that it starts on `startsOn` (or none yet). */
export async function duplicateWorkshop(
  ctx: Context,
  { workshopId, startsOn }: { workshopId: string; startsOn: string | null },
): Promise<{ id: string }> {
  const actor = allowMember(ctx.actor, "workshop.edit");
  const id = ctx.newId("workshop");
  await ctx.db.$transaction(async (tx) => {
    const source = await tx.workshop.findFirst({
      where: { id: workshopId, teamId: actor.teamId },
      include: { presenters: true, accountManagers: true },
    });
    if (!source) throw notFound("workshop");
    const shifted = shiftDates(source, startsOn);
    const { title, abstract, outcomes, bring, agenda, place, link, timeZone, languages, capacity } = source;
    const { sandboxProfileId, opensMinutesBefore, closesHoursAfter, spares, prewarmMinutes, calendarItems } = source;
    const { surveyUrl, materialsUrl } = source;
    const { teamId, offerHours, minimumNoticeHours, approvalBy, allowedDomains } = source;
    await tx.workshop.create({
      data: {
        ...{
          id,
          teamId,
          title,
          abstract,
          outcomes,
          bring,
          agenda: agenda ?? [],
          place,
          link,
          timeZone,
          languages,
          capacity,
        },
        ...{
          sandboxProfileId,
          opensMinutesBefore,
          closesHoursAfter,
          offerHours,
          minimumNoticeHours,
          approvalBy,
          allowedDomains,
          spares,
          prewarmMinutes,
          calendarItems,
          surveyUrl,
          materialsUrl,
          ...shifted,
        },
        createdById: actor.memberId,
        duplicatedFromId: source.id,
      },
    });
    const members = await tx.member.findMany({ where: { teamId, removedAt: null }, select: { id: true } });
    const still = new Set(members.map((member) => member.id));
    await tx.workshopPresenter.createMany({
      data: source.presenters.filter((p) => still.has(p.memberId)).map((p) => ({ ...p, workshopId: id })),
    });
    await tx.workshopAccountManager.createMany({
      data: source.accountManagers.filter((m) => still.has(m.memberId)).map((m) => ({ ...m, workshopId: id })),
    });
    await copyQuestions(ctx, tx, { teamId, from: source.id, to: id });
    await copyMailRules(ctx, tx, { teamId, from: source.id, to: id });
    await audit(ctx, tx, {
      teamId,
      action: "workshop.duplicated",
      entity: "workshop",
      entityId: id,
      detail: { from: source.id },
    });
  });
  return { id };
}

// ── Moves ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * draft → registration: each account manager gets their own link, by mail with a ready text to forward. From then on the
 * workshop's dates are reserved in the pool, one team member after another. Where that leaves too few accounts nothing is
 * changed (`not_ready`, reason `overcommitted`, `missing`), unless the member accepts that so many are missing.
 */
export async function openRegistration(
  ctx: Context,
  { workshopId, acceptMissing = 0 }: { workshopId: string; acceptMissing?: number },
): Promise<void> {
  const data = { registrationAt: ctx.clock.now() };
  await move(ctx, workshopId, "openRegistration", data, async (tx, workshop, guards) => {
    const short = guards.find((guard) => (guard.missing ?? 0) > acceptMissing);
    if (short) throw overcommitted(short.text, short.missing ?? 0);
    const accepted = guards.reduce((most, guard) => Math.max(most, guard.missing ?? 0), 0);
    await tx.workshop.update({ where: { id: workshopId }, data: { acceptedMissing: accepted } });
    await setPoolSeats(ctx, tx, { teamId: workshop.teamId, workshopId });
    await inviteAccountManagers(ctx, tx, workshop);
  });
}

export async function pauseRegistration(ctx: Context, { workshopId }: { workshopId: string }): Promise<void> {
  await move(ctx, workshopId, "pause", { pausedAt: ctx.clock.now() });
}

export async function resumeRegistration(ctx: Context, { workshopId }: { workshopId: string }): Promise<void> {
  await move(ctx, workshopId, "resume", { pausedAt: null });
}

/**
 * registration → open: leases an account to everybody confirmed, in the order of confirmation, in this transaction; the rest
 * wait and are served as accounts return. With too few accounts a person is asked first (`not_ready`, reason
 * `too_few_accounts`, nothing changed) unless `acceptFewer`; the clock goes ahead and tells the presenters.
 */
export async function openWorkshop(
  ctx: Context,
  { workshopId, acceptFewer = false }: { workshopId: string; acceptFewer?: boolean },
): Promise<void> {
  await move(ctx, workshopId, "open", { openedAt: ctx.clock.now(), pausedAt: null }, async (tx, workshop) => {
    if (!workshop.sandboxProfileId) return;
    const early = await countPrewarmed(tx, { workshopId });
    await tellPrewarmed(ctx, tx, { workshopId });
    const now = await reserveLeases(ctx, tx, { workshopId });
    const { waiting } = now;
    if (waiting.length === 0) return;
    if (ctx.actor.kind !== "system" && !acceptFewer) {
      const leased = early + now.leased;
      const all = leased + waiting.length;
      throw new DomainError(
        "not_ready",
        `There are accounts for ${leased} of ${all}. Open with ${leased} of ${all}? ${waiting.length} wait in the order of confirmation and get theirs as accounts return.`,
        { reason: "too_few_accounts" },
      );
    }
    await tellWaiting(ctx, tx, workshop, waiting);
    await alarmPresenters(ctx, tx, workshop, waiting.length);
  });
}

/** open → closing: what attendees built is taken back, account by account, by durable steps that jobs carry out. */
export async function closeWorkshop(ctx: Context, { workshopId }: { workshopId: string }): Promise<void> {
  const now = ctx.clock.now();
  await move(ctx, workshopId, "close", { closingAt: now }, async (tx, workshop) => {
    const { teamId } = workshop;
    await settleAttendance(ctx, tx, { workshopId });
    await endOffers(ctx, tx, { workshopId });
    await tx.registration.updateMany({
      where: { workshopId, teamId, state: { in: ["unverified", "awaiting_approval", "waitlisted"] } },
      data: { state: "expired" },
    });
    await startTakingBack(ctx, tx, { workshopId });
    // What was kept for swaps is free for others from now on.
    if (workshop.spares > 0) await serveWaitingWorkshops(ctx, tx, teamId);
    await enqueue(ctx, tx, "workshops.finish-closing", { workshopId });
  });
}

/** draft or registration → cancelled: everybody who registered is told; their data has a date of its own to go. */
export async function cancelWorkshop(ctx: Context, { workshopId }: { workshopId: string }): Promise<void> {
  const now = ctx.clock.now();
  await move(ctx, workshopId, "cancel", { cancelledAt: now, seatsTaken: 0 }, async (tx, workshop) => {
    const { teamId } = workshop;
    const team = await tx.team.findUniqueOrThrow({ where: { id: teamId } });
    await tx.workshop.update({
      where: { id: workshopId },
      data: { anonymizeAt: new Date(now.getTime() + team.cancelledAnonymizeDays * day) },
    });
    const live = await tx.registration.findMany({
      where: { workshopId, teamId, state: { in: ["confirmed", "offered", "waitlisted", "awaiting_approval"] } },
      select: { id: true },
    });
    await tx.registration.updateMany({
      where: { workshopId, teamId, state: { notIn: ["cancelled", "rejected", "expired"] } },
      data: { state: "cancelled", cancelledAt: now, calendarSequence: { increment: 1 } },
    });
    for (const { id } of live)
      await queueMail(ctx, tx, {
        kind: "workshop_cancelled",
        teamId,
        workshopId,
        registrationId: id,
        recipientKey: id,
        occurrence: "once",
      });
    await rescheduleMails(ctx, tx, { workshopId });
    await startTakingBack(ctx, tx, { workshopId });
  });
}

/** Moves the end of an open workshop, so that it closes later; each person with a seat gets a new calendar entry. */
export async function extendWorkshop(
  ctx: Context,
  { workshopId, minutes }: { workshopId: string; minutes: number },
): Promise<void> {
  const actor = allowMember(ctx.actor, "workshop.move");
  await ctx.db.$transaction(async (tx) => {
    const workshop = await lockWorkshop(tx, workshopId, actor.teamId);
    if (workshop.state !== "open" || !workshop.endsAt)
      throw new DomainError("conflict", "Only an open workshop can be extended.");
    await tx.workshop.update({
      where: { id: workshopId },
      data: {
        endsAt: new Date(workshop.endsAt.getTime() + minutes * 60_000),
        scheduleVersion: { increment: 1 },
      },
    });
    await tellChange(ctx, tx, workshop, ["endsAt"]);
    await audit(ctx, tx, {
      teamId: actor.teamId,
      action: "workshop.extended",
      entity: "workshop",
      entityId: workshopId,
      detail: { minutes },
    });
  });
}

// ── Jobs ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The clock: opens and closes what is due, and makes accounts ready early. One that cannot be moved is logged and does not hold back the others. */
export async function tickWorkshops(ctx: Context): Promise<void> {
  const now = ctx.clock.now();
  const due = await ctx.db.$queryRaw<{ id: string; state: string }[]>`
    SELECT "id", "state"::text FROM "Workshop"
    WHERE ("state" = 'registration' AND "opensMinutesBefore" IS NOT NULL AND "endsAt" > ${now}
           AND "startsAt" - make_interval(mins => "opensMinutesBefore") <= ${now})
       OR ("state" = 'open' AND "closesHoursAfter" IS NOT NULL
           AND "endsAt" + make_interval(hours => "closesHoursAfter") <= ${now})
    ORDER BY "startsAt"`;
  const bugs: unknown[] = [];
  for (const { id, state } of due) {
    try {
      if (state === "registration") await openWorkshop(ctx, { workshopId: id });
      else await closeWorkshop(ctx, { workshopId: id });
    } catch (error) {
      if (error instanceof DomainError)
        ctx.log.warn({ workshopId: id, code: error.code }, "the clock could not move a workshop");
      else bugs.push(error);
    }
  }
  await tickPrewarming(ctx).catch((error) => bugs.push(error));
  await tickPoolSeats(ctx).catch((error) => bugs.push(error));
  // The job fails for the log, once every other workshop had its turn.
  if (bugs.length > 0) throw bugs[0];
}

/** Gives accounts that came back to those who wait in an open workshop, in the order of confirmation. */
export async function serveWaiting(ctx: Context, { workshopId }: { workshopId: string }): Promise<void> {
  await ctx.db.$transaction(async (tx) => {
    const [workshop] = await tx.$queryRaw<{ teamId: string; state: string; sandboxProfileId: string | null }[]>`
      SELECT "teamId", "state"::text, "sandboxProfileId" FROM "Workshop" WHERE "id" = ${workshopId} FOR NO KEY UPDATE`;
    if (workshop?.state !== "open" || !workshop.sandboxProfileId) return;
    const { waiting } = await reserveLeases(ctx, tx, { workshopId });
    await tellWaiting(ctx, tx, { id: workshopId, teamId: workshop.teamId }, waiting);
  });
}

/** closing → closed once each account is back or quarantined; thanks go out and the date of anonymizing is fixed. */
export async function finishClosing(ctx: Context, { workshopId }: { workshopId: string }): Promise<void> {
  const now = ctx.clock.now();
  await ctx.db.$transaction(async (tx) => {
    const workshop = await tx.workshop.findUnique({ where: { id: workshopId }, include: { team: true } });
    if (workshop?.state !== "closing") return;
    const { teamId } = workshop;
    if ((await tx.lease.count({ where: { teamId, workshopId, endedAt: null } })) > 0) return;
    const moved = await tx.workshop.updateMany({
      where: { id: workshopId, state: "closing" },
      data: {
        state: "closed",
        closedAt: now,
        anonymizeAt: new Date(now.getTime() + workshop.team.anonymizeAfterDays * day),
      },
    });
    if (moved.count === 0) return;
    await queueClosingMails(ctx, tx, { workshopId });
    await audit(ctx, tx, { teamId, action: "workshop.closed", entity: "workshop", entityId: workshopId });
  });
}

// ── Inside ──────────────────────────────────────────────────────────────────────────────────────────────────────────

type WorkshopRow = NonNullable<Awaited<ReturnType<Tx["workshop"]["findUnique"]>>>;

/**
 * One move: load, allow, check the table, then in one transaction the conditional update, what belongs to the move, and the
 * audit entry. Somebody who was faster makes it a `conflict`.
 */
async function move(
  ctx: Context,
  workshopId: string,
  name: MoveName,
  data: object,
  then?: (tx: Tx, workshop: WorkshopRow, guards: readonly Guard[]) => Promise<void>,
): Promise<void> {
  const seen = await ctx.db.workshop.findFirst({
    where: { id: workshopId, ...(ctx.actor.kind === "member" ? workshopScope(ctx.actor) : {}) },
    select: { teamId: true },
  });
  if (!seen) throw notFound("workshop");
  const teamId = allowMemberOrSystem(ctx.actor, "workshop.move", seen.teamId);
  await ctx.db.$transaction(async (tx) => {
    const workshop = await lockWorkshop(tx, workshopId, teamId);
    // Two workshops that reserve at once: the second one looks when the first one's dates are in the plan.
    if (name === "openRegistration" && workshop.sandboxProfileId) await lockPoolDates(tx, teamId);
    const checked = checkMove(name, await workshopFacts(ctx, tx, workshop));
    if (!checked.allowed) throw new DomainError("not_ready", checked.reason ?? "This cannot be done now.");
    const to = targetState(name, workshop.state);
    const moved = await tx.workshop.updateMany({
      where: { id: workshopId, teamId, state: workshop.state },
      data: { ...data, state: to },
    });
    if (moved.count === 0) throw new DomainError("conflict", "Somebody else moved this workshop a moment ago.");
    await then?.(tx, workshop, checked.guards);
    await audit(ctx, tx, {
      teamId,
      action: `workshop.${name}`,
      entity: "workshop",
      entityId: workshopId,
      detail: { from: workshop.state, to },
    });
  });
}

function targetState(name: MoveName, from: WorkshopRow["state"]): WorkshopRow["state"] {
  const to = { openRegistration: "registration", open: "open", close: "closing", cancel: "cancelled" } as const;
  return name === "pause" || name === "resume" ? from : to[name];
}

/** Locks the workshop's row for the rest of the transaction: moves, seats and changes of one workshop come one by one. */
async function lockWorkshop(tx: Tx, workshopId: string, teamId: string): Promise<WorkshopRow> {
  await tx.$queryRaw`SELECT 1 FROM "Workshop" WHERE "id" = ${workshopId} AND "teamId" = ${teamId} FOR NO KEY UPDATE`;
  const workshop = await tx.workshop.findFirst({ where: { id: workshopId, teamId } });
  if (!workshop) throw notFound("workshop");
  return workshop;
}

/** A moment that is given as a day and a time, or not at all. */
function optionalInstant(date: string | null, time: string | null, timeZone: string, field: string): Date | null {
  return date && time ? instant(date, time, timeZone, field) : null;
}

/** A form's local date and times as instants in the workshop's zone. A time that the clocks skip is refused. */
function instant(date: string, time: string, timeZone: string, field: string): Date {
  const local = Temporal.PlainDateTime.from(`${date}T${time}`);
  const zoned = local.toZonedDateTime(timeZone, { disambiguation: "compatible" });
  if (!zoned.toPlainDateTime().equals(local)) {
    const message = `${time} does not exist on that day in ${timeZone}: the clocks change.`;
    throw new DomainError("invalid", message, { fields: { [field]: message } });
  }
  return new Date(zoned.epochMilliseconds);
}

function columns(form: WorkshopForm) {
  const { title, abstract, outcomes, bring, place, link, timeZone, capacity, sandboxProfileId } = form;
  const agenda: AgendaItem[] = [...form.agenda].sort((a, b) => a.startsAt.localeCompare(b.startsAt));
  const last = form.endDate ?? form.date;
  return {
    ...{ title, abstract, outcomes, bring, agenda, place, link, timeZone, capacity, sandboxProfileId },
    languages: form.languages,
    startsAt: form.date && form.startTime ? instant(form.date, form.startTime, timeZone, "startTime") : null,
    endsAt: last && form.endTime ? instant(last, form.endTime, timeZone, "endTime") : null,
    opensMinutesBefore: form.opensMinutesBefore,
    closesHoursAfter: form.closesHoursAfter,
    offerHours: form.offerHours,
    ...registrationRules(form),
    spares: form.spares,
    prewarmMinutes: form.prewarmMinutes,
    calendarItems: form.calendarItems,
    surveyUrl: form.surveyUrl,
    materialsUrl: form.materialsUrl,
  };
}

/** Who may register, and when. */
function registrationRules(form: WorkshopForm) {
  const { registrationOpensDate, registrationOpensTime, registrationClosesDate, registrationClosesTime } = form;
  const { timeZone, minimumNoticeHours, approvalBy, allowedDomains } = form;
  return {
    registrationOpensAt: optionalInstant(
      ...([registrationOpensDate, registrationOpensTime, timeZone, "registrationOpensTime"] as const),
    ),
    registrationClosesAt: optionalInstant(
      ...([registrationClosesDate, registrationClosesTime, timeZone, "registrationClosesTime"] as const),
    ),
    ...{ minimumNoticeHours, approvalBy, allowedDomains },
  };
}

function overcommitted(text: string, missing: number): DomainError {
  return new DomainError("not_ready", `${text}. Whoever confirms last may wait for an account.`, {
    reason: "overcommitted",
    missing,
  });
}

/** What a workshop's dates, as they are in the transaction, mean for the pool. */
async function datesOf(ctx: Context, tx: Tx, { id, teamId }: WorkshopRow) {
  const plan = await capacityPlan(ctx, tx, teamId);
  const workshop = plan.workshops.find((one) => one.id === id);
  return workshop ? checkDates(plan, workshop) : null;
}

type Dates = Awaited<ReturnType<typeof datesOf>>;

/** What a change means for the pool: refused where it is too much, and what is accepted then limits the seats no more. */
async function keepPromise(
  ctx: Context,
  tx: Tx,
  { before, promised, acceptMissing }: { before: WorkshopRow; promised: Dates; acceptMissing: number },
): Promise<void> {
  const { id: workshopId, teamId, acceptedMissing } = before;
  const after = await datesOf(ctx, tx, before);
  checkPromise(promised, after, acceptMissing);
  if (after && acceptMissing >= after.missing && after.missing > (acceptedMissing ?? 0))
    await tx.workshop.update({ where: { id: workshopId }, data: { acceptedMissing: after.missing } });
  await setPoolSeats(ctx, tx, { teamId, workshopId });
}

/** Refuses a change that wants more of the pool than there is; what was too much before, and is not made worse, may stay. */
function checkPromise(before: Dates, after: Dates, acceptMissing: number): void {
  if (!after || after.missing <= acceptMissing) return;
  const moved = before?.from !== after.from || before.to !== after.to;
  if (moved || after.missing > before.missing) throw overcommitted(after.text, after.missing);
}

/** Members and sandbox profile of a form must be of the team; what is not is answered as not there. */
async function checkReferences(tx: Tx, actor: MemberActor, form: WorkshopForm): Promise<void> {
  const { teamId } = actor;
  const wanted = new Set([...form.presenterIds, ...form.accountManagers.map((m) => m.memberId)]);
  const members = await tx.member.findMany({
    where: { teamId, removedAt: null, id: { in: [...wanted] } },
    select: { id: true },
  });
  if (members.length !== wanted.size)
    throw new DomainError("invalid", "One of these people is no longer in the team.", {
      fields: { presenterIds: "One of these people is no longer in the team. Choose again." },
    });
  if (!form.sandboxProfileId) return;
  const profile = await tx.sandboxProfile.findFirst({
    where: { teamId, id: form.sandboxProfileId },
    select: { id: true },
  });
  if (!profile)
    throw new DomainError("invalid", "This sandbox profile is gone.", {
      fields: { sandboxProfileId: "This sandbox profile is gone. Choose another." },
    });
}

/** What a workshop that people know of may not lose. */
async function checkPublished(before: WorkshopRow, after: ReturnType<typeof columns>): Promise<void> {
  if (!after.startsAt || !after.endsAt)
    throw new DomainError("invalid", "People have registered for a date: it can be changed, not removed.", {
      fields: { date: "This workshop is in registration: it needs a date, a start and an end." },
    });
  if (after.capacity < before.seatsTaken)
    throw new DomainError("invalid", `${before.seatsTaken} seats are taken already.`, {
      fields: {
        capacity: `${before.seatsTaken} seats are taken already: cancel registrations first, or keep at least that many.`,
      },
    });
  if (before.state === "open" && after.sandboxProfileId !== before.sandboxProfileId)
    throw new DomainError("invalid", "The sandbox of an open workshop cannot be changed.", {
      fields: { sandboxProfileId: "Accounts are lent with the profile from before." },
    });
}

async function setPeople(tx: Tx, teamId: string, workshopId: string, form: WorkshopForm): Promise<void> {
  await tx.workshopPresenter.deleteMany({ where: { teamId, workshopId, memberId: { notIn: form.presenterIds } } });
  await tx.workshopPresenter.createMany({
    data: form.presenterIds.map((memberId) => ({ teamId, workshopId, memberId })),
    skipDuplicates: true,
  });
  const managers = form.accountManagers.map((manager) => manager.memberId);
  await tx.workshopAccountManager.deleteMany({ where: { teamId, workshopId, memberId: { notIn: managers } } });
  for (const { memberId, seatLimit } of form.accountManagers)
    await tx.workshopAccountManager.upsert({
      where: { workshopId_memberId: { workshopId, memberId } },
      create: { teamId, workshopId, memberId, seatLimit },
      update: { seatLimit },
    });
}

/** The fields that people must be told of. */
function changedFields(before: WorkshopRow, after: ReturnType<typeof columns>): string[] {
  const fields: string[] = [];
  if (before.startsAt?.getTime() !== after.startsAt?.getTime()) fields.push("startsAt");
  if (before.endsAt?.getTime() !== after.endsAt?.getTime()) fields.push("endsAt");
  for (const name of ["title", "place", "link", "timeZone"] as const)
    if (before[name] !== after[name]) fields.push(name);
  // The database gives the keys of a point in an order of its own.
  const points = (agenda: unknown) => JSON.stringify(agendaItem.array().safeParse(agenda).data ?? []);
  if (points(before.agenda) !== points(after.agenda)) fields.push("agenda");
  if (before.calendarItems !== after.calendarItems) fields.push("calendarItems");
  return fields;
}

/** What a mail about a change sets beside what is now. */
function asItWas({ title, startsAt, endsAt, timeZone, place, link, agenda }: WorkshopRow) {
  const points = agendaItem.array().safeParse(agenda).data ?? [];
  return {
    ...{ title, timeZone, place, link, startsAt: startsAt?.toISOString() ?? null },
    endsAt: endsAt?.toISOString() ?? null,
    agenda: points.map((point) => ({ startsAt: point.startsAt, title: point.title })),
  };
}

async function tellChange(ctx: Context, tx: Tx, workshop: WorkshopRow, fields: string[]): Promise<void> {
  const { id: workshopId, teamId } = workshop;
  const confirmed = { workshopId, teamId, state: { in: ["confirmed" as const, "offered" as const] } };
  await tx.registration.updateMany({ where: confirmed, data: { calendarSequence: { increment: 1 } } });
  const occurrence = `v${workshop.scheduleVersion + 1}`;
  const before = asItWas(workshop);
  for (const { id } of await tx.registration.findMany({ where: confirmed, select: { id: true } }))
    await queueMail(ctx, tx, {
      kind: "changed",
      ...{ teamId, workshopId, occurrence, registrationId: id, recipientKey: id, data: { fields, before } },
    });
  await rescheduleMails(ctx, tx, { workshopId });
}

/** Each account manager of the workshop has a link and was told of it; one who has it already is left alone. */
async function inviteAccountManagers(ctx: Context, tx: Tx, workshop: WorkshopRow): Promise<void> {
  const { id: workshopId, teamId } = workshop;
  for (const { memberId } of await tx.workshopAccountManager.findMany({ where: { teamId, workshopId } })) {
    const invite = await ensureInvite(ctx, tx, { teamId, workshopId, memberId });
    await queueMail(ctx, tx, {
      kind: "invitation_kit",
      ...{ teamId, workshopId, memberId, inviteId: invite.id, recipientKey: memberId, occurrence: workshopId },
    });
  }
}

/** Tells each registration once that its account is still to come. */
async function tellWaiting(
  ctx: Context,
  tx: Tx,
  { id: workshopId, teamId }: { id: string; teamId: string },
  waiting: readonly string[],
): Promise<void> {
  for (const registrationId of waiting)
    await queueMail(ctx, tx, {
      kind: "waiting_for_account",
      ...{ teamId, workshopId, registrationId, recipientKey: registrationId, occurrence: "1" },
    });
}

async function alarmPresenters(ctx: Context, tx: Tx, workshop: WorkshopRow, waiting: number): Promise<void> {
  const { id: workshopId, teamId } = workshop;
  for (const { memberId } of await tx.workshopPresenter.findMany({ where: { teamId, workshopId } }))
    await queueMail(ctx, tx, {
      kind: "accounts_missing",
      ...{
        teamId,
        workshopId,
        memberId,
        recipientKey: memberId,
        occurrence: workshopId,
        data: { waiting },
        urgent: true,
      },
    });
}

type ShiftedDates = "startsAt" | "endsAt" | "registrationOpensAt" | "registrationClosesAt";

/** The dates of a duplicate: the same local times, days shifted so that it starts on the given day. */
function shiftDates(source: WorkshopRow, startsOn: string | null): Partial<Pick<WorkshopRow, ShiftedDates>> {
  if (!startsOn || !source.startsAt || !source.endsAt) return { startsAt: null, endsAt: null };
  const local = (at: Date) => Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(source.timeZone);
  const start = local(source.startsAt);
  const days = start.toPlainDate().until(Temporal.PlainDate.from(startsOn)).days;
  const shift = (at: Date) => new Date(local(at).add({ days }).epochMilliseconds);
  const { registrationOpensAt: opens, registrationClosesAt: closes } = source;
  return {
    ...{ startsAt: shift(source.startsAt), endsAt: shift(source.endsAt) },
    registrationOpensAt: opens && shift(opens),
    registrationClosesAt: closes && shift(closes),
  };
}
