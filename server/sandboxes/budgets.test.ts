import { afterAll, beforeAll, expect, test } from "vitest";
import { type CallProxy, startProxy } from "@/bench/lib/proxy";
import { parentOf } from "@/server/aws/organizations";
import type { Context } from "@/server/context";
import type { SystemActor } from "@/server/permissions";
import { levelOf } from "@/server/sandboxes/budgets";
import { consoleLink, reserveLeases, unfreezeLease, vend, watchBudgets } from "@/server/sandboxes/sandboxes";
import { attendee, makePool, openedWorkshop, startTestCloud, type TestCloud } from "@/server/sandboxes/test-pool";
import { unitsOf } from "@/server/sandboxes/units";
import { makeMember, makeProfile, type TestClock, testClock } from "@/server/testing/factories";
import { runJobs } from "@/server/testing/jobs";

let cloud: TestCloud;
let proxy: CallProxy;
let pool: Awaited<ReturnType<typeof makePool>>;
let clock: TestClock;
let worker: Context<SystemActor>;
beforeAll(async () => {
  cloud = await startTestCloud({ accounts: 6 });
  proxy = await startProxy(cloud.emulator.endpoint);
  pool = await makePool(cloud, 6);
  clock = testClock(new Date());
  worker = cloud.as(
    { kind: "system", by: "clock" },
    { env: { ...cloud.env, AWS_ENDPOINT_URL: proxy.endpoint }, clock },
  );
});
afterAll(async () => {
  await proxy.close();
  await cloud.close();
});

const day = 86_400_000;
const dayText = (at: Date) => at.toISOString().slice(0, 10);

async function ready(count: number, budget: { budgetMinor?: number; budgetCurrency?: string; budgetFreeze?: boolean }) {
  const profile = await makeProfile(cloud.db, pool.team.id, { budgetMinor: 10_000, ...budget });
  const { workshop, registrations } = await openedWorkshop(cloud, { team: pool.team, profile }, count);
  await cloud.db.$transaction((tx) => reserveLeases({ ...cloud.system, clock }, tx, { workshopId: workshop.id }));
  const leases = await cloud.db.lease.findMany({
    where: { workshopId: workshop.id },
    include: { account: true },
    orderBy: { id: "asc" },
  });
  for (const { id } of leases) await vend(cloud.system, { leaseId: id });
  return { workshop, profile, registrations, leases };
}

type Cost = { account: string; amount: string; on?: Date; unit?: string };

/** What Cost Explorer answers to the next question that it was not asked before: so each answer is for another day. */
async function costs(list: Cost[]): Promise<void> {
  clock.advance(day);
  const ResultsByTime = list.map(({ account, amount, on, unit }) => ({
    TimePeriod: { Start: dayText(on ?? clock.now()), End: dayText(new Date((on ?? clock.now()).getTime() + day)) },
    Total: {},
    Groups: [{ Keys: [account], Metrics: { UnblendedCost: { Amount: amount, Unit: unit ?? "USD" } } }],
    Estimated: true,
  }));
  const answer = await fetch(`${cloud.emulator.endpoint}/moto-api/static/ce/cost-and-usage-results`, {
    method: "POST",
    body: JSON.stringify({
      account_id: cloud.emulator.managementAccountId,
      results: [{ ResultsByTime, DimensionValueAttributes: [] }],
    }),
  });
  expect(answer.status).toBe(201);
}

const budgetOf = (id: string) =>
  cloud.db.lease.findUniqueOrThrow({
    where: { id },
    select: { spentMinor: true, spentAt: true, budgetLevel: true, budgetAlarmAt: true, frozenAt: true },
  });
const alarms = (workshopId: string) =>
  cloud.db.message.findMany({ where: { workshopId, kind: "budget_reached" }, orderBy: { createdAt: "asc" } });

test("a threshold is reached at the cent and not one before", () => {
  expect([levelOf(7_999, 10_000), levelOf(8_000, 10_000)]).toEqual([0, 80]);
  expect([levelOf(9_999, 10_000), levelOf(10_000, 10_000), levelOf(20_000, 10_000)]).toEqual([80, 100, 100]);
  // 80 % of 33 cents is 26.4: 27 reach it.
  expect([levelOf(26, 33), levelOf(27, 33), levelOf(33, 33)]).toEqual([0, 80, 100]);
  expect([levelOf(0, 1), levelOf(1, 1)]).toEqual([0, 100]);
});

test("each threshold alarms once, to the team's architects and admins; at the whole the account is frozen until an admin undoes it", async () => {
  const { workshop, registrations, leases } = await ready(1, { budgetFreeze: true });
  const [lease] = leases;
  const account = lease!.account.awsAccountId;
  const admin = await makeMember(cloud.db, pool.team.id, "admin");
  const architect = await makeMember(cloud.db, pool.team.id, "solutions_architect");
  await makeMember(cloud.db, pool.team.id, "account_manager");
  const units = unitsOf(await cloud.db.team.findUniqueOrThrow({ where: { id: pool.team.id } }))!;

  await costs([{ account, amount: "79.9999999" }]);
  await watchBudgets(worker);
  expect(await budgetOf(lease!.id)).toMatchObject({ spentMinor: 7_999, budgetLevel: 0, budgetAlarmAt: null });
  expect(await alarms(workshop.id)).toHaveLength(0);

  await costs([{ account, amount: "80.00" }]);
  await Promise.all([watchBudgets(worker), watchBudgets(worker)]);
  await watchBudgets(worker);
  expect(await budgetOf(lease!.id)).toMatchObject({ spentMinor: 8_000, budgetLevel: 80, frozenAt: null });
  const told = await alarms(workshop.id);
  expect(told.map(({ memberId }) => memberId).sort()).toEqual([admin.id, architect.id].sort());
  expect(told[0]!.data).toMatchObject({ percent: 80, accounts: 1, frozen: 0 });

  await costs([{ account, amount: "99.99" }]);
  await watchBudgets(worker);
  expect(await alarms(workshop.id)).toHaveLength(2);

  await costs([{ account, amount: "100.00" }]);
  await watchBudgets(worker);
  expect(await budgetOf(lease!.id)).toMatchObject({ budgetLevel: 100, frozenAt: clock.now(), spentAt: clock.now() });
  expect((await alarms(workshop.id)).map(({ data }) => (data as { percent: number }).percent)).toEqual([
    80, 80, 100, 100,
  ]);
  await runJobs(worker, ["sandboxes.place"]);
  expect(await parentOf(cloud.env, account)).toBe(units.closing);
  await expect(consoleLink(cloud.as(attendee(registrations[0]!)), {})).rejects.toMatchObject({
    message: expect.stringContaining("budget"),
  });

  const leaseId = lease!.id;
  await expect(unfreezeLease(cloud.as(architect.actor), { leaseId })).rejects.toMatchObject({ code: "not_found" });
  await unfreezeLease(cloud.as(admin.actor), { leaseId });
  await expect(unfreezeLease(cloud.as(admin.actor), { leaseId })).rejects.toMatchObject({ code: "conflict" });
  await runJobs(worker, ["sandboxes.place"]);
  expect(
    Object.values(unitsOf(await cloud.db.team.findUniqueOrThrow({ where: { id: pool.team.id } }))!.profiles),
  ).toContain(await parentOf(cloud.env, account));
  await costs([{ account, amount: "120.00" }]);
  await watchBudgets(worker);
  expect(await budgetOf(leaseId)).toMatchObject({ spentMinor: 12_000, frozenAt: null });
  expect(await alarms(workshop.id)).toHaveLength(4);
  const actions = await cloud.db.auditEntry.findMany({ where: { entityId: leaseId }, select: { action: true } });
  expect(actions.filter(({ action }) => action.startsWith("lease.budget"))).toHaveLength(2);
  await cloud.db.lease.update({ where: { id: leaseId }, data: { state: "closing" } });
});

test("all lent accounts with a budget are asked about in one request, and each is told what it cost since it was lent", async () => {
  const { workshop, profile, leases } = await ready(3, {});
  const [one, two, three] = leases.map(({ account }) => account.awsAccountId);
  const before = new Date(clock.now().getTime() - 3 * day);
  await costs([
    { account: one!, amount: "500.00", on: before },
    { account: one!, amount: "40.005" },
    { account: one!, amount: "44.996", on: new Date(clock.now().getTime() + day) },
    { account: two!, amount: "-3.20" },
    { account: three!, amount: "900", unit: "EUR" },
    { account: cloud.emulator.managementAccountId, amount: "7000" },
  ]);
  proxy.reset();
  await watchBudgets(worker);
  expect(proxy.byOperation()).toEqual({ GetCostAndUsage: 1 });
  expect(await budgetOf(leases[0]!.id)).toMatchObject({ spentMinor: 8_500, budgetLevel: 80 });
  expect(await budgetOf(leases[1]!.id)).toMatchObject({ spentMinor: 0, budgetLevel: 0 });
  expect(await budgetOf(leases[2]!.id)).toMatchObject({ spentMinor: null, budgetLevel: 0 });

  // A budget that is lowered below what was spent alarms, too; without a freeze nothing else happens.
  await cloud.db.sandboxProfile.update({ where: { id: profile.id }, data: { budgetMinor: 8_000 } });
  await watchBudgets(worker);
  expect(await budgetOf(leases[0]!.id)).toMatchObject({ budgetLevel: 100, frozenAt: null });
  expect(await alarms(workshop.id)).not.toHaveLength(0);
  await cloud.db.lease.updateMany({ where: { workshopId: workshop.id }, data: { state: "closing" } });
  proxy.reset();
  await watchBudgets(worker);
  expect(proxy.calls()).toBe(0);
});
