import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "@/scripts/processes.mjs";

/**
 * How long `npm start` takes: from a bare clone of the last commit with a warm package cache, and a second time. Measured from
 * the command to the line that says it is ready. Goals: 60 s and 6 s.
 *
 *   npm run bench -- start
 */

const goals = { bare: 60, second: 6 };

/** Runs `npm start` in `folder` until it is ready, and returns the seconds and the lines that it printed. */
async function start(folder: string, port: number): Promise<{ seconds: number; lines: string[] }> {
  const began = performance.now();
  const env: NodeJS.ProcessEnv = { ...process.env };
  // The system's Node and npm and none of our settings, as on a machine that has nothing of ours.
  env.PATH = (process.env.PATH ?? "")
    .split(":")
    .filter((part) => !part.includes("node_modules/.bin"))
    .join(":");
  for (const name of ["ATELIER_MODE", "NODE_ENV"]) delete env[name];
  const child = spawn("npm", ["start", "--", "--port", String(port)], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let output = "";
  const seconds = await new Promise<number>((resolve, reject) => {
    const take = (chunk: Buffer) => {
      output += chunk;
      if (/^Ready after/m.test(output)) resolve((performance.now() - began) / 1000);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    ended.then(() => reject(new Error(`npm start ended before it was ready:\n${output}`)));
  });
  process.kill(-child.pid!, "SIGINT");
  await ended;
  return { seconds, lines: output.split("\n").filter((line) => /^ {2}\S/.test(line)) };
}

const folder = mkdtempSync(join(tmpdir(), "atelier-bench-"));
try {
  await run("git", ["clone", "--quiet", "--depth", "1", `file://${process.cwd()}`, folder]);
  const bare = await start(folder, 3900);
  const second = await start(folder, 3900);
  console.log(["Bare clone", ...bare.lines, "", "Second start", ...second.lines, ""].join("\n"));
  const row = (name: string, seconds: number, goal: number) =>
    console.log(`${name.padEnd(14)}${seconds.toFixed(1).padStart(7)} s   goal ${goal} s`);
  row("bare clone", bare.seconds, goals.bare);
  row("second start", second.seconds, goals.second);
  const rounded = (seconds: number) => Math.round(seconds * 10) / 10;
  console.log(JSON.stringify({ bareSeconds: rounded(bare.seconds), secondSeconds: rounded(second.seconds) }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
