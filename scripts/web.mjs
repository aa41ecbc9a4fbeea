/**
 * `npm run web`: the web in production, from the build. Settings come from the environment and are checked before anything
 * listens; PORT (3000) and, in production, HOSTNAME_TO_LISTEN_ON (all addresses) say where; else it is 127.0.0.1.
 * WEB_PROCESSES (1) says in how many processes.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { output } from "./build.mjs";
import { root } from "./project.mjs";
import { webCommand } from "./web-processes.mjs";

try {
  if (!existsSync(join(root, ".next", "BUILD_ID"))) throw new Error("There is no build: run npm run build first.");
  const { parseEnv } = await import(output("env"));
  const { ATELIER_MODE: mode } = parseEnv(process.env);
  const host = mode === "production" ? (process.env.HOSTNAME_TO_LISTEN_ON ?? "0.0.0.0") : "127.0.0.1";
  const where = ["start", "--hostname", host, "--port", process.env.PORT ?? "3000"];
  const [command, args] = webCommand(Number(process.env.WEB_PROCESSES) || 1, where);
  const child = spawn(command, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
  });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.once("exit", (code) => process.exit(code ?? 1));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
