import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type SesApart, type SesReport, startSesApart } from "@/bench/lib/ses-apart";
import type { Prisma } from "@/prisma/generated/client";
import { bundleWithAws } from "@/scripts/bundle.mjs";
import { serverFlags } from "@/scripts/processes.mjs";
import { atelier } from "@/scripts/project.mjs";
import { type Context, systemClock } from "@/server/context";
import { createDb, insertRows } from "@/server/db";
import { makeId } from "@/server/ids";
import { enqueueAll, stopQueue } from "@/server/jobs/queue";
import { receiveNotice } from "@/server/mail/feedback";
import type { MailKind } from "@/server/mail/kinds";
import { resendMessage } from "@/server/mail/overview";
import { createTestDatabase } from "@/server/testing/database";
import { makeMember, makeTeam, makeWorkshop, testContext, testEnv } from "@/server/testing/factories";
import { snsDouble } from "@/server/testing/sns";

/**
 * Mails through the real worker, twice, to a double of SES that asks to slow down, breaks and stays silent after taking a mail.
 *
 * First the quota, at 14, 50 and 200 mails a second, with workers that have run for a while. Then the faults that a machine
 * adds: 10,000 mails at 200 a second, while workers are killed with -9 twenty times at random and started again. What they
 * leave in doubt is settled as in life: by SES's own events, and the rest by a person who presses "send again".
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

type Bench = { ctx: Context; admin: Context; teamId: string; ses: SesApart; crew: Crew };

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
    const child = spawn(process.execPath, [...serverFlags, this.file], {
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

/** Registrations with a mail each, which all are due at the end, at the same moment. */
async function fill({ ctx, teamId }: Bench, count: number): Promise<void> {
  const at = new Date();
  const perWorkshop = 100;
  const messages: Prisma.MessageCreateManyInput[] = [];
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
    await ctx.db.person.createMany({ data: persons });
    await ctx.db.registration.createMany({ data: registrations });
    for (const [n, registration] of registrations.entries()) {
      const kind = kinds[n % kinds.length]!;
      const of = { teamId, workshopId: workshop.id, registrationId: registration.id, recipientKey: registration.id };
      const data = { fields: ["startsAt"] };
      messages.push({
        id: makeId("message", at),
        kind,
        occurrence: "1",
        ...of,
        data,
        urgent: kind === "confirmed",
        dueAt: at,
      });
    }
  }
  const dueAt = new Date();
  const jobs = messages.map(({ id }) => ({ messageId: id! }));
  await ctx.db.$transaction(async (tx) => {
    await insertRows(
      tx,
      "Message",
      messages.map((message) => ({ ...message, dueAt, createdAt: dueAt })),
    );
    await enqueueAll(ctx, tx, "mail.send", jobs);
  });
}

/** What became of mails in doubt: SES's event for those that it took, "send again" for the others. Answers how many there were. */
async function settleDoubts({ ctx, admin, ses }: Bench): Promise<number> {
  const doubts = await ctx.db.message.findMany({ where: { state: "in_doubt" }, select: { id: true } });
  if (doubts.length === 0) return 0;
  const taken = new Set((await ses.report()).taken.map(({ messageId }) => messageId));
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
function takenTwice({ taken }: SesReport, { killedAt }: Crew): { known: number; unknown: number } {
  const unread = ({ worker, answered }: (typeof taken)[number]) =>
    answered === null ||
    killedAt.some((kill) => kill.worker === worker && Math.abs(kill.at - answered) < unreadMilliseconds);
  const byMessage = Map.groupBy(taken, ({ messageId }) => messageId);
  const twice = [...byMessage.values()].filter((times) => times.length > 1);
  const known = twice.filter((times) => times.slice(0, -1).some((one) => !unread(one))).length;
  return { known, unknown: twice.length - known };
}

/** Waits until nothing is to be sent any more, and settles what is in doubt; answers how many those were. */
async function untilSent(bench: Bench, deadline: number): Promise<number> {
  const { ctx } = bench;
  let settled = 0;
  for (let left = 1; left > 0 && now() < deadline; ) {
    await pause(1000);
    left = await ctx.db.message.count({ where: { state: { in: [...open] } } });
    settled += await settleDoubts(bench);
  }
  return settled;
}

type Phase = { perSecond: number; count: number; killCount: number };

async function phase(bench: Bench, { perSecond, count, killCount }: Phase) {
  const { ctx, ses, crew } = bench;
  crew.killedAt.length = 0;
  ses.begin({ perSecond, faults });
  await ctx.db.mailPace.deleteMany();
  await fill(bench, count);
  const began = now();
  const killing = killAtRandom(bench, killCount, (count / perSecond) * 0.9);
  const doubts = await untilSent(bench, now() + (count / perSecond) * 2000 + 200_000);
  await killing;
  const states = await ctx.db.message.groupBy({ by: ["state"], _count: true });
  const report = await ses.report();
  const distinct = new Set(report.taken.map(({ messageId }) => messageId)).size;
  const { most, over } = secondsOver(report.arrivals, perSecond);
  const twice = takenTwice(report, crew);
  await ctx.db.message.deleteMany();
  return {
    "quota (a second)": perSecond,
    mails: count,
    "kills -9": crew.killedAt.length,
    seconds: rounded((now() - began) / 1000),
    sent: distinct,
    lost: count - distinct,
    "twice, answer read": twice.known,
    "twice, answer lost": twice.unknown,
    "slowed / broken / silent": `${report.faults.throttled} / ${report.faults.broken} / ${report.faults.silent}`,
    "in doubt, settled": doubts,
    "quota used (%)": rounded(quotaUsed(report.arrivals, perSecond)),
    "most in a second": most,
    "seconds over quota": over,
    states: states.map(({ state, _count }) => `${state} ${_count}`).join(", "),
  };
}

/** Workers that have sent some mails, as those of an installation have. */
async function warmUp(bench: Bench, count: number): Promise<void> {
  bench.ses.begin({ perSecond: 200, faults: { throttled: 0, broken: 0, silent: 0 } });
  for (let worker = 0; worker < workers; worker++) await bench.crew.start(worker);
  await fill(bench, count);
  await untilSent(bench, now() + 120_000);
  await bench.ctx.db.message.deleteMany();
}

async function main(): Promise<void> {
  const database = await createTestDatabase();
  const { db, close } = createDb(database.url);
  const ses = await startSesApart(workers);
  const folder = atelier("bundles", "bench-worker");
  await bundleWithAws({ worker: "server/jobs/worker.ts" }, folder);
  const env = testEnv(database.url, { AWS_ENDPOINT_URL: ses.endpoints[0], SES_FEEDBACK_TOPIC_ARN: topic });
  const ctx = testContext(db, env, { kind: "system", by: "clock" }, systemClock);
  const team = await makeTeam(db);
  const member = await makeMember(db, team.id, "admin");
  const admin = testContext(db, env, member.actor, systemClock);
  const crew = new Crew(join(folder, "worker.mjs"), database.url, ses.endpoints);
  const bench = { ctx, admin, teamId: team.id, ses, crew };
  await warmUp(bench, Math.min(mails, 3_000));
  const plan: Phase[] = [
    { perSecond: 14, count: Math.min(mails, 14 * 30), killCount: 0 },
    { perSecond: 50, count: Math.min(mails, 50 * 30), killCount: 0 },
    { perSecond: 200, count: Math.min(mails, 200 * 30), killCount: 0 },
    { perSecond: 200, count: mails, killCount: kills },
  ];
  const rows: Awaited<ReturnType<typeof phase>>[] = [];
  for (const planned of plan) rows.push(await phase(bench, planned));
  await crew.stop();
  console.table(rows);
  await stopQueue();
  await close();
  await database.drop();
  ses.close();
  // Of a worker that was killed, the mails in its hands wait a minute until another takes them: no measure of the pace.
  const undisturbed = rows.filter((row) => row["kills -9"] === 0);
  const answer = {
    sent: rows.reduce((sum, row) => sum + row.sent, 0),
    lost: Math.max(...rows.map((row) => row.lost)),
    duplicates: Math.max(...rows.map((row) => row["twice, answer read"])),
    quotaUsedPercent: Math.min(...undisturbed.map((row) => row["quota used (%)"])),
    overQuotaSeconds: Math.max(...rows.map((row) => row["seconds over quota"])),
  };
  console.log(JSON.stringify(answer));
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
