import { existsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateQueueCommand, ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { assumedRole, clientOptions } from "@/server/aws/clients";
import { type CommandIo, runCommand } from "@/server/cleaner/command";
import { startEmulator } from "@/server/testing/emulator";

let aws: Awaited<ReturnType<typeof startEmulator>>;
beforeAll(async () => {
  aws = await startEmulator({ accounts: 2, regions: ["eu-west-1"] });
});
afterAll(() => aws?.stop());

async function command(args: string[], more: Partial<CommandIo> = {}) {
  const said = { out: "", err: "" };
  const settings = { ATELIER_MODE: "test", AWS_ENDPOINT_URL: aws.endpoint, AWS_REGION: "eu-west-1" };
  process.env.AWS_ACCESS_KEY_ID = aws.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = aws.secretAccessKey;
  const code = await runCommand({
    args,
    env: settings,
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    terminal: false,
    ...more,
  });
  return { code, ...said };
}

function queues(accountId: string): SQSClient {
  const credentials = assumedRole({
    endpoint: aws.endpoint,
    region: "eu-west-1",
    sessionName: "test",
    roleArn: `arn:aws:iam::${accountId}:role/OrganizationAccountAccessRole`,
    credentials: { accessKeyId: aws.accessKeyId, secretAccessKey: aws.secretAccessKey },
  });
  return new SQSClient(clientOptions({ region: "eu-west-1", credentials, endpoint: aws.endpoint }));
}

it("plans, asks for the account's id, removes only then, and says so by its exit code", async () => {
  const account = aws.accounts[0]?.id ?? "";
  const sqs = queues(account);
  await sqs.send(new CreateQueueCommand({ QueueName: "left-behind" }));
  const there = async () => (await sqs.send(new ListQueuesCommand({}))).QueueUrls?.length ?? 0;
  const only = ["--account", account, "--service", "sqs", "--service", "iam", "--gap", "0.1"];

  const plan = await command(["plan", ...only]);
  expect(plan).toMatchObject({ code: 1, out: expect.stringContaining("left-behind") });
  expect(plan.out).toContain("the Organization's way into the account");
  expect(await there()).toBe(1);

  expect((await command(["run", ...only])).code).toBe(3);
  expect((await command(["run", ...only, "--yes", "999999999999"])).code).toBe(3);
  expect((await command(["run", ...only], { ask: async () => "no" })).code).toBe(3);
  expect(await there()).toBe(1);

  const run = await command(["run", ...only, "--json"], { ask: async () => `${account}\n` });
  expect(run.code).toBe(0);
  expect(JSON.parse(run.out)).toMatchObject({ outcome: "clean", complete: false, accountId: account });
  expect(run.err).toContain("removed");
  expect(await there()).toBe(0);
  expect((await command(["plan", ...only])).code).toBe(0);
});

it("tells a mistyped command, region or service by exit code 2, before any call", async () => {
  const account = aws.accounts[1]?.id ?? "";
  expect((await command([])).code).toBe(2);
  expect((await command(["destroy", "--account", account])).code).toBe(2);
  expect((await command(["plan", "--account", "12"])).code).toBe(2);
  expect((await command(["plan", "--account", account, "--what"])).code).toBe(2);
  expect((await command(["plan", "--account", account, "--budget", "soon"])).code).toBe(2);
  expect((await command(["plan", "--account", account, "--service", "toaster"])).code).toBe(2);
  expect((await command(["plan", "--account", account, "--region", "mars-1"])).code).toBe(2);
  expect((await command(["--help"])).out).toContain("Exit codes");
});

it("refuses real AWS in demo and test", async () => {
  const bare = { ATELIER_MODE: "demo", AWS_REGION: "eu-west-1" };
  const account = aws.accounts[1]?.id ?? "";
  expect((await command(["plan", "--account", account], { env: bare })).code).toBe(3);
  const elsewhere = { ...bare, AWS_ENDPOINT_URL: "https://sts.amazonaws.com" };
  expect((await command(["plan", "--account", account], { env: elsewhere })).code).toBe(3);
});

it("lets one run at a time have an account", async () => {
  const account = aws.accounts[1]?.id ?? "";
  const path = join(tmpdir(), `atelier-cleaner-${account}.lock`);
  writeFileSync(path, String(process.ppid));
  const run = ["run", "--account", account, "--yes", account, "--service", "sqs", "--gap", "0"];
  expect(await command(run)).toMatchObject({ code: 3, err: expect.stringContaining("being cleaned already") });
  // Its process is gone: the lock is nobody's.
  writeFileSync(path, "0");
  expect((await command(run)).code).toBe(0);
  expect(existsSync(path)).toBe(false);
});

it("says why where it cannot get into the account, by exit code 4", async () => {
  const none = await command([
    "plan",
    "--account",
    aws.accounts[1]?.id ?? "",
    "--role",
    "NoSuchRole",
    "--service",
    "sqs",
  ]);
  expect(none.code).toBe(4);
  expect(none.err.trim()).not.toBe("");
});
