/**
 * The PostgreSQL of the tests: in `.atelier/test-pg`, without durability (it is fast and may forget), shared by all runs on
 * this machine that use this folder at the same time. Whoever uses it holds it; the last to let go stops it.
 *
 *   const postgres = await holdTestPostgres();     // starts or finds it
 *   const name = await template(postgres);         // a migrated database to copy
 *   await letGoOfTestPostgres();
 *
 * `node scripts/test-postgres.mjs` makes the template: in a process of its own, since the schema engine never lets go.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { makeDatabase, startPostgres, withClient } from "./postgres.mjs";
import { isAlive, ourNode, run, withLock } from "./processes.mjs";
import { atelier, hashOf, root } from "./project.mjs";

const folder = atelier("test-pg");
const users = join(folder, "users");
const settings = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  max_connections: 400,
  max_wal_size: "2GB",
  autovacuum: "off",
};
/** What the content of a migrated database depends on. */
const origins = [
  "prisma/migrations",
  "prisma/grants.sql",
  "prisma/schema.prisma",
  "server/jobs/install.ts",
  "server/jobs/queues.ts",
];

/** Starts or finds the server, and notes that this process uses it. */
export async function holdTestPostgres() {
  mkdirSync(users, { recursive: true });
  return withLock(join(folder, "users.lock"), async () => {
    writeFileSync(join(users, String(process.pid)), "");
    return startPostgres({ folder, settings, port: 5533 });
  });
}

/** This process no longer uses the server; if nobody does, it stops. */
export async function letGoOfTestPostgres() {
  await withLock(join(folder, "users.lock"), async () => {
    rmSync(join(users, String(process.pid)), { force: true });
    for (const pid of readdirSync(users)) if (!isAlive(Number(pid))) rmSync(join(users, pid), { force: true });
    if (readdirSync(users).length) return;
    const postgres = await startPostgres({ folder, settings, port: 5533 });
    await postgres.stop();
  });
}

/** The name of the migrated template for the migrations as they are on disk, made if it does not exist yet. */
export async function template(postgres) {
  const name = `template_${hashOf(origins)}`;
  const exists = () =>
    withClient(postgres.url("postgres", "super"), async (client) => {
      const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [name]);
      return rowCount === 1;
    });
  if (await exists()) return name;
  await withLock(join(folder, "template.lock"), async () => {
    if (!(await exists())) await run(ourNode(), [join(root, "scripts", "test-postgres.mjs"), name]);
  });
  return name;
}

/** Drops the databases of processes that are gone: what a killed run left behind. */
export async function dropOrphans(postgres) {
  await withClient(postgres.url("postgres", "super"), async (client) => {
    const { rows } = await client.query("select datname from pg_database where datname ~ '^test_[0-9]+_'");
    for (const { datname } of rows) {
      if (isAlive(Number(datname.split("_")[1]))) continue;
      await client.query(`drop database if exists ${client.escapeIdentifier(datname)} with (force)`);
    }
  });
}

/** Makes the template under another name first, so that one that exists is always whole; older ones go. */
async function makeTemplate(name) {
  const { deploy } = await import("./migrate.mjs");
  const postgres = await holdTestPostgres();
  const building = `building_${name}`;
  const asSuper = (work) => withClient(postgres.url("postgres", "super"), work);
  await asSuper((client) => client.query(`drop database if exists ${building} with (force)`));
  await makeDatabase(postgres.url("postgres", "super"), building);
  await deploy({ ownerUrl: postgres.url(building, "owner") });
  await asSuper(async (client) => {
    const { rows } = await client.query("select datname from pg_database where datname like 'template\\_%'");
    for (const { datname } of rows) await client.query(`drop database if exists ${client.escapeIdentifier(datname)}`);
    await client.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [building]);
    await client.query(`alter database ${building} rename to ${name}`);
  });
  await letGoOfTestPostgres();
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await makeTemplate(process.argv[2]);
  } catch (error) {
    console.error(error.stack);
    process.exitCode = 1;
  }
  process.exit();
}
