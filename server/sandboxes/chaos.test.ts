import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { CreateAccessKeyCommand, CreateRoleCommand, CreateUserCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateBucketCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { PgBoss } from "pg-boss";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CallProxy, startProxy } from "@/bench/lib/proxy";
import { buildBundles, output } from "@/scripts/build.mjs";
import { ourNode } from "@/scripts/processes.mjs";
import { listUsersAndKeys } from "@/server/aws/iam";
import { listProviders, listRolesAndTrust } from "@/server/aws/iam-doors";
import { parentOf } from "@/server/aws/organizations";
import { memberCredentials } from "@/server/aws/sts";
import type { MemberActor } from "@/server/permissions";
import { reserveLeases, temporaryKeys, vend } from "@/server/sandboxes/sandboxes";
import { attendee, makePool, openedWorkshop, startTestCloud, type TestCloud } from "@/server/sandboxes/test-pool";
import { unitName, unitsOf } from "@/server/sandboxes/units";
import { makeMember } from "@/server/testing/factories";
import { closeWorkshop } from "@/server/workshops/workshops";

/**
 * The worker, as a process of its own, is killed with -9 again and again while a workshop of ten accounts closes: each time at
 * a call to AWS drawn at random, which AWS got or did not get. What the queue does by itself within a minute is brought about
 * at once. `CHAOS_SEED` and `CHAOS_KILLS` repeat a run, and make a longer one.
 */

const accounts = 10;
const kills = Number(process.env.CHAOS_KILLS ?? 20);
const seed = Number(process.env.CHAOS_SEED ?? randomInt(1, 2 ** 31));

let cloud: TestCloud;
let proxy: CallProxy;
let pool: Awaited<ReturnType<typeof makePool>>;
let architect: MemberActor;
let queue: PgBoss;
let mailbox: string;
let running: ChildProcess | undefined;

beforeAll(async () => {
  // The bundle that production runs: it starts in a third of the time.
  await buildBundles();
  cloud = await startTestCloud({ accounts });
  proxy = await startProxy(cloud.emulator.endpoint);
  pool = await makePool(cloud, accounts);
  architect = (await makeMember(cloud.db, pool.team.id, "solutions_architect")).actor;
  const connectionString = cloud.env.DATABASE_URL;
  queue = new PgBoss({ connectionString, max: 2, migrate: false, schedule: false, supervise: false });
  queue.on("error", () => {});
  await queue.start();
  mailbox = mkdtempSync(join(tmpdir(), "atelier-chaos-"));
}, 240_000);
afterAll(async () => {
  running?.kill("SIGKILL");
  rmSync(mailbox, { recursive: true, force: true });
  await queue.stop({ graceful: false });
  await proxy.close();
  await cloud.close();
});

/** Mulberry32: numbers between 0 and 1 that repeat with their seed. */
function random(state: number): () => number {
  let now = state;
  return () => {
    now = (now + 0x6d2b79f5) | 0;
    let mixed = Math.imul(now ^ (now >>> 15), 1 | now);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function startWorker(): ChildProcess {
  const settings = Object.entries(cloud.env).flatMap(([name, value]) =>
    value === undefined || value instanceof Uint8Array ? [] : [[name, String(value)]],
  );
  return spawn(ourNode(), [output("worker")], {
    stdio: "ignore",
    env: {
      ...{ ...process.env, ...Object.fromEntries(settings) },
      ATELIER_SECRET_KEY: Buffer.from(cloud.env.ATELIER_SECRET_KEY).toString("base64"),
      ...{
        AWS_ENDPOINT_URL: proxy.endpoint,
        ATELIER_MAILBOX_DIR: mailbox,
        LOG_LEVEL: "silent",
        CLEANER_SERVICES: "iam,s3,sqs",
      },
    },
  });
}

const isGone = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;
const gone = (child: ChildProcess) =>
  isGone(child) ? Promise.resolve() : new Promise<void>((resolve) => child.once("exit", () => resolve()));

/** A minute passes: the queue sees that its worker is gone and gives its jobs to the next, and their waiting is over. */
async function aMinutePasses(): Promise<void> {
  await cloud.db
    .$executeRaw`UPDATE "Cleanup" SET "heartbeatAt" = "heartbeatAt" - interval '60 s' WHERE "state" = 'running'`;
  await cloud.db.$executeRaw`
    UPDATE pgboss.job SET heartbeat_on = heartbeat_on - interval '60 s' WHERE state = 'active'`;
  await cloud.db.$executeRaw`UPDATE pgboss.queue SET monitor_on = NULL, monitor_claim_on = NULL`;
  await queue.supervise();
  await cloud.db.$executeRaw`UPDATE pgboss.job SET start_after = now() WHERE state = 'retry'`;
}

async function closed(workshopId: string): Promise<boolean> {
  const [row] = await cloud.db.$queryRaw<{ left: number }[]>`
    SELECT (SELECT count(*) FROM "Workshop" WHERE "id" = ${workshopId} AND "state" <> 'closed')::int
      + (SELECT count(*) FROM "Message" WHERE "workshopId" = ${workshopId} AND "state" IN ('queued', 'sending'))::int
      + (SELECT count(*) FROM pgboss.job WHERE name = 'sandboxes.take-back' AND state < 'completed')::int AS left`;
  return row?.left === 0;
}

/** Where things stand, for who reads the failure. */
async function standing(): Promise<string> {
  const rows = await cloud.db.$queryRaw`
    SELECT 'job ' || name AS what, state::text, count(*)::int, max(retry_count)::int AS tries, max(start_after - now())::text AS due FROM pgboss.job GROUP BY 1, 2
    UNION ALL SELECT 'step ' || name, state::text, count(*)::int, max(attempts), max("lastError") FROM "ClosingStep" GROUP BY 1, 2
    UNION ALL SELECT 'cleanup', state::text, count(*)::int, null, max(reason) FROM "Cleanup" GROUP BY 1, 2`;
  return JSON.stringify(rows, null, 1);
}

type Vended = { leaseId: string; awsAccountId: string };

/** A workshop in which everybody has an account and left something in it. */
async function usedWorkshop(): Promise<{ workshopId: string; leases: Vended[] }> {
  const { workshop, registrations } = await openedWorkshop(cloud, pool, accounts);
  // The worker's clock is the real one, and it forgets workshops that are long over.
  const [startsAt, endsAt] = [new Date(Date.now() - 7_200_000), new Date(Date.now() - 3_600_000)];
  await cloud.db.workshop.update({ where: { id: workshop.id }, data: { startsAt, endsAt } });
  await cloud.db.$transaction((tx) => reserveLeases(cloud.system, tx, { workshopId: workshop.id }));
  const leases = await cloud.db.lease.findMany({ where: { workshopId: workshop.id }, include: { account: true } });
  expect(leases).toHaveLength(accounts);
  await Promise.all(leases.map(({ id }) => vend(cloud.system, { leaseId: id })));
  await cloud.db.$executeRaw`DELETE FROM pgboss.job WHERE name = 'sandboxes.vend'`;
  await Promise.all(registrations.map((registration) => leaveThings(registration)));
  return {
    workshopId: workshop.id,
    leases: leases.map(({ id, account }) => ({ leaseId: id, awsAccountId: account.awsAccountId })),
  };
}

const place = () => ({ endpoint: cloud.emulator.endpoint, region: "eu-west-1" });

async function leaveThings(registration: { id: string; teamId: string }): Promise<void> {
  const keys = await temporaryKeys(cloud.as(attendee(registration)), {});
  const client = { ...place(), credentials: keys };
  const iam = new IAMClient(client);
  const anybody = { Effect: "Allow", Principal: "*", Action: "sts:AssumeRole" };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [anybody] });
  await iam.send(new CreateUserCommand({ UserName: "mine" }));
  await Promise.all([
    iam.send(new CreateAccessKeyCommand({ UserName: "mine" })),
    iam.send(new CreateRoleCommand({ RoleName: "back-door", AssumeRolePolicyDocument })),
    new S3Client({ ...client, forcePathStyle: true }).send(
      new CreateBucketCommand({ Bucket: `left-${registration.id.toLowerCase().replaceAll("_", "-")}` }),
    ),
    new SQSClient(client).send(new CreateQueueCommand({ QueueName: "left" })),
  ]);
}

/** All that must be the same however the close went: of each account in rows and in AWS, and of the workshop. */
async function endState({ workshopId, leases }: { workshopId: string; leases: Vended[] }, since: bigint) {
  const units = unitsOf(await cloud.db.team.findUniqueOrThrow({ where: { id: pool.team.id } }));
  const each = [];
  for (const { leaseId, awsAccountId } of leases) {
    const row = await cloud.db.lease.findUniqueOrThrow({
      where: { id: leaseId },
      include: { account: true, steps: { orderBy: { position: "asc" } }, cleanups: true, credentials: true },
    });
    const audits = await cloud.db.auditEntry.groupBy({
      by: ["action"],
      where: { entityId: { in: [leaseId, row.accountId] }, ordinal: { gt: since } },
      _count: true,
      orderBy: { action: "asc" },
    });
    each.push({
      lease: [row.state, row.canarySealed, row.provedAt !== null, row.revokedAt !== null, row.endedAt !== null],
      account: [row.account.state, unitName(units, await parentOf(cloud.env, awsAccountId))],
      steps: row.steps.map((step) => `${step.name} ${step.state}`),
      // What an attendee made is named, however often the look for it was cut off; ids of keys differ.
      disabled: Object.entries(row.steps[1]?.detail ?? {}).map(
        ([what, of]) => `${what} ${what === "keys" ? (of as []).length : of}`,
      ),
      credentials: row.credentials.map(({ kind, provedAt }) => [kind, provedAt !== null]),
      cleanups: row.cleanups.map(({ state }) => state).filter((state) => state !== "failed"),
      audits: audits.map(({ action, _count }) => `${action} ${_count}`),
      inAws: await remains(awsAccountId),
    });
  }
  const workshop = await cloud.db.workshop.findUniqueOrThrow({ where: { id: workshopId } });
  const mails = await cloud.db.message.groupBy({ by: ["kind", "state"], where: { workshopId }, _count: true });
  const jobs = await cloud.db.$queryRaw`
    SELECT count(*)::int AS lost FROM pgboss.job WHERE name = 'sandboxes.take-back' AND state <> 'completed'`;
  return { workshop: workshop.state, mails: mails.filter(({ kind }) => kind === "thanks"), jobs, each };
}

async function remains(awsAccountId: string) {
  const credentials = memberCredentials(cloud.env, awsAccountId);
  const client = { ...place(), credentials };
  const [users, roles, providers, buckets, queues] = await Promise.all([
    listUsersAndKeys(cloud.env, credentials),
    listRolesAndTrust(cloud.env, credentials),
    listProviders(cloud.env, credentials),
    new S3Client({ ...client, forcePathStyle: true }).send(new ListBucketsCommand({})),
    new SQSClient(client).send(new ListQueuesCommand({})),
  ]);
  return {
    users,
    roles: roles.map(({ name }) => name),
    providers,
    buckets: buckets.Buckets,
    queues: queues.QueueUrls ?? [],
  };
}

async function mark(): Promise<bigint> {
  const last = await cloud.db.auditEntry.findFirst({ orderBy: { ordinal: "desc" }, select: { ordinal: true } });
  return last?.ordinal ?? 0n;
}

/** Closes a used workshop while `next` says after how many calls each worker dies (undefined: it lives). */
async function close(next: (killed: number) => number | undefined) {
  const used = await usedWorkshop();
  const since = await mark();
  await closeWorkshop(cloud.as(architect), { workshopId: used.workshopId });
  const until = performance.now() + 240_000;
  let calls = 0;
  let killed = 0;
  let lives = 0;
  for (let over = false; !over; ) {
    const dieAt = next(killed);
    const worker = startWorker();
    running = worker;
    proxy.reset();
    proxy.fault = ({ number }) => {
      if (number !== dieAt) return undefined;
      worker.kill("SIGKILL");
      killed += 1;
      return { kind: "cut", when: number % 2 === 0 ? "before" : "after" };
    };
    // While the next one starts.
    if (lives++ > 0) await aMinutePasses();
    while (!isGone(worker) && !over) {
      await wait(100);
      over = await closed(used.workshopId);
      if (performance.now() > until) throw new Error(`The close does not come to its end: ${await standing()}`);
    }
    calls += proxy.calls();
    worker.kill("SIGKILL");
    await gone(worker);
  }
  proxy.fault = undefined;
  return { calls, killed, state: await endState(used, since) };
}

test(`a close of ${accounts} accounts whose worker is killed at ${kills} random points ends like one without (CHAOS_SEED=${seed})`, async () => {
  const plain = await close(() => undefined);
  expect(plain.state).toMatchObject({ workshop: "closed", jobs: [{ lost: 0 }] });
  expect(plain.state.each[0]).toMatchObject({
    account: ["available", "ready"],
    disabled: expect.arrayContaining(["users mine", "outsideRoles back-door", "keys 1"]),
    cleanups: ["clean"],
    inAws: { users: [], roles: ["OrganizationAccountAccessRole"], providers: [], buckets: [], queues: [] },
  });
  const draw = random(seed);
  // Some die early, in the steps of moving and revoking, some late, while accounts are emptied and go back.
  const life = () => 1 + Math.floor(draw() * plain.calls * (draw() < 0.5 ? 0.1 : 0.3));
  for (let left = kills; left > 0; ) {
    const chaotic = await close((killed) => (killed < left ? life() : undefined));
    expect(chaotic.state).toEqual(plain.state);
    left -= chaotic.killed;
  }
}, 600_000);
