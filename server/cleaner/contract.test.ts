import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backingIndex, cleanerIndex } from "@/scripts/cleaner-index.mjs";
import { assumedRole, type ClientInput, clientOptions, isRead } from "@/server/aws/clients";
import type { Place, Service } from "@/server/cleaner/define";
import { type CleanEvent, type CleanOptions, type CleanParts, clean } from "@/server/cleaner/engine";
import { isMissing, sayError } from "@/server/cleaner/failures";
import { roleProtection } from "@/server/cleaner/protect";
import { loadServices } from "@/server/cleaner/services/index.generated";
import type { Backing } from "@/server/testing/cleaner/backing";
import { backings } from "@/server/testing/cleaner/index.generated";
import { startEmulator } from "@/server/testing/emulator";
import { type FaultProxy, startFaultProxy } from "@/server/testing/faults";

const regions = ["eu-west-1", "us-east-1"];
let aws: Awaited<ReturnType<typeof startEmulator>>;
let proxy: FaultProxy;
let services: readonly Service[];
let backed: ReadonlyMap<string, Backing>;

beforeAll(async () => {
  services = await loadServices();
  const loaded = Object.entries(backings).map(async ([id, load]) => [id, (await load()).backing] as const);
  backed = new Map(await Promise.all(loaded));
  aws = await startEmulator({ accounts: 4, regions });
  proxy = await startFaultProxy(
    aws.endpoint,
    [...backed.values()].flatMap(({ double }) => double ?? []),
  );
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

/** Answers how many of each type the double must list, in all regions. */
async function seed(index: number, id: string): Promise<Map<string, number>> {
  const { input, accountId } = account(index);
  const { double, seed: make } = backed.get(id) ?? {};
  const counts = new Map<string, number>();
  const global = services.find((one) => one.id === id)?.scope === "global";
  // Buckets live in regions, though they are listed once.
  for (const region of global && id !== "s3" ? ["us-east-1"] : regions) {
    await make?.(input(region), `${region}-${accountId}`).catch((error: unknown) => {
      throw new Error(`Seeding ${id} in ${region}: ${sayError(error)}`);
    });
    for (const [kind, count] of Object.entries(double?.seed({ region, accountId }) ?? {})) {
      counts.set(`${id}/${kind}`, (counts.get(`${id}/${kind}`) ?? 0) + count);
    }
  }
  return counts;
}

/** Every resource that is to go, found by the service files themselves. */
async function everything(index: number, only?: string) {
  const { accountId, input } = account(index);
  const found: { id: string; resource: string; again(): Promise<void> }[] = [];
  for (const service of services) {
    if (only && service.id !== only) continue;
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

  it("has something that backs it in the tests", async () => {
    expect([...backed.keys()]).toEqual(services.map((service) => service.id));
    const { readFile } = await import("node:fs/promises");
    const path = new URL("../testing/cleaner/index.generated.ts", import.meta.url);
    expect(await readFile(path, "utf8")).toBe(backingIndex());
  });

  it("has its row in docs/cleaner-services.md, with what it was tried on", async () => {
    const rows = services.map((service) => {
      const { double, onlyListed = [] } = backed.get(service.id) ?? {};
      const mark = (type: string) => (onlyListed.includes(type) ? "\\*" : double?.kinds.includes(type) ? "°" : "");
      const types = service.types.map((type) => `${type.id}${mark(type.id)}`);
      const onDouble = types.filter((type) => type.endsWith("°")).length;
      const on = onDouble === 0 ? "emulator" : onDouble === types.length ? "double" : "emulator, double";
      return `| \`${service.id}\` | ${service.title} | ${service.scope} | ${types.join(", ")} | ${on} |`;
    });
    const count = services.reduce((sum, service) => sum + service.types.length, 0);
    const text = `# What the cleaner knows: ${services.length} services, ${count} types

Written by the contract test (\`vitest run server/cleaner/contract.test.ts -t docs -u\`), which fails when it is out of date.

Types marked \`°\` are tried on a double built on the SDK's schemas, since the emulator does not have them or differs from AWS;
those marked \`*\` are only listed: their removal is written from AWS's documentation and not tried by a test.

| file | service | scope | types | tried on |
|---|---|---|---|---|
${rows.join("\n")}
`;
    await expect(text).toMatchFileSnapshot("../../docs/cleaner-services.md");
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

  it.each(Object.keys(backings))(
    "%s: lists page by page, plans without a write, removes everything, takes gone as gone, ends with two empty passes",
    async (id) => {
      const counts = await seed(1, id);
      const there = await everything(1, id);
      const found = Map.groupBy(there, (one) => one.id);
      const { onlyListed = [], failsWhenGone = [] } = backed.get(id) ?? {};
      const types = services.find((service) => service.id === id)?.types.map((type) => type.id) ?? [];
      expect(types.filter((type) => !found.has(`${id}/${type}`)).sort()).toEqual([...onlyListed].sort());
      for (const [type, count] of counts) expect(found.get(type)?.length, type).toBe(count);

      const before = proxy.calls.length;
      const plan = await cleanIt(1, { mode: "plan", services: [id] });
      const calls = proxy.calls.slice(before).filter((call) => call.service !== "sts");
      expect(calls.filter((call) => !/^(GET|HEAD) /.test(call.operation) && !isRead(call.operation))).toEqual([]);
      expect(plan.report).toMatchObject({ outcome: "planned", leftCount: there.length, unknown: [] });

      const { report } = await cleanIt(1, { services: [id] });
      expect(report.left).toEqual([]);
      expect(report).toMatchObject({ outcome: "clean", leftCount: 0, unknown: [] });

      const again = await tryAgain(there);
      expect(again.trouble).toEqual([]);
      expect([...again.silent].sort()).toEqual(failsWhenGone.map((type) => `${id}/${type}`).sort());
    },
    60_000,
  );

  it("gets an account clean in which everything is there at once, and keeps what must stay", async () => {
    for (const id of backed.keys()) await seed(2, id);
    const { report } = await cleanIt(2);
    expect(report.left).toEqual([]);
    expect(report).toMatchObject({ outcome: "clean", leftCount: 0, unknown: [] });
    const kept = report.kept.map((one) => one.id);
    expect(kept).toEqual(expect.arrayContaining(["OrganizationAccountAccessRole", "AtelierLease-x"]));
  }, 240_000);
});
