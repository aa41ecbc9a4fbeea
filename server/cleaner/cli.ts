import { argv, env, exit, stderr, stdin, stdout } from "node:process";
import { createInterface } from "node:readline/promises";
import { runCommand } from "@/server/cleaner/command";

/** The door of `npm run cleaner`: ties the command to this process. */
const stop = new AbortController();
let stoppedAt: number | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    stoppedAt ??= performance.now();
    stop.abort(new Error(`stopped by ${signal}`));
    // One Ctrl-C comes twice: from the terminal, and from the script that started this. A later one means it.
    if (performance.now() - stoppedAt > 1_000) exit(4);
  });
}

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: stdin, output: stderr });
  // While it asks, the terminal's Ctrl-C comes here and not as a signal; Ctrl-D is an empty answer.
  lines.on("SIGINT", () => stop.abort(new Error("stopped by SIGINT")));
  const closed = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
  try {
    return await Promise.race([lines.question(question, { signal: stop.signal }), closed]);
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
