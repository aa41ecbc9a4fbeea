import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Context } from "@/server/context";
import { createDb } from "@/server/db";
import { stopQueue } from "@/server/jobs/queue";
import { cancelRegistration, myWorkshop } from "@/server/registrations/registrations";
import { consoleEntry, myAccess, prewarm, startTakingBack, temporaryKeys } from "@/server/sandboxes/sandboxes";
import { attendee } from "@/server/sandboxes/test-pool";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import {
  makeAccount,
  makeMember,
  makeProfile,
  makeRegistration,
  makeTeam,
  makeWorkshop,
  type TestClock,
  testClock,
  testContext,
  testEnv,
} from "@/server/testing/factories";
import { cancelWorkshop, openWorkshop, tickWorkshops } from "@/server/workshops/workshops";

// Reserving and giving back are matters of the database alone: no call to AWS is made here. A lease counts as made ready where
// a test says so.
const units = { root: "ou-r", ready: "ou-a", leased: "ou-l", closing: "ou-c", quarantine: "ou-q" };
const startsAt = new Date("2026-05-12T07:30:00Z");
const minutesBefore = (minutes: number) => new Date(startsAt.getTime() - minutes * 60_000);

let database: TestDatabase;
let opened: ReturnType<typeof createDb>;
let clock: TestClock;
let ctx: Context;
beforeAll(async () => {
  database = await createTestDatabase();
  opened = createDb(database.url);
});
beforeEach(async () => {
  clock = testClock(minutesBefore(60));
  const env = testEnv(database.url, { AWS_ENDPOINT_URL: "http://127.0.0.1:9" });
  ctx = testContext(opened.db, env, { kind: "system", by: "clock" }, clock);
  // The clock looks at every workshop: those of other tests are over.
  await opened.db.workshop.updateMany({ data: { state: "closed" } });
});
afterAll(async () => {
  await stopQueue();
  await opened.close();
  await database.drop();
});

/** A workshop that makes its accounts ready an hour before, with confirmed people, and the pool of its team. */
async function coming(accounts: number, confirmed: number, over: object = {}) {
  const team = await makeTeam(opened.db, { organizationalUnits: units, organizationProblem: "" });
  const profile = await makeProfile(opened.db, team.id);
  for (let made = 0; made < accounts; made++) await makeAccount(opened.db, team.id);
  const architect = (await makeMember(opened.db, team.id, "solutions_architect")).actor;
  const given = { sandboxProfileId: profile.id, prewarmMinutes: 60, opensMinutesBefore: null, startsAt, ...over };
  const workshop = await makeWorkshop(opened.db, team.id, given);
  await opened.db.workshopPresenter.create({
    data: { teamId: team.id, workshopId: workshop.id, memberId: architect.memberId },
  });
  const registrations = [];
  for (let made = 0; made < confirmed; made++) registrations.push(await makeRegistration(opened.db, workshop));
  return { team, architect, workshopId: workshop.id, registrations };
}

const tick = () => tickWorkshops(ctx);
const inUse = (workshopId: string) =>
  opened.db.lease.findMany({ where: { workshopId, state: { in: ["reserved", "ready", "failed"] } } });
const states = async (workshopId: string) =>
  (await opened.db.lease.findMany({ where: { workshopId }, orderBy: { id: "asc" } })).map(({ state }) => state).sort();
const makeReady = (workshopId: string) =>
  opened.db.lease.updateMany({
    where: { workshopId, state: "reserved" },
    data: { state: "ready", roleArn: "arn:aws:iam::1:role/x" },
  });
const accessMails = (workshopId: string) =>
  opened.db.message.findMany({ where: { workshopId, kind: { in: ["access_ready", "waiting_for_account"] } } });

test("accounts are reserved from the minute that the workshop names on, once, for those who are confirmed", async () => {
  const { workshopId, registrations } = await coming(5, 2);
  clock.set(new Date(minutesBefore(60).getTime() - 1));
  await tick();
  expect(await states(workshopId)).toEqual([]);
  clock.set(minutesBefore(60));
  await Promise.all([tick(), tick(), tick()]);
  await tick();
  const leases = await inUse(workshopId);
  expect(leases.map(({ registrationId }) => registrationId).sort()).toEqual(registrations.map(({ id }) => id).sort());
  expect(await states(workshopId)).toEqual(["reserved", "reserved"]);
});

test("until the workshop opens nobody is told of a ready account, and nobody enters it; then all are, once", async () => {
  const { workshopId, architect, registrations } = await coming(3, 2);
  await tick();
  await makeReady(workshopId);
  const me = { ...ctx, actor: attendee(registrations[0]!) };
  expect(await myWorkshop(me)).toMatchObject({ phase: "before", sandbox: "none" });
  const own = { registrationId: registrations[0]!.id };
  await expect(temporaryKeys(me, own)).rejects.toMatchObject({
    code: "not_ready",
    message: expect.stringContaining("not open yet"),
  });
  await expect(consoleEntry(me, own)).rejects.toMatchObject({ code: "not_ready" });
  expect(await myAccess(me, own)).toBeNull();
  expect(await accessMails(workshopId)).toEqual([]);

  await makeRegistration(opened.db, await opened.db.workshop.findUniqueOrThrow({ where: { id: workshopId } }));
  await openWorkshop({ ...ctx, actor: architect }, { workshopId });
  expect(await states(workshopId)).toEqual(["ready", "ready", "reserved"]);
  expect(await myWorkshop(me)).toMatchObject({ phase: "open", sandbox: "ready" });
  const mails = await accessMails(workshopId);
  expect(mails.map(({ kind, recipientKey }) => [kind, recipientKey]).sort()).toEqual(
    registrations.map(({ id }) => ["access_ready", id]).sort(),
  );
});

test("whoever opens with too few accounts is told how many have one, those made ready early among them", async () => {
  const { workshopId, architect } = await coming(2, 3);
  await tick();
  await makeReady(workshopId);
  const open = () => openWorkshop({ ...ctx, actor: architect }, { workshopId });
  await expect(open()).rejects.toMatchObject({
    detail: { reason: "too_few_accounts" },
    message: expect.stringContaining("for 2 of 3"),
  });
  expect(await accessMails(workshopId)).toEqual([]);
});

test("who cancels before the opening gives the account back, and who moves up gets one", async () => {
  const { workshopId, registrations } = await coming(3, 2, { capacity: 2 });
  const workshop = await opened.db.workshop.findUniqueOrThrow({ where: { id: workshopId } });
  const waiting = await makeRegistration(opened.db, workshop, { state: "waitlisted" });
  await tick();
  const [mine] = await opened.db.lease.findMany({ where: { registrationId: registrations[0]!.id } });
  const me = { ...ctx, actor: attendee(registrations[0]!) };
  await cancelRegistration(me, { registrationId: registrations[0]!.id });
  const steps = await opened.db.closingStep.findMany({ where: { leaseId: mine!.id }, orderBy: { position: "asc" } });
  expect(steps.map(({ name }) => name)).toEqual(["move", "revoke", "prove", "clean", "return"]);
  await tick();
  expect((await inUse(workshopId)).map(({ registrationId }) => registrationId).sort()).toEqual(
    [registrations[1]!.id, waiting.id].sort(),
  );
  const account = await opened.db.sandboxAccount.findUniqueOrThrow({ where: { id: mine!.accountId } });
  expect(account.state).toBe("leased");
});

test("a workshop that is moved to a later day gives all of them back, and lends others when its time comes again", async () => {
  const { workshopId } = await coming(4, 2);
  await tick();
  await makeReady(workshopId);
  const later = new Date(startsAt.getTime() + 2 * 86_400_000);
  const endsAt = new Date(later.getTime() + 3_600_000);
  await opened.db.workshop.update({ where: { id: workshopId }, data: { startsAt: later, endsAt } });
  await tick();
  await tick();
  expect(await states(workshopId)).toEqual(["closing", "closing"]);
  clock.set(new Date(later.getTime() - 3_600_000));
  await tick();
  expect(await states(workshopId)).toEqual(["closing", "closing", "reserved", "reserved"]);
});

test("another sandbox profile gives all of them back, since they were made by the old one, and the clock lends others", async () => {
  const { workshopId } = await coming(4, 2);
  await tick();
  await opened.db.$transaction((tx) => prewarm(ctx, tx, { workshopId, profileChanged: true }));
  expect(await states(workshopId)).toEqual(["closing", "closing"]);
  await tick();
  expect(await states(workshopId)).toEqual(["closing", "closing", "reserved", "reserved"]);
});

test("a workshop that is cancelled gives all of them back", async () => {
  const { workshopId, architect } = await coming(2, 2);
  await tick();
  await cancelWorkshop({ ...ctx, actor: architect }, { workshopId });
  await tick();
  expect(await states(workshopId)).toEqual(["closing", "closing"]);
});

test("an account that a member rehearses with is left alone when those made ready early go back", async () => {
  const { workshopId, architect, team } = await coming(2, 1);
  await tick();
  const account = await opened.db.sandboxAccount.findFirstOrThrow({ where: { teamId: team.id, state: "available" } });
  const rehearsal = { holder: "rehearsal" as const, memberId: architect.memberId, roleName: "x" };
  const lease = { id: ctx.newId("lease"), teamId: team.id, workshopId, accountId: account.id, ...rehearsal };
  await opened.db.lease.create({ data: lease });
  await opened.db.workshop.update({ where: { id: workshopId }, data: { prewarmMinutes: null } });
  await tick();
  const after = await opened.db.lease.findMany({ where: { workshopId }, orderBy: { reservedAt: "asc" } });
  expect(Object.fromEntries(after.map(({ holder, state }) => [holder, state]))).toEqual({
    registration: "closing",
    rehearsal: "reserved",
  });
});

test("a cancelled registration whose account is on its way back can be forgotten like any other", async () => {
  const { workshopId, registrations } = await coming(1, 1);
  await tick();
  await opened.db.$transaction((tx) => startTakingBack(ctx, tx, { workshopId }));
  const me = { ...ctx, actor: attendee(registrations[0]!) };
  await cancelRegistration(me, { registrationId: registrations[0]!.id });
  expect(await states(workshopId)).toEqual(["closing"]);
  await tick();
  expect(await states(workshopId)).toEqual(["closing"]);
});
