import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Context } from "@/server/context";
import { createDb, type Db } from "@/server/db";
import { stopQueue } from "@/server/jobs/queue";
import type { MailKind } from "@/server/mail/kinds";
import { queueMail } from "@/server/mail/outbox";
import { takeMoments, type Went } from "@/server/mail/pace";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import {
  makeRegistration,
  makeTeam,
  makeWorkshop,
  type TestClock,
  testClock,
  testContext,
  testEnv,
} from "@/server/testing/factories";
import { runJobs } from "@/server/testing/jobs";

let database: TestDatabase;
/** Two workers: each with connections of its own. */
let workers: ReturnType<typeof createDb>[];
let db: Db;
let folder: string;
let clock: TestClock;

beforeAll(async () => {
  database = await createTestDatabase();
  workers = [createDb(database.url, 8), createDb(database.url, 8)];
  db = workers[0]!.db;
  folder = await mkdtemp(join(tmpdir(), "mailbox-"));
});

afterAll(async () => {
  await stopQueue();
  for (const worker of workers) await worker.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  clock = testClock();
  await db.mailPace.deleteMany();
  await db.message.deleteMany();
});

function worker(quota: string, n = 0): Context {
  const env = testEnv(database.url, { ATELIER_MAILBOX_DIR: folder, ATELIER_MAILBOX_QUOTA: quota });
  return testContext(workers[n]!.db, env, { kind: "system", by: "clock" }, clock);
}

/** The next free moment of the mailbox's pace, if it is within as long as a worker waits for one of that kind. */
async function takeOne(ctx: Context, { urgent = false, went = [] as Went[] } = {}): Promise<number | null> {
  const within = urgent ? 8_000 : 1_500;
  const { moments } = await takeMoments(ctx, "mailbox", { urgent, count: 1, within }, went);
  return moments[0] ?? null;
}

/** The most moments in any second, wherever it begins. */
function mostInASecond(moments: number[]): number {
  const sorted = moments.toSorted((a, b) => a - b);
  return Math.max(...sorted.map((start) => sorted.filter((at) => at >= start && at < start + 1000).length));
}

/**
 * Three seconds, in each twentieth of which both workers ask for twenty moments at once; a mail goes as long after its moment
 * as `late` says, and its worker tells so at the next time, or tells that it was not. Answers when they went.
 */
async function letGo(rate: number, late: (n: number) => number, honest = true): Promise<number[]> {
  const gone: number[] = [];
  const untold: Went[][] = [[], []];
  for (let round = 0; round < 60; round++) {
    const asked = [0, 1].map(async (n) => {
      const wanted = { urgent: false, count: 20, within: 60 };
      return takeMoments(worker(String(rate), n), "mailbox", wanted, untold[n]!.splice(0));
    });
    for (const [n, { moments }] of (await Promise.all(asked)).entries())
      for (const moment of moments) {
        const at = moment + late(gone.length);
        gone.push(at);
        untold[n]!.push({ moment, at: honest ? at : moment });
      }
    clock.advance(50);
  }
  return gone;
}

it.each([14, 50, 200])(
  "never lets more than %i mails through in any second, with two workers, and uses the quota",
  async (rate) => {
    const from = clock.now().getTime();
    const gone = await letGo(rate, () => 0);
    expect(mostInASecond(gone)).toBeLessThanOrEqual(rate);
    const ofThreeSeconds = gone.filter((at) => at < from + 3000).length;
    expect(ofThreeSeconds).toBeGreaterThanOrEqual(Math.floor(rate * 3 * 0.98));
  },
);

/** Every seventh mail is late by 40 ms. */
const busy = (n: number) => (n % 7 === 0 ? 40 : 0);

it("never lets more through although a busy machine is late with some, and makes up for it", async () => {
  const from = clock.now().getTime();
  const gone = await letGo(50, busy);
  expect(mostInASecond(gone)).toBeLessThanOrEqual(50);
  expect(gone.filter((at) => at < from + 3000).length).toBeGreaterThanOrEqual(144);
});

it("would let more through if nobody told how late a mail was (the control of this test)", async () => {
  expect(mostInASecond(await letGo(50, busy, false))).toBeGreaterThan(50);
});

/** Ten rounds, a fifth of a second apart, in each of which both workers ask twenty times at once. */
async function moments(take: (ctx: Context) => Promise<number | null>, quota: string): Promise<number[]> {
  const found: (number | null)[] = [];
  for (let round = 0; round < 10; round++) {
    const asked = Array.from({ length: 40 }, (_, n) => take(worker(quota, n % 2)));
    found.push(...(await Promise.all(asked)));
    clock.advance(200);
  }
  return found.filter((at) => at !== null);
}

it("would let more through without the condition in the statement (the control of this test)", async () => {
  const taken = await moments(async (ctx) => {
    await takeOne(worker("14"), { urgent: true });
    const row = await ctx.db.mailPace.findUniqueOrThrow({ where: { id: "mailbox" } });
    const at = Math.max(row.nextMilliseconds, clock.now().getTime());
    await ctx.db.mailPace.update({ where: { id: row.id }, data: { nextMilliseconds: at + 1000 / 14 } });
    return at;
  }, "14");
  expect(mostInASecond(taken)).toBeGreaterThan(14);
});

it("never lets more through than the quota of a day, and keeps the last part of it for what is urgent", async () => {
  const results = await Promise.all(Array.from({ length: 60 }, (_, n) => takeOne(worker("1000/40", n % 2))));
  expect(results.filter((at) => at !== null)).toHaveLength(38);
  const urgent = await Promise.all(Array.from({ length: 5 }, () => takeOne(worker("1000/40"), { urgent: true })));
  expect(urgent.filter((at) => at !== null)).toHaveLength(2);
});

async function queue(ctx: Context, kind: MailKind) {
  const workshop = await makeWorkshop(db, (await makeTeam(db)).id);
  const { id, teamId, workshopId } = await makeRegistration(db, workshop);
  const of = { teamId, workshopId, registrationId: id, recipientKey: id };
  return db.$transaction((tx) => queueMail(ctx, tx, { kind, occurrence: "1", ...of }));
}

it("sends what is urgent before what is not, at the pace of the quota", async () => {
  const ctx = worker("2");
  const bulk = [await queue(ctx, "changed"), await queue(ctx, "changed")];
  const urgent = [await queue(ctx, "confirmed"), await queue(ctx, "confirmed")];
  await runJobs(ctx, ["mail.send"]);
  const rows = await db.message.findMany({ where: { state: "sent" }, orderBy: { sentAt: "asc" } });
  expect(
    rows
      .slice(0, 2)
      .map((row) => row.id)
      .sort(),
  ).toEqual(urgent.map((row) => row.id).sort());
  expect(
    rows
      .map((row) => row.id)
      .slice(2)
      .sort(),
  ).toEqual(bulk.map((row) => row.id).sort());
  for (let n = 2; n < rows.length; n++)
    expect(rows[n]!.sentAt!.getTime() - rows[n - 2]!.sentAt!.getTime()).toBeGreaterThanOrEqual(1000);
});

it("says in the mail's row that it waits for the quota, counts no try, and sends it once there is room", async () => {
  for (const name of await readdir(folder)) await rm(join(folder, name));
  const ctx = worker("10/2");
  const { id } = await queue(ctx, "changed");
  const { id: second } = await queue(ctx, "changed");
  await runJobs(ctx, ["mail.send"]);
  const rows = await db.message.findMany({ where: { id: { in: [id, second] } }, orderBy: { state: "asc" } });
  expect(rows.map((row) => row.state).sort()).toEqual(["queued", "sent"]);
  const waiting = rows.find((row) => row.state === "queued")!;
  expect(waiting).toMatchObject({ attempts: 0, lastError: expect.stringContaining("2 mails may go in 24 hours") });
  expect(await readdir(folder)).toHaveLength(1);
  clock.advance(24 * 3_600_000 + 60_000);
  const { send } = await import("@/server/mail/deliver");
  await send(ctx, { messageId: waiting.id });
  expect(await db.message.findUniqueOrThrow({ where: { id: waiting.id } })).toMatchObject({
    state: "sent",
    attempts: 1,
    lastError: null,
  });
});
