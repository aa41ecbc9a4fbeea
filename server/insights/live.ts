import type { Context } from "@/server/context";
import { notFound } from "@/server/errors";
import { allowMember, attributedScope, type MemberActor, roomWorkshopScope, workshopScope } from "@/server/permissions";

/** What a page that updates itself may watch. */
export const liveTopics = [
  "home",
  "workshop",
  "room",
  "pool",
  "calendar",
  "account",
  "cleanups",
  "cleanup",
  "mail",
] as const;
export type LiveTopic = (typeof liveTopics)[number];

type Version = { version: string | null };

/**
 * A short text that changes whenever what a page shows has changed: counts and newest times, in one query. `not_found` for
 * a row that the member may not see, so that watching tells no more than the page does.
 */
export async function liveVersion(
  ctx: Context<MemberActor>,
  input: { topic: LiveTopic; id?: string | null },
): Promise<string> {
  const { topic, id } = input;
  switch (topic) {
    case "home":
      return homeVersion(ctx);
    case "workshop":
      return workshopVersion(ctx, id ?? "");
    case "room":
      return roomVersion(ctx, id ?? "");
    case "pool":
      return poolVersion(ctx);
    case "calendar":
      return calendarVersion(ctx);
    case "account":
      return accountVersion(ctx, id ?? "");
    case "cleanups":
      return cleanupsVersion(ctx);
    case "cleanup":
      return cleanupVersion(ctx, id ?? "");
    case "mail":
      return mailVersion(ctx);
  }
}

const only = (rows: Version[]) => rows[0]?.version ?? "";

/** Refuses a member who may not see the workshop; a cheap read by key. */
async function visibleWorkshop(ctx: Context<MemberActor>, id: string): Promise<void> {
  const actor = allowMember(ctx.actor, "workshop.read");
  const row = await ctx.db.workshop.findFirst({ where: { ...workshopScope(actor), id }, select: { id: true } });
  if (!row) throw notFound("workshop");
}

async function workshopVersion(ctx: Context<MemberActor>, id: string): Promise<string> {
  await visibleWorkshop(ctx, id);
  const { teamId } = ctx.actor;
  return only(
    await ctx.db.$queryRaw<Version[]>`
    select concat_ws('.',
      (select concat(w.state, extract(epoch from w."updatedAt"), w."seatsTaken")
         from "Workshop" w where w.id = ${id} and w."teamId" = ${teamId}),
      (select concat(count(*), extract(epoch from max("updatedAt"))) from "Registration" where "workshopId" = ${id}),
      (select md5(string_agg(concat_ws('|', id, state, "lastError", "endedAt", "stackState", "stackError", "spentAt", "frozenAt"), ',' order by id))
         from "Lease" where "workshopId" = ${id}),
      (select md5(string_agg(concat(id, state, attempts, "lastError", detail), ',' order by id)) from "ClosingStep" where "workshopId" = ${id}),
      (select md5(string_agg(concat(c.id, c.state, c.pass, c.found, c.removed, c.remaining, c."taskTries", c."taskArn", c."claimedAt", c."taskStoppedAt"), ',' order by c.id))
         from "Cleanup" c join "Lease" l on l.id = c."leaseId" where l."workshopId" = ${id}),
      (select concat(count(*), md5(string_agg(concat(id, state, "dueAt"), ',' order by id)))
         from "Message" where "workshopId" = ${id} and kind <> 'invitation'),
      -- While a list of thousands is mailed the page moves on in forty steps, not with each of them.
      (select concat_ws('-', count(*), count(*) filter (where state not in ('queued', 'sending')) / greatest(1, count(*) / 40),
          count(*) filter (where state in ('queued', 'sending')) = 0,
          count(*) filter (where state in ('failed', 'bounced', 'complained', 'suppressed', 'in_doubt')))
         from "Message" where "workshopId" = ${id} and kind = 'invitation'),
      (select concat_ws('-', count(*), count("revokedAt"), count("declinedAt"), count("forgottenAt"), sum("seatLimit"),
          extract(epoch from sum("expiresAt" - timestamp '2000-01-01')), md5(string_agg(nullif(note, ''), ',' order by id)))
         from "Invite" where "workshopId" = ${id}),
      (select md5(string_agg(concat("memberId", "seatLimit"), ',' order by "memberId"))
         from "WorkshopAccountManager" where "workshopId" = ${id}),
      (select md5(string_agg(concat("customerId", "seatLimit"), ',' order by "customerId"))
         from "WorkshopCustomer" where "workshopId" = ${id}),
      (select count(*) from "Activity" where "teamId" = ${teamId} and "workshopId" = ${id})
    ) as version`,
  );
}

/** Of the check-in page: people and seats, and nothing of accounts, mails or links. */
async function roomVersion(ctx: Context<MemberActor>, id: string): Promise<string> {
  const actor = allowMember(ctx.actor, "registration.edit");
  const row = await ctx.db.workshop.findFirst({ where: { ...roomWorkshopScope(actor), id }, select: { id: true } });
  if (!row) throw notFound("workshop");
  return only(
    await ctx.db.$queryRaw<Version[]>`
    select concat_ws('.', w.state, w.capacity, w."seatsTaken", extract(epoch from w."startsAt"),
      count(r.id), extract(epoch from max(r."updatedAt"))) as version
    from "Workshop" w left join "Registration" r on r."workshopId" = w.id
    where w.id = ${id} and w."teamId" = ${actor.teamId} group by w.id`,
  );
}

async function poolVersion(ctx: Context<MemberActor>): Promise<string> {
  const { teamId } = allowMember(ctx.actor, "sandbox.read");
  return only(
    await ctx.db.$queryRaw<Version[]>`
    select concat_ws('.',
      (select md5(string_agg(concat(id, state, "updatedAt"), ',' order by id)) from "SandboxAccount" where "teamId" = ${teamId}),
      (select md5(string_agg(concat(id, state, name, "startedAt", "lastError", "dismissedAt"), ',' order by id))
         from "AccountRequest" where "teamId" = ${teamId}),
      (select concat("organizationProblem", "organizationCheckedAt") from "Team" where id = ${teamId}),
      (select concat(count(*), sum(removed), sum(pass)) from "Cleanup" where "teamId" = ${teamId} and state = 'running')
    ) as version`,
  );
}

async function calendarVersion(ctx: Context<MemberActor>): Promise<string> {
  const { teamId } = allowMember(ctx.actor, "sandbox.read");
  return only(
    await ctx.db.$queryRaw<Version[]>`
    select concat_ws('.',
      (select md5(string_agg(concat(id, state, "coolingUntil"), ',' order by id)) from "SandboxAccount" where "teamId" = ${teamId}),
      (select md5(string_agg(concat_ws('|', id, state, title, "sandboxProfileId", "startsAt", "endsAt", capacity, spares,
          "opensMinutesBefore", "closesHoursAfter", "prewarmMinutes"), ',' order by id))
         from "Workshop" where "teamId" = ${teamId} and state in ('draft', 'registration', 'open')),
      (select count(*) from "WorkshopPresenter" where "teamId" = ${teamId}),
      (select count(*) from "Lease" where "teamId" = ${teamId} and "endedAt" is null)
    ) as version`,
  );
}

async function accountVersion(ctx: Context<MemberActor>, id: string): Promise<string> {
  const { teamId } = allowMember(ctx.actor, "sandbox.read");
  return only(
    await ctx.db.$queryRaw<Version[]>`
    select concat_ws('.',
      (select concat(state, "updatedAt", "syncedAt") from "SandboxAccount" where id = ${id} and "teamId" = ${teamId}),
      (select md5(string_agg(concat(id, state, pass, found, removed), ',' order by id))
         from "Cleanup" where "accountId" = ${id} and "teamId" = ${teamId}),
      (select md5(string_agg(concat(id, state, "lastError"), ',' order by id))
         from "Lease" where "accountId" = ${id} and "teamId" = ${teamId})
    ) as version`,
  );
}

async function cleanupsVersion(ctx: Context<MemberActor>): Promise<string> {
  const { teamId } = allowMember(ctx.actor, "sandbox.read");
  return only(
    await ctx.db.$queryRaw<Version[]>`
    select concat_ws('.', count(*), count("endedAt"), sum(found), sum(removed), sum(pass), max("heartbeatAt")) as version
    from "Cleanup" where "teamId" = ${teamId}`,
  );
}

async function cleanupVersion(ctx: Context<MemberActor>, id: string): Promise<string> {
  const { teamId } = allowMember(ctx.actor, "sandbox.read");
  return only(
    await ctx.db.$queryRaw<Version[]>`
    select concat_ws('.', c.state, c.pass, c.found, c.removed, c.remaining, c.unknown, c."heartbeatAt",
      (select count(*) from "CleanupCheck" k where k."cleanupId" = c.id),
      (select md5(string_agg(concat(r."resourceId", r.outcome), ',' order by r."resourceId"))
         from "CleanupResource" r where r."cleanupId" = c.id)
    ) as version from "Cleanup" c where c.id = ${id} and c."teamId" = ${teamId}`,
  );
}

async function mailVersion(ctx: Context<MemberActor>): Promise<string> {
  const { teamId } = allowMember(ctx.actor, "mail.read");
  return only(
    await ctx.db.$queryRaw<Version[]>`
    select concat_ws('.', count(*), count("sentAt"), sum(attempts), max("createdAt"),
      count(*) filter (where state in ('failed', 'bounced', 'in_doubt', 'cancelled'))) as version
    from "Message" where "teamId" = ${teamId}`,
  );
}

async function homeVersion(ctx: Context<MemberActor>): Promise<string> {
  const actor = allowMember(ctx.actor, "workshop.read");
  const { teamId } = actor;
  const registrations = await ctx.db.registration.aggregate({
    where: attributedScope(actor),
    _count: true,
    _max: { updatedAt: true },
  });
  const rest = only(
    await ctx.db.$queryRaw<Version[]>`
    select concat_ws('.',
      (select md5(string_agg(concat(id, state, "updatedAt", "seatsTaken"), ',' order by id)) from "Workshop" where "teamId" = ${teamId}),
      (select count(*) filter (where state = 'quarantined') from "SandboxAccount" where "teamId" = ${teamId}),
      (select count(*) filter (where state = 'failed') from "ClosingStep" where "teamId" = ${teamId}),
      (select count(*) filter (where state in ('failed', 'bounced', 'complained', 'suppressed')) from "Message"
         where "teamId" = ${teamId}),
      (select concat_ws('-', count(*), count("revokedAt"), count("declinedAt"), count("expiresAt")) from "Invite"
         where "teamId" = ${teamId} and "memberId" = ${actor.memberId}),
      (select md5(string_agg(concat("workshopId", "seatLimit"), ',' order by "workshopId")) from "WorkshopAccountManager"
         where "teamId" = ${teamId} and "memberId" = ${actor.memberId})
    ) as version`,
  );
  return `${registrations._count}.${registrations._max.updatedAt?.getTime() ?? 0}.${rest}`;
}
