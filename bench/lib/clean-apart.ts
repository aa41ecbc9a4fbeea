import { type Found, type Job, member, type Slow } from "@/bench/lib/apart";
import { clean } from "@/server/cleaner/engine";

const rounded = (value: number) => Math.round(value * 100) / 100;

/** Cleans the accounts of a job, all at the same time, and writes what came of it to standard output. */
async function work(job: Job): Promise<void> {
  const start = performance.now();
  const types = new Set<string>();
  const slow = new Map<string, Slow>();
  const reports = await Promise.all(
    job.accountIds.map((accountId) =>
      clean(
        { accountId, credentials: member(job, accountId) },
        {
          mode: "run",
          endpoint: job.endpoint,
          minimumGapSeconds: job.gapSeconds,
          onEvent: (event) => {
            if (event.kind !== "resource") return;
            const type = `${event.service}/${event.type}`;
            const at = rounded((performance.now() - start) / 1_000);
            const known = slow.get(type) ?? { type, found: at, asked: 0, gone: 0, failed: 0, reason: "" };
            if (event.outcome === "found") types.add(type);
            if (event.outcome === "deleting") known.asked ||= at;
            if (event.outcome === "removed") known.gone = at;
            if (event.outcome === "failed") Object.assign(known, { failed: known.failed + 1, reason: event.reason });
            slow.set(type, known);
          },
        },
      ),
    ),
  );
  const seconds = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage();
  const slowest = [...slow.values()].sort((a, b) => b.failed - a.failed || b.gone - a.gone).slice(0, 12);
  const cpuSeconds = (user + system) / 1e6;
  const found: Found = { reports, seconds, cpuSeconds, types: [...types], slow: slowest };
  process.stdout.write(`${JSON.stringify(found)}\n`, () => process.exit(0));
}

work(JSON.parse(process.argv[2] ?? "{}") as Job).catch((error) => {
  console.error(error);
  process.exit(1);
});
