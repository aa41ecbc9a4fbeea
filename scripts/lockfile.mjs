/**
 * `npm run lockfile`, after each change of `package-lock.json`: adds the entries of optional packages for other platforms that
 * npm left out, without which `npm ci` refuses the lock file ("Missing: … from lock file"). Version and platform follow from
 * what the package that wants them says and from their names, so nobody is asked; npm fetches one only on its own platform.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./project.mjs";

const file = join(root, "package-lock.json");
const lock = JSON.parse(readFileSync(file, "utf8"));
const systems = "aix android darwin freebsd linux netbsd openbsd openharmony sunos win32".split(" ");
const processors = "arm arm64 ia32 loong64 mips64el ppc64 riscv64 s390x wasm32 x64".split(" ");

/** Whether Node finds `name` from the package at `path`, by the lock file. */
function isLocked(path, name) {
  for (let from = path; ; from = from.slice(0, Math.max(from.lastIndexOf("/node_modules/"), 0))) {
    if (lock.packages[`${from ? `${from}/` : ""}node_modules/${name}`]) return true;
    if (!from) return false;
  }
}

/** The platform in a package's name: "@next/swc-linux-x64-musl" is for linux, x64, musl. */
function platformOf(name) {
  const words = name.split(/[/-]/);
  const os = words.filter((word) => systems.includes(word));
  const cpu = words.filter((word) => processors.includes(word));
  const libc = words.includes("musl") || words.includes("musleabihf") ? ["musl"] : ["glibc"];
  if (!os.length && !cpu.includes("wasm32")) return undefined;
  return {
    ...(cpu.length ? { cpu } : {}),
    ...(os[0] === "linux" && /gnu|musl/.test(name) ? { libc } : {}),
    ...(os.length ? { os } : {}),
  };
}

const added = [];
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    const platform = platformOf(name);
    if (isLocked(path, name) || !platform) continue;
    const { license } = entry;
    lock.packages[`node_modules/${name}`] = {
      version: range.replace(/^[\^~]/, ""),
      ...platform,
      license,
      optional: true,
    };
    added.push(name);
  }
}
if (added.length) {
  const sorted = Object.entries(lock.packages).sort(([one], [other]) => (one < other ? -1 : 1));
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
}
console.log(added.length ? `Added ${added.join(", ")}` : "Nothing is missing.");
