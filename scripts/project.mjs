/**
 * Where things are, and what they hash to. Everything that a run leaves behind lives in `.atelier/` (git-ignored) or in
 * the build folders `.next/`, `dist/` and `prisma/generated/`.
 *
 * Plain JavaScript for Node 20 and newer: it runs before anything of ours is installed.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A path inside `.atelier/`, whose folder exists afterwards. */
export function atelier(...parts) {
  const path = join(root, ".atelier", ...parts);
  mkdirSync(dirname(path), { recursive: true });
  return path;
}

/** The files under `paths` (files or folders, relative to the repository), sorted, without tests and generated code. */
export function sourceFiles(paths, { tests = false } = {}) {
  const found = [];
  const visit = (path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) return;
    if (!stat.isDirectory()) {
      if (tests || !/\.test\.tsx?$/.test(path)) found.push(path);
      return;
    }
    for (const name of readdirSync(path)) {
      if (name === "node_modules" || name === "generated" || name.startsWith(".")) continue;
      visit(join(path, name));
    }
  };
  for (const path of paths) visit(join(root, path));
  return found.sort();
}

/** A hash of names and contents of the files under `paths`; `salt` takes in whatever else decides the outcome. */
export function hashOf(paths, { tests = false, salt = "" } = {}) {
  const hash = createHash("sha256").update(salt);
  for (const path of sourceFiles(paths, { tests })) {
    hash.update(`\0${relative(root, path)}\0`).update(readFileSync(path));
  }
  return hash.digest("hex").slice(0, 16);
}

/** What was noted under `name` in `.atelier/marks/`: the hash of the sources that a finished step was made from. */
export function readMark(name) {
  const path = atelier("marks", name);
  return existsSync(path) ? readFileSync(path, "utf8").trim() : undefined;
}

export function writeMark(name, value) {
  writeFileSync(atelier("marks", name), `${value}\n`);
}
