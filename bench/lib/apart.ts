import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bundleWithAws } from "@/scripts/bundle.mjs";
import { atelier } from "@/scripts/project.mjs";
import { assumedRole } from "@/server/aws/clients";
import type { CleanReport } from "@/server/cleaner/engine";

/** The cleaner in a process of its own, bundled as the worker and the command line are, with its memory watched. */

export type Job = {
  accountIds: string[];
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
  gapSeconds: number;
};
/** Of one type, in seconds since the start: found, first asked to go, last gone; and why one failed before a later pass. */
export type Slow = { type: string; found: number; asked: number; gone: number; failed: number; reason: string };
export type Found = { reports: CleanReport[]; seconds: number; cpuSeconds: number; types: string[]; slow: Slow[] };

export function member(job: Pick<Job, "endpoint" | "accessKeyId" | "secretAccessKey">, accountId: string) {
  const { endpoint, ...credentials } = job;
  const roleArn = `arn:aws:iam::${accountId}:role/OrganizationAccountAccessRole`;
  const keys = { accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.secretAccessKey };
  return assumedRole({ endpoint, region: "us-east-1", sessionName: "bench", roleArn, credentials: keys });
}

/** Runs the other process to its end and watches its memory: the most that the system says it ever held. */
export async function cleanApart(job: Job): Promise<Found & { peakMB: number }> {
  const folder = atelier("bundles", "apart");
  await bundleWithAws({ "clean-apart": "bench/lib/clean-apart.ts" }, folder);
  const file = join(folder, "clean-apart.mjs");
  const child = spawn(
    process.execPath,
    ["--max-semi-space-size=16", "--max-old-space-size=256", file, JSON.stringify(job)],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: process.env,
    },
  );
  let text = "";
  let peakMB = 0;
  const watch = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      peakMB = Math.max(peakMB, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
    } catch {
      // It has ended.
    }
  }, 100);
  child.stdout.on("data", (chunk) => {
    text += String(chunk);
  });
  const code = await new Promise<number | null>((done) => child.once("exit", done));
  clearInterval(watch);
  if (code !== 0) throw new Error(`The cleaner ended with code ${code}`);
  return { ...(JSON.parse(text) as Found), peakMB };
}
