/**
 * One TypeScript entry and what it imports, as one file for Node. Packages stay outside: the file must lie inside the
 * repository, beside `node_modules`.
 */
import { join } from "node:path";
import { root } from "./project.mjs";

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
    jsx: "automatic",
    sourcemap: "linked",
    logLevel: "silent",
    absWorkingDir: root,
  });
  return outfile;
}
