import type { Prisma } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { sweepIdentity } from "@/server/identity/identity";
import { enqueue } from "@/server/jobs/queue";
import { forgetLocalMail } from "@/server/mail/mailbox";
import { anonymizeDate, forgetInvites, forgetPersons } from "@/server/privacy/anonymize";
import { clearTypedNames } from "@/server/privacy/typed-names";

/** What is deleted by the clock, whatever people do. */

const day = 86_400_000;
/** Sign-in mails hold nothing, but nobody needs to know for ever who signed in when. */
const signInMailDays = 30;
const batchSize = 200;

/** Job, each quarter of an hour: everything whose date has come. Each part can fail alone and comes again. */
export async function tickPrivacy(ctx: Context): Promise<void> {
  const parts = [
    anonymizeDue,
    deleteUnconfirmed,
    sweepIdentity,
    sweepBrowsers,
    sweepSignInMails,
    sweepCounters,
    forgetInvited,
    clearLater,
  ];
  const failures: unknown[] = [];
  for (const part of parts) await part(ctx).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

/** Workshops whose date has come, closed or cancelled or never closed at all. */
async function anonymizeDue(ctx: Context): Promise<void> {
  const now = ctx.clock.now();
  const workshops = await ctx.db.workshop.findMany({
    where: {
      anonymizedAt: null,
      OR: [{ anonymizeAt: { lte: now } }, { anonymizeAt: null, endsAt: { lte: now } }, { cancelledAt: { not: null } }],
    },
    include: { team: { select: { anonymizeAfterDays: true, cancelledAnonymizeDays: true } } },
  });
  for (const workshop of workshops) {
    const due = anonymizeDate(workshop);
    if (!due || due > now) continue;
    await ctx.db.$transaction((tx) => enqueue(ctx, tx, "privacy.anonymize", { workshopId: workshop.id }));
  }
}

/**
 * Registrations whose address nobody confirmed in the team's days are deleted with their mails, and with their person where
 * nothing else needs it: we were never told that the address is theirs. Those that a member or the workshop cancelled too.
 * The days run from the last form, whose mail holds the link that still confirms.
 */
async function deleteUnconfirmed(ctx: Context): Promise<void> {
  const teams = await ctx.db.team.findMany({ select: { id: true, unverifiedDeleteDays: true } });
  for (const team of teams) {
    const before = new Date(ctx.clock.now().getTime() - team.unverifiedDeleteDays * day);
    while ((await deleteUnconfirmedBatch(ctx, team.id, before)) === batchSize);
  }
}

async function deleteUnconfirmedBatch(ctx: Context, teamId: string, before: Date): Promise<number> {
  return ctx.db.$transaction(async (tx) => {
    const rows = await tx.$queryRaw<{ id: string; personId: string }[]>`
      select id, "personId" from "Registration" r
      where "teamId" = ${teamId} and state in ('unverified', 'expired', 'cancelled') and "confirmedAt" is null
        and "anonymizedAt" is null and greatest("createdAt", "noticeAt") < ${before}
        and not exists (select 1 from "Lease" l where l."registrationId" = r.id)
      order by id limit ${batchSize} for update`;
    const ids = rows.map((row) => row.id);
    const ofThese = { registrationId: { in: ids } };
    const messages = await tx.message.findMany({ where: ofThese, select: { id: true } });
    await tx.message.deleteMany({ where: ofThese });
    await tx.signInAttempt.deleteMany({ where: ofThese });
    // Links and browsers go with their registration (foreign keys).
    await tx.registration.deleteMany({ where: { id: { in: ids } } });
    const addresses = await deletePersons(ctx, tx, { teamId, personIds: rows.map((row) => row.personId) });
    await forgetLocalMail(ctx.env, { messageIds: messages.map((message) => message.id), addresses });
    return rows.length;
  });
}

/** Deletes persons that have no registration left; those that keep an anonymized one, or an outside copy, are scrubbed. */
async function deletePersons(ctx: Context, tx: Tx, input: { teamId: string; personIds: string[] }): Promise<string[]> {
  const { addresses } = await forgetPersons(ctx, tx, input);
  await tx.person.deleteMany({
    where: { id: { in: input.personIds }, subject: null, registrations: { none: {} } },
  });
  return addresses;
}

/** Browsers of attendees that were let in once and no longer are. */
async function sweepBrowsers(ctx: Context): Promise<void> {
  const now = ctx.clock.now();
  await ctx.db.attendeeBrowser.deleteMany({ where: { OR: [{ expiresAt: { lt: now } }, { revokedAt: { lt: now } }] } });
}

async function sweepSignInMails(ctx: Context): Promise<void> {
  const before = new Date(ctx.clock.now().getTime() - signInMailDays * day);
  await ctx.db.message.deleteMany({ where: { kind: "sign_in_code", createdAt: { lt: before } } });
}

/** A link for a workshop that never got a date is of no use for longer. */
const undatedInviteDays = 180;

/**
 * Addresses that account managers invited: deleted the team's days for unconfirmed registrations after nobody can register by
 * them any more (declined, revoked, expired, the workshop over or cancelled), registered or not: whoever registered is a
 * person since. The link stays with its figures.
 */
async function forgetInvited(ctx: Context): Promise<void> {
  const now = ctx.clock.now();
  const teams = await ctx.db.team.findMany({ select: { id: true, unverifiedDeleteDays: true } });
  for (const team of teams) {
    const before = new Date(now.getTime() - team.unverifiedDeleteDays * day);
    const undated = new Date(now.getTime() - undatedInviteDays * day);
    const over: Prisma.InviteWhereInput[] = [
      { declinedAt: { lt: before } },
      { revokedAt: { lt: before } },
      { expiresAt: { lt: before } },
      { workshop: { endsAt: { lt: before } } },
      { workshop: { cancelledAt: { lt: before } } },
      { workshop: { closedAt: { lt: before } } },
      { workshop: { endsAt: null }, createdAt: { lt: undated } },
    ];
    while (true) {
      const where = { teamId: team.id, email: { not: null }, OR: over };
      const rows = await ctx.db.invite.findMany({
        where,
        select: { id: true },
        orderBy: { id: "asc" },
        take: batchSize,
      });
      if (rows.length === 0) break;
      const inviteIds = rows.map((row) => row.id);
      await ctx.db.$transaction((tx) => forgetInvites(ctx, tx, { teamId: team.id, inviteIds }));
    }
  }
}

/** Counters of the rate limiter whose window is over. */
async function sweepCounters(ctx: Context): Promise<void> {
  await ctx.db.rateLimit.deleteMany({ where: { expire: { lt: BigInt(ctx.clock.now().getTime()) } } });
}

/** What came in after its workshop was forgotten: names found by cleanups, and SES's answer to a mail that was on its way. */
async function clearLater(ctx: Context): Promise<void> {
  await ctx.db.message.updateMany({
    where: { providerId: { not: null }, registration: { anonymizedAt: { not: null } } },
    data: { providerId: null },
  });
  await ctx.db.$transaction((tx) => clearTypedNames(tx, { workshopId: null }));
}
