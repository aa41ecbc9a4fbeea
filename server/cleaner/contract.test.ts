import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cleanerIndex } from "@/scripts/cleaner-index.mjs";
import { assumedRole, type ClientInput, clientOptions, isRead } from "@/server/aws/clients";
import type { Place, Service } from "@/server/cleaner/define";
import { type CleanEvent, type CleanOptions, type CleanParts, clean } from "@/server/cleaner/engine";
import { isMissing, sayError } from "@/server/cleaner/failures";
import { roleProtection } from "@/server/cleaner/protect";
import { loadServices } from "@/server/cleaner/services/index.generated";
import { seeds } from "@/server/testing/cleaner-seeds";
import { startEmulator } from "@/server/testing/emulator";
import { type FaultProxy, startFaultProxy } from "@/server/testing/faults";

/** Types that the emulator lists but cannot make: what they do when there is something to remove stands on reading alone. */
const onlyListed = new Set([
  "ec2/dedicated-host",
  "ec2/fleet",
  "ec2/spot-fleet",
  "ec2/spot-request",
  "rds/global-cluster",
  "rds/proxy",
  "vpc/carrier-gateway",
  "vpc/endpoint-service",
  "vpc/flow-log",
  "vpc/transit-gateway-peering",
]);

/** Types whose second removal the emulator answers with a 500 of its own: there it proves nothing. */
const emulatorFails = new Set([
  "api-gateway/rest-api",
  "api-gateway/usage-plan",
  "rds/cluster",
  "sns/platform-application",
  "ssm/patch-baseline",
  "vpc/network-acl-entry",
  "vpc/prefix-list",
  "vpc/transit-gateway",
  "vpc/transit-gateway-vpc-attachment",
]);

const regions = ["eu-west-1", "us-east-1"];
let aws: Awaited<ReturnType<typeof startEmulator>>;
let proxy: FaultProxy;
let services: readonly Service[];

beforeAll(async () => {
  aws = await startEmulator({ accounts: 4, regions });
  proxy = await startFaultProxy(aws.endpoint);
  services = await loadServices();
});
afterAll(async () => {
  await proxy?.stop();
  await aws?.stop();
});

function account(index: number): { accountId: string; input(region: string): ClientInput } {
  const accountId = aws.accounts[index]?.id ?? "";
  const base = { accessKeyId: aws.accessKeyId, secretAccessKey: aws.secretAccessKey };
  const endpoint = proxy.endpoint;
  const roleArn = `arn:aws:iam::${accountId}:role/OrganizationAccountAccessRole`;
  const credentials = assumedRole({ endpoint, region: "us-east-1", sessionName: "test", roleArn, credentials: base });
  return { accountId, input: (region) => ({ region, credentials, endpoint }) };
}

async function cleanIt(index: number, options: Partial<CleanOptions> = {}, parts: Partial<CleanParts> = {}) {
  const { accountId, input } = account(index);
  const events: CleanEvent[] = [];
  const report = await clean(
    { accountId, credentials: input("us-east-1").credentials },
    {
      mode: "run",
      endpoint: proxy.endpoint,
      minimumGapSeconds: 0.5,
      budgetSeconds: 180,
      onEvent: (event) => events.push(event),
      ...options,
    },
    parts,
  );
  return { report, events };
}

async function seed(index: number, only?: string[]): Promise<void> {
  const { input, accountId } = account(index);
  for (const [id, make] of Object.entries(seeds)) {
    if (only && !only.includes(id)) continue;
    const service = services.find((one) => one.id === id);
    for (const region of service?.scope === "global" && id !== "s3" ? ["us-east-1"] : regions) {
      await make(input(region), `${region}-${accountId}`).catch((error: unknown) => {
        throw new Error(`Seeding ${id} in ${region}: ${sayError(error)}`);
      });
    }
  }
}

/** Every resource that is to go, found by the service files themselves. */
async function everything(index: number) {
  const { accountId, input } = account(index);
  const found: { id: string; resource: string; again(): Promise<void> }[] = [];
  for (const service of services) {
    for (const region of service.scope === "global" ? ["us-east-1"] : regions) {
      const client = (other: string) => service.client(clientOptions({ ...input(other), attempts: 1 }));
      const place: Place<ReturnType<typeof client>> = {
        client: client(region),
        region,
        accountId,
        partition: "aws",
        inRegion: client,
        protectedRole: roleProtection(["Atelier*"], new Set([accountId])),
        wait: async () => {},
      };
      for (const type of service.types) {
        for await (const resource of type.list(place)) {
          if (resource.protected) continue;
          found.push({
            id: `${service.id}/${type.id}`,
            resource: resource.id,
            again: () => type.attempt(place, resource),
          });
        }
      }
    }
  }
  return found;
}

/** Removes what is gone already: which errors are not taken as "gone", and which types the emulator itself fails on. */
async function tryAgain(there: Awaited<ReturnType<typeof everything>>) {
  const trouble: string[] = [];
  const silent = new Set<string>();
  const once = new Map(there.map((one) => [one.id, one]));
  for (const one of once.values()) {
    await one.again().catch((error: unknown) => {
      if (isMissing(error)) return;
      const status = (error as { $response?: { statusCode?: number } }).$response?.statusCode;
      if (status === 500) silent.add(one.id);
      else trouble.push(`${one.id} ${one.resource}: ${sayError(error)}`);
    });
  }
  return { trouble, silent };
}

describe("every service file", () => {
  it("is in the generated index, which is up to date", async () => {
    const { readFile } = await import("node:fs/promises");
    const path = new URL("./services/index.generated.ts", import.meta.url);
    expect(await readFile(path, "utf8")).toBe(cleanerIndex());
  });

  it("names only types that exist, in an order without circles", () => {
    const types = new Map(
      services.flatMap((service) => service.types.map((type) => [`${service.id}/${type.id}`, type])),
    );
    for (const [id, type] of types) {
      for (const before of type.after ?? []) expect(types.has(before), `${id} goes after ${before}`).toBe(true);
    }
    const done = new Set<string>();
    for (let last = -1; last !== done.size; ) {
      last = done.size;
      for (const [id, type] of types) if ((type.after ?? []).every((before) => done.has(before))) done.add(id);
    }
    expect([...types.keys()].filter((id) => !done.has(id))).toEqual([]);
  });

  it("has something to seed it with", () => {
    expect(Object.keys(seeds).sort()).toEqual(services.map((service) => service.id).sort());
  });

  it("has its row in docs/cleaner.md", async () => {
    const { readFile } = await import("node:fs/promises");
    const text = await readFile(new URL("../../docs/cleaner.md", import.meta.url), "utf8");
    const row = (service: Service) => {
      const types = service.types.map((type) => `${type.id}${onlyListed.has(`${service.id}/${type.id}`) ? "\\*" : ""}`);
      return `| \`${service.id}\` | ${service.title} | ${service.scope} | ${types.join(", ")} |`;
    };
    const table = ["| file | service | scope | types |", "|---|---|---|---|", ...services.map(row)].join("\n");
    expect(text.split(/<!-- \/?services -->/)[1]?.trim()).toBe(table);
  });

  it("tells AccessDenied from empty: no list that is refused counts as anything but unknown", async () => {
    proxy.use((call) =>
      call.service === "sts" || call.service === "organizations" || call.operation === "DescribeRegions"
        ? undefined
        : "denied",
    );
    const { report, events } = await cleanIt(0, { mode: "plan" });
    proxy.use();
    const outcomes = events.flatMap((event) =>
      event.kind === "cell_ended" ? [`${event.service}/${event.type} ${event.outcome}`] : [],
    );
    expect(outcomes.filter((outcome) => !outcome.endsWith(" unknown"))).toEqual([]);
    expect(new Set(outcomes).size).toBe(report.types);
  });

  it("plans without a write, removes everything, takes gone as gone, and ends with two empty passes", async () => {
    await seed(1);
    const there = await everything(1);
    const seeded = new Set(there.map((one) => one.id));
    const types = services.flatMap((service) => service.types.map((type) => `${service.id}/${type.id}`));
    expect(new Set(types.filter((id) => !seeded.has(id)))).toEqual(onlyListed);

    const before = proxy.calls.length;
    const plan = await cleanIt(1, { mode: "plan" });
    const calls = proxy.calls.slice(before).filter((call) => call.service !== "sts");
    expect(calls.filter((call) => !/^(GET|HEAD) /.test(call.operation) && !isRead(call.operation))).toEqual([]);
    expect(plan.report).toMatchObject({ outcome: "planned", leftCount: there.length, unknown: [] });

    const { report } = await cleanIt(1);
    expect(report.left).toEqual([]);
    expect(report).toMatchObject({ outcome: "clean", leftCount: 0, unknown: [] });
    expect(report.passes.slice(-2).map((pass) => pass.found)).toEqual([0, 0]);
    const kept = report.kept.map((one) => one.id);
    expect(kept).toEqual(expect.arrayContaining(["OrganizationAccountAccessRole", "AtelierLease-x"]));

    expect(await tryAgain(there)).toEqual({ trouble: [], silent: emulatorFails });
  }, 240_000);
});
