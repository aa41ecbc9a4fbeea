import { setTimeout as sleep } from "node:timers/promises";
import type { MailPace } from "@/prisma/generated/client";
import { CloudError } from "@/server/aws/errors";
import { sendQuota } from "@/server/aws/ses";
import type { Context } from "@/server/context";
import { mailboxFolder } from "@/server/mail/mailbox";

/**
 * The pace of mails: SES's own quota (a rate a second, and mails in 24 hours), shared by all workers through one row of the
 * database, which knows when each mail of the last second went. A mail goes a second after the one that stands a rate's number
 * of mails before it, so no second, wherever it begins, ever holds more than the rate; and what a busy machine is late with is
 * made up for. Workers' clocks have to agree (NTP).
 */

/** A second is taken to be this much longer: the way of a mail to SES may take longer than that of a later one. */
const wayMilliseconds = 8;
/** A mail counts as gone this long after its moment, until its worker has told when it went; later than that none goes. */
const lateMilliseconds = 100;
/** Part of the even distance between two mails that they keep at least: a burst that SES would forgive is not asked for. */
const evenness = 0.9;
/** The last part of a day's quota is for mails that somebody waits for. */
const urgentPartOfDay = 0.05;
/** How long a mail may have to wait for a moment; what would take longer goes back into the queue, behind urgent ones. */
const patienceMilliseconds = { bulk: 1_500, urgent: 8_000 } as const;
const quotaReadEveryMilliseconds = 60_000;
/** Where SES does not tell its quota: that of a new account. */
const careful: Quota = { perSecond: 1, perDay: null, sentLastDay: 0 };
const dayMilliseconds = 86_400_000;

type Pace = Omit<MailPace, "recent">;
type Quota = { perSecond: number; perDay: number | null; sentLastDay: number };
type Pressing = { urgent: boolean };

/** When to ask again, and why the mail has to wait (words for the mail tab). */
export type Later = { later: Date; reason: string };
/** The turn of a mail has come: `left` is called when it has gone. */
export type Turn = { left(): void } | Later;

/** Which quota counts; null where there is none: the local mailbox without a setting. */
function senderOf(ctx: Context): "ses" | "mailbox" | null {
  if (!mailboxFolder(ctx.env)) return "ses";
  return ctx.env.ATELIER_MAILBOX_QUOTA ? "mailbox" : null;
}

/** A mail that went: its moment, and when it really was. In milliseconds since 1970. */
export type Went = { moment: number; at: number };
type Wanted = Pressing & { count: number; within: number; lead?: number };
/** Moments in milliseconds since 1970, and the first one that is not yet granted, with the pace as it stands then. */
type Granted = { moments: number[]; next: number | null; pace: Pace };

/**
 * Takes up to `count` free moments that lie `within` so many milliseconds from now (at least `lead`), and tells when mails of
 * earlier ones went. Of callers at the same time, in any process, no two get the same moment. One that is not used is lost.
 */
export async function takeMoments(
  ctx: Context,
  id: "ses" | "mailbox",
  { urgent, count, within, lead = 0 }: Wanted,
  went: readonly Went[] = [],
): Promise<Granted> {
  const now = ctx.clock.now().getTime();
  const partOfDay = urgent ? 1 : 1 - urgentPartOfDay;
  // One statement: what is granted is computed from the row as it is once it is locked.
  const [row] = await ctx.db.$queryRaw<(Pace & { moments: number[]; next: number | null })[]>`
    with locked as (
      select *, greatest(1, floor("perSecond"))::int as places, ${evenness}::float8 * 1000 / nullif("perSecond", 0) as gap,
        1000 * greatest(1, floor("perSecond")) / nullif("perSecond", 0) + ${wayMilliseconds}::float8 as span,
        coalesce(floor("perDay" * ${partOfDay}::float8) - "sentLastDay" - "sentSince", ${count}::int) as room
      from "MailPace" where id = ${id} and "readAt" > ${new Date(now - quotaReadEveryMilliseconds)} for update
    ), known as (
      select array(
        select least(latest, went.at) from unnest(locked.recent) latest
        left join unnest(${went.map(({ moment }) => moment)}::float8[], ${went.map(({ at }) => at)}::float8[]) went(moment, at)
          on went.moment + ${lateMilliseconds}::float8 = latest
        order by 1
      ) as recent from locked
    ), free as (
      select n, n * gap + max(
        greatest("nextMilliseconds", ${now + lead}::float8, known.recent[cardinality(known.recent) - places + n] + span) - n * gap
      ) over (order by n) as at
      from locked, known, generate_series(1, ${count}::int + 1) n
    ), granted as (
      select ceil(at * 1000) / 1000 as at from free, locked where n <= least(${count}::int, room) and at <= ${now + within}::float8
    ), summary as (
      select array(select at from granted order by at) as moments, (
        select min(at) from free where n > (select count(*) from granted)
      ) as next
    )
    update "MailPace" pace set
      "nextMilliseconds" = greatest(pace."nextMilliseconds", moments[cardinality(moments)] + gap),
      "sentSince" = pace."sentSince" + cardinality(moments),
      recent = array(
        select latest from (
          select latest from unnest(known.recent || array(select at + ${lateMilliseconds}::float8 from granted)) latest
          order by latest desc limit places
        ) last order by latest
      )
    from locked, known, summary where pace.id = locked.id
    returning pace.id, pace."perSecond", pace."perDay", pace."sentLastDay", pace."sentSince", pace."readAt",
      pace."nextMilliseconds", moments, next`;
  if (!row) {
    await paceRow(ctx, id);
    return takeMoments(ctx, id, { urgent, count, within, lead }, went);
  }
  const { moments, next, ...pace } = row;
  return { moments, next, pace };
}

// --- The line of a process -------------------------------------------------------------------------------------------

/** Moments are taken this far ahead: those of a worker that dies are lost. */
const aheadMilliseconds = 60;
/** No moment is nearer than this, so that it is not over when the answer of the database comes. */
const leadMilliseconds = 5;
/** How long mails that become ready are gathered for one statement. */
const gatherMilliseconds = 8;
/** How long a mail that is ready stands in line; then it goes back into the queue. Far less than it takes to be in doubt. */
const inLineMilliseconds = 8_000;

type Waiting = Pressing & { until: number; give(moment: number | Later): void; fail(error: unknown): void };
type Line = { waiting: Waiting[]; went: Went[]; served: boolean };
const lines = new Map<string, Line>();

function lineOf(ctx: Context): Line {
  const key = ctx.env.DATABASE_URL;
  const line = lines.get(key) ?? { waiting: [], went: [], served: false };
  lines.set(key, line);
  return line;
}

/**
 * Stands in line for a moment, among all mails that this process has ready, urgent ones first: one statement takes moments for
 * many. Answers shortly before the moment, or when to ask again if none came in time.
 */
function standInLine(ctx: Context, sender: "ses" | "mailbox", { urgent }: Pressing): Promise<number | Later> {
  const line = lineOf(ctx);
  return new Promise((give, fail) => {
    line.waiting.push({ urgent, give, fail, until: ctx.clock.now().getTime() + inLineMilliseconds });
    if (!line.served) void serve(ctx, sender, line);
  });
}

/** Gives moments to a line until nobody stands in it any more. */
async function serve(ctx: Context, sender: "ses" | "mailbox", line: Line): Promise<void> {
  line.served = true;
  try {
    await sleep(gatherMilliseconds);
    while (line.waiting.length > 0) {
      const urgent = line.waiting.some((one) => one.urgent);
      const first = line.waiting.filter((one) => one.urgent === urgent);
      const wanted = { urgent, count: first.length, within: aheadMilliseconds, lead: leadMilliseconds };
      const granted = await takeMoments(ctx, sender, wanted, line.went.splice(0));
      const { moments } = granted;
      leave(line, first.slice(0, moments.length), (n) => moments[n]!);
      if (moments.length < first.length) await sendAwayOrWait(ctx, granted, line, first.slice(moments.length));
    }
  } catch (error) {
    for (const one of line.waiting.splice(0)) one.fail(error);
  } finally {
    line.served = false;
  }
}

function leave(line: Line, those: readonly Waiting[], answer: (n: number) => number | Later): void {
  const going = new Set(those);
  line.waiting = line.waiting.filter((one) => !going.has(one));
  for (const [n, one] of those.entries()) one.give(answer(n));
}

async function sendAwayOrWait(ctx: Context, { next, pace }: Granted, line: Line, rest: Waiting[]): Promise<void> {
  const { urgent } = rest[0]!;
  const now = ctx.clock.now().getTime();
  const hopeless = pace.perSecond <= 0 || dayIsOver(pace, urgent);
  const away = rest.filter((one) => hopeless || one.until <= now);
  leave(line, away, () => whyNot(ctx, pace, urgent));
  if (away.length === rest.length) return;
  await waitFor(ctx, Math.max(now + 5, (next ?? now) - aheadMilliseconds / 2));
}

/** Whether a mail would have to go back into the queue now, before anything was done for it; null when it may try. */
export async function mustWait(ctx: Context, { urgent }: Pressing): Promise<Later | null> {
  const sender = senderOf(ctx);
  if (!sender) return null;
  const row = await paceRow(ctx, sender);
  const patience = urgent ? patienceMilliseconds.urgent : patienceMilliseconds.bulk;
  const soon = row.nextMilliseconds <= ctx.clock.now().getTime() + patience;
  return soon && !dayIsOver(row, urgent) && row.perSecond > 0 ? null : whyNot(ctx, row, urgent);
}

/**
 * Resolves at a moment at which this mail may go: the caller lets it go at once, and calls `left` when it has. Else says when
 * to ask again. A process that was far too busy to keep its moment takes another one.
 */
export async function waitForTurn(ctx: Context, pressing: Pressing): Promise<Turn> {
  const sender = senderOf(ctx);
  if (!sender) return { left: () => {} };
  for (;;) {
    const moment = await standInLine(ctx, sender, pressing);
    if (typeof moment === "object") return moment;
    await waitFor(ctx, moment);
    // A millisecond more, since the clock tells whole ones.
    const left = () => lineOf(ctx).went.push({ moment, at: ctx.clock.now().getTime() + 1 });
    if (ctx.clock.now().getTime() < moment + lateMilliseconds) return { left };
  }
}

/** Resolves at that moment, never before. */
async function waitFor(ctx: Context, at: number): Promise<void> {
  // A timer may ring a fraction of a millisecond early.
  for (let left = at - ctx.clock.now().getTime(); left > 0; left = at - ctx.clock.now().getTime())
    await (ctx.clock.wait?.(left) ?? sleep(left));
}

function partOfDay(perDay: number, urgent: boolean): number {
  return urgent ? perDay : Math.floor(perDay * (1 - urgentPartOfDay));
}

function dayIsOver({ perDay, sentLastDay, sentSince }: Pace, urgent: boolean): boolean {
  return perDay !== null && sentLastDay + sentSince >= partOfDay(perDay, urgent);
}

function whyNot(ctx: Context, row: Pace, urgent: boolean): Later {
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

/** Only the statement that grants moments reads when the last mails went. */
const omit = { recent: true } as const;

/** The row with a quota no older than about a minute. One worker reads it anew, the others go on with what is known. */
async function paceRow(ctx: Context, id: "ses" | "mailbox"): Promise<Pace> {
  const row = await ctx.db.mailPace.findUnique({ where: { id }, omit });
  const now = ctx.clock.now();
  if (!row) {
    const quota = (await readQuota(ctx, id)) ?? careful;
    await ctx.db.mailPace.createMany({ data: [{ id, ...quota, readAt: now }], skipDuplicates: true });
    return ctx.db.mailPace.findUniqueOrThrow({ where: { id }, omit });
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
  return ctx.db.mailPace.findUniqueOrThrow({ where: { id }, omit });
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
