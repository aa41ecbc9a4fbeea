import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { DescribeInstancesCommand, DescribeSecurityGroupsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { IAMClient, ListRolesCommand, ListUsersCommand } from "@aws-sdk/client-iam";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import {
  DescribeOrganizationalUnitCommand,
  ListAccountsForParentCommand,
  ListParentsCommand,
  OrganizationsClient,
} from "@aws-sdk/client-organizations";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import type { Stack } from "./fixtures";

/**
 * What is in an account of the emulator, asked with credentials of one's own and none of Atelier's code: the service user
 * assumes the role that an Organization has in each of its accounts.
 */

export const regions = ["eu-west-1", "eu-central-1", "us-east-1"];

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

export function clientOf(stack: Stack, credentials: Keys, region = "eu-west-1") {
  return { endpoint: stack.aws.endpoint, region, credentials, forcePathStyle: true, maxAttempts: 2 };
}

const serviceUser = (stack: Stack): Keys => ({
  accessKeyId: stack.aws.accessKeyId,
  secretAccessKey: stack.aws.secretAccessKey,
});

async function enter(stack: Stack, accountId: string): Promise<Keys> {
  const sts = new STSClient(clientOf(stack, serviceUser(stack)));
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: `arn:aws:iam::${accountId}:role/OrganizationAccountAccessRole`,
      RoleSessionName: "inventory",
    }),
  );
  return {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken ?? "",
  };
}

/** Every resource that somebody made in an account, one line each: "eu-west-1 function hello". */
export async function listAccount(stack: Stack, accountId: string): Promise<string[]> {
  const keys = await enter(stack, accountId);
  const found: string[] = [];
  const add = (region: string, what: string, names: (string | undefined)[] | undefined) =>
    found.push(...(names ?? []).map((name) => `${region} ${what} ${name}`));
  const global = clientOf(stack, keys);
  add(
    "global",
    "bucket",
    (await new S3Client(global).send(new ListBucketsCommand())).Buckets?.map((one) => one.Name),
  );
  const iam = new IAMClient(global);
  const roles = (await iam.send(new ListRolesCommand())).Roles ?? [];
  const own = roles.filter((one) => one.RoleName !== "OrganizationAccountAccessRole");
  add(
    "global",
    "role",
    own.map((one) => one.RoleName),
  );
  add(
    "global",
    "user",
    (await iam.send(new ListUsersCommand())).Users?.map((one) => one.UserName),
  );
  for (const region of regions) {
    const client = clientOf(stack, keys, region);
    const ec2 = new EC2Client(client);
    const { Reservations: reservations = [] } = await ec2.send(new DescribeInstancesCommand());
    const instances = reservations.flatMap((one) => one.Instances ?? []);
    const running = instances.filter((one) => one.State?.Name !== "terminated");
    add(
      region,
      "instance",
      running.map((one) => one.InstanceId),
    );
    const { SecurityGroups: groups = [] } = await ec2.send(new DescribeSecurityGroupsCommand());
    const made = groups.filter((one) => one.GroupName !== "default");
    add(
      region,
      "security group",
      made.map((one) => one.GroupName),
    );
    const { Functions: functions } = await new LambdaClient(client).send(new ListFunctionsCommand());
    add(
      region,
      "function",
      functions?.map((one) => one.FunctionName),
    );
    add(region, "table", (await new DynamoDBClient(client).send(new ListTablesCommand())).TableNames);
    add(region, "queue", (await new SQSClient(client).send(new ListQueuesCommand())).QueueUrls);
  }
  return found;
}

/** The name of the organizational unit that an account is in, as AWS says. */
export async function unitOf(stack: Stack, accountId: string): Promise<string> {
  const organizations = new OrganizationsClient(clientOf(stack, serviceUser(stack), "us-east-1"));
  const { Parents: parents } = await organizations.send(new ListParentsCommand({ ChildId: accountId }));
  const unitId = parents?.[0]?.Id ?? "";
  const { Accounts: accounts } = await organizations.send(new ListAccountsForParentCommand({ ParentId: unitId }));
  if (!accounts?.some((one) => one.Id === accountId)) return "none";
  const { OrganizationalUnit: unit } = await organizations.send(
    new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: unitId }),
  );
  return unit?.Name ?? "none";
}
