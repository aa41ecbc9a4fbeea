import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  IAMClient,
} from "@aws-sdk/client-iam";
import { CreateBucketCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type CallProxy, type Fault, startProxy } from "@/bench/lib/proxy";
import { roleExists } from "@/server/aws/iam";
import { memberCredentials } from "@/server/aws/sts";
import type { Context } from "@/server/context";
import type { MemberActor } from "@/server/permissions";
import { openCanary, sealCanary } from "@/server/sandboxes/canary";
import {
  clean,
  cleanAccount,
  reserveLeases,
  retryStep,
  setAside,
  startTakingBack,
  type TemporaryKeys,
  takeBack,
  temporaryKeys,
  vend,
} from "@/server/sandboxes/sandboxes";
import { attendee, makePool, openedWorkshop, startTestCloud, type TestCloud } from "@/server/sandboxes/test-pool";
import { makeMember } from "@/server/testing/factories";

let cloud: TestCloud;
let proxy: CallProxy;
let pool: Awaited<ReturnType<typeof makePool>>;
let architect: MemberActor;
/** A job's context whose calls to AWS go through the proxy. */
let proxied: Context;

beforeAll(async () => {
  cloud = await startTestCloud({ accounts: 3 });
  proxy = await startProxy(cloud.emulator.endpoint);
  pool = await makePool(cloud, 3);
  architect = (await makeMember(cloud.db, pool.team.id, "solutions_architect")).actor;
  const env = { ...cloud.env, AWS_ENDPOINT_URL: proxy.endpoint, CLEANER_BUDGET_SECONDS: 15 };
  proxied = cloud.as({ kind: "system", by: "clock" }, { env });
});
afterEach(() => {
  proxy.fault = undefined;
});
afterAll(async () => {
  await proxy.close();
  await cloud.close();
});

const client = (keys: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) => ({
  endpoint: cloud.emulator.endpoint,
  region: "eu-west-1",
  credentials: keys,
  maxAttempts: 1,
});

type Vended = {
  leaseId: string;
  workshopId: string;
  awsAccountId: string;
  accountId: string;
  roleName: string;
  keys: TemporaryKeys;
};

/** A vended lease of a workshop of its own, in use. */
async function vended(): Promise<Vended> {
  const { workshop, registrations } = await openedWorkshop(cloud, pool, 1);
  await cloud.db.$transaction((tx) => reserveLeases(cloud.system, tx, { workshopId: workshop.id }));
  const lease = await cloud.db.lease.findFirstOrThrow({
    where: { workshopId: workshop.id },
    include: { account: true },
  });
  await vend(cloud.system, { leaseId: lease.id });
  const keys = await temporaryKeys(cloud.as(attendee(registrations[0]!)), {});
  const { awsAccountId } = lease.account;
  return {
    leaseId: lease.id,
    workshopId: workshop.id,
    awsAccountId,
    accountId: lease.accountId,
    roleName: lease.roleName,
    keys,
  };
}

async function startClosing({ workshopId }: Vended): Promise<void> {
  await cloud.db.workshop.update({ where: { id: workshopId }, data: { state: "closing" } });
  await cloud.db.$transaction((tx) => startTakingBack(cloud.system, tx, { workshopId }));
}

/** Lets the cleaning of a lease count as done, where a test is about the other steps. */
async function countAsCleaned(lease: Vended): Promise<void> {
  const id = cloud.system.newId("cleanup");
  const { leaseId, accountId } = lease;
  await cloud.db.cleanup.create({
    data: { id, teamId: pool.team.id, accountId, leaseId, cause: "closing", state: "clean", endedAt: new Date() },
  });
}

async function stepStates(leaseId: string) {
  const steps = await cloud.db.closingStep.findMany({ where: { leaseId }, orderBy: { position: "asc" } });
  return Object.fromEntries(steps.map(({ name, state }) => [name, state]));
}

const allDone = { move: "done", revoke: "done", prove: "done", clean: "done", return: "done" };

/** What must be true after every close, however it went. */
async function expectTakenBack(lease: Vended, user?: { accessKeyId: string; secretAccessKey: string }) {
  expect(await stepStates(lease.leaseId)).toEqual(allDone);
  const row = await cloud.db.lease.findUniqueOrThrow({ where: { id: lease.leaseId }, include: { account: true } });
  expect(row).toMatchObject({ state: "ended", canarySealed: null, account: { state: "available" } });
  expect(row.provedAt).not.toBeNull();
  const credentials = await cloud.db.credential.findMany({ where: { leaseId: lease.leaseId } });
  expect(credentials.length).toBeGreaterThan(0);
  for (const credential of credentials)
    expect(credential).toMatchObject({ revokedAt: expect.any(Date), provedAt: expect.any(Date) });
  const s3 = new S3Client({ ...client(lease.keys), forcePathStyle: true });
  await expect(s3.send(new ListBucketsCommand({}))).rejects.toMatchObject({ name: "AccessDenied" });
  if (user) {
    const sts = new STSClient(client(user));
    await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: "InvalidClientTokenId" });
  }
  expect(await roleExists(cloud.env, memberCredentials(cloud.env, lease.awsAccountId), lease.roleName)).toBe(false);
  const entries = await cloud.db.auditEntry.groupBy({
    by: ["action"],
    where: { entityId: lease.leaseId },
    _count: true,
  });
  const count = (action: string) => entries.find((entry) => entry.action === action)?._count;
  expect([count("lease.revocation_proved"), count("lease.ended")]).toEqual([1, 1]);
}

/** An IAM user with a key, made by the attendee. */
async function attendeesUser({ keys }: Vended) {
  const iam = new IAMClient(client(keys));
  await iam.send(new CreateUserCommand({ UserName: "mine" }));
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: "mine" }));
  return { accessKeyId: key!.AccessKeyId!, secretAccessKey: key!.SecretAccessKey! };
}

async function removeUser({ awsAccountId }: Vended): Promise<void> {
  const iam = new IAMClient({
    ...client({ accessKeyId: "", secretAccessKey: "" }),
    credentials: memberCredentials(cloud.env, awsAccountId),
  });
  await iam.send(new DeleteUserPolicyCommand({ UserName: "mine", PolicyName: "AtelierDenyAll" }));
  await iam.send(new DeleteUserCommand({ UserName: "mine" }));
}

test("a close that dies after any of its calls to AWS ends, resumed, like one that did not", async () => {
  let calls = Number.POSITIVE_INFINITY;
  for (let dieAt = 1; dieAt <= calls; dieAt++) {
    const lease = await vended();
    const user = await attendeesUser(lease);
    await countAsCleaned(lease);
    await startClosing(lease);
    proxy.reset();
    // AWS does the call, and neither its answer nor any later call gets through: what a kill looks like from outside.
    proxy.fault = ({ number }) =>
      number < dieAt ? undefined : { kind: "cut", when: number === dieAt ? "after" : "before" };
    const outcome = await takeBack(proxied, { leaseId: lease.leaseId }).then(
      () => "done",
      () => "died",
    );
    if (outcome === "done") calls = proxy.calls();
    proxy.fault = undefined;
    // A killed worker does not note its failure either.
    await cloud.db.closingStep.updateMany({
      where: { leaseId: lease.leaseId, state: "failed" },
      data: { state: "running" },
    });
    await takeBack(proxied, { leaseId: lease.leaseId });
    await expectTakenBack(lease, user);
    await removeUser(lease);
  }
  expect(calls).toBeGreaterThan(10);
}, 240_000);

const listAliases = (fault: Fault) => {
  proxy.fault = ({ operation }) => (operation === "ListAccountAliases" ? fault : undefined);
};
const answer = (status: number, body: string): Fault => ({ kind: "answer", status, body });
const error = (status: number, code: string) =>
  answer(
    status,
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${code}</Message></Error></ErrorResponse>`,
  );
const aliases = `<ListAccountAliasesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListAccountAliasesResult><AccountAliases/><IsTruncated>false</IsTruncated></ListAccountAliasesResult></ListAccountAliasesResponse>`;

test.each([
  ["is still allowed", answer(200, aliases), "can still act"],
  ["is answered with a 500", error(500, "InternalFailure"), "not proved that access is gone"],
  ["is answered with an expired session", error(403, "ExpiredToken"), "not proved that access is gone"],
  ["is cut off", { kind: "cut", when: "before" } as Fault, "not proved that access is gone"],
  ["is throttled", error(400, "Throttling"), "not proved that access is gone"],
])(
  "a canary whose call %s proves nothing, and the account is not emptied before it is proved",
  async (_, fault, words) => {
    const lease = await vended();
    await startClosing(lease);
    listAliases(fault);
    await expect(takeBack(proxied, { leaseId: lease.leaseId })).rejects.toThrow(words);
    expect(await stepStates(lease.leaseId)).toEqual({
      ...allDone,
      prove: "failed",
      clean: "pending",
      return: "pending",
    });
    const step = await cloud.db.closingStep.findFirstOrThrow({ where: { leaseId: lease.leaseId, name: "prove" } });
    expect(step.lastError).toContain(words);
    const row = await cloud.db.lease.findUniqueOrThrow({ where: { id: lease.leaseId } });
    expect(row).toMatchObject({ provedAt: null, endedAt: null });
    proxy.fault = undefined;
    await countAsCleaned(lease);
    await retryStep(cloud.as(architect), { leaseId: lease.leaseId });
    await takeBack(proxied, { leaseId: lease.leaseId });
    await expectTakenBack(lease);
  },
  60_000,
);

test("a canary that expired on the way is followed by a session of the same role; an expired one is never asked", async () => {
  const lease = await vended();
  await countAsCleaned(lease);
  await startClosing(lease);
  proxy.fault = ({ operation }) => (operation === "ListUsers" ? { kind: "cut", when: "before" } : undefined);
  await expect(takeBack(proxied, { leaseId: lease.leaseId })).rejects.toThrow();
  proxy.fault = undefined;
  const row = await cloud.db.lease.findUniqueOrThrow({ where: { id: lease.leaseId } });
  const canary = openCanary(cloud.env, row.canarySealed);
  const session = { ...canary.session!, expiration: new Date(0) };
  await cloud.db.lease.update({
    where: { id: lease.leaseId },
    data: { canarySealed: sealCanary(cloud.env, { ...canary, session }) },
  });
  await takeBack(proxied, { leaseId: lease.leaseId });
  await expectTakenBack(lease);
  const proof = await cloud.db.auditEntry.findFirstOrThrow({
    where: { entityId: lease.leaseId, action: "lease.revocation_proved" },
  });
  expect(proof.detail).toMatchObject({ session: "successor" });
});

test("while AWS knows one key that was ever vended, access is not proved to be gone and the account is not emptied", async () => {
  const lease = await vended();
  await countAsCleaned(lease);
  // A key that revoking does not reach: it belongs to somebody in another account.
  const iam = new IAMClient(client(cloud.emulator));
  await iam.send(new CreateUserCommand({ UserName: "elsewhere" }));
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: "elsewhere" }));
  const reference = key!.AccessKeyId!;
  const id = cloud.system.newId("credential");
  const { leaseId } = lease;
  await cloud.db.credential.create({ data: { id, teamId: pool.team.id, leaseId, kind: "access_key", reference } });
  await startClosing(lease);
  await expect(takeBack(proxied, { leaseId })).rejects.toThrow("AWS knows it");
  expect(await stepStates(leaseId)).toMatchObject({ prove: "failed", clean: "pending" });
  expect(await cloud.db.credential.findUniqueOrThrow({ where: { id } })).toMatchObject({ provedAt: null });
  await iam.send(new DeleteAccessKeyCommand({ UserName: "elsewhere", AccessKeyId: reference }));
  await retryStep(cloud.as(architect), { leaseId });
  await takeBack(proxied, { leaseId });
  await expectTakenBack(lease);
}, 60_000);

test("an account that cannot be proved empty is set aside with what is wrong and what to do; cleaned again, it is back", async () => {
  const lease = await vended();
  await new S3Client({ ...client(lease.keys), forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: "left" }));
  await startClosing(lease);
  const refusal = `{"__type":"AccessDeniedException","message":"no"}`;
  const headers = { "content-type": "application/x-amz-json-1.0" };
  proxy.fault = ({ operation }) =>
    operation === "ListQueues" ? { kind: "answer", status: 400, body: refusal, headers } : undefined;
  await takeBack(proxied, { leaseId: lease.leaseId });
  expect(await stepStates(lease.leaseId)).toEqual(allDone);
  const row = await cloud.db.lease.findUniqueOrThrow({
    where: { id: lease.leaseId },
    include: { account: true, cleanups: { include: { checks: true } } },
  });
  expect(row).toMatchObject({ state: "ended", account: { state: "quarantined" } });
  expect(row.account.quarantineReason).toContain("clean the account again");
  expect(row.cleanups[0]).toMatchObject({ state: "dirty" });
  expect(row.cleanups[0]!.checks.some(({ outcome, type }) => outcome === "UNKNOWN" && type === "sqs/queue")).toBe(true);
  proxy.fault = undefined;
  await cleanAccount(cloud.as(architect), { accountId: lease.accountId });
  await clean(proxied, { accountId: lease.accountId, cause: "by_hand" });
  const after = await cloud.db.sandboxAccount.findUniqueOrThrow({ where: { id: lease.accountId } });
  expect(after).toMatchObject({ state: "available", quarantineReason: null });
}, 90_000);

test("a cleanup that lost its worker is taken over, and one that still beats is left alone", async () => {
  const lease = await vended();
  await startClosing(lease);
  const id = cloud.system.newId("cleanup");
  const { leaseId, accountId } = lease;
  const running = { id, teamId: pool.team.id, accountId, leaseId, cause: "closing" };
  await cloud.db.cleanup.create({ data: { ...running, heartbeatAt: new Date() } });
  await expect(takeBack(proxied, { leaseId })).rejects.toThrow("Another run of the cleaner");
  await cloud.db.cleanup.update({ where: { id }, data: { heartbeatAt: new Date(Date.now() - 60_000) } });
  await takeBack(proxied, { leaseId });
  await expectTakenBack(lease);
  expect(await cloud.db.cleanup.findUniqueOrThrow({ where: { id } })).toMatchObject({ state: "failed" });
}, 60_000);

test("a step that keeps failing blocks no other account, and set aside it lets the workshop close", async () => {
  const { workshop } = await openedWorkshop(cloud, pool, 2);
  await cloud.db.$transaction((tx) => reserveLeases(cloud.system, tx, { workshopId: workshop.id }));
  const leases = await cloud.db.lease.findMany({ where: { workshopId: workshop.id }, include: { account: true } });
  const [stuck, fine] = leases.map((lease) => ({
    ...{ leaseId: lease.id, workshopId: workshop.id, accountId: lease.accountId, roleName: lease.roleName },
    ...{ awsAccountId: lease.account.awsAccountId, keys: {} as TemporaryKeys },
  }));
  for (const { id } of leases) await vend(cloud.system, { leaseId: id });
  await startClosing(stuck!);
  await countAsCleaned(fine!);
  proxy.fault = ({ body }) =>
    body.includes(stuck!.roleName) && body.includes("PutRolePolicy") ? error(403, "AccessDenied") : undefined;
  await expect(takeBack(proxied, { leaseId: stuck!.leaseId })).rejects.toThrow("AWS does not allow PutRolePolicy");
  await takeBack(proxied, { leaseId: fine!.leaseId });
  expect(await stepStates(fine!.leaseId)).toEqual(allDone);
  const finished = () => cloud.db.$queryRaw<{ count: bigint }[]>`
    SELECT count(*) FROM pgboss.job WHERE name = 'workshops.finish-closing' AND data->>'workshopId' = ${workshop.id}`;
  expect((await finished())[0]!.count).toBe(0n);
  await setAside(cloud.as(architect), { leaseId: stuck!.leaseId, reason: "Asked AWS support" });
  const row = await cloud.db.lease.findUniqueOrThrow({ where: { id: stuck!.leaseId }, include: { account: true } });
  expect(row).toMatchObject({ state: "ended", account: { state: "quarantined" } });
  expect(row.account.quarantineReason).toMatch(/Take access away.*was not proved.*Asked AWS support/);
  expect((await finished())[0]!.count).toBe(1n);
}, 60_000);

test("access that is still being made when the workshop closes does not outlive it", async () => {
  const { workshop } = await openedWorkshop(cloud, pool, 1);
  await cloud.db.$transaction((tx) => reserveLeases(cloud.system, tx, { workshopId: workshop.id }));
  const lease = await cloud.db.lease.findFirstOrThrow({
    where: { workshopId: workshop.id },
    include: { account: true },
  });
  const { awsAccountId } = lease.account;
  const late = {
    leaseId: lease.id,
    workshopId: workshop.id,
    awsAccountId,
    accountId: lease.accountId,
    roleName: lease.roleName,
  };
  // The whole of taking back happens while vending waits for its last call.
  proxy.fault = async ({ operation }) => {
    if (operation !== "ListAccountAliases") return undefined;
    proxy.fault = undefined;
    await startClosing({ ...late, keys: {} as TemporaryKeys });
    await countAsCleaned({ ...late, keys: {} as TemporaryKeys });
    await takeBack(cloud.system, { leaseId: lease.id });
    return undefined;
  };
  await vend(proxied, { leaseId: lease.id }).catch(() => undefined);
  expect(await stepStates(lease.id)).toEqual(allDone);
  expect(await roleExists(cloud.env, memberCredentials(cloud.env, awsAccountId), lease.roleName)).toBe(false);
  expect(await cloud.db.lease.findUniqueOrThrow({ where: { id: lease.id } })).toMatchObject({ state: "ended" });
});
