import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { DescribeRegionsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateRoleCommand, DeleteRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
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

test("once a role has lost its policies, and once it is deleted, every service refuses its keys in words that the SDK reads", async () => {
  const keys = await enter(aws, aws.accounts[1]!.id);
  const iam = new IAMClient(settings(aws, keys));
  const RoleName = "lease";
  const trust = { Effect: "Allow", Principal: { AWS: aws.basePrincipalArn }, Action: "sts:AssumeRole" };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
  const { Role: role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  const sts = new STSClient(settings(aws, aws));
  const assumed = await sts.send(new AssumeRoleCommand({ RoleArn: role!.Arn, RoleSessionName: "lease" }));
  const { AccessKeyId, SecretAccessKey, SessionToken } = assumed.Credentials!;
  const lease = settings(aws, {
    accessKeyId: AccessKeyId!,
    secretAccessKey: SecretAccessKey!,
    sessionToken: SessionToken!,
  });
  const refusals = async () => {
    const calls = [
      new S3Client({ ...lease, forcePathStyle: true }).send(new ListBucketsCommand({})),
      new EC2Client(lease).send(new DescribeRegionsCommand({})),
      new LambdaClient(lease).send(new ListFunctionsCommand({})),
      new DynamoDBClient(lease).send(new ListTablesCommand({})),
      new SQSClient(lease).send(new ListQueuesCommand({})),
    ];
    return Promise.all(
      calls.map((call) =>
        call.then(
          () => "allowed",
          (error: Error) => error.name,
        ),
      ),
    );
  };
  const json = "AccessDeniedException";
  expect(await refusals()).toEqual(["AccessDenied", "AccessDenied", json, json, json]);
  await iam.send(new DeleteRoleCommand({ RoleName }));
  expect(await refusals()).toEqual(["AccessDenied", "AccessDenied", json, json, json]);
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
