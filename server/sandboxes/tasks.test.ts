import { spawn } from "node:child_process";
import {
  CreateClusterCommand,
  DescribeTasksCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  StopTaskCommand,
} from "@aws-sdk/client-ecs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type CallProxy, type Fault, startProxy } from "@/bench/lib/proxy";
import { buildBundles, output } from "@/scripts/build.mjs";
import { ourNode } from "@/scripts/processes.mjs";
import type { Context } from "@/server/context";
import type { Env } from "@/server/env";
import { liveVersion } from "@/server/insights/live";
import type { MemberActor } from "@/server/permissions";
import { clean, reserveLeases, startTakingBack, takeBack, vend } from "@/server/sandboxes/sandboxes";
import { capacityPause, cleanOnThisMachine } from "@/server/sandboxes/tasks";
import { makePool, openedWorkshop, startTestCloud, type TestCloud } from "@/server/sandboxes/test-pool";
import { makeMember } from "@/server/testing/factories";
import { closingTimeline } from "@/server/workshops/views";

/** Cleaning on tasks of ECS. The emulator keeps a task RUNNING until it is stopped: what ends a machine is the test's doing. */

let cloud: TestCloud;
let proxy: CallProxy;
let pool: Awaited<ReturnType<typeof makePool>>;
let ecs: ECSClient;
let env: Env;
let worker: Context;
let admin: MemberActor;
let lease: { id: string; workshopId: string; accountId: string };

beforeAll(async () => {
  await buildBundles();
  cloud = await startTestCloud({ accounts: 1 });
  proxy = await startProxy(cloud.emulator.endpoint);
  const { endpoint, accessKeyId, secretAccessKey } = cloud.emulator;
  ecs = new ECSClient({ endpoint, region: "eu-west-1", credentials: { accessKeyId, secretAccessKey } });
  await fetch(`${endpoint}/moto-api/state-manager/set-transition`, {
    method: "POST",
    body: JSON.stringify({ model_name: "ecs::task", transition: { progression: "manual", times: 1_000_000 } }),
  });
  await ecs.send(new CreateClusterCommand({ clusterName: "atelier" }));
  const containerDefinitions = [{ name: "cleaner", image: "atelier", memory: 512 }];
  await ecs.send(new RegisterTaskDefinitionCommand({ family: "atelier-cleaner", containerDefinitions }));
  env = {
    ...{ ...cloud.env, AWS_ENDPOINT_URL: proxy.endpoint, ATELIER_CLEANER_MACHINE: "task" },
    ...{ ATELIER_CLEANER_CLUSTER: "atelier", ATELIER_CLEANER_TASK_DEFINITION: "atelier-cleaner" },
    ...{ ATELIER_CLEANER_SUBNETS: ["subnet-1"], ATELIER_CLEANER_SECURITY_GROUPS: ["sg-1"] },
  };
  worker = cloud.as({ kind: "system", by: "clock" }, { env });
  pool = await makePool(cloud, 1);
  admin = (await makeMember(cloud.db, pool.team.id, "admin")).actor;
}, 240_000);

/** A lease whose access was taken away, and whose account is to be emptied next. */
beforeEach(async () => {
  const { workshop } = await openedWorkshop(cloud, pool, 1);
  await cloud.db.$transaction((tx) => reserveLeases(cloud.system, tx, { workshopId: workshop.id }));
  lease = await cloud.db.lease.findFirstOrThrow({ where: { workshopId: workshop.id } });
  await vend(cloud.system, { leaseId: lease.id });
  await cloud.db.workshop.update({ where: { id: workshop.id }, data: { state: "closing" } });
  await cloud.db.$transaction((tx) => startTakingBack(cloud.system, tx, { workshopId: workshop.id }));
  proxy.reset();
});
afterEach(async () => {
  proxy.fault = undefined;
  // The next test lends the account again, whatever became of it.
  await cloud.db.cleanup.updateMany({ where: { state: "running" }, data: { state: "failed" } });
  await cloud.db.lease.updateMany({ where: { endedAt: null }, data: { state: "ended", endedAt: new Date() } });
  await cloud.db.sandboxAccount.updateMany({ data: { state: "available", quarantineReason: null } });
});
afterAll(async () => {
  await proxy.close();
  await cloud.close();
});

const look = () => takeBack(worker, { leaseId: lease.id });
const asked = () => proxy.byOperation().RunTask ?? 0;
const runs = () => cloud.db.cleanup.findMany({ where: { leaseId: lease.id }, orderBy: { startedAt: "asc" } });
const lastRun = async () => (await runs()).at(-1)!;
const stepOfCleaning = () => cloud.db.closingStep.findFirstOrThrow({ where: { leaseId: lease.id, name: "clean" } });
const stop = (task: string, reason: string) => ecs.send(new StopTaskCommand({ cluster: "atelier", task, reason }));
const leaseNow = () => cloud.db.lease.findUniqueOrThrow({ where: { id: lease.id }, include: { account: true } });

/** In how many seconds the lease is looked at again. */
async function pauses(): Promise<number[]> {
  const rows = await cloud.db.$queryRaw<{ pause: number }[]>`
    SELECT round(extract(epoch FROM start_after - created_on))::int AS pause FROM pgboss.job
    WHERE name = 'sandboxes.take-back' AND data->>'leaseId' = ${lease.id} ORDER BY created_on, start_after`;
  return rows.map(({ pause }) => pause).filter((pause) => pause > 0);
}

/** Runs the command of a task as ECS would: the worker's bundle in a process of its own. */
async function runMachine(command: readonly string[]): Promise<number | null> {
  const settings = Object.entries(env).flatMap(([name, value]) =>
    value === undefined || value instanceof Uint8Array ? [] : [[name, String(value)]],
  );
  const child = spawn(ourNode(), [output("worker"), ...command.slice(2)], {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      ...Object.fromEntries(settings),
      LOG_LEVEL: "error",
      ATELIER_SECRET_KEY: Buffer.alloc(32, 7).toString("base64"),
    },
  });
  return new Promise((resolve) => child.once("exit", resolve));
}

test("an account is emptied on a machine of its own that ends itself, and goes back once ECS says that the machine has stopped", async () => {
  await look();
  await look();
  const run = await lastRun();
  expect([asked(), run.machine, run.state, (await stepOfCleaning()).state]).toEqual([1, "task", "running", "running"]);
  const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster: "atelier", tasks: [run.taskArn!] }));
  const command = tasks![0]!.overrides!.containerOverrides![0]!.command!;
  expect(await runMachine(command)).toBe(0);
  expect(await lastRun()).toMatchObject({ state: "clean", taskStoppedAt: null });
  // Another process with the same command finds nothing to take up.
  expect(await cleanOnThisMachine(worker, { cleanupId: run.id }, { signal: new AbortController().signal })).toBe(false);
  await look();
  expect((await leaseNow()).endedAt).toBeNull();
  await stop(run.taskArn!, "Essential container in task exited");
  await look();
  expect(await leaseNow()).toMatchObject({ state: "ended", account: { state: "available" } });
  expect(await lastRun()).toMatchObject({
    taskStoppedAt: expect.any(Date),
    taskStopReason: expect.stringContaining("exited"),
  });
  const mails = await cloud.db.message.findMany({ where: { workshopId: lease.workshopId, kind: "machines_stopped" } });
  expect(mails.map(({ data }) => data)).toEqual([{ machines: 1, lost: 0 }]);
}, 60_000);

const json = (status: number, body: object): Fault => ({
  ...{ kind: "answer", status, body: JSON.stringify(body) },
  headers: { "content-type": "application/x-amz-json-1.1" },
});

test("a lack of machines is waited for with growing pauses, is no failure of the account, and starts one machine in the end", async () => {
  const refusals = [
    json(200, { tasks: [], failures: [{ reason: "RESOURCE:MEMORY" }] }),
    json(400, {
      __type: "ThrottlingException",
      message: "Capacity is unavailable at this time. Please try again later",
    }),
    json(400, { __type: "ClientException", message: "You've reached the limit on the number of tasks you can run" }),
  ];
  const tokens: string[] = [];
  let refusing = -1;
  proxy.fault = ({ operation, body }) => {
    if (operation !== "RunTask") return undefined;
    tokens.push(JSON.parse(body).clientToken);
    return refusals[refusing];
  };
  for (refusing = 0; refusing < refusals.length; refusing++) {
    await look();
    expect((await stepOfCleaning()).state).toBe("running");
    expect(await lastRun()).toMatchObject({ state: "running", taskArn: null, taskTries: refusing + 1 });
  }
  const [shown] = await closingTimeline(cloud.as(admin), { workshopId: lease.workshopId });
  expect(shown?.machine).toMatch(/^Waits for a machine after 3 tries: .*reached the limit/);
  const before = await liveVersion(cloud.as(admin), { topic: "workshop", id: lease.workshopId });
  // No answer is not a no: the same machine is asked for again.
  proxy.fault = ({ operation, body }) => {
    if (operation !== "RunTask") return undefined;
    tokens.push(JSON.parse(body).clientToken);
    return { kind: "cut", when: "before" };
  };
  await look();
  proxy.fault = undefined;
  await look();
  expect(await liveVersion(cloud.as(admin), { topic: "workshop", id: lease.workshopId })).not.toBe(before);
  const all = await runs();
  expect(all).toHaveLength(1);
  expect(all[0]).toMatchObject({ state: "running", taskArn: expect.any(String) });
  expect(await pauses()).toEqual([15, 30, 60, 15, 15]);
  expect(new Set(tokens).size).toBe(4);
  expect([capacityPause(20), (await leaseNow()).account.state]).toEqual([600, "cleaning"]);
}, 60_000);

test("an account of nobody's is emptied on a machine of its own as well, and returns by itself", async () => {
  const { id: accountId } = await cloud.db.sandboxAccount.findFirstOrThrow();
  await cloud.db.lease.updateMany({ where: { endedAt: null }, data: { state: "ended", endedAt: new Date() } });
  const since = { state: "cleaning", stateSince: new Date() } as const;
  await cloud.db.sandboxAccount.update({ where: { id: accountId }, data: since });
  const cleanAgain = () => clean(worker, { accountId, cause: "by_hand" });
  await cleanAgain();
  const run = await cloud.db.cleanup.findFirstOrThrow({ where: { accountId, state: "running" } });
  const signal = new AbortController().signal;
  expect(await cleanOnThisMachine(worker, { cleanupId: run.id }, { signal })).toBe(true);
  await cleanAgain();
  expect(await cloud.db.sandboxAccount.findFirstOrThrow()).toMatchObject({ state: "cleaning" });
  await stop(run.taskArn!, "Done");
  await cleanAgain();
  expect(await cloud.db.sandboxAccount.findFirstOrThrow()).toMatchObject({ state: "available" });
}, 60_000);

test("a machine that stops before it is done is replaced; after three the account is set aside with the reason", async () => {
  for (let machine = 1; machine <= 3; machine++) {
    await look();
    const { taskArn } = await lastRun();
    await stop(taskArn!, "Host is going away");
    await look();
  }
  expect(asked()).toBe(3);
  const all = await runs();
  expect(all.map(({ state }) => state)).toEqual(["failed", "failed", "dirty"]);
  for (const run of all) expect(run).toMatchObject({ taskStoppedAt: expect.any(Date) });
  const { state, account } = await leaseNow();
  expect([state, account.state]).toEqual(["ended", "quarantined"]);
  expect(account.quarantineReason).toMatch(/stopped before the run had ended .*Host is going away.*third machine/);
}, 60_000);
