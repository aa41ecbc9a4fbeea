/**
 * Before the first journey: the production build is there, and a stack of its own runs, filled with the demo's data. After the
 * last one it stops. What the journeys need to know of it is in `.atelier/e2e/<run>/stack.json` (see e2e/fixtures.ts).
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildBundles, buildWeb } from "./build.mjs";
import { prepareEmulator } from "./emulator.mjs";
import { makeDatabase, withClient } from "./postgres.mjs";
import { isAlive } from "./processes.mjs";
import { atelier } from "./project.mjs";
import { startStack, stopLeftovers } from "./stack.mjs";
import { holdTestPostgres, letGoOfTestPostgres, template } from "./test-postgres.mjs";

const home = atelier("e2e", "x").slice(0, -2);

/** What the journeys make, and some more: the emulator's 150 answers a second are what they wait for. */
const journeyServices =
  "api-gateway,api-gateway-v2,cloudformation,cloudwatch,dynamodb,ec2,ecr,eventbridge,iam,kms,lambda,logs,rds,s3," +
  "secrets-manager,sns,sqs,ssm,step-functions,vpc";

/** Stops and removes what runs that were killed left behind. */
export async function removeOldStacks() {
  mkdirSync(home, { recursive: true });
  for (const name of readdirSync(home)) {
    if (isAlive(Number(name))) continue;
    await stopLeftovers(join(home, name));
    rmSync(join(home, name), { recursive: true, force: true });
  }
}

export default async function setup() {
  await removeOldStacks();
  await Promise.all([buildBundles(), buildWeb()]);
  const folder = join(home, String(process.pid));
  mkdirSync(folder, { recursive: true });
  const postgres = await holdTestPostgres();
  const name = `test_${process.pid}_e2e`;
  await makeDatabase(postgres.url("postgres", "super"), name, await template(postgres));
  const database = { url: postgres.url(name, "app"), ownerUrl: postgres.url(name, "owner") };
  const stop = async (stack) => {
    await stack?.stop();
    await withClient(postgres.url("postgres", "super"), (client) =>
      client.query(`drop database if exists ${name} with (force)`),
    );
    await letGoOfTestPostgres();
  };
  try {
    const stack = await startStack({
      folder,
      mode: "test",
      database,
      emulator: prepareEmulator(),
      ports: { web: 0, emulator: 0, console: 0 },
      settings: { CLEANER_GAP_SECONDS: "1", CLEANER_SERVICES: journeyServices },
      say: (part, text) => console.log(`${part}: ${text}`),
    });
    if (stack.cloud.off) throw new Error(`There is no emulator for the journeys: ${stack.cloud.off}`);
    const { url, mailbox, cloud } = stack;
    const { endpoint, managementAccountId, accessKeyId, secretAccessKey, basePrincipalArn, accounts } = cloud;
    const aws = { endpoint, managementAccountId, accessKeyId, secretAccessKey, basePrincipalArn, accounts };
    writeFileSync(join(folder, "stack.json"), JSON.stringify({ url, mailbox, folder, database, aws }), { mode: 0o600 });
    process.env.ATELIER_E2E_STACK = join(folder, "stack.json");
    return async () => {
      await stop(stack);
      rmSync(folder, { recursive: true, force: true });
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
