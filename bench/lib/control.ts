import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ourNode, run, withOurNode } from "@/scripts/processes.mjs";
import { atelier, root } from "@/scripts/project.mjs";

/**
 * The control: a copy of the sources without the guard of the seats, built as production is, which runs the same rounds. If it
 * did not oversell, the rounds would prove nothing. Nothing of it is in the product: the copy is made and removed here.
 */

/**
 * What is taken away, in server/registrations/seats.ts: the lock of the workshop's row. The turns inside a process stay (without
 * them hundreds would wait for a connection): the two processes of the web then decide past each other.
 */
const guards: [string, string][] = [[" FOR NO KEY UPDATE`", "`"]];
/** The second line behind the guard, in the database: with it, an oversold seat is an error instead. */
export const secondLine = ['alter table "Workshop" drop constraint workshop_seats', "drop index registration_ordinal"];

export type ControlResult = { confirmed: number; waitlisted: number; duplicates: number; failed: number };

export async function runControl(say: (text: string) => void): Promise<ControlResult> {
  const folder = atelier("bench-control", "x").slice(0, -2);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const listed = spawnSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: root, encoding: "utf8" });
  for (const path of new Set(listed.stdout.split("\n").filter(Boolean))) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    cpSync(join(root, path), join(folder, path));
  }
  // Linked, not copied: nothing is written there. (The build refuses packages outside of its own folder.)
  await run("cp", ["-al", join(root, "node_modules"), join(folder, "node_modules")]);
  const file = join(folder, "server/registrations/seats.ts");
  let text = readFileSync(file, "utf8");
  for (const [guard, without] of guards) {
    if (!text.includes(guard)) throw new Error(`The control does not find the guard in seats.ts any more: ${guard}`);
    text = text.replaceAll(guard, without);
  }
  writeFileSync(file, text);
  say("the build without the guard");
  const env = withOurNode({ ...process.env });
  const output = await run(ourNode(), [join(folder, "scripts/bench.mjs"), "registration", "--unguarded"], {
    env,
    cwd: folder,
  });
  rmSync(folder, { recursive: true, force: true });
  return JSON.parse(output.trim().split("\n").at(-1) ?? "{}") as ControlResult;
}
