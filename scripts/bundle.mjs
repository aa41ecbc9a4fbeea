/**
 * TypeScript entries and what they import, for Node. Packages stay outside: the files must lie inside the
 * repository, beside `node_modules`.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./project.mjs";

/** Scripts know the repository by their own place and run when they are called by name, so they stay where they are. */
const scriptsStay = {
  name: "scripts-stay",
  setup: (build) =>
    build.onResolve({ filter: /^@\/scripts\// }, ({ path }) => ({
      path: pathToFileURL(join(root, path.slice(2))).href,
      external: true,
    })),
};

/** Packages stay outside, but for the SDK's and what these import themselves. */
const onlyAwsInside = {
  name: "only-aws-inside",
  setup: (build) =>
    build.onResolve({ filter: /^[^./]/ }, ({ path, importer }) => {
      if (path.startsWith("@/") || /^@(aws-sdk|aws-crypto|aws|smithy)\//.test(path)) return undefined;
      return importer.includes("/node_modules/") ? undefined : { path, external: true };
    }),
};

const settings = {
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node24",
  alias: { "@": root },
  jsx: "automatic",
  sourcemap: "linked",
  logLevel: "silent",
  absWorkingDir: root,
};

/** Bundles `entry` (a path in the repository) into `outfile` (absolute), and returns `outfile`. */
export async function bundle(entry, outfile) {
  const { build } = await import("esbuild");
  const packages = { packages: "external", plugins: [scriptsStay] };
  await build({ ...settings, ...packages, entryPoints: [join(root, entry)], outfile });
  return outfile;
}

/**
 * Bundles `entries` (name → path in the repository) into `folder`, each as `<name>.mjs` with what they share beside it, and
 * the AWS SDK inside, of which only what is used comes in: the clients of all the cleaner's services then take a fraction of
 * the memory, and each is read when it is first needed.
 */
export async function bundleWithAws(entries, folder) {
  const { build } = await import("esbuild");
  await build({
    ...settings,
    entryPoints: Object.entries(entries).map(([out, entry]) => ({ in: join(root, entry), out })),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    chunkNames: "shared/[name]-[hash]",
    splitting: true,
    plugins: [scriptsStay, onlyAwsInside],
    mainFields: ["module", "main"],
    // Some of the SDK's packages ask for Node's own modules in the old way.
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
  });
}
