import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { signingKey, writePlan } from "@/server/cleaner/plan-file";
import { commandLine, queuesOf } from "@/server/cleaner/test-command";
import { startEmulator } from "@/server/testing/emulator";

let aws: Awaited<ReturnType<typeof startEmulator>>;
let line: ReturnType<typeof commandLine>;
beforeAll(async () => {
  aws = await startEmulator({ accounts: 2, regions: ["eu-west-1", "eu-central-1"] });
  line = commandLine(aws);
});
afterAll(() => aws?.stop());

const id = (index: number) => aws.accounts[index]?.id ?? "";
const only = ["--service", "sqs", "--region", "eu-west-1"];

async function planned(name: string, more: string[] = [], over = {}) {
  const path = join(line.folder, name);
  const plan = await line.command(["plan", "--account", id(0), ...only, "--out", path, ...more], over);
  return { path, plan };
}

it("removes by a plan without another question, only in its regions and services, and says what turned up since", async () => {
  const queues = queuesOf(aws, id(0));
  await queues.make("planned");
  await queues.make("went-by-itself");
  const { path, plan } = await planned("plan.json");
  expect(plan).toMatchObject({ code: 1, err: expect.stringContaining(path) });
  const file = JSON.parse(readFileSync(path, "utf8"));
  expect(file.accounts).toEqual([
    expect.objectContaining({ id: id(0), regions: ["eu-west-1"], services: ["sqs"], counts: { sqs: 2 } }),
  ]);
  await queues.make("turned-up");
  await queues.remove("went-by-itself");

  const run = await line.command(["run", "--plan", path, "--gap", "0", "--json"]);
  expect(run.code).toBe(0);
  expect(run.err).toMatch(/Since the plan 1 turned up \(sqs\/queue@eu-west-1 .*turned-up\), 1 went/);
  expect(JSON.parse(run.out)).toMatchObject({
    regions: ["eu-west-1"],
    services: ["sqs"],
    sincePlan: { same: false, freshCount: 1, goneCount: 1 },
  });
  expect(await queues.names()).toEqual([]);
  // The same plan again finds nothing of what it names.
  const again = await line.command(["run", "--plan", path, "--gap", "0"]);
  expect(again).toMatchObject({ code: 0, out: expect.stringContaining("Since the plan 0 turned up, 2 went") });
});

it("refuses a plan that was changed, has expired, is for another account or was signed elsewhere, and touches nothing", async () => {
  const queues = queuesOf(aws, id(0));
  await queues.make("stays");
  const { path } = await planned("refused.json", ["--expires", "60"]);
  const text = readFileSync(path, "utf8");
  const refusal = async (over = {}, more: string[] = []) => {
    const { code, err } = await line.command(["run", "--plan", path, "--gap", "0", ...more], over);
    expect(code).toBe(3);
    return err;
  };

  for (const changed of [
    text.replaceAll(id(0), id(1)),
    text.replace('"regions": [\n        "eu-west-1"', '"regions": [\n        "eu-central-1"'),
    text.replace(/"expires": "2\d/, '"expires": "29'),
    text.replace('"whole": false', '"whole": true'),
  ]) {
    expect(changed).not.toBe(text);
    writeFileSync(path, changed);
    expect(await refusal()).toContain("was changed since it was made");
  }
  for (const broken of ["", "{}", text.slice(0, -20), text.replace('"version": 1', '"version": 2')]) {
    writeFileSync(path, broken);
    expect(await refusal()).toContain("is no plan file");
  }
  writeFileSync(path, text);
  expect(await refusal({}, ["--account", id(1)])).toContain(`not for account ${id(1)}`);
  expect(await refusal({ now: () => new Date(Date.now() + 61_000) })).toContain("expired at");
  const elsewhere = { ...line.env, ATELIER_CLEANER_KEY: "a-key-of-another-machine-entirely-000" };
  expect(await refusal({ env: elsewhere })).toContain("signed with another key");
  const otherPort = { ...line.env, AWS_ENDPOINT_URL: "http://127.0.0.1:9" };
  expect(await refusal({ env: otherPort })).toContain("not where this run would go");
  expect((await queues.names()).length).toBe(1);
});

it("signs with a key that this user alone can read, or with the one of the environment on every machine", async () => {
  const key = join(line.env.ATELIER_CLEANER_STATE, "plan.key");
  const { path } = await planned("own-key.json");
  expect(statSync(key).mode & 0o777).toBe(0o600);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, "utf8")).not.toContain(readFileSync(key, "utf8").trim());
  chmodSync(key, 0o644);
  expect((await line.command(["run", "--plan", path])).err).toContain("can be read by others");
  chmodSync(key, 0o600);

  const here = { ...line.env, ATELIER_CLEANER_KEY: "one-key-for-two-machines-0123456789" };
  const shared = await planned("shared-key.json", [], { env: here });
  const there = { ...here, ATELIER_CLEANER_STATE: join(line.folder, "another-machine") };
  const run = ["run", "--plan", shared.path, "--gap", "0"];
  expect((await line.command(run, { env: there })).code).toBe(0);
  expect((await line.command(run, { env: { ...here, ATELIER_CLEANER_KEY: "short" } })).code).toBe(2);
});

it("removes in those accounts of a plan that are named, and in no other", async () => {
  const [first, second] = [queuesOf(aws, id(0)), queuesOf(aws, id(1))];
  await first.make("not-named");
  await second.make("named");
  const { path } = await planned("two.json", ["--account", id(1)]);
  const run = await line.command(["run", "--plan", path, "--account", id(1), "--gap", "0"]);
  expect(run.code).toBe(0);
  expect(await second.names()).toEqual([]);
  expect(await first.names()).toContain("not-named");
});

it("refuses to go by a plan of the whole account where a region was enabled that it does not name", async () => {
  const whole = join(line.folder, "whole.json");
  await line.command(["plan", "--account", id(1), "--out", whole, ...only]);
  const file = JSON.parse(readFileSync(whole, "utf8"));
  // As a plan of everything from before eu-central-1 was enabled, signed with this machine's key.
  const { key: _key, signature: _signature, ...plan } = file;
  writePlan(whole, { ...plan, whole: true }, signingKey(line.env));
  const run = await line.command(["run", "--plan", whole, "--gap", "0"]);
  expect(run).toMatchObject({ code: 3, err: expect.stringContaining("eu-central-1 was enabled since the plan") });
});
