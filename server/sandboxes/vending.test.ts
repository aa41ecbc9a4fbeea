import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { GetRoleCommand, IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, ListBucketsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { type CallProxy, startProxy } from "@/bench/lib/proxy";
import { accountsIn } from "@/server/aws/organizations";
import { memberCredentials } from "@/server/aws/sts";
import {
  consoleLink,
  leaseForMember,
  reserveLeases,
  retryVend,
  returnLease,
  startTakingBack,
  takeBack,
  temporaryKeys,
  tickPrewarming,
  vend,
} from "@/server/sandboxes/sandboxes";
import { attendee, makePool, openedWorkshop, startTestCloud, type TestCloud } from "@/server/sandboxes/test-pool";
import { unitsOf } from "@/server/sandboxes/units";
import { makeMember, makeRegistration, makeWorkshop } from "@/server/testing/factories";
import { openWorkshop } from "@/server/workshops/workshops";

let cloud: TestCloud;
let proxy: CallProxy;
let pool: Awaited<ReturnType<typeof makePool>>;
beforeAll(async () => {
  cloud = await startTestCloud({ accounts: 16 });
  proxy = await startProxy(cloud.emulator.endpoint);
  pool = await makePool(cloud, 16);
});
afterAll(async () => {
  await proxy.close();
  await cloud.close();
});

const settings = (
  credentials: S3Client["config"]["credentials"] | { accessKeyId: string; secretAccessKey: string },
) => ({
  endpoint: cloud.emulator.endpoint,
  region: "eu-west-1",
  forcePathStyle: true,
  maxAttempts: 1,
  credentials,
});

async function leased(count = 1) {
  const { workshop, registrations } = await openedWorkshop(cloud, pool, count);
  await cloud.db.$transaction((tx) => reserveLeases(cloud.system, tx, { workshopId: workshop.id }));
  const leases = await cloud.db.lease.findMany({ where: { workshopId: workshop.id }, include: { account: true } });
  const byRegistration = registrations.map(({ id }) => leases.find(({ registrationId }) => registrationId === id)!);
  return { workshop, registrations, leases: byRegistration };
}

test("an attendee's keys work in their own account, and are refused with AccessDenied once it is taken back, empty", async () => {
  const { workshop, registrations, leases } = await leased();
  const [lease] = leases;
  await vend(cloud.system, { leaseId: lease!.id });
  const keys = await temporaryKeys(cloud.as(attendee(registrations[0]!)), {});
  const who = await new STSClient(settings(keys)).send(new GetCallerIdentityCommand({}));
  expect(who.Account).toBe(lease!.account.awsAccountId);
  expect(who.Arn).toContain(`${lease!.roleName}/${lease!.id}`);
  const s3 = new S3Client(settings(keys));
  await s3.send(new CreateBucketCommand({ Bucket: "things" }));
  await s3.send(new PutObjectCommand({ Bucket: "things", Key: "one", Body: "1" }));
  const units = unitsOf(await cloud.db.team.findUniqueOrThrow({ where: { id: pool.team.id } }))!;
  const there = await accountsIn(cloud.env, units.profiles[pool.profile.id]!);
  expect(there.map(({ id }) => id)).toContain(lease!.account.awsAccountId);

  await cloud.db.workshop.update({ where: { id: workshop.id }, data: { state: "closing" } });
  await cloud.db.$transaction((tx) => startTakingBack(cloud.system, tx, { workshopId: workshop.id }));
  await expect(temporaryKeys(cloud.as(attendee(registrations[0]!)), {})).rejects.toMatchObject({ code: "gone" });
  await takeBack(cloud.system, { leaseId: lease!.id });
  await expect(s3.send(new ListBucketsCommand({}))).rejects.toMatchObject({ name: "AccessDenied" });
  const own = new S3Client(settings(memberCredentials(cloud.env, lease!.account.awsAccountId)));
  expect((await own.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
  const after = await cloud.db.lease.findUniqueOrThrow({ where: { id: lease!.id }, include: { account: true } });
  expect(after).toMatchObject({ state: "ended", canarySealed: null, account: { state: "available" } });
  expect((await accountsIn(cloud.env, units.ready)).map(({ id }) => id)).toContain(lease!.account.awsAccountId);
}, 60_000);

test("every role of a lease trusts Atelier's base principal by its ARN, and none of its policies of trust has a *", async () => {
  const { leases } = await leased(2);
  for (const { id } of leases) await vend(cloud.system, { leaseId: id });
  for (const { account, roleName } of leases) {
    const iam = new IAMClient(settings(memberCredentials(cloud.env, account.awsAccountId)));
    const { Roles: roles } = await iam.send(new ListRolesCommand({}));
    expect(roles!.map(({ RoleName }) => RoleName)).toContain(roleName);
    for (const { RoleName, AssumeRolePolicyDocument: document } of roles!.filter((r) =>
      r.RoleName!.startsWith("Atelier"),
    )) {
      const trust = decodeURIComponent(document!);
      expect(trust, RoleName).not.toContain("*");
      expect(JSON.parse(trust).Statement[0].Principal).toEqual({ AWS: cloud.emulator.basePrincipalArn });
    }
    const { Role: role } = await iam.send(new GetRoleCommand({ RoleName: roleName }));
    expect(role!.MaxSessionDuration).toBe(3600);
  }
});

test("vending that dies after any of its calls, and vending twice, end in one usable account and one mail", async () => {
  const context = cloud.as(
    { kind: "system", by: "clock" },
    { env: { ...cloud.env, AWS_ENDPOINT_URL: proxy.endpoint } },
  );
  const { registrations, leases } = await leased(1);
  const [lease] = leases;
  for (let dieAt = 1; dieAt <= 6; dieAt++) {
    proxy.reset();
    proxy.fault = ({ number }) =>
      number < dieAt ? undefined : { kind: "cut", when: number === dieAt ? "after" : "before" };
    await vend(context, { leaseId: lease!.id }).catch(() => undefined);
    proxy.fault = undefined;
    // A kill leaves the lease reserved, so that the next try begins anew.
    await cloud.db.lease.update({ where: { id: lease!.id }, data: { state: "reserved" } });
  }
  await Promise.all([vend(context, { leaseId: lease!.id }), vend(context, { leaseId: lease!.id })]);
  await vend(context, { leaseId: lease!.id });
  expect(await cloud.db.lease.findUniqueOrThrow({ where: { id: lease!.id } })).toMatchObject({
    state: "ready",
    lastError: null,
  });
  const mails = await cloud.db.message.findMany({
    where: { registrationId: registrations[0]!.id, kind: "access_ready" },
  });
  expect(mails).toHaveLength(1);
  const keys = await temporaryKeys(cloud.as(attendee(registrations[0]!)), {});
  await new S3Client(settings(keys)).send(new ListBucketsCommand({}));
}, 60_000);

test("a lease that cannot be made usable is failed with the reason in words after its last try, and can be tried again", async () => {
  const context = cloud.as(
    { kind: "system", by: "clock" },
    { env: { ...cloud.env, AWS_ENDPOINT_URL: proxy.endpoint } },
  );
  const { registrations, leases } = await leased(1);
  const leaseId = leases[0]!.id;
  const refusal =
    "<ErrorResponse><Error><Code>MalformedPolicyDocument</Code><Message>no</Message></Error></ErrorResponse>";
  proxy.fault = ({ operation }) =>
    operation === "CreateRole" ? { kind: "answer", status: 400, body: refusal } : undefined;
  const run = (lastTry: boolean) => ({ signal: new AbortController().signal, lastTry });
  await expect(vend(context, { leaseId }, run(false))).rejects.toThrow(
    "AWS refused CreateRole (MalformedPolicyDocument)",
  );
  const state = () => cloud.db.lease.findUniqueOrThrow({ where: { id: leaseId } });
  expect(await state()).toMatchObject({
    state: "reserved",
    lastError: "AWS refused CreateRole (MalformedPolicyDocument)",
  });
  await expect(vend(context, { leaseId }, run(true))).rejects.toThrow();
  expect(await state()).toMatchObject({ state: "failed" });
  await expect(temporaryKeys(cloud.as(attendee(registrations[0]!)), {})).rejects.toThrow("could not be made ready");
  proxy.fault = undefined;
  const { actor } = await makeMember(cloud.db, pool.team.id, "solutions_architect");
  await retryVend(cloud.as(actor), { leaseId });
  await vend(context, { leaseId }, run(false));
  expect(await state()).toMatchObject({ state: "ready", lastError: null });
});

test("only the holder enters: verified, in their own registration, while the workshop is open", async () => {
  const { workshop, registrations, leases } = await leased(2);
  const [mine, theirs] = registrations;
  const me = cloud.as(attendee(mine!));
  await expect(temporaryKeys(me, {})).rejects.toMatchObject({ code: "not_ready" });
  for (const { id } of leases) await vend(cloud.system, { leaseId: id });
  await expect(temporaryKeys(cloud.as(attendee(mine!, false)), {})).rejects.toMatchObject({ code: "unverified" });
  await expect(temporaryKeys(me, { registrationId: theirs!.id })).rejects.toMatchObject({ code: "not_found" });
  await expect(temporaryKeys(cloud.as({ kind: "visitor" }), { leaseId: leases[0]!.id })).rejects.toMatchObject({
    code: "not_found",
  });
  for (const role of ["account_manager", "solutions_architect", "admin"] as const) {
    const { actor } = await makeMember(cloud.db, pool.team.id, role);
    await expect(temporaryKeys(cloud.as(actor), { leaseId: leases[0]!.id })).rejects.toMatchObject({
      code: "not_found",
    });
  }
  const late = await makeRegistration(cloud.db, workshop);
  await expect(temporaryKeys(cloud.as(attendee(late)), {})).rejects.toThrow("no account for you yet");
  await cloud.db.workshop.update({ where: { id: workshop.id }, data: { state: "registration" } });
  await expect(temporaryKeys(me, {})).rejects.toThrow("not open yet");
});

test("a rehearsal's account is entered by its own member, and can be given back early", async () => {
  const { workshop } = await leased(0);
  await cloud.db.workshop.update({ where: { id: workshop.id }, data: { state: "registration" } });
  const [me, colleague] = [
    (await makeMember(cloud.db, pool.team.id, "solutions_architect")).actor,
    (await makeMember(cloud.db, pool.team.id, "admin")).actor,
  ];
  const { leaseId } = await leaseForMember(cloud.as(me), { workshopId: workshop.id, holder: "rehearsal" });
  await vend(cloud.system, { leaseId });
  await expect(temporaryKeys(cloud.as(colleague), { leaseId })).rejects.toMatchObject({ code: "not_found" });
  const keys = await temporaryKeys(cloud.as(me), { leaseId });
  await new S3Client(settings(keys)).send(new ListBucketsCommand({}));
  await returnLease(cloud.as(me), { leaseId });
  await expect(temporaryKeys(cloud.as(me), { leaseId })).rejects.toMatchObject({ code: "gone" });
});

test("accounts made ready early are told of once each, also those that become ready while the workshop opens", async () => {
  const { actor } = await makeMember(cloud.db, pool.team.id, "solutions_architect");
  const [startsAt, endsAt] = [new Date(Date.now() + 600_000), new Date(Date.now() + 4_200_000)];
  const early = { sandboxProfileId: pool.profile.id, prewarmMinutes: 60, opensMinutesBefore: null, startsAt, endsAt };
  const workshop = await makeWorkshop(cloud.db, pool.team.id, early);
  await cloud.db.workshopPresenter.create({
    data: { teamId: pool.team.id, workshopId: workshop.id, memberId: actor.memberId },
  });
  const registrations: { id: string; teamId: string }[] = [];
  for (let made = 0; made < 5; made++) registrations.push(await makeRegistration(cloud.db, workshop));
  await tickPrewarming(cloud.system);
  const leases = await cloud.db.lease.findMany({ where: { workshopId: workshop.id }, orderBy: { id: "asc" } });
  expect(leases).toHaveLength(5);
  const [first, ...others] = leases;
  await vend(cloud.system, { leaseId: first!.id });
  const own = (row: { registrationId: string | null }) =>
    cloud.as(attendee(registrations.find(({ id }) => id === row.registrationId)!));
  await expect(temporaryKeys(own(first!), {})).rejects.toThrow("not open yet");
  const mails = () => cloud.db.message.findMany({ where: { workshopId: workshop.id, kind: "access_ready" } });
  expect(await mails()).toEqual([]);
  await Promise.all([
    ...others.map(({ id }) => vend(cloud.system, { leaseId: id })),
    openWorkshop(cloud.as(actor), { workshopId: workshop.id }),
  ]);
  expect((await mails()).map(({ occurrence }) => occurrence).sort()).toEqual(leases.map(({ id }) => id).sort());
  for (const lease of leases)
    await new S3Client(settings(await temporaryKeys(own(lease), {}))).send(new ListBucketsCommand({}));
}, 60_000);

/** A sign-in endpoint that hands out a token, as AWS's federation endpoint does. */
async function signInEndpoint(seen: URL[]) {
  const server = createServer((call, answer) => {
    seen.push(new URL(call.url!, "http://x"));
    answer
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify({ SigninToken: "token-of-a-session" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/federation`, close: () => server.close() };
}

test("a console link is made at the click from keys of the lease, and neither link nor keys are in any table", async () => {
  const seen: URL[] = [];
  const endpoint = await signInEndpoint(seen);
  const { workshop, registrations, leases } = await leased(1);
  await vend(cloud.system, { leaseId: leases[0]!.id });
  const context = cloud.as(attendee(registrations[0]!), { env: { ...cloud.env, AWS_SIGNIN_URL: endpoint.url } });
  const link = await consoleLink(context, {});
  const keys = await temporaryKeys(context, {});
  endpoint.close();
  const [question] = seen;
  expect(question!.searchParams.get("Action")).toBe("getSigninToken");
  expect(question!.searchParams.has("SessionDuration")).toBe(false);
  const shape = z.object({ sessionId: z.string(), sessionKey: z.string(), sessionToken: z.string() });
  const session = shape.parse(JSON.parse(question!.searchParams.get("Session")!));
  const credentials = {
    accessKeyId: session.sessionId,
    secretAccessKey: session.sessionKey,
    sessionToken: session.sessionToken,
  };
  const who = await new STSClient(settings(credentials)).send(new GetCallerIdentityCommand({}));
  expect(who.Account).toBe(link.awsAccountId);
  const url = new URL(link.url);
  expect(Object.fromEntries(url.searchParams)).toMatchObject({ Action: "login", SigninToken: "token-of-a-session" });
  expect(link.url).not.toContain(session.sessionKey);
  const registration = await cloud.db.registration.findUniqueOrThrow({ where: { id: registrations[0]!.id } });
  expect(registration.consoleOpenedAt).not.toBeNull();
  const kinds = await cloud.db.activity.findMany({ where: { workshopId: workshop.id }, orderBy: { id: "asc" } });
  expect(kinds.map(({ kind }) => kind)).toEqual(["console_opened", "keys_made"]);
  const secrets = [
    session.sessionKey,
    session.sessionToken,
    keys.secretAccessKey,
    keys.sessionToken,
    "token-of-a-session",
  ];
  expect(await tablesWith(cloud.env.DATABASE_URL, secrets)).toEqual([]);
});

/** Tables of the whole database, jobs included, in which one of the texts stands. */
async function tablesWith(url: string, texts: string[]): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'pgboss')
     and has_table_privilege(format('%I.%I', schemaname, tablename), 'select')`,
  );
  const found: string[] = [];
  for (const { name } of rows)
    for (const text of texts) {
      const { rowCount } = await client.query(`select 1 from ${name} t where t::text like '%' || $1 || '%' limit 1`, [
        text,
      ]);
      if (rowCount) found.push(name);
    }
  await client.end();
  return found;
}
