import {
  CloseAccountCommand,
  DetachPolicyCommand,
  ListPoliciesForTargetCommand,
  MoveAccountCommand,
  OrganizationsClient,
} from "@aws-sdk/client-organizations";
import { CreateBucketCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deleteRole } from "@/server/aws/iam";
import { accountsIn, describeOrganization, parentOf, policiesOf } from "@/server/aws/organizations";
import { memberCredentials } from "@/server/aws/sts";
import {
  adoptAccounts,
  clean,
  reconcile,
  releaseAccount,
  reserveLeases,
  setUpOrganization,
  temporaryKeys,
  vend,
} from "@/server/sandboxes/sandboxes";
import { attendee, makePool, openedWorkshop, startTestCloud, type TestCloud } from "@/server/sandboxes/test-pool";
import { type Units, unitsOf } from "@/server/sandboxes/units";
import { makeMember, makeProfile, makeTeam } from "@/server/testing/factories";
import { startFaultProxy } from "@/server/testing/faults";

let cloud: TestCloud;
let organizations: OrganizationsClient;
beforeAll(async () => {
  cloud = await startTestCloud({ accounts: 20 });
  organizations = new OrganizationsClient({
    endpoint: cloud.emulator.endpoint,
    region: "us-east-1",
    credentials: cloud.emulator,
  });
});
afterAll(() => cloud.close());

const sync = (teamId: string) => reconcile(cloud.system, { teamId });
const accountsOf = (teamId: string) =>
  cloud.db.sandboxAccount.findMany({ where: { teamId }, orderBy: { awsAccountId: "asc" } });
const unitsOfTeam = async (id: string): Promise<Units> =>
  unitsOf(await cloud.db.team.findUniqueOrThrow({ where: { id } }))!;
const moveByHand = (accountId: string, from: string, to: string) =>
  organizations.send(new MoveAccountCommand({ AccountId: accountId, SourceParentId: from, DestinationParentId: to }));

test("set-up can run twice: the same units with their guard rails, once each", async () => {
  const team = await makeTeam(cloud.db);
  const profile = await makeProfile(cloud.db, team.id, { regions: ["eu-west-1"], services: ["s3"] });
  const first = await setUpOrganization(cloud.system, { teamId: team.id });
  const second = await setUpOrganization(cloud.system, { teamId: team.id });
  expect(second).toEqual(first);
  const { units } = first;
  const names = async (target: string) => (await policiesOf(cloud.env, target)).map(({ name }) => name);
  expect(await names(units.root)).toEqual(["AtelierBase"]);
  expect(await names(units.closing)).toEqual(["AtelierClosed"]);
  expect(await names(units.quarantine)).toEqual(["AtelierClosed"]);
  expect(await names(units.profiles[profile.id]!)).toEqual([`AtelierProfile-${profile.id}`]);
  expect(await sync(team.id)).toMatchObject({ problem: "", added: 0 });
});

test("a unit belongs to one team: another cannot set itself up in it", async () => {
  const [one, two] = [await makeTeam(cloud.db), await makeTeam(cloud.db)];
  const { units } = await setUpOrganization(cloud.system, { teamId: one.id });
  await expect(setUpOrganization(cloud.system, { teamId: two.id, parentId: units.leased })).rejects.toThrow(
    "belongs to another team",
  );
});

test("the management account, and accounts outside the team's unit, never get into the pool", async () => {
  const team = await makeTeam(cloud.db);
  const { units } = await setUpOrganization(cloud.system, { teamId: team.id });
  const { managementAccountId, rootId } = await describeOrganization(cloud.env);
  await moveByHand(managementAccountId, rootId, units.root);
  await adoptAccounts(cloud.system, { teamId: team.id, count: 2 });
  const result = await sync(team.id);
  await moveByHand(managementAccountId, units.root, rootId);
  expect(result!.refused).toEqual([{ awsAccountId: managementAccountId, reason: "It is the management account." }]);
  const rows = await accountsOf(team.id);
  expect(rows).toHaveLength(result!.added);
  expect(rows.map(({ awsAccountId }) => awsAccountId)).not.toContain(managementAccountId);
  await adoptAccounts(cloud.system, { teamId: team.id, count: 1_000 });
  expect(await parentOf(cloud.env, managementAccountId)).toBe(rootId);
  // What is left is given back to the other tests.
  for (const { id } of await cloud.db.sandboxAccount.findMany({ where: { teamId: team.id } }))
    await cloud.db.sandboxAccount.delete({ where: { id } });
  for (const unit of [units.root, units.closing])
    for (const account of await accountsIn(cloud.env, unit)) await moveByHand(account.id, unit, rootId);
});

test("an account that another team has is refused, and is set aside where it went missing", async () => {
  const [one, two] = [await makePool(cloud, 1), await makePool(cloud, 0)];
  const [units, theirs] = [await unitsOfTeam(one.team.id), await unitsOfTeam(two.team.id)];
  const [account] = await accountsOf(one.team.id);
  await moveByHand(account!.awsAccountId, units.ready, theirs.root);
  const result = await sync(two.team.id);
  expect(result!.refused).toEqual([
    { awsAccountId: account!.awsAccountId, reason: "It belongs to the pool of another team." },
  ]);
  expect(await accountsOf(two.team.id)).toEqual([]);
  await sync(one.team.id);
  const [after] = await accountsOf(one.team.id);
  expect(after).toMatchObject({ state: "quarantined", id: account!.id });
  expect(after!.quarantineReason).toContain("no longer in the team's organizational unit");
});

test("without a guard rail nothing is lent, in words that say what to do, and set-up brings it back", async () => {
  const pool = await makePool(cloud, 1);
  const units = await unitsOfTeam(pool.team.id);
  const target = { TargetId: units.closing, Filter: "SERVICE_CONTROL_POLICY" } as const;
  const { Policies: attached } = await organizations.send(new ListPoliciesForTargetCommand(target));
  const closed = attached!.find(({ Name }) => Name === "AtelierClosed")!;
  await organizations.send(new DetachPolicyCommand({ PolicyId: closed.Id, TargetId: units.closing }));
  const { problem } = (await sync(pool.team.id))!;
  expect(problem).toContain('"AtelierClosed" are not on the unit of accounts being emptied');
  const { workshop } = await openedWorkshop(cloud, pool, 1);
  const lend = () => cloud.db.$transaction((tx) => reserveLeases(cloud.system, tx, { workshopId: workshop.id }));
  expect(await lend()).toMatchObject({ leased: 0, problem });
  await setUpOrganization(cloud.system, { teamId: pool.team.id });
  expect(await lend()).toMatchObject({ leased: 1, problem: null });
});

test("what a crash left between row and AWS is repaired: the account goes where its row says", async () => {
  const pool = await makePool(cloud, 1);
  const units = await unitsOfTeam(pool.team.id);
  await sync(pool.team.id);
  const [account] = await accountsOf(pool.team.id);
  expect(await parentOf(cloud.env, account!.awsAccountId)).toBe(units.ready);
  const data = { state: "quarantined", quarantineReason: "a test" } as const;
  await cloud.db.sandboxAccount.update({ where: { id: account!.id }, data });
  expect(await sync(pool.team.id)).toMatchObject({ moved: 1 });
  expect(await parentOf(cloud.env, account!.awsAccountId)).toBe(units.quarantine);
  expect(await sync(pool.team.id)).toMatchObject({ moved: 0 });
});

test("a new account is emptied before it is available", async () => {
  const team = await makeTeam(cloud.db);
  await setUpOrganization(cloud.system, { teamId: team.id });
  await adoptAccounts(cloud.system, { teamId: team.id, count: 1 });
  expect(await sync(team.id)).toMatchObject({ added: 1 });
  const [account] = await accountsOf(team.id);
  expect(account).toMatchObject({ state: "cleaning", lastCleanedAt: null });
  const { endpoint } = cloud.emulator;
  const credentials = memberCredentials(cloud.env, account!.awsAccountId);
  const s3 = new S3Client({ endpoint, region: "eu-west-1", forcePathStyle: true, credentials });
  await s3.send(new CreateBucketCommand({ Bucket: "of-somebody-before" }));
  await clean(cloud.system, { accountId: account!.id, cause: "new_account" });
  expect((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
  const [after] = await accountsOf(team.id);
  expect(after).toMatchObject({ state: "available" });
  expect(after!.lastCleanedAt).not.toBeNull();
  const [cleanup] = await cloud.db.cleanup.findMany({
    where: { accountId: account!.id },
    include: { resources: true },
  });
  expect(cleanup).toMatchObject({ state: "clean", cause: "new_account", remaining: 0, unknown: 0 });
  expect(cleanup!.resources).toContainEqual(
    expect.objectContaining({ type: "s3/bucket", resourceId: "of-somebody-before", outcome: "removed" }),
  );
  expect(await parentOf(cloud.env, account!.awsAccountId)).toBe((await unitsOfTeam(team.id)).ready);
}, 60_000);

test("a lease whose role is gone gets it again, and its keys work", async () => {
  const pool = await makePool(cloud, 1);
  const { workshop, registrations } = await openedWorkshop(cloud, pool, 1);
  await cloud.db.$transaction((tx) => reserveLeases(cloud.system, tx, { workshopId: workshop.id }));
  const lease = await cloud.db.lease.findFirstOrThrow({
    where: { workshopId: workshop.id },
    include: { account: true },
  });
  await vend(cloud.system, { leaseId: lease.id });
  await deleteRole(cloud.env, memberCredentials(cloud.env, lease.account.awsAccountId), lease.roleName);
  expect(await sync(pool.team.id)).toMatchObject({ resumed: 1 });
  const keys = await temporaryKeys(cloud.as(attendee(registrations[0]!)), {});
  const { endpoint } = cloud.emulator;
  const s3 = new S3Client({ endpoint, region: "eu-west-1", forcePathStyle: true, credentials: keys });
  expect((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
});

test("a suspended account is set aside with what AWS says", async () => {
  const pool = await makePool(cloud, 1);
  const [account] = await accountsOf(pool.team.id);
  await organizations.send(new CloseAccountCommand({ AccountId: account!.awsAccountId }));
  await sync(pool.team.id);
  const [after] = await accountsOf(pool.team.id);
  expect(after!.state).toBe("quarantined");
  expect(after!.quarantineReason).toMatch(/AWS says that it is (suspended|pending_closure)/);
});

const auditOf = async (id: string) =>
  (await cloud.db.auditEntry.findMany({ where: { entityId: id }, orderBy: { ordinal: "asc" } })).map(
    ({ action }) => action,
  );

test("an account that cannot be entered is set aside, a lent one keeps its holder, and both say what is wrong and when it is over", async () => {
  const pool = await makePool(cloud, 2);
  const { workshop } = await openedWorkshop(cloud, pool, 1);
  await cloud.db.$transaction((tx) => reserveLeases(cloud.system, tx, { workshopId: workshop.id }));
  const proxy = await startFaultProxy(cloud.emulator.endpoint);
  proxy.use((call) => (call.operation === "AssumeRole" ? "denied" : undefined));
  const locked = cloud.as(cloud.system.actor, { env: { ...cloud.env, AWS_ENDPOINT_URL: proxy.endpoint } });
  expect(await reconcile(locked, { teamId: pool.team.id })).toMatchObject({ quarantined: 1 });
  await proxy.stop();
  const problem = expect.stringContaining("may not assume OrganizationAccountAccessRole");
  const byState = async () =>
    Object.fromEntries((await accountsOf(pool.team.id)).map((account) => [account.state as string, account]));
  const wrong = await byState();
  expect(wrong).toMatchObject({ leased: { problem }, quarantined: { problem, quarantineReason: problem } });
  await sync(pool.team.id);
  const right = await byState();
  expect(right).toMatchObject({ leased: { problem: null }, quarantined: { problem: null } });
  expect(right.quarantined!.quarantineReason).toContain("it is right again");
  expect(await auditOf(right.quarantined!.id)).toEqual([
    ...["account.added", "account.unhealthy", "account.quarantined", "account.healthy"],
  ]);
  // What is found once is written down once.
  await sync(pool.team.id);
  expect(await auditOf(right.quarantined!.id)).toHaveLength(4);
});

test("an account with a problem is not released by hand until a sync finds it right", async () => {
  const pool = await makePool(cloud, 1);
  const [account] = await accountsOf(pool.team.id);
  const units = await unitsOfTeam(pool.team.id);
  const { rootId } = await describeOrganization(cloud.env);
  await moveByHand(account!.awsAccountId, units.ready, rootId);
  await sync(pool.team.id);
  const admin = cloud.as((await makeMember(cloud.db, pool.team.id, "admin")).actor);
  const release = () => releaseAccount(admin, { accountId: account!.id, why: "looked" });
  await expect(release()).rejects.toMatchObject({
    code: "not_ready",
    message: expect.stringContaining("no longer in"),
  });
  await moveByHand(account!.awsAccountId, rootId, units.root);
  await sync(pool.team.id);
  expect(await accountsOf(pool.team.id)).toMatchObject([{ state: "quarantined", problem: null }]);
  await release();
  expect(await accountsOf(pool.team.id)).toMatchObject([{ state: "available" }]);
});
