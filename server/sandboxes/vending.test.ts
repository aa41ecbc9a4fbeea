import { CreateBucketCommand, ListBucketsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accountsIn } from "@/server/aws/organizations";
import { memberCredentials } from "@/server/aws/sts";
import { reserveLeases, startTakingBack, takeBack, temporaryKeys, vend } from "@/server/sandboxes/sandboxes";
import { attendee, makePool, openedWorkshop, startTestCloud, type TestCloud } from "@/server/sandboxes/test-pool";
import { unitsOf } from "@/server/sandboxes/units";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud({ accounts: 6 });
});
afterAll(() => cloud.close());

function s3(keys: { accessKeyId: string; secretAccessKey: string; sessionToken: string }) {
  const { endpoint } = cloud.emulator;
  return new S3Client({ endpoint, region: "eu-west-1", forcePathStyle: true, credentials: keys });
}

test("an attendee's keys work in their own account, and are refused with AccessDenied once it is taken back, empty", async () => {
  const pool = await makePool(cloud, 2);
  const { workshop, registrations } = await openedWorkshop(cloud, pool, 1);
  await cloud.db.$transaction((tx) => reserveLeases(cloud.system, tx, { workshopId: workshop.id }));
  const lease = await cloud.db.lease.findFirstOrThrow({ where: { workshopId: workshop.id }, include: { account: true } });
  await vend(cloud.system, { leaseId: lease.id });
  const keys = await temporaryKeys(cloud.as(attendee(registrations[0]!)), {});
  const sts = new STSClient({ endpoint: cloud.emulator.endpoint, region: "eu-west-1", credentials: keys });
  const who = await sts.send(new GetCallerIdentityCommand({}));
  expect(who.Account).toBe(lease.account.awsAccountId);
  expect(who.Arn).toContain(`${lease.roleName}/${lease.id}`);
  await s3(keys).send(new CreateBucketCommand({ Bucket: "things" }));
  await s3(keys).send(new PutObjectCommand({ Bucket: "things", Key: "one", Body: "1" }));
  const units = unitsOf(await cloud.db.team.findUniqueOrThrow({ where: { id: pool.team.id } }))!;
  const leasedUnit = units.profiles[pool.profile.id]!;
  expect((await accountsIn(cloud.env, leasedUnit)).map(({ id }) => id)).toEqual([lease.account.awsAccountId]);

  await cloud.db.workshop.update({ where: { id: workshop.id }, data: { state: "closing" } });
  await cloud.db.$transaction((tx) => startTakingBack(cloud.system, tx, { workshopId: workshop.id }));
  console.time("takeback");
  await takeBack(cloud.system, { leaseId: lease.id });
  console.timeEnd("takeback");
  await expect(s3(keys).send(new ListBucketsCommand({}))).rejects.toMatchObject({});
  const own = s3(await memberCredentials(cloud.env, lease.account.awsAccountId)());
  expect((await own.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
  const after = await cloud.db.lease.findUniqueOrThrow({ where: { id: lease.id }, include: { account: true } });
  expect(after).toMatchObject({ state: "ended", canarySealed: null, account: { state: "available" } });
  expect(after.provedAt).toBeInstanceOf(Date);
  expect((await accountsIn(cloud.env, units.ready)).map(({ id }) => id)).toContain(lease.account.awsAccountId);
  const steps = await cloud.db.closingStep.findMany({ where: { leaseId: lease.id }, orderBy: { position: "asc" } });
  expect(steps.map(({ name, state }) => [name, state])).toEqual(
    ["move", "revoke", "prove", "clean", "return"].map((name) => [name, "done"]),
  );
});
