import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Context } from "@/server/context";
import { createDb, type Db } from "@/server/db";
import { makeId } from "@/server/ids";
import { stopQueue } from "@/server/jobs/queue";
import { limit } from "@/server/rate-limit";
import {
  consoleLink,
  leaseForMember,
  reserveLeases,
  startTakingBack,
  temporaryKeys,
} from "@/server/sandboxes/sandboxes";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import {
  makeAccount,
  makeMember,
  makeProfile,
  makeRegistration,
  makeTeam,
  makeWorkshop,
  testContext,
  testEnv,
} from "@/server/testing/factories";

// No call to AWS is made here: reserving is a matter of the database alone.
const units = {
  root: "ou-x-root",
  ready: "ou-x-ready",
  leased: "ou-x-leas",
  closing: "ou-x-clos",
  quarantine: "ou-x-quar",
};
const elsewhere = { AWS_ENDPOINT_URL: "http://127.0.0.1:9" };

let database: TestDatabase;
let opened: ReturnType<typeof createDb>;
let ctx: Context;
beforeAll(async () => {
  database = await createTestDatabase();
  opened = createDb(database.url);
  ctx = testContext(opened.db, testEnv(database.url, elsewhere), { kind: "system", by: "clock" });
});
afterAll(async () => {
  await stopQueue();
  await opened.close();
  await database.drop();
});

async function teamWith(db: Db, accounts: number, over: object = {}) {
  const team = await makeTeam(db, { organizationalUnits: units, organizationProblem: "", ...over });
  const profile = await makeProfile(db, team.id);
  const made = [];
  for (let count = 0; count < accounts; count++) made.push(await makeAccount(db, team.id));
  const workshop = (confirmed: number) => workshopWith(db, team.id, profile.id, confirmed);
  return { team, profile, accounts: made, workshop };
}

async function workshopWith(db: Db, teamId: string, sandboxProfileId: string, confirmed: number) {
  const workshop = await makeWorkshop(db, teamId, { sandboxProfileId });
  const registrations = [];
  for (let count = 0; count < confirmed; count++) registrations.push(await makeRegistration(db, workshop));
  return { id: workshop.id, registrations };
}

const reserve = (workshopId: string) => ctx.db.$transaction((tx) => reserveLeases(ctx, tx, { workshopId }));

const liveLeases = (db: Db, teamId: string) =>
  db.lease.findMany({ where: { teamId, endedAt: null }, select: { accountId: true, registrationId: true } });

/** Accounts that two live leases hold. */
async function lentTwice(db: Db, teamId: string): Promise<number> {
  const accounts = (await liveLeases(db, teamId)).map(({ accountId }) => accountId);
  return accounts.length - new Set(accounts).size;
}

async function returnAll(db: Db, teamId: string): Promise<void> {
  await db.lease.updateMany({ where: { teamId, endedAt: null }, data: { state: "ended", endedAt: new Date() } });
  await db.sandboxAccount.updateMany({ where: { teamId }, data: { state: "available" } });
}

test("two workshops that open at the same time on a pool for one and a half never lend an account twice: 1,000 rounds", async () => {
  const { team, workshop } = await teamWith(opened.db, 6);
  const [one, two] = [await workshop(4), await workshop(4)];
  for (let round = 0; round < 1_000; round++) {
    const answers = await Promise.all([reserve(one.id), reserve(two.id)]);
    const leases = await liveLeases(opened.db, team.id);
    expect(new Set(leases.map(({ accountId }) => accountId)).size, `round ${round}`).toBe(6);
    expect(leases).toHaveLength(6);
    expect(answers.map(({ leased, waiting }) => leased + waiting.length)).toEqual([4, 4]);
    await returnAll(opened.db, team.id);
  }
}, 300_000);

/** The same without the guard: reads who is available, then takes it. */
async function reserveUnguarded(db: Db, teamId: string, workshop: { id: string; registrations: { id: string }[] }) {
  await db.$transaction(async (tx) => {
    const { registrations } = workshop;
    const accounts = await tx.sandboxAccount.findMany({
      where: { teamId, state: "available" },
      orderBy: [{ stateSince: "asc" }, { id: "asc" }],
      take: registrations.length,
    });
    await tx.sandboxAccount.updateMany({
      where: { id: { in: accounts.map(({ id }) => id) } },
      data: { state: "leased" },
    });
    await tx.lease.createMany({
      data: accounts.map((account, index) => ({
        ...{ id: makeId("lease", new Date()), teamId, workshopId: workshop.id, accountId: account.id },
        ...{ holder: "registration" as const, registrationId: registrations[index]!.id, roleName: "control" },
      })),
    });
  });
}

test("the control without the guard does lend accounts twice", async () => {
  const control = await createTestDatabase();
  const owner = new pg.Client({ connectionString: control.ownerUrl });
  await owner.connect();
  await owner.query("drop index lease_live_account");
  await owner.end();
  const { db, close } = createDb(control.url);
  const { team, workshop } = await teamWith(db, 6);
  const [one, two] = [await workshop(4), await workshop(4)];
  let twice = 0;
  for (let round = 0; round < 100 && twice === 0; round++) {
    await Promise.all([reserveUnguarded(db, team.id, one), reserveUnguarded(db, team.id, two)]);
    twice += await lentTwice(db, team.id);
    await returnAll(db, team.id);
  }
  await close();
  await control.drop();
  expect(twice).toBeGreaterThan(0);
}, 60_000);

test("too few accounts go in the order of confirmation, and who waits is named in it", async () => {
  const { team, workshop } = await teamWith(opened.db, 2);
  const { id, registrations } = await workshop(4);
  const ids = registrations.map((registration) => registration.id);
  expect(await reserve(id)).toEqual({ leased: 2, waiting: ids.slice(2), problem: null });
  const held = await liveLeases(opened.db, team.id);
  expect(held.flatMap(({ registrationId }) => registrationId ?? []).sort()).toEqual(ids.slice(0, 2).sort());
  await opened.db.sandboxAccount.create({
    data: {
      id: makeId("sandboxAccount", new Date()),
      teamId: team.id,
      awsAccountId: "123123123123",
      name: "late",
      state: "available",
    },
  });
  expect(await reserve(id)).toMatchObject({ leased: 1, waiting: ids.slice(3) });
  expect(await reserve(id)).toMatchObject({ leased: 0, waiting: ids.slice(3) });
});

test.each(["cleaning", "cooling", "quarantined", "retired", "leased"] as const)(
  "an account that is %s is never lent",
  async (state) => {
    const { team, accounts, workshop } = await teamWith(opened.db, 1);
    const data = { state, quarantineReason: "because" };
    await opened.db.sandboxAccount.update({ where: { id: accounts[0]!.id }, data });
    const { id, registrations } = await workshop(1);
    expect(await reserve(id)).toEqual({ leased: 0, waiting: [registrations[0]!.id], problem: null });
    expect(await liveLeases(opened.db, team.id)).toEqual([]);
  },
);

test("another team's accounts are never lent, nor any account while guard rails are missing", async () => {
  await teamWith(opened.db, 3);
  const { team, workshop } = await teamWith(opened.db, 0);
  const { id, registrations } = await workshop(1);
  expect(await reserve(id)).toMatchObject({ leased: 0 });
  await makeAccount(opened.db, team.id);
  const problem = 'The guard rails "AtelierBase" are not on the team\'s unit.';
  await opened.db.team.update({ where: { id: team.id }, data: { organizationProblem: problem } });
  expect(await reserve(id)).toEqual({ leased: 0, waiting: [registrations[0]!.id], problem });
});

test("a member who asks twice for a rehearsal holds one account", async () => {
  const { team, workshop } = await teamWith(opened.db, 3);
  const { actor } = await makeMember(opened.db, team.id, "solutions_architect");
  const { id: workshopId } = await workshop(0);
  const ask = () => leaseForMember({ ...ctx, actor }, { workshopId, holder: "rehearsal" });
  const answers = await Promise.all([ask(), ask(), ask()]);
  expect(new Set(answers.map(({ leaseId }) => leaseId)).size).toBe(1);
  expect(await liveLeases(opened.db, team.id)).toHaveLength(1);
});

test("an account that a member asks for while the workshop closes is not lent: nobody would take it back", async () => {
  const { team, workshop } = await teamWith(opened.db, 1);
  const { actor } = await makeMember(opened.db, team.id, "solutions_architect");
  const { id: workshopId } = await workshop(0);
  await opened.db.workshop.update({ where: { id: workshopId }, data: { state: "open" } });
  let asked: Promise<{ leaseId: string }> | undefined;
  await opened.db.$transaction(async (tx) => {
    await tx.$queryRaw`select id from "Workshop" where id = ${workshopId} for no key update`;
    await tx.workshop.update({ where: { id: workshopId }, data: { state: "closing" } });
    await startTakingBack(ctx, tx, { workshopId });
    asked = leaseForMember({ ...ctx, actor }, { workshopId, holder: "presenter" });
    asked.catch(() => undefined);
    // It has answered wrongly, or it waits for the workshop's row.
    await Promise.race([asked.catch(() => undefined), waitsForALock()]);
  });
  await expect(asked).rejects.toMatchObject({ code: "not_ready" });
  expect(await liveLeases(opened.db, team.id)).toEqual([]);
});

test("the holder of an account who asks for keys without end is told to wait, by how often and not by what AWS says", async () => {
  const { team, workshop } = await teamWith(opened.db, 1);
  const { actor } = await makeMember(opened.db, team.id, "solutions_architect");
  const { id: workshopId } = await workshop(0);
  const mine = { ...ctx, actor };
  const { leaseId } = await leaseForMember(mine, { workshopId, holder: "rehearsal" });
  await opened.db.lease.update({ where: { id: leaseId }, data: { state: "ready", roleArn: "arn:aws:iam::1:role/x" } });
  for (let asked = 0; asked < 60; asked++) await limit(ctx, "access", leaseId, { points: 60, seconds: 600 });
  await expect(temporaryKeys(mine, { leaseId })).rejects.toMatchObject({ code: "too_many" });
  await expect(consoleLink(mine, { leaseId })).rejects.toMatchObject({ code: "too_many" });
});

async function waitsForALock(): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (let waiting = 0n; waiting === 0n && performance.now() < deadline; ) {
    const [row] = await opened.db.$queryRaw<{ count: bigint }[]>`
      select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    waiting = row?.count ?? 0n;
  }
}
