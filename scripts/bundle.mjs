/**
 * One TypeScript entry and what it imports, as one file for Node. Packages stay outside: the file must lie inside the
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

/** Bundles `entry` (a path in the repository) into `outfile` (absolute), and returns `outfile`. */
export async function bundle(entry, outfile) {
  const { build } = await import("esbuild");
  await build({
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    packages: "external",
    alias: { "@": root },
    plugins: [scriptsStay],
    jsx: "automatic",
    sourcemap: "linked",
    logLevel: "silent",
    absWorkingDir: root,
  });
  return outfile;
}
