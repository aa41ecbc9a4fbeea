/**
 * Before the first test file: PostgreSQL runs and its template is migrated, so that no test waits for it. After the last:
 * what the run started is stopped. The emulator starts when a test asks for it (server/testing/emulator.ts).
 */
import { generate } from "./generate.mjs";
import { stopTestEmulator } from "./test-emulator.mjs";
import { dropOrphans, holdTestPostgres, letGoOfTestPostgres, template } from "./test-postgres.mjs";

export default async function setup() {
  if (Number(process.versions.node.split(".")[0]) < 24) {
    throw new Error(
      "The tests need our own Node: export PATH=$PWD/node_modules/.bin:$PATH, then run vitest (not npx).",
    );
  }
  await generate();
  const postgres = await holdTestPostgres();
  await dropOrphans(postgres);
  await template(postgres);
  return async () => {
    await stopTestEmulator();
    await letGoOfTestPostgres();
  };
}
