import type { Message } from "@/prisma/generated/client";
import { audit } from "@/server/audit";
import { listSesSuppressed, removeSesSuppressed } from "@/server/aws/ses-suppression";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { notFound } from "@/server/errors";
import { enqueue } from "@/server/jobs/queue";
import { mailboxFolder } from "@/server/mail/mailbox";
import { allowMember, type MemberActor, mayDo } from "@/server/permissions";

/**
 * Addresses to which a team does not write any more: mails came back, or their reader does not want them. Looked at when a
 * mail is sent, so that it also counts for what was queued before.
 */

export type SuppressionReason = "bounced" | "complained" | "unsubscribed";

/** Its reader has just asked for it, and waits: it goes to any address. */
const asked: ReadonlySet<string> = new Set(["sign_in_code", "confirm_address"]);
/** Nobody misses a thing that they need without it: one may unsubscribe from these, and they say so. */
const optional: ReadonlySet<string> = new Set([
  "invitation",
  "reminder",
  "thanks",
  "nudge_seats",
  "nudge_closing",
  "weekly_digest",
]);

/** Whether one may unsubscribe from a kind of mail. */
export function isOptional(kind: string): boolean {
  return optional.has(kind);
}

const words: Record<SuppressionReason, string> = {
  bounced: "Held back: mails to this address came back before.",
  complained: "Held back: the reader marked an earlier mail as unwanted.",
  unsubscribed: "Held back: the reader unsubscribed from mails that are not necessary.",
};

/** Why a mail is not to go to an address, in words; null when it may. */
export async function heldBack(
  ctx: Context,
  message: Pick<Message, "teamId" | "kind">,
  address: string,
): Promise<string | null> {
  const { teamId, kind } = message;
  if (!teamId || asked.has(kind)) return null;
  const email = address.toLowerCase();
  // By unique keys, since Prisma makes one query of those that all mails of a handful look up.
  const rows = await Promise.all(
    (["bounced", "complained", "unsubscribed"] as const).map((reason) =>
      ctx.db.suppressedAddress.findUnique({
        where: { teamId_email_reason: { teamId, email, reason } },
        select: { reason: true, removedAt: true },
      }),
    ),
  );
  const reasons = new Set(rows.flatMap((row) => (row && !row.removedAt ? row.reason : [])));
  if (reasons.has("bounced")) return words.bounced;
  if (reasons.has("complained")) return words.complained;
  return reasons.has("unsubscribed") && isOptional(kind) ? words.unsubscribed : null;
}

export type SuppressInput = { teamId: string; email: string; reason: SuppressionReason; detail?: string };

/** Puts an address on the team's list, once for each reason, in the caller's transaction; also one that is being taken off. */
export async function suppress(ctx: Context, tx: Tx, input: SuppressInput): Promise<void> {
  const { teamId, reason, detail = "" } = input;
  const email = input.email.toLowerCase();
  const createdAt = ctx.clock.now();
  const again = await tx.suppressedAddress.updateManyAndReturn({
    where: { teamId, email, reason, removedAt: { not: null } },
    data: { removedAt: null, createdAt, detail },
    select: { id: true },
  });
  const id = again[0]?.id ?? ctx.newId("suppressedAddress");
  const row = { id, teamId, reason, detail, email, createdAt };
  const { count } = again[0]
    ? { count: 1 }
    : await tx.suppressedAddress.createMany({ data: [row], skipDuplicates: true });
  if (count === 0) return;
  const entry = { teamId, action: "address.suppressed", entity: "suppressed_address", entityId: id };
  await audit(ctx, tx, { ...entry, detail: { reason } });
}

export type SuppressedRow = {
  id: string;
  email: string;
  reason: SuppressionReason;
  /** What SES said about it, in our words. */
  detail: string;
  since: Date;
  /** Mails go to it again; SES's own list is still to be cleared of it. */
  leaving: boolean;
};

/** The team's list, newest first, at most 1,000; and whether the actor may take addresses off it. */
export async function listSuppressed(ctx: Context): Promise<{ rows: SuppressedRow[]; mayRemove: boolean }> {
  const actor = allowMember(ctx.actor, "suppression.read");
  const found = await ctx.db.suppressedAddress.findMany({
    where: { teamId: actor.teamId },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: 1000,
  });
  const rows = found.map(({ id, email, reason, detail, createdAt, removedAt }) => ({
    id,
    email,
    reason: reason as SuppressionReason,
    detail,
    since: createdAt,
    leaving: removedAt !== null,
  }));
  return { rows, mayRemove: mayDo(actor.role, "suppression.edit") };
}

/**
 * Takes an address off the list: from then on mails go to it again, and a job takes it off the account's own list in SES. What
 * was held back can be sent again by hand. `not_found` for one that somebody else took off.
 */
export async function removeSuppressed(ctx: Context, input: { id: string }): Promise<void> {
  const actor: MemberActor = allowMember(ctx.actor, "suppression.edit");
  const { teamId } = actor;
  await ctx.db.$transaction(async (tx) => {
    const [row] = await tx.suppressedAddress.updateManyAndReturn({
      where: { id: input.id, teamId, removedAt: null },
      data: { removedAt: ctx.clock.now() },
      select: { reason: true },
    });
    if (!row) throw notFound("address");
    const entry = { teamId, action: "address.unsuppressed", entity: "suppressed_address", entityId: input.id };
    await audit(ctx, tx, { ...entry, detail: { reason: row.reason } });
    await enqueue(ctx, tx, "mail.write-again", { suppressedId: input.id });
  });
}

/** Job: takes an address off the account's list in SES and then forgets its row. Can run twice. */
export async function writeAgain(
  ctx: Context,
  input: { suppressedId: string },
  { lastTry }: { lastTry: boolean } = { lastTry: false },
): Promise<void> {
  const where = { id: input.suppressedId, removedAt: { not: null } };
  const row = await ctx.db.suppressedAddress.findFirst({ where, select: { email: true, reason: true } });
  if (!row) return;
  try {
    if (row.reason !== "unsubscribed" && !mailboxFolder(ctx.env)) await removeSesSuppressed(ctx.env, row.email);
  } catch (error) {
    if (!lastTry) throw error;
    const detail = "Amazon SES did not take the address off its own list, so mails would not arrive.";
    await ctx.db.suppressedAddress.updateMany({ where, data: { removedAt: null, detail } });
    return;
  }
  await ctx.db.suppressedAddress.deleteMany({ where });
}

/** Longer than the hour between two looks, so that one that failed is made up for. */
const mirroredMilliseconds = 26 * 3_600_000;

/**
 * Job: what came onto the account's list in SES by other ways than our events is put onto the lists of the teams that know the
 * address. Nothing is learnt about addresses that nobody knows. Can run twice.
 */
export async function mirrorSuppressed(ctx: Context): Promise<void> {
  if (mailboxFolder(ctx.env) || ctx.env.ATELIER_CLOUD_OFF) return;
  const found = await listSesSuppressed(ctx.env, new Date(ctx.clock.now().getTime() - mirroredMilliseconds));
  const detail = "The address is on the suppression list of the account in SES.";
  for (const { email, reason } of found) {
    const teams = await ctx.db.$queryRaw<{ teamId: string }[]>`
      select distinct "teamId" from "Person" where email = ${email}
      union select distinct "teamId" from "Invite" where email = ${email}
      union select m."teamId" from "Member" m join "Identity" i on i.id = m."identityId"
        where lower(i.email) = ${email} and m."removedAt" is null`;
    for (const { teamId } of teams)
      await ctx.db.$transaction((tx) => suppressUnlessLeaving(ctx, tx, { teamId, email, reason, detail }));
  }
}

/** What is being taken off is on SES's list until the job for it has run. */
async function suppressUnlessLeaving(ctx: Context, tx: Tx, input: SuppressInput): Promise<void> {
  const { teamId, email, reason } = input;
  const leaving = { teamId, email, reason, removedAt: { not: null } };
  if ((await tx.suppressedAddress.count({ where: leaving })) === 0) await suppress(ctx, tx, input);
}

const keptWithoutPersonMilliseconds = 90 * 86_400_000;

/** Forgets addresses that belong to nobody the team knows (any more), three months after they were put on the list. */
export async function forgetStraySuppressed(ctx: Context): Promise<void> {
  const before = new Date(ctx.clock.now().getTime() - keptWithoutPersonMilliseconds);
  await ctx.db.$executeRaw`
    delete from "SuppressedAddress" s where s."createdAt" < ${before}
      and not exists (select 1 from "Person" p where p."teamId" = s."teamId" and p.email = s.email)
      and not exists (select 1 from "Identity" i where lower(i.email) = s.email)`;
}
