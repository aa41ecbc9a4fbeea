import { setTimeout as sleep } from "node:timers/promises";
import type { MailPace } from "@/prisma/generated/client";
import { CloudError } from "@/server/aws/errors";
import { sendQuota } from "@/server/aws/ses";
import type { Context } from "@/server/context";
import { mailboxFolder } from "@/server/mail/mailbox";

/**
 * The pace of mails: SES's own quota (a rate a second, and mails in 24 hours), shared by all workers through one row of the
 * database. Each mail takes the next moment of an even row of moments, so no second, wherever it begins, ever holds more than
 * the rate; a burst that SES would forgive is not asked for. Workers' clocks have to agree (NTP).
 */

/** A hundredth of the rate is left over: about 10 ms for what a mail takes on its way. */
const share = 0.99;
/** The last part of a day's quota is for mails that somebody waits for. */
const urgentPartOfDay = 0.05;
/** How long a worker waits with a mail in its hands; what would take longer goes back into the queue, behind urgent ones. */
const patienceMilliseconds = { bulk: 1_500, urgent: 8_000 } as const;
const quotaReadEveryMilliseconds = 60_000;
/** Where SES does not tell its quota: that of a new account. */
const careful: Quota = { perSecond: 1, perDay: null, sentLastDay: 0 };
const dayMilliseconds = 86_400_000;

type Quota = { perSecond: number; perDay: number | null; sentLastDay: number };
type Pressing = { urgent: boolean };

/** When a mail may go, or when to ask again and why it has to wait (words for the mail tab). */
export type Turn = { at: Date } | { later: Date; reason: string };

/** Which quota counts; null where there is none: the local mailbox without a setting. */
function senderOf(ctx: Context): "ses" | "mailbox" | null {
  if (!mailboxFolder(ctx.env)) return "ses";
  return ctx.env.ATELIER_MAILBOX_QUOTA ? "mailbox" : null;
}

/**
 * Takes the next free moment for one mail, which the caller waits for (`waitFor`) and then uses, or nothing. Of callers at the
 * same time, in any process, no two get the same moment. One that is not used is lost, no more.
 */
export async function takeTurn(ctx: Context, { urgent }: Pressing): Promise<Turn> {
  const sender = senderOf(ctx);
  if (!sender) return { at: ctx.clock.now() };
  const row = await paceRow(ctx, sender);
  const within = urgent ? patienceMilliseconds.urgent : patienceMilliseconds.bulk;
  const [at] = await takeTurns(ctx, row, { urgent, count: 1, within });
  return at ? { at } : whyNot(ctx, await paceRow(ctx, sender), urgent);
}

/** Takes up to `count` moments that lie `within` so many milliseconds from now. */
async function takeTurns(
  ctx: Context,
  { id, perDay }: MailPace,
  { urgent, count, within, lead = 0 }: Pressing & { count: number; within: number; lead?: number },
): Promise<Date[]> {
  const now = ctx.clock.now().getTime();
  const earliest = now + lead;
  const dayEnd = perDay === null ? null : partOfDay(perDay, urgent);
  // One statement: what is granted is computed from the row as it is once it is locked.
  const [taken] = await ctx.db.$queryRaw<{ start: number; gap: number; count: number }[]>`
    with locked as (
      select id, greatest("nextMilliseconds", ${earliest}::float8) as start, 1000 / ("perSecond" * ${share}::float8) as gap,
        "sentLastDay" + "sentSince" as used
      from "MailPace" where id = ${id} and "perSecond" > 0 for update
    ), granted as (
      select id, start, gap, least(
        ${count}::int, floor((${now + within}::float8 - start) / gap) + 1, coalesce(${dayEnd}::int - used, ${count}::int)
      )::int as count
      from locked
    )
    update "MailPace" pace set
      "nextMilliseconds" = granted.start + granted.count * granted.gap, "sentSince" = pace."sentSince" + granted.count
    from granted where pace.id = granted.id and granted.count > 0
    returning granted.start, granted.gap, granted.count`;
  if (!taken) return [];
  return Array.from({ length: taken.count }, (_, n) => new Date(Math.ceil(taken.start + n * taken.gap)));
}

// --- The line of a process -------------------------------------------------------------------------------------------

/** Moments are taken this far ahead: those of a worker that dies are lost, and one that is busy must not miss its own. */
const aheadMilliseconds = 100;
/** No moment is nearer than this, so that it is not over when the answer of the database comes. */
const leadMilliseconds = 20;
/** How long a mail that is ready stands in line; then it goes back into the queue. Far less than it takes to be in doubt. */
const inLineMilliseconds = 8_000;

type Waiting = Pressing & { until: number; give(turn: Turn): void; fail(error: unknown): void };
const lines = new Map<string, Waiting[]>();

/**
 * Stands in line for a moment, among all mails that this process has ready, urgent ones first: one statement takes moments for
 * many. Answers shortly before the moment (`waitFor` waits for it), or `later` when none came in time.
 */
function standInLine(ctx: Context, { urgent }: Pressing): Promise<Turn> {
  const sender = senderOf(ctx);
  if (!sender) return Promise.resolve({ at: ctx.clock.now() });
  return new Promise((give, fail) => {
    const waiting = { urgent, give, fail, until: ctx.clock.now().getTime() + inLineMilliseconds };
    const line = lines.get(ctx.env.DATABASE_URL);
    if (line) {
      line.push(waiting);
      return;
    }
    const begun = [waiting];
    lines.set(ctx.env.DATABASE_URL, begun);
    void serve(ctx, sender, begun);
  });
}

/** Gives moments to a line until nobody stands in it any more. */
async function serve(ctx: Context, sender: "ses" | "mailbox", line: Waiting[]): Promise<void> {
  // What becomes ready in the same turn of the event loop is served together.
  await new Promise(setImmediate);
  try {
    while (line.length > 0) {
      const urgent = line.some((one) => one.urgent);
      const first = line.filter((one) => one.urgent === urgent);
      const row = await paceRow(ctx, sender);
      const moments = await takeTurns(ctx, row, {
        urgent,
        count: first.length,
        within: aheadMilliseconds,
        lead: leadMilliseconds,
      });
      leave(line, first.slice(0, moments.length), (n) => ({ at: moments[n]! }));
      if (moments.length < first.length) await sendAwayOrWait(ctx, sender, line, first.slice(moments.length));
    }
  } catch (error) {
    for (const one of line.splice(0)) one.fail(error);
  } finally {
    lines.delete(ctx.env.DATABASE_URL);
  }
}

function leave(line: Waiting[], those: readonly Waiting[], turn: (n: number) => Turn): void {
  const going = new Set(those);
  line.splice(0, line.length, ...line.filter((one) => !going.has(one)));
  for (const [n, one] of those.entries()) one.give(turn(n));
}

async function sendAwayOrWait(ctx: Context, sender: "ses" | "mailbox", line: Waiting[], rest: Waiting[]) {
  const row = await paceRow(ctx, sender);
  const { urgent } = rest[0]!;
  const now = ctx.clock.now().getTime();
  const hopeless = row.perSecond <= 0 || dayIsOver(row, urgent);
  const away = rest.filter((one) => hopeless || one.until <= now);
  leave(line, away, () => whyNot(ctx, row, urgent));
  if (away.length === rest.length) return;
  await waitFor(ctx, new Date(Math.ceil(Math.max(now + 5, row.nextMilliseconds - aheadMilliseconds / 2))));
}

/** Whether a mail would have to go back into the queue now, before anything was done for it; null when it may try. */
export async function mustWait(ctx: Context, { urgent }: Pressing): Promise<Extract<Turn, { later: Date }> | null> {
  const sender = senderOf(ctx);
  if (!sender) return null;
  const row = await paceRow(ctx, sender);
  const patience = urgent ? patienceMilliseconds.urgent : patienceMilliseconds.bulk;
  const soon = row.nextMilliseconds <= ctx.clock.now().getTime() + patience;
  return soon && !dayIsOver(row, urgent) && row.perSecond > 0 ? null : whyNot(ctx, row, urgent);
}

/** A mail that is later than this would come too close to those after it: a hundredth of a second is what the rate leaves over. */
const lateMilliseconds = 8;
const tries = 5;

/**
 * Resolves with null at a moment at which this mail may go, and the caller hands it over at once; else says when to ask again.
 * A process that was too busy to keep its moment takes another one.
 */
export async function waitForTurn(ctx: Context, pressing: Pressing): Promise<Extract<Turn, { later: Date }> | null> {
  for (let n = 0; n < tries; n++) {
    const turn = await standInLine(ctx, pressing);
    if ("later" in turn) return turn;
    await waitFor(ctx, turn.at);
    if (ctx.clock.now().getTime() - turn.at.getTime() <= lateMilliseconds || !senderOf(ctx)) return null;
  }
  const later = new Date(ctx.clock.now().getTime() + 2_000);
  return { later, reason: "Waits for its turn: this machine was too busy to keep the pace." };
}

/** Resolves at that moment, never before. */
async function waitFor(ctx: Context, at: Date): Promise<void> {
  // A timer may ring a fraction of a millisecond early.
  for (let left = at.getTime() - ctx.clock.now().getTime(); left > 0; left = at.getTime() - ctx.clock.now().getTime())
    await (ctx.clock.wait?.(left) ?? sleep(left));
}

function partOfDay(perDay: number, urgent: boolean): number {
  return urgent ? perDay : Math.floor(perDay * (1 - urgentPartOfDay));
}

function dayIsOver({ perDay, sentLastDay, sentSince }: MailPace, urgent: boolean): boolean {
  return perDay !== null && sentLastDay + sentSince >= partOfDay(perDay, urgent);
}

function whyNot(ctx: Context, row: MailPace, urgent: boolean): Extract<Turn, { later: Date }> {
  const now = ctx.clock.now().getTime();
  if (row.perSecond <= 0) {
    const reason = "Waits: Amazon SES lets this account send nothing at present.";
    return { later: new Date(now + 600_000), reason };
  }
  if (dayIsOver(row, urgent)) {
    const reason = `Waits for the sending quota: ${row.perDay} mails may go in 24 hours, the last of them urgent ones.`;
    return { later: new Date(now + 600_000), reason };
  }
  const reason = `Waits for its turn: ${row.perSecond} ${row.perSecond === 1 ? "mail" : "mails"} a second may go.`;
  const pause = Math.min(30_000, Math.max(2_000, row.nextMilliseconds - now));
  return { later: new Date(now + pause), reason };
}

// --- The quota -------------------------------------------------------------------------------------------------------

/** The row with a quota no older than about a minute. One worker reads it anew, the others go on with what is known. */
async function paceRow(ctx: Context, id: "ses" | "mailbox"): Promise<MailPace> {
  const row = await ctx.db.mailPace.findUnique({ where: { id } });
  const now = ctx.clock.now();
  if (!row) {
    const quota = (await readQuota(ctx, id)) ?? careful;
    await ctx.db.mailPace.createMany({ data: [{ id, ...quota, readAt: now }], skipDuplicates: true });
    return ctx.db.mailPace.findUniqueOrThrow({ where: { id } });
  }
  if (now.getTime() - row.readAt.getTime() < quotaReadEveryMilliseconds) return row;
  const { count } = await ctx.db.mailPace.updateMany({ where: { id, readAt: row.readAt }, data: { readAt: now } });
  const quota = count > 0 ? await readQuota(ctx, id) : null;
  if (!quota) return row;
  // What was let through while the answer came is not yet in its count.
  await ctx.db.$executeRaw`
    update "MailPace" set "perSecond" = ${quota.perSecond}, "perDay" = ${quota.perDay}::int,
      "sentLastDay" = ${quota.sentLastDay}, "sentSince" = greatest(0, "sentSince" - ${row.sentSince})
    where id = ${id}`;
  return ctx.db.mailPace.findUniqueOrThrow({ where: { id } });
}

/** Null when SES does not say. */
async function readQuota(ctx: Context, id: "ses" | "mailbox"): Promise<Quota | null> {
  if (id === "mailbox") return mailboxQuota(ctx);
  try {
    const { perSecond, perDay, sentLastDay } = await sendQuota(ctx.env);
    // SES answers -1 for an account without a limit by the day.
    return { perSecond, perDay: perDay < 0 ? null : Math.floor(perDay), sentLastDay: Math.ceil(sentLastDay) };
  } catch (error) {
    // Whatever kept it from answering (also credentials that are missing): the attempt to send says what is wrong.
    const name = error instanceof CloudError ? `${error.kind} ${error.code}` : error instanceof Error && error.name;
    ctx.log.warn({ error: name }, "SES did not tell its sending quota");
    return null;
  }
}

/** The setting `ATELIER_MAILBOX_QUOTA`: "14" or "14/50000". */
async function mailboxQuota(ctx: Context): Promise<Quota> {
  const [perSecond, perDay] = (ctx.env.ATELIER_MAILBOX_QUOTA ?? "").split("/").map(Number);
  const since = new Date(ctx.clock.now().getTime() - dayMilliseconds);
  const sentLastDay = await ctx.db.message.count({ where: { sentAt: { gt: since } } });
  return { perSecond: perSecond ?? careful.perSecond, perDay: perDay ?? null, sentLastDay };
}
