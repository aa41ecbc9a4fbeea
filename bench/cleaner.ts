import { cleanApart, member } from "@/bench/lib/apart";
import { startProxy } from "@/bench/lib/proxy";
import { publishAws } from "@/bench/lib/published-aws";
import type { ClientInput } from "@/server/aws/clients";
import type { Service } from "@/server/cleaner/define";
import { clean } from "@/server/cleaner/engine";
import { loadServices } from "@/server/cleaner/services/index.generated";
import type { Backing } from "@/server/testing/cleaner/backing";
import { backings } from "@/server/testing/cleaner/index.generated";
import { startEmulator } from "@/server/testing/emulator";

/**
 * How long it takes to empty one account in which a workshop took place, in all its 17 regions, through a proxy that adds
 * 80 ms to each call and holds the rates that AWS publishes. The cleaner runs in a process of its own, as on the command
 * line. Attendees worked in two regions; in the others the proxy answers with what the emulator answers for an empty
 * region, since the emulator gives some 150 answers a second whatever the load.
 *
 * The floor: the answers that the emulator has to give at its own rate, or what the slowest API's rate allows, whichever is
 * longer (everything else can happen meanwhile); then the longest chain of removals that wait for each other, one answer
 * for each pass, and the gap between the last deletion and the last pass.
 */

const latencyMilliseconds = 80;
const gapSeconds = 2;
const used = ["eu-west-1", "us-east-1"];
const learnt = "eu-north-1";
const regions = [
  ...used,
  learnt,
  ...["ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"],
  ...["ca-central-1", "eu-central-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-2", "us-west-1", "us-west-2"],
];

const rounded = (value: number) => Math.round(value * 100) / 100;

async function seedAccount(
  services: readonly Service[],
  backed: ReadonlyMap<string, Backing>,
  input: (region: string) => ClientInput,
  accountId: string,
): Promise<void> {
  for (const [id, { seed, double }] of backed) {
    const global = services.find((one) => one.id === id)?.scope === "global" && id !== "s3";
    for (const region of global ? ["us-east-1"] : used) {
      await seed?.(input(region), `${region}-${accountId}`);
      double?.seed({ region, accountId });
    }
  }
}

/** The longest chain of types that wait for each other, among those that were found, in calls. */
function longestChain(services: readonly Service[], found: readonly string[]): number {
  const types = new Map(services.flatMap((service) => service.types.map((type) => [`${service.id}/${type.id}`, type])));
  const known = new Map<string, number>();
  const depth = (id: string): number => {
    const before = known.get(id);
    if (before !== undefined) return before;
    const type = types.get(id);
    // Asked for, and seen to be gone where that takes time.
    const own = type?.gone ? 2 : 1;
    const most = Math.max(0, ...(type?.after ?? []).filter((one) => found.includes(one)).map(depth));
    known.set(id, own + most);
    return own + most;
  };
  const stage = (name: string) => found.filter((id) => (types.get(id)?.stage ?? "main") === name);
  return ["main", "late", "last"].reduce((sum, name) => sum + Math.max(0, ...stage(name).map(depth)), 0);
}

async function emulatorRate(input: ClientInput): Promise<number> {
  const { DescribeVpcsCommand, EC2Client } = await import("@aws-sdk/client-ec2");
  const { clientOptions } = await import("@/server/aws/clients");
  const client = new EC2Client(clientOptions(input));
  const start = performance.now();
  let left = 300;
  const runner = async () => {
    while (left-- > 0) await client.send(new DescribeVpcsCommand({}));
  };
  await Promise.all(Array.from({ length: 8 }, runner));
  return 300 / ((performance.now() - start) / 1_000);
}

async function main(): Promise<void> {
  const services = await loadServices();
  const loaded = Object.entries(backings).map(async ([id, load]) => [id, (await load()).backing] as const);
  const backed = new Map(await Promise.all(loaded));
  const emulator = await startEmulator({ accounts: 2, regions });
  const proxy = await startProxy(emulator.endpoint, { latencyMilliseconds });
  const aws = publishAws(
    proxy,
    [...backed.values()].flatMap(({ double }) => double ?? []),
  );
  const { accessKeyId, secretAccessKey } = emulator;
  const keys = { accessKeyId, secretAccessKey };
  const [accountId = "", emptyId = ""] = emulator.accounts.map(({ id }) => id);
  const direct = { endpoint: emulator.endpoint, ...keys };
  const input = (region: string): ClientInput => ({
    region,
    endpoint: emulator.endpoint,
    credentials: member(direct, accountId),
  });

  aws.learn(learnt);
  const through = { endpoint: proxy.endpoint, ...keys };
  const credentials = member(through, emptyId);
  const learning = await clean(
    { accountId: emptyId, credentials },
    { mode: "plan", regions: [learnt], endpoint: proxy.endpoint },
  );
  aws.learn(undefined);
  if (learning.unknown.length > 0)
    throw new Error(`No answer for an empty region: ${JSON.stringify(learning.unknown)}`);
  await seedAccount(services, backed, input, accountId);
  aws.empty(
    [accountId],
    regions.filter((region) => !used.includes(region)),
  );
  const perSecond = await emulatorRate(input("eu-west-1"));

  aws.hold(true);
  const found = await cleanApart({ accountIds: [accountId], ...through, gapSeconds });
  const slowest = aws.slowest();
  const counts = aws.counts();
  const [report] = found.reports;
  if (!report) throw new Error("There is no report");
  const resources = report.passes[0]?.found ?? 0;
  const cells = report.passes[0]?.cells ?? 0;
  const second = latencyMilliseconds / 1_000;
  const chain = longestChain(services, found.types);
  const emulatorSeconds = counts.byEmulator / perSecond;
  const floorSeconds =
    Math.max(slowest.seconds, emulatorSeconds) + (2 + report.passes.length + chain) * second + gapSeconds;
  const callGoal = 2.3 * report.types * regions.length + 3 * resources;
  console.table({
    outcome: `${report.outcome}: ${report.reason}`,
    "resources, of types": `${resources} of ${found.types.length}`,
    "types × regions": `${report.types} × ${regions.length} (${cells} cells: global types are listed once)`,
    "passes (cells, found, s)": report.passes.map((one) => `${one.cells}, ${one.found}, ${one.seconds}`).join(" · "),
    "wall (s)": rounded(found.seconds),
    "of it the cleaner's own work (CPU s)": rounded(found.cpuSeconds),
    calls: `${report.calls} (goal ≤ ${Math.round(callGoal)})`,
    "calls throttled by the published rates": counts.throttled,
    "answered by the emulator, by doubles, as in an empty region": `${counts.byEmulator}, ${counts.byDoubles}, ${counts.asEmpty}`,
    "emulator's own rate (calls/s)": rounded(perSecond),
    "floor: emulator's answers (s)": rounded(emulatorSeconds),
    "floor: slowest published rate (s)": `${rounded(slowest.seconds)} (${slowest.bucket}, ${slowest.calls} calls)`,
    "floor: chain of removals (answers of 80 ms)": chain,
    "floor: start and passes, gap (s)": `${rounded((2 + report.passes.length) * second)}, ${gapSeconds}`,
    "floor (s)": rounded(floorSeconds),
    "times the floor": rounded(found.seconds / floorSeconds),
    "peak memory (MB)": Math.round(found.peakMB),
  });
  console.table(found.slow);
  for (const one of report.unknown.slice(0, 10)) console.log("no answer", one);
  for (const one of report.left.slice(0, 10)) console.log("left", one);
  await proxy.close();
  await emulator.stop();
  console.log(
    JSON.stringify({
      wallSeconds: rounded(found.seconds),
      floorSeconds: rounded(floorSeconds),
      calls: report.calls,
      types: report.types,
      regions: regions.length,
      resources,
      left: report.leftCount,
      peakMB: Math.round(found.peakMB),
      peerSeconds: null,
    }),
  );
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
