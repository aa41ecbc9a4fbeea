import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Prisma } from "@/prisma/generated/client";
import { bundleWithAws } from "@/scripts/bundle.mjs";
import { atelier } from "@/scripts/project.mjs";
import { type Context, systemClock } from "@/server/context";
import { createDb } from "@/server/db";
import { makeId } from "@/server/ids";
import { enqueueAll, stopQueue } from "@/server/jobs/queue";
import { receiveNotice } from "@/server/mail/feedback";
import type { MailKind } from "@/server/mail/kinds";
import { resendMessage } from "@/server/mail/overview";
import { createTestDatabase } from "@/server/testing/database";
import { makeMember, makeTeam, makeWorkshop, testContext, testEnv } from "@/server/testing/factories";
import { type SesDouble, startSes } from "@/server/testing/ses";
import { snsDouble } from "@/server/testing/sns";

/**
 * Mails through the real worker, twice, to a double of SES that asks to slow down, breaks and stays silent after taking a mail.
 * At 14 and 50 a second as many as keep it busy for half a minute; at 200 a second 10,000, while workers are killed with -9
 * twenty times at random and started again. What the workers leave in doubt is settled as in life: by SES's own events, and
 * the rest by a person who presses "send again".
 *
 *   npm run bench -- mail [mails] [kills]
 */

const mails = Number(process.argv[2] ?? 10_000);
const kills = Number(process.argv[3] ?? 20);
const workers = 2;
/** Answers of SES to a worker that dies within this time may not have been read by it. */
const unreadMilliseconds = 500;
const topic = "arn:aws:sns:eu-west-1:111122223333:atelier-feedback";
const sns = snsDouble();
const faults = { throttled: 0.002, broken: 0.002, silent: 0.0005 };

const now = () => performance.timeOrigin + performance.now();
const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));
const rounded = (value: number) => Math.round(value * 10) / 10;

type Bench = { ctx: Context; admin: Context; teamId: string; ses: SesDouble; crew: Crew };

/** Workers as processes, each with an address of SES of its own. */
class Crew {
  readonly killedAt: { worker: number; at: number }[] = [];
  private readonly running = new Map<number, ChildProcess>();
  private readonly file: string;
  private readonly databaseUrl: string;
  private readonly endpoints: string[];

  constructor(file: string, databaseUrl: string, endpoints: string[]) {
    this.file = file;
    this.databaseUrl = databaseUrl;
    this.endpoints = endpoints;
  }

  async start(worker: number): Promise<void> {
    const child = spawn(process.execPath, [this.file], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: {
        ...process.env,
        DATABASE_URL: this.databaseUrl,
        PUBLIC_URL: "http://127.0.0.1:3000",
        ATELIER_SECRET_KEY: Buffer.alloc(32, 7).toString("base64"),
        AWS_REGION: "eu-west-1",
        AWS_SIGNIN_URL: "http://127.0.0.1:9/federation",
        AWS_ENDPOINT_URL: this.endpoints[worker],
        AWS_ACCESS_KEY_ID: "bench",
        AWS_SECRET_ACCESS_KEY: "bench",
        LOG_LEVEL: process.env.LOG_LEVEL ?? "silent",
      },
    });
    this.running.set(worker, child);
    await Promise.race([once(child, "message"), once(child, "exit")]);
  }

  async kill(worker: number): Promise<void> {
    const child = this.running.get(worker);
    if (!child) return;
    this.killedAt.push({ worker, at: now() });
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  async stop(): Promise<void> {
    for (const child of this.running.values()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    }
  }
}

const kinds: MailKind[] = ["changed", "changed", "reminder", "reminder", "confirmed"];

/** Registrations with a mail each, all due now. */
async function fill({ ctx, teamId }: Bench, count: number): Promise<void> {
  const at = new Date();
  const perWorkshop = 100;
  for (let made = 0; made < count; made += perWorkshop) {
    const size = Math.min(perWorkshop, count - made);
    const startsAt = new Date(at.getTime() + 10 * 86_400_000);
    const endsAt = new Date(startsAt.getTime() + 4 * 3_600_000);
    const workshop = await makeWorkshop(ctx.db, teamId, { startsAt, endsAt, capacity: perWorkshop, seatsTaken: size });
    const persons = Array.from({ length: size }, (_, n) => ({
      id: makeId("person", at),
      teamId,
      email: `${workshop.id.slice(4)}-${n}@customer.example`,
      name: `Lucía Gómez ${n}`,
    }));
    const registrations = persons.map((person, n) => ({
      id: makeId("registration", at),
      teamId,
      workshopId: workshop.id,
      personId: person.id,
      state: "confirmed" as const,
      ordinal: n + 1,
      company: "Acme",
      noticeVersion: "1",
      noticeLocale: "en",
      noticeAt: at,
      confirmedAt: at,
    }));
    const messages = registrations.map((registration, n): Prisma.MessageCreateManyInput => {
      const kind = kinds[n % kinds.length]!;
      const of = { teamId, workshopId: workshop.id, registrationId: registration.id, recipientKey: registration.id };
      const data = { fields: ["startsAt"] };
      return { id: makeId("message", at), kind, occurrence: "1", ...of, data, urgent: kind === "confirmed", dueAt: at };
    });
    await ctx.db.$transaction(async (tx) => {
      await tx.person.createMany({ data: persons });
      await tx.registration.createMany({ data: registrations });
      await tx.message.createMany({ data: messages });
    });
  }
  const rows = await ctx.db.message.findMany({ where: { state: "queued" }, select: { id: true } });
  await ctx.db.$transaction((tx) =>
    enqueueAll(
      ctx,
      tx,
      "mail.send",
      rows.map(({ id }) => ({ messageId: id })),
    ),
  );
}

/** What became of mails in doubt: SES's event for those that it took, "send again" for the others. Answers how many there were. */
async function settleDoubts({ ctx, admin, ses }: Bench): Promise<number> {
  const doubts = await ctx.db.message.findMany({ where: { state: "in_doubt" }, select: { id: true } });
  const taken = new Set(ses.taken.map(({ messageId }) => messageId));
  for (const { id } of doubts) {
    if (!taken.has(id)) {
      await resendMessage(admin, { messageId: id });
      continue;
    }
    const mail = { messageId: "0102", timestamp: new Date().toISOString(), tags: { "atelier-message": [id] } };
    const Message = JSON.stringify({ eventType: "Send", mail, send: {} });
    await receiveNotice(ctx, sns.post({ TopicArn: topic, Message, Timestamp: mail.timestamp }), sns.certificates);
  }
  return doubts.length;
}

const open = ["queued", "sending", "in_doubt"] as const;

/** Kills one worker after another at random moments while mails go, and starts each again. */
async function killAtRandom({ crew }: Bench, count: number, seconds: number): Promise<void> {
  const gap = (seconds * 1000) / (count + 1);
  for (let n = 0; n < count; n++) {
    await pause(gap * (0.4 + Math.random() * 0.6));
    const worker = n % workers;
    await crew.kill(worker);
    await crew.start(worker);
  }
}

/** The most mails that arrived in any second, wherever it begins, and in how many seconds there were more than allowed. */
function secondsOver(arrivals: readonly number[], perSecond: number): { most: number; over: number } {
  const sorted = arrivals.toSorted((a, b) => a - b);
  let most = 0;
  let over = 0;
  let overUntil = 0;
  for (let first = 0, last = 0; first < sorted.length; first++) {
    while (last < sorted.length && sorted[last]! < sorted[first]! + 1000) last++;
    most = Math.max(most, last - first);
    if (last - first <= perSecond || sorted[first]! < overUntil) continue;
    over += 1;
    overUntil = sorted[first]! + 1000;
  }
  return { most, over };
}

/** Of the quota between the first mail and the last but the stragglers (2 %, which wait for what was in doubt). */
function quotaUsed(arrivals: readonly number[], perSecond: number): number {
  const sorted = arrivals.toSorted((a, b) => a - b);
  const body = sorted.slice(0, Math.floor(sorted.length * 0.98));
  return ((body.length - 1) / (((body.at(-1)! - body[0]!) / 1000) * perSecond)) * 100;
}

/** Mails that were taken again although the worker had read that they were taken. */
function takenTwice({ ses, crew }: Bench): { known: number; unknown: number } {
  const unread = ({ worker, answered }: (typeof ses.taken)[number]) =>
    answered === null ||
    crew.killedAt.some((kill) => kill.worker === worker && Math.abs(kill.at - answered) < unreadMilliseconds);
  const byMessage = Map.groupBy(ses.taken, ({ messageId }) => messageId);
  const twice = [...byMessage.values()].filter((times) => times.length > 1);
  const known = twice.filter((times) => times.slice(0, -1).some((one) => !unread(one))).length;
  return { known, unknown: twice.length - known };
}

async function phase(bench: Bench, perSecond: number, count: number, killCount: number) {
  const { ctx, ses, crew } = bench;
  ses.forget();
  crew.killedAt.length = 0;
  ses.set({ perSecond, faults });
  await ctx.db.mailPace.deleteMany();
  await fill(bench, count);
  const began = now();
  for (let worker = 0; worker < workers; worker++) await crew.start(worker);
  const killing = killAtRandom(bench, killCount, (count / perSecond) * 0.9);
  const deadline = now() + (count / perSecond) * 2000 + 200_000;
  let doubts = 0;
  for (let left = count; left > 0 && now() < deadline; ) {
    await pause(1000);
    left = await ctx.db.message.count({ where: { state: { in: [...open] } } });
    doubts += await settleDoubts(bench);
    if (process.env.BENCH_TALK) console.log(Math.round((now() - began) / 1000), left, ses.arrivals.length);
  }
  await killing;
  await crew.stop();
  const states = await ctx.db.message.groupBy({ by: ["state"], _count: true });
  const distinct = new Set(ses.taken.map(({ messageId }) => messageId)).size;
  const { most, over } = secondsOver(ses.arrivals, perSecond);
  const twice = takenTwice(bench);
  const row = {
    "quota (a second)": perSecond,
    mails: count,
    "kills -9": crew.killedAt.length,
    seconds: rounded((now() - began) / 1000),
    sent: distinct,
    lost: count - distinct,
    "twice, answer read": twice.known,
    "twice, answer lost": twice.unknown,
    "slowed / broken / silent": `${ses.faults.throttled} / ${ses.faults.broken} / ${ses.faults.silent}`,
    "in doubt, settled": doubts,
    "quota used (%)": rounded(quotaUsed(ses.arrivals, perSecond)),
    "most in a second": most,
    "seconds over quota": over,
    states: states.map(({ state, _count }) => `${state} ${_count}`).join(", "),
  };
  await ctx.db.message.deleteMany();
  return row;
}

async function main(): Promise<void> {
  const database = await createTestDatabase();
  const { db, close } = createDb(database.url);
  const ses = await startSes(workers);
  const folder = atelier("bundles", "bench-worker");
  await bundleWithAws({ worker: "server/jobs/worker.ts" }, folder);
  const env = testEnv(database.url, { AWS_ENDPOINT_URL: ses.endpoints[0], SES_FEEDBACK_TOPIC_ARN: topic });
  const ctx = testContext(db, env, { kind: "system", by: "clock" }, systemClock);
  const team = await makeTeam(db);
  const member = await makeMember(db, team.id, "admin");
  const admin = testContext(db, env, member.actor, systemClock);
  const crew = new Crew(join(folder, "worker.mjs"), database.url, ses.endpoints);
  const bench = { ctx, admin, teamId: team.id, ses, crew };
  const plan: [number, number, number][] = [
    [14, Math.min(mails, 14 * 30), 0],
    [50, Math.min(mails, 50 * 30), 0],
    [200, mails, kills],
  ];
  const only = process.env.BENCH_RATE ? plan.filter(([rate]) => rate === Number(process.env.BENCH_RATE)) : plan;
  const rows: Awaited<ReturnType<typeof phase>>[] = [];
  for (const [rate, count, killCount] of only) rows.push(await phase(bench, rate, count, killCount));
  console.table(Object.fromEntries(rows.map((row) => [`${row["quota (a second)"]} a second`, row])));
  await stopQueue();
  await close();
  await database.drop();
  ses.close();
  const worst = (pick: (row: (typeof rows)[number]) => number, of: (...values: number[]) => number) =>
    of(...rows.map(pick));
  const answer = {
    sent: rows.reduce((sum, row) => sum + row.sent, 0),
    lost: worst((row) => row.lost, Math.max),
    duplicates: worst((row) => row["twice, answer read"], Math.max),
    quotaUsedPercent: worst((row) => row["quota used (%)"], Math.min),
    overQuotaSeconds: worst((row) => row["seconds over quota"], Math.max),
  };
  console.log(JSON.stringify(answer));
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
