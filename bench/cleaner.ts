import { latencyMilliseconds, prepareAccounts, regions } from "@/bench/lib/accounts";
import { cleanApart, member } from "@/bench/lib/apart";
import { hasPeer, runPeer } from "@/bench/lib/peer";
import type { RecordedCall } from "@/bench/lib/proxy";
import { replay } from "@/bench/lib/replay";
import type { Service } from "@/server/cleaner/define";

/**
 * How long it takes to empty one account in which a workshop took place, in all its 17 regions, through a proxy that adds
 * 80 ms to each call and holds the rates that AWS publishes. The cleaner runs in a process of its own, as on the command
 * line. Attendees worked in two regions; in the others the proxy answers with what the emulator answers for an empty
 * region, since the emulator gives some 150 answers a second whatever the load.
 *
 * The floor: the answers that have to be given here, where AWS is an emulator, doubles and a proxy on the same two cores, at
 * the rate at which they (or the emulator alone, if that takes longer) give them to a client that does nothing: the run's own
 * reads, sent again as they were, to the emptied account; or what the slowest API's published rate allows, whichever is longer (everything else can happen
 * meanwhile); then the longest chain of removals that wait for each other, one answer for each pass, and the gap between the
 * last deletion and the last pass.
 */

const gapSeconds = 2;

/** Calls of which so many are under way at once that 80 ms each do not count. */
const replayedAtATime = 256;

const rounded = (value: number) => Math.round(value * 100) / 100;

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

/** Whether a call may be sent once more without changing anything. */
function isRead({ method, headers, body }: RecordedCall): boolean {
  const target = String(headers["x-amz-target"] ?? "")
    .split(".")
    .pop();
  const operation = target || /(?:^|&)Action=([^&]+)/.exec(body.toString("utf8"))?.[1];
  return operation ? /^(Describe|List|Get)/.test(operation) : method === "GET" || method === "HEAD";
}

async function main(): Promise<void> {
  const { aws, proxy, accounts, through, services, stop } = await prepareAccounts(hasPeer() ? 2 : 1, regions);
  aws.hold(true);
  const recorded: RecordedCall[] = [];
  proxy.recording = recorded;
  const found = await cleanApart({ accountIds: accounts.slice(0, 1), ...through, gapSeconds });
  proxy.recording = undefined;
  const slowest = aws.slowest();
  const counts = aws.counts();
  const emulated = aws.emulated();
  aws.hold(false);
  const reads = recorded.filter(isRead);
  const perSecond = await replay(through.endpoint, reads, replayedAtATime);
  const ofEmulator = reads.filter(({ number }) => emulated.has(number));
  const emulatorPerSecond = await replay(through.endpoint, ofEmulator, replayedAtATime);
  const [report] = found.reports;
  if (!report) throw new Error("There is no report");
  const resources = report.passes[0]?.found ?? 0;
  const cells = report.passes[0]?.cells ?? 0;
  const second = latencyMilliseconds / 1_000;
  const chain = longestChain(services, found.types);
  const answersSeconds = Math.max(
    (counts.byEmulator + counts.byDoubles + counts.asEmpty) / perSecond,
    counts.byEmulator / emulatorPerSecond,
  );
  const floorSeconds =
    Math.max(slowest.seconds, answersSeconds) + (2 + report.passes.length + chain) * second + gapSeconds;
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
    "rate of all, of the emulator alone, for a client that does nothing (answers/s)": `${rounded(perSecond)}, ${rounded(emulatorPerSecond)}`,
    "floor: their answers (s)": rounded(answersSeconds),
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
  const [, peerAccount] = accounts;
  aws.hold(true);
  const peer = peerAccount && (await runPeer(through.endpoint, peerAccount, await member(through, peerAccount)()));
  if (peer) console.log("aws-nuke on an account seeded alike, for the kinds that both know:", peer);
  await stop();
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
      peerSeconds: peer && "seconds" in peer ? rounded(peer.seconds) : null,
    }),
  );
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
