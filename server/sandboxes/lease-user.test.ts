import {
  AddUserToGroupCommand,
  CreateGroupCommand,
  GetLoginProfileCommand,
  IAMClient,
  ListAccessKeysCommand,
} from "@aws-sdk/client-iam";
import { CreateBucketCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CallProxy, startProxy } from "@/bench/lib/proxy";
import { accountSignInUrl } from "@/server/aws/federation";
import { memberCredentials } from "@/server/aws/sts";
import { createKey, deleteUser, userExists } from "@/server/aws/users";
import { credentialsOf } from "@/server/sandboxes/credentials";
import { makePassword } from "@/server/sandboxes/lease-user";
import {
  consoleEntry,
  myAccess,
  newSecret,
  reserveLeases,
  type ShownSecret,
  showSecret,
  startTakingBack,
  swapAccount,
  takeBack,
  temporaryKeys,
  vend,
} from "@/server/sandboxes/sandboxes";
import { attendee, makePool, openedWorkshop, startTestCloud, type TestCloud } from "@/server/sandboxes/test-pool";
import { restoreAccess } from "@/server/sandboxes/vending";
import { makeMember, makeProfile } from "@/server/testing/factories";

let cloud: TestCloud;
let proxy: CallProxy;
let pool: Awaited<ReturnType<typeof makePool>>;
beforeAll(async () => {
  cloud = await startTestCloud({ accounts: 9 });
  proxy = await startProxy(cloud.emulator.endpoint);
  const made = await makePool(cloud, 9);
  const profile = await makeProfile(cloud.db, made.team.id, { credentialKind: "iam_user" });
  pool = { ...made, profile };
});
afterAll(async () => {
  await proxy.close();
  await cloud.close();
});

const client = (
  credentials: IAMClient["config"]["credentials"] | { accessKeyId: string; secretAccessKey: string },
) => ({
  endpoint: cloud.emulator.endpoint,
  region: "eu-west-1",
  forcePathStyle: true,
  maxAttempts: 1,
  credentials,
});

async function reserved() {
  const { workshop, registrations } = await openedWorkshop(cloud, pool, 1);
  await cloud.db.$transaction((tx) => reserveLeases(cloud.system, tx, { workshopId: workshop.id }));
  const include = { account: true } as const;
  const lease = await cloud.db.lease.findFirstOrThrow({ where: { workshopId: workshop.id }, include });
  const registrationId = registrations[0]!.id;
  const admin = new IAMClient(client(memberCredentials(cloud.env, lease.account.awsAccountId)));
  return { lease, registrationId, workshopId: workshop.id, me: cloud.as(attendee(registrations[0]!)), admin };
}

async function vended() {
  const one = await reserved();
  await vend(cloud.system, { leaseId: one.lease.id });
  return one;
}

function keysOf(secret: ShownSecret) {
  if (secret.kind !== "access_key") throw new Error("not a key");
  const { accessKeyId, secretAccessKey } = secret;
  return { accessKeyId, secretAccessKey };
}

const who = (keys: { accessKeyId: string; secretAccessKey: string }) =>
  new STSClient(client(keys)).send(new GetCallerIdentityCommand({}));

test("an attendee gets an IAM user with a password and keys that work in their own account, and no role's keys", async () => {
  const { lease, registrationId, me, admin } = await vended();
  const awsAccountId = lease.account.awsAccountId;
  expect(await myAccess(me, { registrationId })).toEqual({
    kind: "iam_user",
    awsAccountId,
    userName: "attendee",
    signInUrl: `https://${awsAccountId}.signin.aws.amazon.com/console`,
    password: "to_show",
    accessKey: "to_show",
  });
  const keys = keysOf(await showSecret(me, { registrationId, secret: "access_key" }));
  expect(await who(keys)).toMatchObject({ Account: awsAccountId, Arn: expect.stringMatching(/user\/attendee$/) });
  await new S3Client(client(keys)).send(new CreateBucketCommand({ Bucket: "things" }));
  const login = await admin.send(new GetLoginProfileCommand({ UserName: "attendee" }));
  expect(login.LoginProfile?.PasswordResetRequired).toBe(false);
  await expect(temporaryKeys(me, { registrationId })).rejects.toMatchObject({ code: "not_ready" });
  const onAws = cloud.as(me.actor, { env: { ...cloud.env, AWS_ENDPOINT_URL: undefined } });
  expect(await consoleEntry(onAws, { registrationId })).toEqual({
    url: `https://${awsAccountId}.signin.aws.amazon.com/console`,
  });
  const { consoleOpenedAt } = await cloud.db.registration.findUniqueOrThrow({ where: { id: registrationId } });
  expect(consoleOpenedAt).not.toBeNull();
  const kinds = (await credentialsOf(cloud.system, lease)).map(({ kind }) => kind);
  expect(kinds).toEqual(["role", "user", "password", "access_key"]);
});

test.each(["password", "access_key"] as const)(
  "the %s is shown once: of many tabs one gets it, only to its verified holder, and then it is in no row",
  async (secret) => {
    const { lease, registrationId, me } = await vended();
    const of = { leaseId: lease.id, kind: secret };
    const { sealed } = await cloud.db.credential.findFirstOrThrow({ where: of });
    const unverified = cloud.as(attendee({ id: registrationId, teamId: lease.teamId }, false));
    await expect(showSecret(unverified, { registrationId, secret })).rejects.toMatchObject({ code: "unverified" });
    const { actor } = await makeMember(cloud.db, lease.teamId, "admin");
    await expect(showSecret(cloud.as(actor), { registrationId, secret })).rejects.toMatchObject({ code: "not_found" });
    const answers = await Promise.allSettled([1, 2, 3, 4].map(() => showSecret(me, { registrationId, secret })));
    const shown = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
    expect(shown).toHaveLength(1);
    const text = shown[0]!.kind === "password" ? shown[0]!.password : keysOf(shown[0]!).secretAccessKey;
    expect(sealed).not.toContain(text);
    await expect(showSecret(me, { registrationId, secret })).rejects.toMatchObject({ code: "conflict" });
    expect(await cloud.db.credential.findFirstOrThrow({ where: of })).toMatchObject({
      sealed: null,
      shownAt: expect.any(Date),
    });
  },
);

test("a lost key is made anew: the old one is refused at once, the new one works and is stored nowhere", async () => {
  const { lease, registrationId, me } = await vended();
  const old = keysOf(await showSecret(me, { registrationId, secret: "access_key" }));
  const fresh = keysOf(await newSecret(me, { registrationId, secret: "access_key" }));
  await expect(who(old)).rejects.toMatchObject({ name: "InvalidClientTokenId" });
  expect(await who(fresh)).toMatchObject({ Account: lease.account.awsAccountId });
  const password = await newSecret(me, { registrationId, secret: "password" });
  expect(password).toMatchObject({ kind: "password", password: expect.stringMatching(/^\w{5}(-\w{5}){3}$/) });
  const rows = await cloud.db.credential.findMany({
    where: { leaseId: lease.id, kind: { in: ["access_key", "password"] } },
  });
  expect(rows.filter(({ sealed }) => sealed !== null)).toEqual([]);
  expect(
    rows
      .filter(({ revokedAt }) => revokedAt === null)
      .map(({ reference }) => reference)
      .sort(),
  ).toEqual([fresh.accessKeyId, "password-2"].sort());
});

test("vending that dies after any of its calls, and vending twice, end in one user, one password and one key that works", async () => {
  const { lease, registrationId, me, admin } = await reserved();
  const env = { ...cloud.env, AWS_ENDPOINT_URL: proxy.endpoint };
  const context = cloud.as({ kind: "system", by: "clock" }, { env });
  for (let dieAt = 5; dieAt <= 13; dieAt++) {
    proxy.reset();
    proxy.fault = ({ number }) =>
      number < dieAt ? undefined : { kind: "cut", when: number === dieAt ? "after" : "before" };
    await vend(context, { leaseId: lease.id }).catch(() => undefined);
    proxy.fault = undefined;
    await cloud.db.lease.update({ where: { id: lease.id }, data: { state: "reserved" } });
  }
  await Promise.all([vend(context, { leaseId: lease.id }), vend(context, { leaseId: lease.id })]);
  const keys = keysOf(await showSecret(me, { registrationId, secret: "access_key" }));
  expect(await who(keys)).toMatchObject({ Account: lease.account.awsAccountId });
  const { AccessKeyMetadata: there } = await admin.send(new ListAccessKeysCommand({ UserName: "attendee" }));
  expect(there!.map(({ AccessKeyId }) => AccessKeyId)).toEqual([keys.accessKeyId]);
  const inForce = (await credentialsOf(cloud.system, lease)).filter(({ revokedAt }) => revokedAt === null);
  expect(inForce.map(({ kind }) => kind)).toEqual(["role", "user", "password", "access_key"]);
}, 120_000);

test("access that AWS has lost is made again, with a new password and key to look at", async () => {
  const { lease, registrationId, me } = await vended();
  const own = { registrationId };
  const old = keysOf(await showSecret(me, { ...own, secret: "access_key" }));
  const admin = memberCredentials(cloud.env, lease.account.awsAccountId);
  await deleteUser(cloud.env, admin, { name: "attendee", accessKeyIds: [old.accessKeyId] });
  await restoreAccess(cloud.system, lease.id);
  expect(await myAccess(me, own)).toMatchObject({ password: "to_show", accessKey: "to_show" });
  const fresh = keysOf(await showSecret(me, { ...own, secret: "access_key" }));
  expect(await who(fresh)).toMatchObject({ Account: lease.account.awsAccountId });
  expect(fresh.accessKeyId).not.toBe(old.accessKeyId);
});

test("closing ends and proves every credential that was ever vended, also a key that nobody knows of", async () => {
  const { lease, registrationId, me, admin, workshopId } = await vended();
  const first = keysOf(await showSecret(me, { registrationId, secret: "access_key" }));
  const second = keysOf(await newSecret(me, { registrationId, secret: "access_key" }));
  await newSecret(me, { registrationId, secret: "password" });
  const account = lease.account.awsAccountId;
  const unknown = await createKey(cloud.env, memberCredentials(cloud.env, account), "attendee");
  await admin.send(new CreateGroupCommand({ GroupName: "friends" }));
  await admin.send(new AddUserToGroupCommand({ GroupName: "friends", UserName: "attendee" }));
  await cloud.db.workshop.update({ where: { id: workshopId }, data: { state: "closing" } });
  await cloud.db.$transaction((tx) => startTakingBack(cloud.system, tx, { workshopId }));
  await expect(showSecret(me, { registrationId, secret: "password" })).rejects.toMatchObject({ code: "gone" });
  await expect(newSecret(me, { registrationId, secret: "access_key" })).rejects.toMatchObject({ code: "gone" });
  await takeBack(cloud.system, { leaseId: lease.id });
  for (const keys of [first, second, unknown])
    await expect(who(keys)).rejects.toMatchObject({ name: "InvalidClientTokenId" });
  await expect(new S3Client(client(second)).send(new ListBucketsCommand({}))).rejects.toThrow();
  expect(await userExists(cloud.env, memberCredentials(cloud.env, account), "attendee")).toBe(false);
  const rows = await cloud.db.credential.findMany({ where: { leaseId: lease.id } });
  expect(rows.filter(({ revokedAt, provedAt, sealed }) => !revokedAt || !provedAt || sealed)).toEqual([]);
  expect(rows.map(({ reference }) => reference)).toEqual(
    expect.arrayContaining([first.accessKeyId, second.accessKeyId, unknown.accessKeyId, "password-1", "password-2"]),
  );
  expect(await cloud.db.lease.findUniqueOrThrow({ where: { id: lease.id } })).toMatchObject({ state: "ended" });
}, 120_000);

test("after a swap the attendee has the new account and its mail, and the old account's keys are refused", async () => {
  const { lease, registrationId, me } = await vended();
  const old = keysOf(await showSecret(me, { registrationId, secret: "access_key" }));
  const { actor } = await makeMember(cloud.db, lease.teamId, "solutions_architect");
  const { leaseId } = await swapAccount(cloud.as(actor), { leaseId: lease.id });
  expect(await myAccess(me, { registrationId })).toBeNull();
  await vend(cloud.system, { leaseId });
  await takeBack(cloud.system, { leaseId: lease.id });
  await expect(who(old)).rejects.toMatchObject({ name: "InvalidClientTokenId" });
  const fresh = keysOf(await showSecret(me, { registrationId, secret: "access_key" }));
  const now = await who(fresh);
  expect(now.Account).not.toBe(lease.account.awsAccountId);
  const mails = await cloud.db.message.findMany({ where: { registrationId, kind: "access_ready" } });
  expect(mails.map(({ occurrence }) => occurrence).sort()).toEqual([lease.id, leaseId].sort());
  const before = await cloud.db.lease.findUniqueOrThrow({ where: { id: lease.id }, include: { account: true } });
  expect(before).toMatchObject({ state: "ended", account: { state: "available" } });
}, 120_000);

test("a password fits the strictest usual policy, and the sign-in page is that of the account's own partition", () => {
  for (let made = 0; made < 200; made++) {
    const password = makePassword();
    expect(password).toMatch(/^[A-HJ-NP-Za-km-z2-9]{5}(-[A-HJ-NP-Za-km-z2-9]{5}){3}$/);
    for (const kind of [/[A-Z]/, /[a-z]/, /[0-9]/, /-/]) expect(password).toMatch(kind);
  }
  const page = (url: string) => accountSignInUrl({ AWS_SIGNIN_URL: url }, "123456789012");
  expect(page("https://eu-west-1.signin.aws.amazon.com/federation")).toBe(
    "https://123456789012.signin.aws.amazon.com/console",
  );
  expect(page("https://signin.amazonaws-us-gov.com/federation")).toBe(
    "https://123456789012.signin.amazonaws-us-gov.com/console",
  );
});
