import * as sdk from "@aws-sdk/client-cloudcontrol";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { assumedRole, clientOptions } from "@/server/aws/clients";
import { type CleanEvent, type CleanOptions, type CleanParts, clean } from "@/server/cleaner/engine";
import { castNet, type NetPlace } from "@/server/cleaner/net";
import { reasonToKeep, removableTypes } from "@/server/cleaner/net-rules";
import { askedTypes, knownTypes, listableTypes, unlistedServices } from "@/server/cleaner/net-types";
import { loadServices } from "@/server/cleaner/services/index.generated";
import type { CleanerClock } from "@/server/cleaner/time";
import { DoubleError, defineDouble, type Shape } from "@/server/testing/double";
import { startEmulator } from "@/server/testing/emulator";
import { type FaultProxy, startFaultProxy } from "@/server/testing/faults";

const regions = ["eu-west-1", "us-east-1"];
const stray = "AWS::GroundStation::MissionProfile";
const allowed = "AWS::Synthetics::Canary";

// --- Cloud Control, as far as the net uses it --------------------------------------------------------------------------

/** What there is: "<account> <region> <type>" → identifiers. Answers that fail, and removals that are under way, besides. */
const there = new Map<string, string[]>();
const failing = new Map<string, DoubleError>();
const undead = new Set<string>();
const going = new Map<string, () => void>();

const key = (place: { accountId: string; region: string }, type: string) =>
  `${place.accountId} ${place.region} ${type}`;

const double = defineDouble({
  sdk,
  client: sdk.CloudControlClient,
  answers: {
    ListResources: (store, input) => {
      const type = String(input.TypeName);
      const failure = failing.get(type);
      if (failure) throw failure;
      const all = there.get(key(store, type)) ?? [];
      const start = Number(input.NextToken ?? 0);
      const page = all
        .slice(start, start + 2)
        .map((id) => ({ Identifier: id, Properties: JSON.stringify({ Id: id }) }));
      const more = start + 2 < all.length ? { NextToken: String(start + 2) } : {};
      return { TypeName: type, ResourceDescriptions: page, ...more };
    },
    DeleteResource: (store, input) => {
      const place = key(store, String(input.TypeName));
      const token = `token-${going.size}`;
      going.set(token, () => {
        if (undead.has(String(input.Identifier))) return;
        there.set(
          place,
          (there.get(place) ?? []).filter((id) => id !== input.Identifier),
        );
      });
      return { ProgressEvent: { OperationStatus: "IN_PROGRESS", RequestToken: token } };
    },
    GetResourceRequestStatus: (_store, input): Shape => {
      going.get(String(input.RequestToken))?.();
      return { ProgressEvent: { OperationStatus: "SUCCESS", RequestToken: input.RequestToken } };
    },
  },
});

let aws: Awaited<ReturnType<typeof startEmulator>>;
let proxy: FaultProxy;
let next = 0;

beforeAll(async () => {
  aws = await startEmulator({ accounts: 16, regions });
  proxy = await startFaultProxy(aws.endpoint, [double]);
});
afterEach(() => {
  proxy.use();
  failing.clear();
});
afterAll(async () => {
  await proxy?.stop();
  await aws?.stop();
});

function takeAccount() {
  const accountId = aws.accounts[next++]?.id ?? "";
  const credentials = assumedRole({
    endpoint: proxy.endpoint,
    region: "us-east-1",
    sessionName: "test",
    roleArn: `arn:aws:iam::${accountId}:role/OrganizationAccountAccessRole`,
    credentials: { accessKeyId: aws.accessKeyId, secretAccessKey: aws.secretAccessKey },
  });
  return { accountId, credentials };
}

const fewTypes = [stray, allowed, "AWS::RDS::OptionGroup", "AWS::Budgets::BudgetsAction", "AWS::SQS::Queue"];

async function cleanIt(
  account: ReturnType<typeof takeAccount>,
  options: Partial<CleanOptions> = {},
  parts: Partial<CleanParts> = {},
) {
  const events: CleanEvent[] = [];
  const before = proxy.calls.length;
  const report = await clean(
    account,
    {
      mode: "run",
      endpoint: proxy.endpoint,
      minimumGapSeconds: 0.1,
      budgetSeconds: 100,
      net: { reach: "all", callsPerSecond: 2_000 },
      onEvent: (event) => events.push(event),
      ...options,
    },
    {
      services: async () => (await loadServices()).filter(({ id }) => id === "sqs"),
      netTypes: fewTypes,
      random: () => 0,
      ...parts,
    },
  );
  const calls = proxy.calls.slice(before).filter((call) => call.service === "cloudcontrolapi");
  return { report, events, calls };
}

const put = (account: { accountId: string }, region: string, type: string, ...ids: string[]) =>
  there.set(key({ accountId: account.accountId, region }, type), ids);

// --- What it guarantees ------------------------------------------------------------------------------------------------

describe("an account that the service files found empty", () => {
  it("stays clean when every type that nobody else answers for is listed empty, each where it belongs", async () => {
    const account = takeAccount();
    put(account, "eu-west-1", "AWS::RDS::OptionGroup", "default:mysql-8-0", "default:postgres-17");
    put(account, "us-east-1", "AWS::ECR::RegistryScanningConfiguration", account.accountId);
    const { report, calls } = await cleanIt(account, {}, { netTypes: listableTypes });
    expect(report).toMatchObject({ outcome: "clean", leftCount: 0, complete: true });
    expect(report.reason).toContain("the Cloud Control API found nothing else");
    const net = report.net;
    expect(net).toMatchObject({ complete: true, foundCount: 0, unansweredCount: 0, notLooked: 0, regions });
    expect(net?.types).toBeGreaterThan(500);
    expect(net?.kept).toEqual([{ type: "AWS::RDS::OptionGroup", count: 2, reason: "a default option group" }]);
    expect(net?.calls).toBe(calls.length);
    expect(calls.filter((call) => call.region === "us-west-2").length).toBeGreaterThan(10);
    expect(new Set(calls.map((call) => call.operation))).toEqual(new Set(["ListResources"]));
  }, 60_000);

  it("is not clean when the net finds what no service file knows, and says what it is", async () => {
    const account = takeAccount();
    put(account, "eu-west-1", stray, "one", "two", "three");
    const { report, events } = await cleanIt(account);
    expect(report).toMatchObject({ outcome: "dirty", leftCount: 3 });
    expect(report.reason).toBe(
      `The Cloud Control API found what no service file knows: ${stray} one (eu-west-1) and 2 more`,
    );
    const reason = `found by the Cloud Control API; no service file knows ${stray}`;
    expect(report.left).toContainEqual({
      service: "cloud-control",
      type: stray,
      region: "eu-west-1",
      id: "three",
      reason,
    });
    const told = events.filter((event) => event.kind === "resource" || event.kind === "cell_ended");
    expect(told).toContainEqual(
      expect.objectContaining({ kind: "resource", type: stray, id: "two", outcome: "found", reason }),
    );
    // A cell is told only where something was found.
    const cells = told.filter((event) => event.kind === "cell_ended" && event.service === "cloud-control");
    expect(cells).toMatchObject([{ type: stray, region: "eu-west-1", outcome: "found", count: 3 }]);
  });

  it("is rid of what the allow list names, and then proved anew by service files and net", async () => {
    const account = takeAccount();
    put(account, "eu-west-1", allowed, "left-behind");
    const { report, events, calls } = await cleanIt(account);
    expect(report).toMatchObject({ outcome: "clean", leftCount: 0, net: { removed: 1, foundCount: 0 } });
    expect(calls.filter((call) => call.operation === "DeleteResource")).toHaveLength(1);
    const outcomes = events.flatMap((event) => (event.kind === "resource" ? [event.outcome] : []));
    expect(outcomes).toEqual(["found", "deleting", "removed"]);
    // Two looks, the net, its region again, everything again, the net again.
    expect(report.passes.map(({ cells, full, found }) => [cells, full, found])).toEqual([
      [2, true, 0],
      [2, true, 0],
      [1, false, 1],
      [1, false, 0],
      [2, true, 0],
      [1, false, 0],
    ]);
    expect(events.at(-1)).toMatchObject({ kind: "run_ended", outcome: "clean" });
  }, 20_000);

  it("is not clean when what is said to be removed is listed again", async () => {
    const account = takeAccount();
    undead.add("zombie");
    put(account, "us-east-1", allowed, "zombie");
    const { report } = await cleanIt(account);
    expect(report).toMatchObject({ outcome: "dirty", leftCount: 1, left: [{ type: allowed, id: "zombie" }] });
  }, 20_000);

  it.each([
    ["a handler that fails", new DoubleError("HandlerFailureException", 502, "the handler broke")],
    ["a type that is denied", new DoubleError("AccessDeniedException", 400, "not authorized")],
  ])("stays clean in spite of %s, which is named", async (_what, failure) => {
    const account = takeAccount();
    failing.set(stray, failure);
    const { report } = await cleanIt(account);
    expect(report.outcome).toBe("clean");
    expect(report.reason).toContain("2 of its lists had no answer");
    expect(report.net).toMatchObject({ complete: false, unansweredCount: 2, foundCount: 0 });
    expect(report.net?.unanswered).toEqual([
      { type: stray, regions, error: expect.stringContaining(`${failure.name}: ${failure.message}`) },
    ]);
  });

  it("counts a type that a region does not have as unavailable, by AWS's own word", async () => {
    const account = takeAccount();
    failing.set(stray, new DoubleError("TypeNotFoundException", 400, "no such type"));
    failing.set(allowed, new DoubleError("UnsupportedActionException", 400, "no list"));
    const { report } = await cleanIt(account);
    expect(report.net).toMatchObject({ complete: true, unavailable: 4, unansweredCount: 0 });
  });

  it("says that the net saw nothing where the whole API is denied, and asks no further", async () => {
    const account = takeAccount();
    proxy.use((call) => (call.service === "cloudcontrolapi" ? "denied" : undefined));
    const { report, calls } = await cleanIt(account, {}, { netTypes: listableTypes });
    expect(report.outcome).toBe("clean");
    expect(report.reason).toMatch(
      /the Cloud Control API saw nothing below: \d+ of its lists had no answer, AccessDenied/,
    );
    expect(report.net).toMatchObject({ complete: false, answered: 0 });
    expect(report.net?.unanswered).toHaveLength(50);
    expect(calls.length).toBeLessThan(150);
  });

  it("says what there was no time for", async () => {
    const account = takeAccount();
    const { report } = await cleanIt(account, { net: { reach: "all", budgetSeconds: 0 } });
    expect(report.outcome).toBe("clean");
    expect(report.net).toMatchObject({ complete: false, answered: 0, notLooked: 7 });
    expect(report.reason).toContain("there was no time for 7");
  });
});

describe("where and when it is cast", () => {
  it("is never cast in a plan, nor before the service files find nothing, nor unless it is asked for", async () => {
    const account = takeAccount();
    put(account, "eu-west-1", allowed, "left-behind");
    const plan = await cleanIt(account, { mode: "plan" });
    expect(plan.calls).toEqual([]);
    const off = await cleanIt(account, { net: { reach: "off" } });
    expect(off.calls).toEqual([]);
    expect(off.report.net).toBeUndefined();
    proxy.use((call) => (call.service === "sqs" ? "denied" : undefined));
    const dirty = await cleanIt(account);
    expect(dirty.report.outcome).toBe("dirty");
    expect(dirty.calls).toEqual([]);
  }, 20_000);

  it("removes nothing in a run that was narrowed to services or that may not, and names it", async () => {
    const account = takeAccount();
    put(account, "eu-west-1", allowed, "left-behind");
    for (const options of [{ services: ["sqs"] }, { net: { reach: "all", removes: false } as const }]) {
      const { report, calls } = await cleanIt(account, options);
      expect(report).toMatchObject({ outcome: "dirty", left: [{ type: allowed, id: "left-behind" }] });
      expect(calls.map((call) => call.operation)).not.toContain("DeleteResource");
    }
  });

  it("looks in the home region and where the run found something, when it is to look where the account was used", async () => {
    const account = takeAccount();
    put(account, "eu-west-1", stray, "hidden");
    const untouched = await cleanIt(account, { net: { reach: "used" } });
    expect(untouched.report).toMatchObject({ outcome: "clean", net: { regions: ["us-east-1"] } });
    const { credentials } = account;
    const sqs = new SQSClient(clientOptions({ region: "eu-west-1", credentials, endpoint: proxy.endpoint }));
    await sqs.send(new CreateQueueCommand({ QueueName: "used" }));
    const used = await cleanIt(account, { net: { reach: "used" } });
    expect(used.report).toMatchObject({ outcome: "dirty", net: { regions }, left: [{ id: "hidden" }] });
  }, 20_000);

  it("does not ask for types that are left out by a setting", async () => {
    const account = takeAccount();
    put(account, "us-east-1", stray, "made-by-aws");
    const { report } = await cleanIt(account, { net: { reach: "all", except: [stray] } });
    expect(report.outcome).toBe("clean");
  });
});

it("never makes more calls to a region than its rate allows, throttled and repeated ones included", async () => {
  // The SDK's own pauses pass in real time: only the net's pace moves this clock, and nothing is ever late.
  let time = 0;
  const clock: CleanerClock = {
    now: () => new Date(time),
    wait: async (milliseconds) => {
      if (milliseconds > 60_000) return new Promise(() => {});
      const until = time + milliseconds;
      await new Promise(setImmediate);
      time = Math.max(time, until);
    },
  };
  const sent = new Map<string, number[]>();
  let count = 0;
  const handle = async () => {
    const throttled = ++count % 10 === 0;
    const body = throttled ? { __type: "ThrottlingException", message: "slower" } : { ResourceDescriptions: [] };
    const response = {
      statusCode: throttled ? 400 : 200,
      headers: { "content-type": "application/x-amz-json-1.0" },
      body: new TextEncoder().encode(JSON.stringify(body)),
    };
    return { response };
  };
  const place: NetPlace = {
    accountId: "111122223333",
    homeRegion: "us-east-1",
    regions,
    types: listableTypes.slice(0, 60),
    options: { reach: "all", callsPerSecond: 4 },
    clock,
    signal: new AbortController().signal,
    protectedRole: () => undefined,
    input: (region) => ({
      region,
      credentials: { accessKeyId: "x", secretAccessKey: "x" },
      random: () => -1,
      handler: {
        handle: (() => {
          sent.set(region, [...(sent.get(region) ?? []), time]);
          return handle();
        }) as never,
      },
    }),
  };
  const net = castNet(place);
  await net.look();
  expect(net.report()).toMatchObject({ complete: true, answered: net.cells });
  expect(net.report().calls).toBeGreaterThan(net.cells);
  for (const times of sent.values()) {
    // The n-th call no earlier than n intervals after the first.
    for (const [n, at] of times.entries()) expect(at).toBeGreaterThanOrEqual(n * 250);
  }
}, 60_000);

describe("what it keeps", () => {
  const own = "111122223333";
  const where = { accountId: own, region: "eu-west-1", protectedRole: () => undefined };
  const replication = (...rules: object[]) => ({ ReplicationConfiguration: { Rules: rules } });

  it.each([
    ["AWS::RAM::Permission", "arn:aws:ram::aws:permission/AWSRAMDefaultPermissionSubnet", {}, "published by AWS"],
    ["AWS::RAM::ResourceShare", "arn:aws:ram:eu-west-1:999999999999:resource-share/1", {}, "another account's"],
    ["AWS::Cassandra::Table", "system_schema|tables", {}, "Keyspaces' system keyspace"],
    ["AWS::S3::StorageLens", "default-account-dashboard", {}, "S3 Storage Lens's own"],
    ["AWS::EventSchemas::Registry", "arn:aws:schemas:eu-west-1::registry/aws.events", {}, "EventBridge's own"],
    ["AWS::SES::DedicatedIpPool", "ses-shared-pool", {}, "SES's own"],
    [
      "AWS::Route53Resolver::FirewallDomainList",
      "rslvr-fdl-1",
      { Name: "AWSManagedDomainsBotnet" },
      "DNS Firewall's own",
    ],
    ["AWS::ECR::SigningConfiguration", own, {}, "a setting that every account has"],
    ["AWS::ECR::ReplicationConfiguration", own, replication(), "a setting that every account has"],
  ])("keeps %s %s, and says why", (type, id, properties, reason) => {
    expect(reasonToKeep(type, id, properties, where)).toContain(reason);
  });

  it.each([
    ["AWS::RAM::ResourceShare", `arn:aws:ram:eu-west-1:${own}:resource-share/1`, {}],
    ["AWS::Cassandra::Table", "systematic|tables", {}],
    ["AWS::S3::StorageLens", "default-looking", {}],
    ["AWS::Route53Resolver::FirewallDomainList", "rslvr-fdl-2", { Name: "theirs" }],
    // What sends images to an outsider, or lets one write them, is no setting.
    ["AWS::ECR::ReplicationConfiguration", own, replication({ Destinations: [{ RegistryId: "999999999999" }] })],
    ["AWS::ECR::RegistryPolicy", own, {}],
    ["AWS::S3::AccessGrantsInstance", own, {}],
  ])("does not keep %s %s", (type, id, properties) => {
    expect(reasonToKeep(type, id, properties, where)).toBeUndefined();
  });
});

describe("its tables", () => {
  it("name only types that exist: those of service files on the left, those that can be listed on the right", async () => {
    const services = await loadServices();
    const ids = new Set(services.flatMap(({ id, types }) => types.map((type) => `${id}/${type.id}`)));
    expect(Object.keys(knownTypes).filter((id) => !ids.has(id))).toEqual([]);
    const named = Object.values(knownTypes).flatMap((text) => text.split(" ").map((name) => `AWS::${name}`));
    const listable = new Set(listableTypes);
    expect([...named, ...removableTypes].filter((name) => !listable.has(name))).toEqual([]);
    expect(listable.size).toBe(1_032);
  });

  it("have a row for every service file, or say why there is none", async () => {
    const rows = new Set([...Object.keys(knownTypes).map((id) => id.split("/")[0]), ...Object.keys(unlistedServices)]);
    const missing = (await loadServices()).map(({ id }) => id).filter((id) => !rows.has(id));
    expect(missing, "add their CloudFormation types to server/cleaner/net-types.ts").toEqual([]);
  });

  it("let the net remove nothing that a service file knows", () => {
    const asked = new Set(askedTypes(listableTypes, []));
    expect([...removableTypes].filter((type) => !asked.has(type))).toEqual([]);
  });
});
