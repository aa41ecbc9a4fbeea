import { PgBoss } from "pg-boss";
import { type CallProxy, startProxy } from "@/bench/lib/proxy";
import { replay } from "@/bench/lib/replay";
import { type Context, makeContext, systemClock } from "@/server/context";
import { createDb } from "@/server/db";
import { stopQueue } from "@/server/jobs/queue";
import { jobQueues } from "@/server/jobs/queues";
import { workSlots } from "@/server/jobs/slots";
import { adoptAccounts, reconcile, reserveLeases, setUpOrganization, vend } from "@/server/sandboxes/sandboxes";
import { createTestDatabase } from "@/server/testing/database";
import { startEmulator } from "@/server/testing/emulator";
import {
  makeProfile,
  makeRegistration,
  makeTeam,
  makeWorkshop,
  testContext,
  testEnv,
} from "@/server/testing/factories";

/**
 * How long it takes to lend accounts to a whole room: from the transaction that reserves them to the last one usable, through
 * a proxy that adds 80 ms to each call. The floor is the larger of the longest chain of calls of one seat, and all calls
 * divided by the rate at which the emulator answers the very same calls when nothing else is in the way.
 */

const seats = Number(process.argv[2] ?? 100);
const latencyMilliseconds = 80;

const seconds = (since: number) => (performance.now() - since) / 1000;
const rounded = (value: number) => Math.round(value * 100) / 100;

/** A worker of vending jobs in this process, with the same number at a time as the real one. */
async function startWorker(ctx: Context) {
  const boss = new PgBoss({ connectionString: ctx.env.DATABASE_URL, max: 8, migrate: false, useListenNotify: true });
  boss.on("error", (error) => console.error(error));
  await boss.start();
  await workSlots(boss, "sandboxes.vend", jobQueues["sandboxes.vend"].concurrency, (job) =>
    vend(ctx, jobQueues["sandboxes.vend"].payload.parse(job.data)),
  );
  return boss;
}

async function until(done: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 180_000;
  while (!(await done())) {
    if (performance.now() > deadline) throw new Error("The seats were not vended in three minutes");
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

type Seats = { ctx: Context; teamId: string; profileId: string; proxy: CallProxy };

async function workshopOf({ ctx, teamId, profileId }: Seats, count: number): Promise<string> {
  const workshop = await makeWorkshop(ctx.db, teamId, { state: "open", sandboxProfileId: profileId, capacity: count });
  for (let made = 0; made < count; made++) await makeRegistration(ctx.db, workshop);
  return workshop.id;
}

/** From reserving to the last account that is usable. */
async function vendAll(all: Seats, workshopId: string, count: number): Promise<number> {
  const { ctx } = all;
  const start = performance.now();
  const { leased } = await ctx.db.$transaction((tx) => reserveLeases(ctx, tx, { workshopId }));
  if (leased !== count) throw new Error(`Only ${leased} of ${count} accounts were lent`);
  await until(async () => (await ctx.db.lease.count({ where: { workshopId, state: "ready" } })) === count);
  return seconds(start);
}

async function measure(all: Seats, endpoint: string) {
  const { proxy, ctx } = all;
  const [oneId, allId] = [await workshopOf(all, 1), await workshopOf(all, seats)];
  // One seat alone: its calls, each behind the one before as far as it must be, are the longest chain.
  const oneSeconds = await vendAll(all, oneId, 1);
  proxy.reset();
  proxy.recording = [];
  const cpu = process.cpuUsage();
  const wallSeconds = await vendAll(all, allId, seats);
  const { user, system } = process.cpuUsage(cpu);
  const cpuSeconds = (user + system) / 1e6;
  const calls = proxy.calls();
  const recorded = proxy.recording;
  proxy.recording = undefined;
  const perSecond = await replay(endpoint, recorded);
  const chainSeconds = Math.min(oneSeconds, 4 * (latencyMilliseconds / 1000 + 1 / perSecond));
  const leases = await ctx.db.lease.findMany({ where: { endedAt: null }, select: { accountId: true } });
  const doubleVends = leases.length - new Set(leases.map(({ accountId }) => accountId)).size;
  const floorSeconds = Math.max(chainSeconds, calls / perSecond);
  const figures = { oneSeconds, wallSeconds, cpuSeconds, calls, perSecond, chainSeconds, floorSeconds, doubleVends };
  return { ...figures, byOperation: proxy.byOperation() };
}

async function main(): Promise<void> {
  const database = await createTestDatabase();
  const emulator = await startEmulator({ accounts: seats + 1, regions: ["eu-west-1"] });
  process.env.AWS_ACCESS_KEY_ID = emulator.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = emulator.secretAccessKey;
  const proxy = await startProxy(emulator.endpoint, { latencyMilliseconds });
  const { db, close } = createDb(database.url);
  const settings = { AWS_ENDPOINT_URL: emulator.endpoint, ATELIER_BASE_PRINCIPAL_ARN: emulator.basePrincipalArn };
  const direct = testContext(db, testEnv(database.url, settings), { kind: "system", by: "operator" }, systemClock);
  const team = await makeTeam(db);
  const profile = await makeProfile(db, team.id);
  await setUpOrganization(direct, { teamId: team.id });
  await adoptAccounts(direct, { teamId: team.id, count: seats + 1 });
  await reconcile(direct, { teamId: team.id });
  await db.sandboxAccount.updateMany({ data: { state: "available" } });
  await reconcile(direct, { teamId: team.id });
  const env = { ...direct.env, AWS_ENDPOINT_URL: proxy.endpoint };
  const ctx = makeContext(direct.actor, { db, env, clock: systemClock, log: direct.log });
  const boss = await startWorker(ctx);
  const found = await measure({ ctx, teamId: team.id, profileId: profile.id, proxy }, emulator.endpoint);
  console.table({
    seats: seats,
    "one seat alone (s)": rounded(found.oneSeconds),
    "all seats (s)": rounded(found.wallSeconds),
    "of it this process's own work, proxy included (CPU s)": rounded(found.cpuSeconds),
    calls: found.calls,
    "emulator's own rate (calls/s)": rounded(found.perSecond),
    "longest chain (s)": rounded(found.chainSeconds),
    "floor (s)": rounded(found.floorSeconds),
    "times the floor": rounded(found.wallSeconds / found.floorSeconds),
  });
  console.table(found.byOperation);
  await boss.stop({ graceful: false });
  await stopQueue();
  await close();
  await database.drop();
  await proxy.close();
  await emulator.stop();
  const { wallSeconds, floorSeconds, calls, doubleVends } = found;
  const answer = { seats, wallSeconds: rounded(wallSeconds), floorSeconds: rounded(floorSeconds), calls, doubleVends };
  console.log(JSON.stringify(answer));
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
