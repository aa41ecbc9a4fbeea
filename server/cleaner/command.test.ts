import { existsSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeOrganization, ensureUnit, moveAccount } from "@/server/aws/organizations";
import { lockPath } from "@/server/cleaner/records";
import { commandLine, queuesOf } from "@/server/cleaner/test-command";
import { type CloudEnv, parseCloudEnv } from "@/server/env";
import { startEmulator } from "@/server/testing/emulator";

let aws: Awaited<ReturnType<typeof startEmulator>>;
let command: ReturnType<typeof commandLine>["command"];
let cloud: CloudEnv;
beforeAll(async () => {
  aws = await startEmulator({ accounts: 4, regions: ["eu-west-1"] });
  const line = commandLine(aws);
  command = line.command;
  cloud = parseCloudEnv(line.env);
});
afterAll(() => aws?.stop());

const account = (index: number) => aws.accounts[index] ?? { id: "", name: "" };
const lockOf = (id: string) => lockPath(id, aws.endpoint);

it("plans, asks for the account's name, removes only then, and says so by its exit code", async () => {
  const { id, name } = account(0);
  const queues = queuesOf(aws, id);
  await queues.make("left-behind");
  const only = ["--account", id, "--service", "sqs", "--service", "iam"];

  const plan = await command(["plan", ...only]);
  expect(plan).toMatchObject({ code: 1, out: expect.stringContaining("left-behind") });
  expect(plan.out).toContain("the Organization's way into the account");
  expect(await queues.names()).toHaveLength(1);

  expect((await command(["run", ...only])).code).toBe(3);
  expect((await command(["run", ...only, "--yes", "999999999999"])).code).toBe(3);
  expect((await command(["run", ...only], { ask: async () => "no" })).code).toBe(3);
  // The id was typed once already: it is no second thought.
  expect((await command(["run", ...only], { ask: async () => id })).code).toBe(3);
  expect(await queues.names()).toHaveLength(1);

  const questions: string[] = [];
  const ask = async (question: string) => {
    questions.push(question);
    return `${name}\n`;
  };
  const run = await command(["run", ...only, "--gap", "0.1", "--json"], { ask });
  expect(questions).toEqual([expect.stringContaining(id)]);
  expect(run.code).toBe(0);
  expect(JSON.parse(run.out)).toMatchObject({ outcome: "clean", complete: false, accountId: id });
  expect(run.err).toContain("removed");
  expect(await queues.names()).toEqual([]);
  expect((await command(["plan", ...only])).code).toBe(0);
});

it("tells a mistyped command, region or service by exit code 2, before any call", async () => {
  const { id } = account(1);
  const wrong: [string[], string][] = [
    [[], "Say what to do"],
    [["destroy", "--account", id], 'no command "destroy"'],
    [["credentials"], "generate or revoke"],
    [["plan"], "Say which accounts"],
    [["plan", "--account", "12"], "12 digits"],
    [["plan", "--account", id, "--organization"], "one of"],
    [["plan", "--ou", "root"], "--ou takes"],
    [["plan", "--account", id, "--what"], "--what"],
    [["plan", "--account", id, "--yes", id], "not an option of plan"],
    [["plan", "--account", id, "--budget", "soon"], "--budget takes"],
    [["run", "--account", id, "--plan", "there-is-none.json"], "no plan file"],
    [["run", "--plan", "some.json", "--service", "s3"], "A plan file says which"],
    [["credentials", "generate", "--account", id, "--hours", "13"], "from 1 to 12"],
    [["plan", "--account", id, "--service", "toaster"], "toaster"],
    [["plan", "--account", id, "--region", "mars-1"], "mars-1"],
  ];
  for (const [args, said] of wrong) {
    const answer = await command(args);
    expect({ args, code: answer.code, err: answer.err }).toEqual({ args, code: 2, err: expect.stringContaining(said) });
    expect(answer.err).toContain("--help");
  }
  const env = { ATELIER_MODE: "test", AWS_ENDPOINT_URL: aws.endpoint, AWS_SIGNIN_URL: "nonsense" };
  const setting = await command(["plan", "--account", id], { env });
  expect(setting).toMatchObject({ code: 2, err: expect.stringContaining("AWS_SIGNIN_URL") });
  expect((await command(["--help"])).out).toContain("Exit codes");
});

it("refuses real AWS in demo and test", async () => {
  const bare = { ATELIER_MODE: "demo", AWS_REGION: "eu-west-1" };
  const { id } = account(1);
  expect((await command(["plan", "--account", id], { env: bare })).code).toBe(3);
  const elsewhere = { ...bare, AWS_ENDPOINT_URL: "https://sts.amazonaws.com" };
  expect((await command(["plan", "--account", id], { env: elsewhere })).code).toBe(3);
  expect((await command(["credentials", "generate", "--account", id], { env: elsewhere })).code).toBe(3);
});

it("lets one run at a time have an account, and status names its process", async () => {
  const { id } = account(1);
  writeFileSync(lockOf(id), String(process.ppid));
  const run = ["run", "--account", id, "--yes", id, "--service", "sqs", "--gap", "0"];
  expect(await command(run)).toMatchObject({ code: 3, err: expect.stringContaining("being cleaned already") });
  const status = await command(["status", "--account", id]);
  expect(status).toMatchObject({
    code: 0,
    out: expect.stringContaining(`being cleaned now by process ${process.ppid}`),
  });
  // Its process is gone: the lock is nobody's.
  writeFileSync(lockOf(id), "0");
  expect((await command(run)).code).toBe(0);
  expect(existsSync(lockOf(id))).toBe(false);
});

it("says why where it cannot get into the account, by exit code 4", async () => {
  const none = await command(["plan", "--account", account(1).id, "--role", "NoSuchRole", "--service", "sqs"]);
  expect(none.code).toBe(4);
  expect(none.err.trim()).not.toBe("");
});

it("never takes the management account, neither by its id nor as one of the Organization", async () => {
  const named = await command(["plan", "--account", aws.managementAccountId, "--service", "sqs"]);
  expect(named).toMatchObject({ code: 3, err: expect.stringContaining("management account") });
  const all = await command(["plan", "--organization", "--service", "sqs", "--json"]);
  const planned: { accountId: string }[] = JSON.parse(all.out).accounts;
  expect(planned.map((one) => one.accountId)).toEqual(aws.accounts.map(({ id }) => id).sort());
  expect(all.err).toContain(`Left out: ${aws.managementAccountId}`);
});

it("cleans the accounts of an Organization though one refuses, and tells each in the report and in status", async () => {
  const [refusing, other] = [account(2), account(3)];
  await queuesOf(aws, other.id).make("of-the-other");
  writeFileSync(lockOf(refusing.id), String(process.ppid));
  const run = ["run", "--organization", "--service", "sqs", "--gap", "0", "--parallel", "2", "--json"];
  expect((await command(run, { ask: async () => "yes" })).code).toBe(3);
  expect(await queuesOf(aws, other.id).names()).toEqual(["of-the-other"]);

  // What has to be typed stands in the question.
  const ask = async (question: string) => /Type (r-\w+)/.exec(question)?.[1] ?? "";
  const done = await command(run, { ask });
  writeFileSync(lockOf(refusing.id), "0");
  expect(done.code).toBe(3);
  const told: { accountId: string; code: number; error?: string }[] = JSON.parse(done.out).accounts;
  expect(told).toHaveLength(4);
  for (const one of told) expect(one.code).toBe(one.accountId === refusing.id ? 3 : 0);
  expect(told.find((one) => one.accountId === refusing.id)?.error).toContain("being cleaned already");
  expect(await queuesOf(aws, other.id).names()).toEqual([]);

  const status = JSON.parse((await command(["status", "--organization", "--json"])).out);
  const of = (id: string) => status.find((one: { account: string }) => one.account === id);
  expect(of(refusing.id)).toMatchObject({ name: refusing.name, state: "ACTIVE", lastRun: null });
  expect(of(other.id)).toMatchObject({
    lastRun: { outcome: "clean", left: 0, complete: false },
    cleanedByProcess: null,
  });
});

it("cleans what is under a unit, and nothing that is moved out of it meanwhile", async () => {
  const { rootId } = await describeOrganization(cloud);
  const unit = await ensureUnit(cloud, rootId, "sandboxes");
  const inside = await ensureUnit(cloud, unit, "ready");
  const { id } = account(3);
  await moveAccount(cloud, { accountId: id, to: inside });
  const queues = queuesOf(aws, id);
  await queues.make("of-the-unit");
  const run = ["run", "--ou", unit, "--service", "sqs", "--gap", "0", "--json"];
  // Moved in the moment after it was chosen: when the run asks who types.
  const moving = { ask: async () => moveAccount(cloud, { accountId: id, to: rootId }).then(() => unit) };
  const moved = await command(run, moving);
  expect(moved).toMatchObject({ code: 3, out: expect.stringContaining("no longer under") });
  expect(await queues.names()).toEqual(["of-the-unit"]);

  await moveAccount(cloud, { accountId: id, to: inside });
  const done = await command([...run, "--yes", unit]);
  expect(done.code).toBe(0);
  expect(JSON.parse(done.out).accounts.map((one: { accountId: string }) => one.accountId)).toEqual([id]);
  expect(await queues.names()).toEqual([]);
});

it("ends with 4 when it is stopped, says what was under way, and remembers it", async () => {
  const { id } = account(0);
  const queues = queuesOf(aws, id);
  await queues.make("in-the-middle");
  const stop = new AbortController();
  let err = "";
  // Stopped while it waits for the second proving pass.
  const said = (text: string) => {
    err += text;
    if (text.startsWith("Pass 2")) stop.abort(new Error("stopped by SIGINT"));
  };
  const run = ["run", "--account", id, "--yes", id, "--service", "sqs", "--gap", "600"];
  expect((await command(run, { signal: stop.signal, err: said })).code).toBe(4);
  expect(err).toMatch(/Stopped by SIGINT: after pass 2, waiting for the next.*Run it again to finish/);
  const status = await command(["status"]);
  expect(status.out).toMatch(new RegExp(`${id}.*failed`));
  expect(existsSync(lockOf(id))).toBe(false);
});
