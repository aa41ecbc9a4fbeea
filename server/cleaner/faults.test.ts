import { CreateSecurityGroupCommand, EC2Client } from "@aws-sdk/client-ec2";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import {
  assumedRole,
  type ClientInput,
  clientOptions,
  readOnly,
  type SessionKeys,
  WriteRefused,
} from "@/server/aws/clients";
import { type CleanEvent, type CleanOptions, type CleanParts, clean } from "@/server/cleaner/engine";
import { backings } from "@/server/testing/cleaner/index.generated";
import { startEmulator } from "@/server/testing/emulator";
import { type Fault, type FaultProxy, type FaultRule, startFaultProxy } from "@/server/testing/faults";

const regions = ["eu-west-1", "us-east-1"];
const services = ["sqs", "sns", "vpc", "s3", "iam", "ssm", "logs"];
let aws: Awaited<ReturnType<typeof startEmulator>>;
let proxy: FaultProxy;
let next = 0;

beforeAll(async () => {
  aws = await startEmulator({ accounts: 8, regions });
  proxy = await startFaultProxy(aws.endpoint);
});
afterEach(() => proxy.use());
afterAll(async () => {
  await proxy?.stop();
  await aws?.stop();
});

/** The next unused account, and how to reach it. */
function takeAccount(): { accountId: string; keys(): Promise<SessionKeys>; input(region: string): ClientInput } {
  const accountId = aws.accounts[next++]?.id ?? "";
  const base = { accessKeyId: aws.accessKeyId, secretAccessKey: aws.secretAccessKey };
  const endpoint = proxy.endpoint;
  const roleArn = `arn:aws:iam::${accountId}:role/OrganizationAccountAccessRole`;
  const keys = assumedRole({ endpoint, region: "us-east-1", sessionName: "test", roleArn, credentials: base });
  return { accountId, keys, input: (region) => ({ region, credentials: keys, endpoint }) };
}

async function cleanAccount(
  { accountId, input }: ReturnType<typeof takeAccount>,
  options: Partial<CleanOptions> = {},
  parts: Partial<CleanParts> = {},
) {
  const events: CleanEvent[] = [];
  const report = await clean(
    { accountId, credentials: input("us-east-1").credentials },
    {
      mode: "run",
      services,
      endpoint: proxy.endpoint,
      minimumGapSeconds: 0.2,
      budgetSeconds: 100,
      onEvent: (event) => events.push(event),
      ...options,
    },
    { requestMilliseconds: 2_000, attempts: 3, ...parts },
  );
  return { report, events };
}

/** One call in `every`, in turn: repeatable, unlike chance. */
function oneIn(every: number, fault: Fault): FaultRule {
  let count = 0;
  return (call) => (call.service !== "sts" && ++count % every === 0 ? fault : undefined);
}

it("gets an account clean though three calls in ten are throttled and one in ten fails", async () => {
  const account = takeAccount();
  for (const id of ["sqs", "s3"])
    await (await backings[id]?.())?.backing.seed?.(account.input("eu-west-1"), account.accountId);
  proxy.use(oneIn(10, "error"), oneIn(3, "throttle"));
  const { report } = await cleanAccount(
    account,
    { services: ["sqs", "ssm", "s3", "iam"] },
    { attempts: 8, throttledAttempts: 20 },
  );
  expect(report).toMatchObject({ outcome: "clean", unknown: [], leftCount: 0 });
  expect(report.passes[0]?.found).toBe(5);
}, 120_000);

it("is never clean while one action of one service is denied in one region", async () => {
  const account = takeAccount();
  proxy.use((call) => (call.operation === "ListQueues" && call.region === "eu-west-1" ? "denied" : undefined));
  const { report } = await cleanAccount(account);
  expect(report.outcome).toBe("dirty");
  expect(report.unknown).toMatchObject([{ service: "sqs", type: "queue", region: "eu-west-1" }]);
  expect(report.reason).toContain("AccessDenied");
});

it("ends, unclean, while a region hangs, and cleans the others meanwhile", async () => {
  const account = takeAccount();
  for (const region of regions) {
    await new SQSClient(clientOptions(account.input(region))).send(new CreateQueueCommand({ QueueName: "q" }));
  }
  proxy.use((call) => (call.region === "eu-west-1" ? "hang" : undefined));
  const { report, events } = await cleanAccount(
    account,
    { services: ["sqs", "sns"], budgetSeconds: 15 },
    { requestMilliseconds: 300, attempts: 2, idlePasses: 2 },
  );
  expect(report.outcome).toBe("dirty");
  expect(new Set(report.unknown.map((one) => one.region))).toEqual(new Set(["eu-west-1"]));
  expect(events).toContainEqual(expect.objectContaining({ kind: "resource", region: "us-east-1", outcome: "removed" }));
});

it("says what is left when a removal never finishes", async () => {
  const account = takeAccount();
  await new SQSClient(clientOptions(account.input("us-east-1"))).send(new CreateQueueCommand({ QueueName: "stuck" }));
  proxy.use((call) => (call.operation === "DeleteQueue" ? "swallow" : undefined));
  const { report } = await cleanAccount(account, { services: ["sqs"] });
  expect(report.outcome).toBe("dirty");
  expect(report.reason).toContain("1 found, the same 1 as before");
});

it("goes on when keys run out in the middle of a run", async () => {
  const account = takeAccount();
  await (await backings.sqs?.())?.backing.seed?.(account.input("eu-west-1"), account.accountId);
  const fresh = account.keys;
  let asked = 0;
  // Keys that are as good as expired when they are handed out: the SDK asks for new ones before each call.
  const short = async () => {
    asked++;
    const keys = await fresh();
    return { ...keys, expiration: new Date(Temporal.Now.instant().epochMilliseconds + 1_000) };
  };
  const { report } = await cleanAccount(
    { ...account, input: (region) => ({ ...account.input(region), credentials: short }) },
    {
      services: ["sqs"],
    },
  );
  expect(report.outcome).toBe("clean");
  expect(asked).toBeGreaterThan(3);
});

it("never calls another account than the one it was given", async () => {
  const account = takeAccount();
  const wrong = { ...account, accountId: "000000000000" };
  const before = proxy.calls.length;
  await expect(cleanAccount(wrong)).rejects.toMatchObject({ code: "account_mismatch" });
  const called = proxy.calls.slice(before).map((call) => call.operation);
  expect(called.filter((name) => !["AssumeRole", "GetCallerIdentity", "DescribeOrganization"].includes(name))).toEqual(
    [],
  );
});

it("refuses, before anything is sent, whatever a dry run's client is asked to write", async () => {
  const account = takeAccount();
  const before = proxy.calls.length;
  const writes = [
    () =>
      readOnly(new SQSClient(clientOptions(account.input("eu-west-1")))).send(
        new CreateQueueCommand({ QueueName: "q" }),
      ),
    () =>
      readOnly(new S3Client(clientOptions(account.input("eu-west-1")))).send(
        new PutObjectCommand({ Bucket: "b", Key: "k", Body: "x" }),
      ),
    () =>
      readOnly(new EC2Client(clientOptions(account.input("eu-west-1")))).send(
        new CreateSecurityGroupCommand({ GroupName: "g", Description: "g" }),
      ),
  ];
  for (const write of writes) await expect(write()).rejects.toBeInstanceOf(WriteRefused);
  expect(proxy.calls.slice(before)).toEqual([]);
});
