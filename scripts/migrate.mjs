/**
 * `npm run migrate`            brings the database to the newest migration, then installs what is not Prisma's: the
 *                              schema of the job queue and the grants of `prisma/grants.sql`. Can run twice, and two at once.
 * `npm run migrate -- new NAME` writes `prisma/migrations/<time>_NAME/migration.sql`: the way from the migrations to
 *                              `prisma/schema.prisma`. What Prisma cannot say is added to that file by hand.
 * `npm run migrate -- check`   says whether migrations and schema agree, and leaves with code 1 if not.
 *
 * The first connects as the owner at DATABASE_OWNER_URL (else DATABASE_URL, else the embedded PostgreSQL outside of
 * production); the other two use a throwaway database of the embedded one.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundle } from "./bundle.mjs";
import { makeDatabase, startPostgres, withClient } from "./postgres.mjs";
import { atelier, root } from "./project.mjs";
import { openEngine } from "./schema-engine.mjs";

/**
 * Migrations, job queue, grants. `ownerUrl` connects as the role that owns the tables, `appRole` is the one that the app
 * connects as, `say` takes a line for each thing that was done.
 */
export async function deploy({ ownerUrl, appRole = "atelier_app", say = () => undefined }) {
  const engine = await openEngine(ownerUrl);
  try {
    const { editedMigrationNames: edited, failedMigrationNames: failed, history } = await engine.diagnose();
    if (failed.length)
      throw new Error(`A migration failed half way: ${failed.join(", ")}. Put the database right first.`);
    if (edited.length) say(`Edited after they ran, and not run again: ${edited.join(", ")}`);
    if (history?.diagnostic === "historiesDiverge") {
      throw new Error(
        `The database has migrations that are not here: ${history.unpersistedMigrationNames.join(", ")}.`,
      );
    }
    for (const name of await engine.apply()) say(`Applied ${name}`);
    const drift = await engine.drift();
    if (statements(drift).length) say(`The database differs from the schema:\n${drift}`);
  } finally {
    engine.close();
  }
  await installQueues(ownerUrl);
  await grant(ownerUrl, appRole);
}

/** The queues of `server/jobs/install.ts`, from its bundle or from the source. */
async function installQueues(ownerUrl) {
  if (!existsSync(join(root, "server", "jobs", "install.ts")) && !existsSync(join(root, "dist", "jobs-install.mjs")))
    return;
  const file = existsSync(join(root, "server", "jobs", "install.ts"))
    ? await bundle("server/jobs/install.ts", atelier("bundles", "jobs-install.mjs"))
    : join(root, "dist", "jobs-install.mjs");
  const { installQueues: install } = await import(`${pathToFileURL(file).href}?${randomBytes(4).toString("hex")}`);
  await install(ownerUrl);
}

/** `prisma/grants.sql`, with the app's role in the place of `atelier_app`. */
async function grant(ownerUrl, appRole) {
  const sql = readFileSync(join(root, "prisma", "grants.sql"), "utf8");
  await withClient(ownerUrl, async (client) => {
    const { rows } = await client.query(
      "select current_user as owner, exists(select from pg_roles where rolname = $1) as known",
      [appRole],
    );
    // One role for everything: it owns the tables, so there is nothing to grant.
    if (rows[0].owner === appRole) return;
    if (!rows[0].known)
      throw new Error(`There is no role "${appRole}" in the database: create it for the app to connect as.`);
    // Two at once would update the same catalogue rows; the lock is released with the transaction.
    await client.query("begin; select pg_advisory_xact_lock(7215001)");
    await client.query(sql.replaceAll("atelier_app", client.escapeIdentifier(appRole)));
    await client.query("commit");
  });
}

/** The SQL from where the migrations lead to the schema; empty if they agree. */
async function missing() {
  const { holdTestPostgres, letGoOfTestPostgres } = await import("./test-postgres.mjs");
  const postgres = await holdTestPostgres();
  const name = `shadow_${randomBytes(6).toString("hex")}`;
  try {
    await makeDatabase(postgres.url("postgres", "super"), name);
    const engine = await openEngine(postgres.url(name, "owner"));
    await engine.apply();
    const sql = await engine.drift();
    engine.close();
    return statements(sql).length ? sql : "";
  } finally {
    await withClient(postgres.url("postgres", "super"), (client) =>
      client.query(`drop database if exists ${name} with (force)`),
    );
    await letGoOfTestPostgres();
  }
}

/** What is left of a script without comments and empty lines. */
function statements(sql) {
  return sql.split("\n").filter((line) => line.trim() && !line.trim().startsWith("--"));
}

async function writeNew(name) {
  if (!/^[a-z0-9_]+$/.test(name ?? "")) throw new Error("Usage: npm run migrate -- new name_in_small_letters");
  const sql = await missing();
  if (!sql) return console.log("The migrations already lead to the schema: nothing to write.");
  const time = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
  const folder = join(root, "prisma", "migrations", `${time}_${name}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "migration.sql"), sql);
  const lock = join(root, "prisma", "migrations", "migration_lock.toml");
  if (!existsSync(lock)) writeFileSync(lock, '# Read by the Prisma command line.\nprovider = "postgresql"\n');
  console.log(`Wrote prisma/migrations/${time}_${name}/migration.sql: read it before it runs.`);
}

/** Whom to connect as: from the environment, or the embedded PostgreSQL. */
async function target() {
  const { DATABASE_OWNER_URL, DATABASE_URL, ATELIER_MODE } = process.env;
  const appRole = DATABASE_URL ? decodeURIComponent(new URL(DATABASE_URL).username) : "atelier_app";
  if (DATABASE_OWNER_URL ?? DATABASE_URL) return { ownerUrl: inUtc(DATABASE_OWNER_URL ?? DATABASE_URL), appRole };
  if (ATELIER_MODE === "production") throw new Error("DATABASE_OWNER_URL is not set: the role that owns the tables.");
  const postgres = await startPostgres({ folder: atelier("pg") });
  await makeDatabase(postgres.url("postgres", "super"), "atelier");
  return { ownerUrl: postgres.url("atelier", "owner"), appRole, stop: postgres.reused ? undefined : postgres.stop };
}

/** Sessions in UTC, as everywhere (see `postgres.mjs`), unless the URL already carries options. */
export function inUtc(url) {
  const parsed = new URL(url);
  if (parsed.searchParams.has("options")) return url;
  return `${url}${parsed.search ? "&" : "?"}options=-c%20TimeZone%3DUTC`;
}

async function main([command, name]) {
  if (command === "new") return writeNew(name);
  if (command === "check") {
    const sql = await missing();
    console.log(sql ? `Migrations and schema differ:\n${sql}` : "Migrations and schema agree.");
    process.exitCode = sql ? 1 : 0;
    return;
  }
  if (command) throw new Error(`There is no "${command}": npm run migrate [-- new NAME | check]`);
  const { stop, ...where } = await target();
  await deploy({ ...where, say: console.log });
  await stop?.();
  console.log("The database is up to date.");
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
  // The engine keeps handles open.
  process.exit();
}
