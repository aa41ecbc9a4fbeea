import { DescribeRegionsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Emulator, startEmulator, testEmulator } from "@/server/testing/emulator";

let aws: Emulator;
beforeAll(async () => {
  aws = await testEmulator();
});

const settings = (
  emulator: Emulator,
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string },
) => ({
  endpoint: emulator.endpoint,
  region: "eu-west-1",
  credentials,
  maxAttempts: 1,
});

async function enter(emulator: Emulator, accountId: string) {
  const sts = new STSClient(settings(emulator, emulator));
  const role = `arn:aws:iam::${accountId}:role/OrganizationAccountAccessRole`;
  const { Credentials: keys } = await sts.send(new AssumeRoleCommand({ RoleArn: role, RoleSessionName: "test" }));
  return {
    accessKeyId: keys!.AccessKeyId!,
    secretAccessKey: keys!.SecretAccessKey!,
    sessionToken: keys!.SessionToken!,
  };
}

test("the service user enters a member account through its role and lists what is in it", async () => {
  const keys = await enter(aws, aws.accounts[0]!.id);
  const s3 = new S3Client({ ...settings(aws, keys), forcePathStyle: true });
  expect((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
});

test("keys that nobody issued, and a wrong secret, are refused", async () => {
  const stranger = new STSClient(settings(aws, { accessKeyId: "AKIAXXXXXXXXXXXXXXXX", secretAccessKey: "x" }));
  const role = `arn:aws:iam::${aws.accounts[0]!.id}:role/OrganizationAccountAccessRole`;
  const assume = new AssumeRoleCommand({ RoleArn: role, RoleSessionName: "test" });
  await expect(stranger.send(assume)).rejects.toThrow("security token included in the request is invalid");
  const forged = new STSClient(settings(aws, { ...aws, secretAccessKey: "x" }));
  await expect(forged.send(assume)).rejects.toThrow("signature");
});

let own: Awaited<ReturnType<typeof startEmulator>> | undefined;
afterAll(() => own?.stop());

test("accounts come back with the ids that were asked for, and only the regions of the Organization are enabled", async () => {
  const wanted = { name: "known", email: "known@atelier.example", id: "210987654321" };
  own = await startEmulator({ accounts: [wanted, { name: "next", email: "next@atelier.example" }] });
  expect(own.accounts[0]).toEqual(wanted);
  expect(own.accounts[1]!.id).toBe(aws.accounts[0]!.id);
  const ec2 = new EC2Client(settings(own, await enter(own, wanted.id)));
  const enabled = (await ec2.send(new DescribeRegionsCommand({}))).Regions!.map((region) => region.RegionName).sort();
  expect(enabled).toEqual(["eu-central-1", "eu-west-1", "us-east-1"]);
  const all = (await ec2.send(new DescribeRegionsCommand({ AllRegions: true }))).Regions!;
  expect(all.find((region) => region.RegionName === "ap-south-1")?.OptInStatus).toBe("not-opted-in");
});
