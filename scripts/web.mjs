/**
 * `npm run web`: the web in production, from the build. Settings come from the environment and are checked before anything
 * listens; PORT (3000) and, in production, HOSTNAME_TO_LISTEN_ON (all addresses) say where; else it is 127.0.0.1.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { output } from "./build.mjs";
import { ourNode } from "./processes.mjs";
import { root } from "./project.mjs";

try {
  if (!existsSync(join(root, ".next", "BUILD_ID"))) throw new Error("There is no build: run npm run build first.");
  const { parseEnv } = await import(output("env"));
  const { ATELIER_MODE: mode } = parseEnv(process.env);
  const host = mode === "production" ? (process.env.HOSTNAME_TO_LISTEN_ON ?? "0.0.0.0") : "127.0.0.1";
  const args = [join(root, "node_modules", "next", "dist", "bin", "next"), "start", "--hostname", host];
  const child = spawn(ourNode(), [...args, "--port", process.env.PORT ?? "3000"], {
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
