/**
 * `npm run admin -- …` and `npm run cleaner -- …`: the command lines, from their bundles. In production the settings come
 * from the environment; elsewhere, those of the demo that `npm start` runs are taken where none are set.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { buildBundles, output } from "./build.mjs";
import { ourNode } from "./processes.mjs";
import { atelier } from "./project.mjs";

const [name, ...args] = process.argv.slice(2);

async function settings() {
  if (process.env.ATELIER_MODE) return process.env;
  const noted = atelier("env.json");
  if (!existsSync(noted))
    throw new Error("There are no settings: set ATELIER_MODE and the others, or run npm start first.");
  return {
    ...JSON.parse(readFileSync(noted, "utf8")),
    ...(process.env.LOG_LEVEL ? { LOG_LEVEL: process.env.LOG_LEVEL } : {}),
  };
}

try {
  const env = await settings();
  if (env.ATELIER_MODE !== "production") await buildBundles();
  if (!existsSync(output(name))) throw new Error(`There is no ${name} in the build: run npm run build first.`);
  const child = spawn(ourNode(), [output(name), ...args], { stdio: "inherit", env });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.once("exit", (code) => process.exit(code ?? 1));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
