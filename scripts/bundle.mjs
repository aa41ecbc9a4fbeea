/**
 * One TypeScript entry and what it imports, as one file for Node. Packages stay outside: the file must lie inside the
 * repository, beside `node_modules`. With `inlineAws` the AWS SDK comes in, with only what is used of it: the clients of all
 * services then take 30 MB of memory in place of 120, and start in a third of the time.
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

/** Bundles `entry` (a path in the repository) into `outfile` (absolute), and returns `outfile`. */
export async function bundle(entry, outfile, { inlineAws = false } = {}) {
  const { build } = await import("esbuild");
  await build({
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    ...(inlineAws
      ? {
          mainFields: ["module", "main"],
          // Some of the SDK's packages ask for Node's own modules in the old way.
          banner: {
            js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
          },
        }
      : { packages: "external" }),
    alias: { "@": root },
    plugins: inlineAws ? [scriptsStay, onlyAwsInside] : [scriptsStay],
    jsx: "automatic",
    sourcemap: "linked",
    logLevel: "silent",
    absWorkingDir: root,
  });
  return outfile;
}
