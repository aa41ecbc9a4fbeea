import { afterAll, beforeAll, expect, test } from "vitest";
import type { Context } from "@/server/context";
import { createDb } from "@/server/db";
import { makeId } from "@/server/ids";
import { stopQueue } from "@/server/jobs/queue";
import type { Actor, MemberActor, MemberRole } from "@/server/permissions";
import { returnToPool } from "@/server/sandboxes/accounts";
import {
  bringBackAccount,
  cleanAccount,
  cleanAccounts,
  endCooldown,
  getAccount,
  getCleanup,
  listCleanups,
  poolOverview,
  releaseAccount,
  retireAccount,
  tickSandboxes,
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

let database: TestDatabase;
let opened: ReturnType<typeof createDb>;
const as = (actor: Actor): Context =>
  testContext(opened.db, testEnv(database.url, { AWS_ENDPOINT_URL: "http://127.0.0.1:9" }), actor);

beforeAll(async () => {
  database = await createTestDatabase();
  opened = createDb(database.url);
});
afterAll(async () => {
  await stopQueue();
  await opened.close();
  await database.drop();
});

async function teamWithAccount(over: object = {}) {
  const team = await makeTeam(opened.db);
  const account = await makeAccount(opened.db, team.id, over);
  const member = async (role: MemberRole): Promise<MemberActor> => (await makeMember(opened.db, team.id, role)).actor;
  const [manager, architect, admin] = [
    await member("account_manager"),
    await member("solutions_architect"),
    await member("admin"),
  ];
  const id = as(admin).newId("cleanup");
  await opened.db.cleanup.create({
    data: { id, teamId: team.id, accountId: account.id, cause: "by_hand", state: "dirty" },
  });
  const cell = { cleanupId: id, teamId: team.id, service: "sqs", type: "sqs/queue", region: "eu-west-1" };
  await opened.db.cleanupCheck.create({ data: { ...cell, pass: 1, outcome: "UNKNOWN", reason: "AccessDenied" } });
  return { account, cleanupId: id, manager, architect, admin };
}

const stateOf = async (id: string) => (await opened.db.sandboxAccount.findUniqueOrThrow({ where: { id } })).state;

test("account managers and other teams see neither pool nor accounts nor cleanups, as if there were none", async () => {
  const { account, cleanupId, manager, architect } = await teamWithAccount();
  const stranger = (await teamWithAccount()).admin;
  const looks = [
    (ctx: Context) => getAccount(ctx, { accountId: account.id }),
    (ctx: Context) => getCleanup(ctx, { cleanupId }),
    (ctx: Context) => cleanAccount(ctx, { accountId: account.id }),
    (ctx: Context) => releaseAccount(ctx, { accountId: account.id, why: "looked" }),
    (ctx: Context) => retireAccount(ctx, { accountId: account.id, why: "surplus" }),
  ];
  for (const look of looks)
    for (const actor of [manager, stranger, { kind: "visitor" } as const])
      await expect(look(as(actor))).rejects.toMatchObject({ code: "not_found" });
  await expect(poolOverview(as(manager))).rejects.toMatchObject({ code: "not_found" });
  expect((await poolOverview(as(stranger))).accounts.map(({ id }) => id)).not.toContain(account.id);
  expect((await listCleanups(as(stranger))).map(({ id }) => id)).not.toContain(cleanupId);
  expect((await poolOverview(as(architect))).accounts.map(({ id }) => id)).toEqual([account.id]);
});

test("what the screens get is plain JSON: the same after a round trip", async () => {
  const { account, cleanupId, admin } = await teamWithAccount();
  const ctx = as(admin);
  const answers = [
    await poolOverview(ctx),
    await getAccount(ctx, { accountId: account.id }),
    await listCleanups(ctx),
    await getCleanup(ctx, { cleanupId }),
  ];
  for (const answer of answers) expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
  const { cells } = await getCleanup(ctx, { cleanupId });
  expect(cells).toEqual([
    {
      ...{ pass: 1, service: "sqs", type: "sqs/queue", region: "eu-west-1" },
      ...{ outcome: "UNKNOWN", count: 0, reason: "AccessDenied" },
    },
  ]);
});

test("only an admin releases by hand, with a reason, and never an account that was never found to be empty", async () => {
  const quarantined = { state: "quarantined", quarantineReason: "left" } as const;
  const { account, architect, admin } = await teamWithAccount(quarantined);
  const release = (actor: MemberActor, why: "looked" | "other", note?: string) =>
    releaseAccount(as(actor), { accountId: account.id, why, note });
  await expect(release(architect, "looked")).rejects.toMatchObject({ code: "not_found" });
  await expect(release(admin, "other", "  ")).rejects.toMatchObject({ code: "invalid" });
  await expect(release(admin, "looked")).rejects.toThrow("never found to be empty");
  await opened.db.sandboxAccount.update({ where: { id: account.id }, data: { lastCleanedAt: new Date() } });
  await release(admin, "looked", "The queue is of a service that is off");
  expect(await stateOf(account.id)).toBe("available");
  await expect(release(admin, "looked")).rejects.toMatchObject({ code: "conflict" });
  const { history, quarantineReason } = await getAccount(as(admin), { accountId: account.id });
  expect(quarantineReason).toBeNull();
  const detail = { why: "looked", note: "The queue is of a service that is off" };
  expect(history[0]).toMatchObject({ action: "account.available", detail });
});

async function lentBefore(account: { id: string; teamId: string }, over: object = {}) {
  const workshop = await makeWorkshop(opened.db, account.teamId);
  const registration = await makeRegistration(opened.db, workshop, { name: "Lucía Gómez" });
  const at = new Date("2026-05-02T10:00:00Z");
  await opened.db.lease.create({
    data: {
      ...{ id: makeId("lease", at), teamId: account.teamId, workshopId: workshop.id, accountId: account.id },
      ...{ holder: "registration", registrationId: registration.id, state: "ended", roleName: "AtelierLease-1" },
      ...{ reservedAt: at, endedAt: at, provedAt: at, ...over },
    },
  });
}

test("the history for good takes no reason that names an attendee of the account, or an address", async () => {
  const { account, admin } = await teamWithAccount();
  await lentBefore(account);
  const retire = (note: string) => retireAccount(as(admin), { accountId: account.id, why: "stuck", note });
  for (const note of ["Lucía left a bucket", "GOMEZ asked", "ask lucia.gomez@acme.example", "x".repeat(201)])
    await expect(retire(note)).rejects.toMatchObject({ code: "invalid" });
  await retire("An attendee left a bucket that cannot be emptied");
});

test("an account whose last holder was not proved to be out is not released by hand, until it was emptied since", async () => {
  const quarantined = { state: "quarantined", quarantineReason: "left" } as const;
  const { account, admin } = await teamWithAccount({ ...quarantined, lastCleanedAt: new Date("2026-05-01T10:00:00Z") });
  await lentBefore(account, { provedAt: null });
  const release = () => releaseAccount(as(admin), { accountId: account.id, why: "looked" });
  await expect(release()).rejects.toMatchObject({ code: "not_ready", message: expect.stringContaining("not proved") });
  const lastCleanedAt = new Date("2026-05-03T10:00:00Z");
  await opened.db.sandboxAccount.update({ where: { id: account.id }, data: { lastCleanedAt } });
  await release();
  expect(await stateOf(account.id)).toBe("available");
});

test("an account whose rest an admin ends goes to who waits for one in an open workshop", async () => {
  const { account, architect, admin } = await teamWithAccount({ state: "cooling", lastCleanedAt: new Date() });
  const profile = await makeProfile(opened.db, account.teamId);
  const workshop = await makeWorkshop(opened.db, account.teamId, { state: "open", sandboxProfileId: profile.id });
  await makeRegistration(opened.db, workshop);
  await expect(endCooldown(as(architect), { accountId: account.id })).rejects.toMatchObject({ code: "not_found" });
  await endCooldown(as(admin), { accountId: account.id });
  expect(await stateOf(account.id)).toBe("available");
  const [jobs] = await opened.db.$queryRaw<{ count: bigint }[]>`
    SELECT count(*) FROM pgboss.job WHERE name = 'workshops.serve-waiting' AND data->>'workshopId' = ${workshop.id}`;
  expect(jobs!.count).toBe(1n);
});

test("a retired account comes back by an admin alone, once for two clicks, and only by being cleaned", async () => {
  const { account, architect, admin } = await teamWithAccount();
  await retireAccount(as(admin), { accountId: account.id, why: "surplus" });
  expect(await stateOf(account.id)).toBe("retired");
  for (const act of [cleanAccount, bringBackAccount])
    await expect(act(as(architect), { accountId: account.id })).rejects.toThrow();
  const bringBack = () => bringBackAccount(as(admin), { accountId: account.id });
  const answers = await Promise.allSettled([bringBack(), bringBack()]);
  expect(answers.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(await stateOf(account.id)).toBe("cleaning");
  const [jobs] = await opened.db.$queryRaw<{ count: bigint }[]>`
    SELECT count(*) FROM pgboss.job WHERE name = 'sandboxes.clean' AND data->>'accountId' = ${account.id}`;
  expect(jobs!.count).toBe(1n);
});

test("one of many that cannot be cleaned is named and stops no other", async () => {
  const { account, architect } = await teamWithAccount();
  const retired = await makeAccount(opened.db, account.teamId, { state: "retired" });
  const stranger = (await teamWithAccount()).account;
  const accountIds = [retired.id, stranger.id, account.id, account.id];
  const { done, refused } = await cleanAccounts(as(architect), { accountIds });
  expect(done).toBe(1);
  expect(refused.map(({ accountId }) => accountId)).toEqual([retired.id, stranger.id]);
  expect(await Promise.all([account, retired, stranger].map(({ id }) => stateOf(id)))).toEqual([
    ...["cleaning", "retired", "available"],
  ]);
});

const hour = 3_600_000;

test.each([
  ["rests from the end of its lease on", { endedAt: -1 * hour }, "cooling", 5 * hour],
  ["goes back at once when its rest is over", { endedAt: -7 * hour }, "available", null],
  ["was never lent, so it has nothing to rest from", null, "available", null],
] as const)("a cleaned account %s", async (_, lease, state, rests) => {
  const { account, admin } = await teamWithAccount({ state: "cleaning", problem: "It was not in its unit." });
  await opened.db.team.update({ where: { id: account.teamId }, data: { cooldownHours: 6 } });
  const ctx = as(admin);
  const now = ctx.clock.now().getTime();
  if (lease) await lentBefore(account, { endedAt: new Date(now + lease.endedAt) });
  expect(await opened.db.$transaction((tx) => returnToPool(ctx, tx, account))).toBe(true);
  const after = await opened.db.sandboxAccount.findUniqueOrThrow({ where: { id: account.id } });
  const coolingUntil = rests === null ? null : new Date(now + rests);
  expect(after).toMatchObject({ state, coolingUntil, problem: null, lastCleanedAt: new Date(now) });
  await tickSandboxes(ctx);
  expect(await stateOf(account.id)).toBe(state);
  const later = { ...ctx, clock: { now: () => new Date(now + 6 * hour) } };
  await tickSandboxes(later);
  expect(await stateOf(account.id)).toBe("available");
});

test("a quarantined account tells what is left now by service and region, with the reason, and what to do", async () => {
  const quarantined = { state: "quarantined", quarantineReason: "2 found, the same 2 as before" } as const;
  const { account, cleanupId, architect } = await teamWithAccount(quarantined);
  const of = { cleanupId, teamId: account.teamId };
  const s3 = { ...of, service: "s3", type: "s3/bucket", region: "eu-west-1" };
  const ec2 = { ...of, service: "ec2", type: "ec2/instance", region: "eu-west-1" };
  const denied = "AccessDenied: Access Denied";
  await opened.db.cleanupCheck.createMany({
    data: [
      { ...s3, pass: 1, outcome: "found", count: 2 },
      { ...s3, pass: 2, outcome: "found", count: 1 },
      // Found by the first pass, gone in the second.
      { ...ec2, pass: 1, outcome: "found", count: 1 },
      { ...ec2, pass: 2, outcome: "empty", count: 0 },
    ],
  });
  const { service: _, ...bucket } = s3;
  await opened.db.cleanupResource.createMany({
    data: [
      { ...bucket, resourceId: "notes", pass: 2, outcome: "failed", reason: denied },
      { ...bucket, resourceId: "logs", pass: 1, outcome: "removed" },
      { ...of, type: "ec2/instance", region: "eu-west-1", resourceId: "i-1", pass: 1, outcome: "deleting" },
    ],
  });
  const { trouble } = await getAccount(as(architect), { accountId: account.id });
  const one = { region: "eu-west-1" };
  expect(trouble!.leftovers).toEqual([
    { ...one, service: "s3", count: 1, unknown: 0, examples: ["bucket notes"], reasons: [denied] },
    { ...one, service: "sqs", count: 0, unknown: 1, examples: [], reasons: ["AccessDenied"] },
  ]);
  expect(trouble!.steps.map(({ act }) => act)).toContain("clean");
  expect(trouble!.support).toContain("root session");
});
