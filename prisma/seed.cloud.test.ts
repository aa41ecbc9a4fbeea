import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundle } from "@/scripts/bundle.mjs";
import { systemClock } from "@/server/context";
import { createDb } from "@/server/db";
import type { Env } from "@/server/env";
import type { Actor, MemberActor } from "@/server/permissions";
import { reconcile, retryStep } from "@/server/sandboxes/sandboxes";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { type Emulator, startEmulator } from "@/server/testing/emulator";
import { testContext, testEnv } from "@/server/testing/factories";
import { runJobs } from "@/server/testing/jobs";
import { seedDemo } from "./seed/demo";

let database: TestDatabase;
let connection: ReturnType<typeof createDb>;
let aws: Emulator & { stop(): Promise<void> };
let env: Env;

const as = <A extends Actor>(actor: A) => testContext(connection.db, env, actor, systemClock);
const operator = () => as({ kind: "system", by: "operator" });

beforeAll(async () => {
  const names = [...Array.from({ length: 12 }, (_, i) => `iberia-${i + 1}`), "nordics-1", "nordics-2"];
  aws = await startEmulator({ accounts: names.map((name) => ({ name, email: `aws+${name}@atelier.example` })) });
  process.env.AWS_ACCESS_KEY_ID = aws.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = aws.secretAccessKey;
  database = await createTestDatabase();
  connection = createDb(database.url);
  env = testEnv(database.url, {
    AWS_ENDPOINT_URL: aws.endpoint,
    ATELIER_BASE_PRINCIPAL_ARN: aws.basePrincipalArn,
    CLEANER_GAP_SECONDS: "0",
    CLEANER_SERVICES: "iam,s3,sqs",
  });
  await seedDemo(operator(), aws.accounts);
  for (const { id } of await connection.db.team.findMany()) await reconcile(operator(), { teamId: id });
}, 240_000);
afterAll(async () => {
  await connection.close();
  await database.drop();
  await aws.stop();
});

test("there is a workshop in each state, and a pool with every kind of account", async () => {
  const { db } = connection;
  const states = await db.workshop.groupBy({ by: ["state"] });
  expect(states.map(({ state }) => state).sort()).toEqual(
    ["cancelled", "closed", "closing", "draft", "open", "registration"].sort(),
  );
  const iberia = { team: { slug: "iberia" } };
  const accounts = await db.sandboxAccount.groupBy({ by: ["state"], where: iberia, _count: true });
  expect(Object.fromEntries(accounts.map(({ state, _count }) => [state, _count]))).toEqual({
    available: 4,
    leased: 4,
    cleaning: 3,
    quarantined: 1,
  });
  expect(await db.team.count({ where: { organizationProblem: "" } })).toBe(2);
  expect(await db.registration.count({ where: { state: "offered" } })).toBe(1);
  expect(await db.handover.count({ where: { state: "pending" } })).toBe(1);
});

test("the worker makes the open workshop's accounts usable", async () => {
  await runJobs(as({ kind: "system", by: "clock" }), ["sandboxes.vend"]);
  const leases = await connection.db.lease.findMany({ where: { endedAt: null, workshop: { state: "open" } } });
  expect(leases.map(({ state }) => state)).toEqual(["ready", "ready", "ready", "ready"]);
});

test("the one failed step can be tried again, and then its workshop closes", async () => {
  const { db } = connection;
  const step = await db.closingStep.findFirstOrThrow({ where: { state: "failed" } });
  const sol = await db.member.findFirstOrThrow({
    where: { teamId: step.teamId, identity: { email: "sol@iberia.example" } },
  });
  const { id: memberId, identityId, teamId, role } = sol;
  const actor: MemberActor = { kind: "member", memberId, identityId, teamId, role };
  await retryStep(as(actor), { leaseId: step.leaseId ?? "" });
  await runJobs(as({ kind: "system", by: "clock" }), ["sandboxes.take-back", "workshops.finish-closing"]);
  expect(await db.workshop.findUniqueOrThrow({ where: { id: step.workshopId } })).toMatchObject({ state: "closed" });
  const lease = await db.lease.findUniqueOrThrow({ where: { id: step.leaseId ?? "" }, include: { account: true } });
  expect(lease).toMatchObject({ state: "ended", account: { state: "available" } });
}, 120_000);

test("after the emulator was started again, the same command as on every start brings everything back", async () => {
  const { db } = connection;
  const known = await db.sandboxAccount.findMany({ orderBy: { ordinal: "asc" } });
  const before = await db.sandboxAccount.groupBy({ by: ["state"], _count: true, orderBy: { state: "asc" } });
  await aws.stop();
  aws = await startEmulator({
    accounts: known.map(({ name, awsAccountId: id }) => ({ name, id, email: `aws+${id}@atelier.example` })),
  });
  const outfile = fileURLToPath(new URL(`../.atelier/test-reconcile-${process.pid}.mjs`, import.meta.url));
  const program = await bundle("server/teams/cli.ts", outfile);
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [program, "organization", "reconcile"], {
      env: {
        ...{
          NODE_ENV: "test",
          PATH: process.env.PATH,
          ATELIER_MODE: "test",
          DATABASE_URL: database.url,
          LOG_LEVEL: "silent",
        },
        ...{
          PUBLIC_URL: "http://127.0.0.1:3000",
          AWS_SIGNIN_URL: "http://127.0.0.1:9/federation",
          AWS_REGION: "eu-west-1",
        },
        ATELIER_SECRET_KEY: Buffer.from(env.ATELIER_SECRET_KEY).toString("base64"),
        ...{ AWS_ENDPOINT_URL: aws.endpoint, ATELIER_BASE_PRINCIPAL_ARN: aws.basePrincipalArn },
        ...{ AWS_ACCESS_KEY_ID: aws.accessKeyId, AWS_SECRET_ACCESS_KEY: aws.secretAccessKey },
      },
    });
    expect(stdout).toMatch(/Iberia: 0 added, \d+ moved, 0 set aside/);
  } finally {
    await rm(program, { force: true });
    await rm(`${program}.map`, { force: true });
  }
  expect(await db.sandboxAccount.groupBy({ by: ["state"], _count: true, orderBy: { state: "asc" } })).toEqual(before);
  const leases = await db.lease.findMany({ where: { state: "ready", endedAt: null } });
  expect(leases.map(({ lastError }) => lastError)).toEqual([null, null, null, null]);
  expect(await db.team.count({ where: { organizationProblem: "" } })).toBe(2);
}, 180_000);
