import { argv, env, exit, stderr, stdin, stdout } from "node:process";
import { createInterface } from "node:readline/promises";
import { runCommand } from "@/server/cleaner/command";

/** The door of `npm run cleaner`: ties the command to this process. */
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
}

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    return await lines.question(question, { signal: stop.signal });
  } finally {
    lines.close();
  }
}

const code = await runCommand({
  args: argv.slice(2),
  env,
  out: (text) => void stdout.write(text),
  err: (text) => void stderr.write(text),
  terminal: stderr.isTTY === true,
  ask: stdin.isTTY ? ask : undefined,
  signal: stop.signal,
});
exit(code);
