import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Context } from "@/server/context";
import { createDb, type Db } from "@/server/db";
import { makeId } from "@/server/ids";
import { stopQueue } from "@/server/jobs/queue";
import { leaseForMember, reserveLeases, swapAccount } from "@/server/sandboxes/sandboxes";
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
import { closeWorkshop, serveWaiting } from "@/server/workshops/workshops";

// Replacing and keeping spares are matters of the database alone: no call to AWS is made here.
const units = { root: "ou-r", ready: "ou-a", leased: "ou-l", closing: "ou-c", quarantine: "ou-q" };

let database: TestDatabase;
let opened: ReturnType<typeof createDb>;
let ctx: Context;
beforeAll(async () => {
  database = await createTestDatabase();
  opened = createDb(database.url);
  ctx = contextOn(opened.db, database.url);
});
afterAll(async () => {
  await stopQueue();
  await opened.close();
  await database.drop();
});

function contextOn(db: Db, url: string): Context {
  const env = testEnv(url, { AWS_ENDPOINT_URL: "http://127.0.0.1:9" });
  return testContext(db, env, { kind: "system", by: "clock" });
}

const inDays = (days: number) => new Date(Date.parse("2026-05-04T10:00:00Z") + days * 86_400_000);

/** A team with accounts, and workshops of it with confirmed people. */
async function teamWith(db: Db, accounts: number) {
  const team = await makeTeam(db, { organizationalUnits: units, organizationProblem: "" });
  const profile = await makeProfile(db, team.id);
  for (let made = 0; made < accounts; made++) await makeAccount(db, team.id);
  const architect = (await makeMember(db, team.id, "solutions_architect")).actor;
  const workshop = async (confirmed: number, over: object = {}) => {
    const row = await makeWorkshop(db, team.id, { state: "open", sandboxProfileId: profile.id, ...over });
    const registrations = [];
    for (let made = 0; made < confirmed; made++) registrations.push(await makeRegistration(db, row));
    return { id: row.id, registrations };
  };
  return { team, architect, workshop };
}

const reserve = (workshopId: string) => ctx.db.$transaction((tx) => reserveLeases(ctx, tx, { workshopId }));

const leasesOf = (db: Db, workshopId: string) =>
  db.lease.findMany({ where: { workshopId }, orderBy: { reservedAt: "asc" }, include: { account: true } });

/** A workshop with one attendee whose account is in use. */
async function inUse(accounts: number, over: object = {}) {
  const made = await teamWith(opened.db, accounts);
  const { id, registrations } = await made.workshop(1, over);
  await reserve(id);
  const [lease] = await leasesOf(opened.db, id);
  await opened.db.lease.update({ where: { id: lease!.id }, data: { state: "ready", readyAt: new Date() } });
  return { ...made, workshopId: id, registration: registrations[0]!, lease: lease! };
}

test("a swap takes the old account back and lends another one to the same person, in one step", async () => {
  const { architect, workshopId, registration, lease } = await inUse(2);
  const { leaseId } = await swapAccount({ ...ctx, actor: architect }, { leaseId: lease.id });
  const leases = await leasesOf(opened.db, workshopId);
  expect(
    leases.map(({ id, state, replacesId, registrationId }) => ({ id, state, replacesId, registrationId })),
  ).toEqual(
    expect.arrayContaining([
      { id: lease.id, state: "closing", replacesId: null, registrationId: registration.id },
      { id: leaseId, state: "reserved", replacesId: lease.id, registrationId: registration.id },
    ]),
  );
  expect(new Set(leases.map(({ accountId }) => accountId)).size).toBe(2);
  const steps = await opened.db.closingStep.findMany({ where: { leaseId: lease.id }, orderBy: { position: "asc" } });
  expect(steps.map(({ name }) => name)).toEqual(["move", "revoke", "prove", "clean", "return"]);
  expect(await reserve(workshopId)).toMatchObject({ leased: 0, waiting: [] });
});

test("without a free account a swap says so and changes nothing", async () => {
  const { architect, workshopId, lease } = await inUse(1);
  const swap = swapAccount({ ...ctx, actor: architect }, { leaseId: lease.id });
  await expect(swap).rejects.toMatchObject({
    code: "not_ready",
    message: expect.stringContaining("nothing has changed"),
  });
  expect(await leasesOf(opened.db, workshopId)).toMatchObject([{ id: lease.id, state: "ready" }]);
  expect(await opened.db.closingStep.count({ where: { leaseId: lease.id } })).toBe(0);
  expect(await opened.db.auditEntry.count({ where: { entityId: lease.id, action: "lease.closing" } })).toBe(0);
});

test("two facilitators who replace one account at the same time replace it once", async () => {
  for (let round = 0; round < 20; round++) {
    const { architect, team, workshopId, lease } = await inUse(4);
    const colleague = (await makeMember(opened.db, team.id, "admin")).actor;
    const answers = await Promise.allSettled(
      [architect, colleague].map((actor) => swapAccount({ ...ctx, actor }, { leaseId: lease.id })),
    );
    expect(answers.map(({ status }) => status).sort(), `round ${round}`).toEqual(["fulfilled", "rejected"]);
    const refused = answers.find((answer) => answer.status === "rejected");
    expect(refused?.reason).toMatchObject({ code: "conflict" });
    expect(await leasesOf(opened.db, workshopId)).toHaveLength(2);
    expect(await opened.db.sandboxAccount.count({ where: { teamId: team.id, state: "available" } })).toBe(2);
  }
}, 60_000);

/** The same without guards: reads that the lease is in use, then replaces it. */
async function swapUnguarded(db: Db, leaseId: string): Promise<void> {
  await db.$transaction(async (tx) => {
    const lease = await tx.lease.findUniqueOrThrow({ where: { id: leaseId } });
    if (lease.state !== "ready") return;
    const { teamId, workshopId, registrationId } = lease;
    const [account] = await tx.$queryRaw<{ id: string }[]>`
      SELECT "id" FROM "SandboxAccount" WHERE "teamId" = ${teamId} AND "state" = 'available'
      LIMIT 1 FOR UPDATE SKIP LOCKED`;
    await tx.lease.update({ where: { id: leaseId }, data: { state: "closing" } });
    await tx.sandboxAccount.update({ where: { id: account!.id }, data: { state: "leased" } });
    const id = makeId("lease", new Date());
    const row = { id, teamId, workshopId, registrationId, accountId: account!.id, replacesId: leaseId };
    await tx.lease.create({ data: { ...row, holder: "registration", roleName: "control" } });
  });
}

test("the control without the guards does replace it twice", async () => {
  const control = await createTestDatabase();
  const owner = new pg.Client({ connectionString: control.ownerUrl });
  await owner.connect();
  await owner.query("drop index lease_live_registration; drop index lease_replaced_once");
  await owner.end();
  const { db, close } = createDb(control.url);
  const { workshop } = await teamWith(db, 400);
  let twice = 0;
  for (let round = 0; round < 100 && twice === 0; round++) {
    const { id, registrations } = await workshop(1);
    const account = await db.sandboxAccount.findFirstOrThrow({ where: { state: "available" } });
    await db.sandboxAccount.update({ where: { id: account.id }, data: { state: "leased" } });
    const row = { id: makeId("lease", new Date()), teamId: account.teamId, workshopId: id, accountId: account.id };
    const holder = { holder: "registration" as const, registrationId: registrations[0]!.id };
    const lease = await db.lease.create({ data: { ...row, ...holder, roleName: "control", state: "ready" } });
    await Promise.all([swapUnguarded(db, lease.id), swapUnguarded(db, lease.id)]);
    twice += (await db.lease.count({ where: { workshopId: id } })) > 2 ? 1 : 0;
  }
  await close();
  await control.drop();
  expect(twice).toBeGreaterThan(0);
}, 60_000);

test("only those who run workshops of the team replace an account, and only an attendee's in an open workshop", async () => {
  const { team, architect, workshopId, lease } = await inUse(3);
  const manager = (await makeMember(opened.db, team.id, "account_manager")).actor;
  const elsewhere = (await makeMember(opened.db, (await makeTeam(opened.db)).id, "admin")).actor;
  for (const actor of [manager, elsewhere, { kind: "visitor" } as const])
    await expect(swapAccount({ ...ctx, actor }, { leaseId: lease.id })).rejects.toMatchObject({ code: "not_found" });
  const mine = await leaseForMember({ ...ctx, actor: architect }, { workshopId, holder: "presenter" });
  await expect(swapAccount({ ...ctx, actor: architect }, mine)).rejects.toMatchObject({ code: "not_found" });
  await opened.db.workshop.update({ where: { id: workshopId }, data: { state: "closing" } });
  await expect(swapAccount({ ...ctx, actor: architect }, { leaseId: lease.id })).rejects.toMatchObject({
    code: "not_ready",
  });
  expect(await opened.db.lease.count({ where: { replacesId: { not: null }, teamId: team.id } })).toBe(0);
});

test("the spares of an open workshop are lent to no other one until it closes, and to its own swap at any time", async () => {
  const { workshopId, architect, workshop, lease } = await inUse(4, { spares: 2 });
  const other = await workshop(2);
  // Four accounts: one in use, two kept, so one for the two who ask.
  expect(await reserve(other.id)).toMatchObject({ leased: 1, waiting: [other.registrations[1]!.id] });
  expect(await reserve(other.id)).toMatchObject({ leased: 0 });
  await swapAccount({ ...ctx, actor: architect }, { leaseId: lease.id });
  // One spare is used and one still kept.
  expect(await reserve(other.id)).toMatchObject({ leased: 0 });
  await closeWorkshop({ ...ctx, actor: architect }, { workshopId });
  const [asked] = await opened.db.$queryRaw<{ jobs: bigint }[]>`
    select count(*) as jobs from pgboss.job
    where name = 'workshops.serve-waiting' and data->>'workshopId' = ${other.id}`;
  expect(asked?.jobs).toBe(1n);
  await serveWaiting(ctx, { workshopId: other.id });
  expect(await opened.db.lease.count({ where: { workshopId: other.id } })).toBe(2);
});

test("a workshop that is not open yet keeps spares only once its accounts are made ready early", async () => {
  const { workshop } = await teamWith(opened.db, 2);
  const coming = { state: "registration", spares: 1, prewarmMinutes: 60, startsAt: inDays(1), endsAt: inDays(2) };
  const { id } = await workshop(0, coming);
  const other = await workshop(3);
  const startsAt = new Date(ctx.clock.now().getTime() + 60 * 60_000);
  await opened.db.workshop.update({ where: { id }, data: { startsAt } });
  expect(await reserve(other.id)).toMatchObject({ leased: 1 });
  await opened.db.workshop.update({ where: { id }, data: { startsAt: new Date(startsAt.getTime() + 1_000) } });
  expect(await reserve(other.id)).toMatchObject({ leased: 1 });
});
