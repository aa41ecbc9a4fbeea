/**
 * `npm run bench -- NAME …`: bundles `bench/NAME.ts` and runs it on our own Node with the settings of the tests. Each prints a
 * table and, as its last line, its figures as JSON. Without a name it lists what there is.
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { writeGenerated } from "./build.mjs";
import { bundle } from "./bundle.mjs";
import { cleanEnv } from "./emulator.mjs";
import { ourNode, withOurNode } from "./processes.mjs";
import { atelier, root } from "./project.mjs";

const [name, ...args] = process.argv.slice(2);
const folder = join(root, "bench");

if (!name || !existsSync(join(folder, `${name}.ts`))) {
  const names = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".ts")) : [];
  console.error(`npm run bench -- ${names.map((file) => file.slice(0, -3)).join(" | ")}`);
  process.exit(1);
}
await writeGenerated();
const file = await bundle(`bench/${name}.ts`, atelier("bundles", `bench-${name}.mjs`));
const env = withOurNode(cleanEnv({ ATELIER_MODE: "test", NODE_ENV: "production", TZ: "UTC" }));
const child = spawn(ourNode(), [file, ...args], { stdio: "inherit", cwd: root, env });
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.once("exit", (code) => process.exit(code ?? 1));
