/**
 * `npm run build`: the Prisma client, the list of the cleaner's services, the web (`.next/`) and the bundles (`dist/`).
 * Nothing is done while the sources stay the same; `npm run build -- --force` does it all again.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundle, bundleWithAws } from "./bundle.mjs";
import { generate } from "./generate.mjs";
import { run, withLock, withOurNode } from "./processes.mjs";
import { atelier, hashOf, readMark, root, writeMark } from "./project.mjs";

/** Bundle → where it starts. */
export const bundles = {
  worker: "server/jobs/worker.ts",
  admin: "server/teams/cli.ts",
  cleaner: "server/cleaner/cli.ts",
  seed: "prisma/seed.ts",
  env: "server/env.ts",
  "jobs-install": "server/jobs/install.ts",
  "emulator-console": "server/testing/signin.ts",
};

/** Those that call many services of AWS. */
const callAws = new Set(["worker", "cleaner"]);

const common = ["server", "messages", "prisma/schema.prisma", "package-lock.json", "tsconfig.json"];
const ofBundles = [...common, "prisma/seed.ts", "prisma/seed", "scripts/bundle.mjs", "scripts/build.mjs"];
const ofWeb = [...common, "app", "components", "public", "next.config.ts", "instrumentation.ts", "proxy.ts"];

/** What `build` does first, and what types need too: code that other code is generated from. */
export async function writeGenerated() {
  const { writeCleanerIndex } = await import("./cleaner-index.mjs");
  writeCleanerIndex();
  return generate();
}

/** What a worker that still runs may yet read stays for a day. */
function forgetOld(folder) {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    if (Date.now() - statSync(file).mtimeMs > 24 * 3600 * 1000) rmSync(file, { force: true });
  }
}

/** The bundles of `dist/`; returns whether there was anything to do. */
export async function buildBundles({ force = false } = {}) {
  await writeGenerated();
  return withLock(atelier("build.lock"), async () => {
    const hash = hashOf(ofBundles);
    const made = Object.keys(bundles).every(
      (name) => !existsSync(join(root, bundles[name])) || existsSync(output(name)),
    );
    if (!force && made && readMark("bundles") === hash) return false;
    mkdirSync(join(root, "dist"), { recursive: true });
    const present = Object.entries(bundles).filter(([, entry]) => existsSync(join(root, entry)));
    const [withAws, others] = [true, false].map((is) => present.filter(([name]) => callAws.has(name) === is));
    const folder = join(root, "dist");
    forgetOld(join(folder, "shared"));
    await Promise.all([
      bundleWithAws(Object.fromEntries(withAws), folder),
      ...others.map(([name, entry]) => bundle(entry, output(name))),
    ]);
    writeMark("bundles", hash);
    return true;
  });
}

/** The production build of the web; returns whether there was anything to do. */
export async function buildWeb({ force = false, onLine } = {}) {
  await writeGenerated();
  return withLock(atelier("build-web.lock"), async () => {
    const hash = hashOf(ofWeb);
    if (!force && existsSync(join(root, ".next", "BUILD_ID")) && readMark("web") === hash) return false;
    const { AWS_PROFILE: _profile, ...env } = process.env;
    await run("next", ["build"], {
      env: withOurNode({ ...env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" }),
      onLine,
    });
    writeMark("web", hash);
    return true;
  });
}

export const output = (name) => join(root, "dist", `${name}.mjs`);

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const force = process.argv.includes("--force");
  const say = (name, done) => console.log(`${name}: ${done ? "built" : "up to date"}`);
  try {
    say("dist", await buildBundles({ force }));
    say("web", await buildWeb({ force, onLine: console.log }));
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
