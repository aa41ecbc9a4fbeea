// Writes server/cleaner/services/index.generated.ts from the files beside it, so that a new file is all a service takes.
// Usage: node scripts/cleaner-index.mjs
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const folder = path.join(import.meta.dirname, "..", "server", "cleaner", "services");
const target = path.join(folder, "index.generated.ts");

/** The index's text for the service files that are there now. */
export function cleanerIndex() {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && !name.endsWith(".generated.ts"))
    .map((name) => name.slice(0, -3))
    .sort();
  return `// Written by scripts/cleaner-index.mjs. Do not edit: add a file to this folder and run it again.
import type { Service } from "@/server/cleaner/define";

const files: readonly (() => Promise<{ service: Service }>)[] = [
${names.map((name) => `  () => import("./${name}"),`).join("\n")}
];

/** Every service file, imported when first asked for: their clients are large. */
export async function loadServices(): Promise<readonly Service[]> {
  return (await Promise.all(files.map((load) => load()))).map((file) => file.service);
}
`;
}

/** Writes the index where it is out of date; returns whether it was. */
export function writeCleanerIndex() {
  const now = cleanerIndex();
  if (existsSync(target) && readFileSync(target, "utf8") === now) return false;
  writeFileSync(target, now);
  return true;
}

if (process.argv[1] === import.meta.filename) {
  console.log(writeCleanerIndex() ? "Wrote the index of the cleaner's services." : "The index is up to date.");
}
