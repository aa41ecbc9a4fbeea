// Writes the indexes of the cleaner's services and of what backs them in tests from the files beside them, so that a new
// file is all a service takes.
// Usage: node scripts/cleaner-index.mjs
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const server = path.join(import.meta.dirname, "..", "server");
const services = path.join(server, "cleaner", "services");
const backings = path.join(server, "testing", "cleaner");

const filesIn = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".ts") && !/\.(test|generated)\.ts$|^backing\.ts$/.test(name))
    .map((name) => name.slice(0, -3))
    .sort();

/** The index's text for the service files that are there now. */
export function cleanerIndex() {
  const names = filesIn(services);
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

/** The index's text for what backs them in tests. */
export function backingIndex() {
  const key = (name) => (/^[a-z][a-z0-9]*$/.test(name) ? name : `"${name}"`);
  return `// Written by scripts/cleaner-index.mjs. Do not edit: add a file to this folder and run it again.
import type { Backing } from "@/server/testing/cleaner/backing";

/** By the id of the service file. */
export const backings: Record<string, () => Promise<{ backing: Backing }>> = {
${filesIn(backings)
  .map((name) => `  ${key(name)}: () => import("./${name}"),`)
  .join("\n")}
};
`;
}

/** Writes the indexes that are out of date; returns whether any was. */
export function writeCleanerIndex() {
  const writeOne = (folder, now) => {
    const target = path.join(folder, "index.generated.ts");
    if (existsSync(target) && readFileSync(target, "utf8") === now) return false;
    writeFileSync(target, now);
    return true;
  };
  return [writeOne(services, cleanerIndex()), writeOne(backings, backingIndex())].includes(true);
}

if (process.argv[1] === import.meta.filename) {
  console.log(writeCleanerIndex() ? "Wrote the indexes of the cleaner's services." : "The indexes are up to date.");
}
