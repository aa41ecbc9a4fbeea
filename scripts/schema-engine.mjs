/**
 * Prisma's own schema engine in its WebAssembly form, so that migrations need no native program to be downloaded. What it
 * writes (`prisma/migrations/<time>_<name>/migration.sql`, the table `_prisma_migrations`) is what the Prisma command line
 * reads and writes: `prisma migrate deploy` stays possible.
 *
 *   const engine = await openEngine(url);
 *   await engine.apply();   // → names of the migrations applied
 *   await engine.drift();   // → SQL from the database as it is to the schema
 *   engine.close();
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from "@prisma/driver-adapter-utils";
import { root } from "./project.mjs";

const require = createRequire(import.meta.url);
const schemaPath = join(root, "prisma", "schema.prisma");
const migrationsDir = join(root, "prisma", "migrations");
const filters = { externalTables: [], externalEnums: [] };
/** PostgreSQL's internal one-byte "char", which the adapter does not know. */
const internalChar = 18;

/** The migrations on disk, in the shape that the engine takes. */
export function readMigrations() {
  const lock = join(migrationsDir, "migration_lock.toml");
  const names = existsSync(migrationsDir)
    ? readdirSync(migrationsDir).filter((name) => existsSync(join(migrationsDir, name, "migration.sql")))
    : [];
  return {
    baseDir: migrationsDir,
    lockfile: { path: "migration_lock.toml", content: existsSync(lock) ? readFileSync(lock, "utf8") : null },
    shadowDbInitScript: "",
    migrationDirectories: names.sort().map((name) => ({
      path: name,
      migrationFile: {
        path: "migration.sql",
        content: { tag: "ok", value: readFileSync(join(migrationsDir, name, "migration.sql"), "utf8") },
      },
    })),
  };
}

/** An engine on the database at `url`, as a role that owns its tables. */
export async function openEngine(url) {
  const bindings = await loadWasm();
  const schema = { files: [{ path: schemaPath, content: readFileSync(schemaPath, "utf8") }] };
  const factory = bindMigrationAwareSqlAdapterFactory(adapterFactory(url));
  // Failures inside the adapter come back as a number into this registry: turned into the error that they stand for.
  const call = async (work) => {
    try {
      return await work();
    } catch (error) {
      throw readable(error, factory.errorRegistry);
    }
  };
  const engine = await call(() =>
    bindings.SchemaEngine.new(
      { datamodels: schema.files.map((file) => [file.path, file.content]) },
      () => undefined,
      factory,
    ),
  );
  return {
    /** Applies what is not applied yet; returns the names. Two at once are safe: the engine takes an advisory lock. */
    apply: () =>
      call(
        async () => (await engine.applyMigrations({ migrationsList: readMigrations(), filters })).appliedMigrationNames,
      ),
    /** What the migrations on disk and the database's history say of each other. */
    diagnose: () =>
      call(() =>
        engine.diagnoseMigrationHistory({ migrationsList: readMigrations(), optInToShadowDatabase: false, filters }),
      ),
    /** The SQL from the database as it is to the schema; empty if they agree. */
    drift: () =>
      call(async () => {
        const from = { tag: "schemaDatasource", files: schema.files, configDir: dirname(schemaPath) };
        const to = { tag: "schemaDatamodel", files: schema.files };
        return (await engine.diff({ from, to, script: true, exitCode: null, filters })).stdout ?? "";
      }),
    close: () => engine.free(),
  };
}

let loading;
function loadWasm() {
  loading ??= (async () => {
    globalThis.PRISMA_WASM_PANIC_REGISTRY = {
      set_message: (message) => process.stderr.write(`The schema engine stopped: ${message}\n`),
    };
    const path = require.resolve("@prisma/schema-engine-wasm/schema_engine_bg");
    const bindings = await import("@prisma/schema-engine-wasm/schema_engine_bg");
    const wasm = readFileSync(join(dirname(path), "schema_engine_bg.wasm"));
    const { instance } = await WebAssembly.instantiate(wasm, { "./schema_engine_bg.js": bindings });
    bindings.__wbg_set_wasm(instance.exports);
    instance.exports.__wbindgen_start();
    return bindings;
  })();
  return loading;
}

/** Prisma's adapter for PostgreSQL with three things put right for migrations (see `fix`). */
function adapterFactory(url) {
  const factory = new PrismaPg({ connectionString: url, max: 2 });
  const connect = factory.connect.bind(factory);
  factory.connect = async () => fix(await connect());
  // By itself it would use the real database. Where a shadow is needed, we open an engine on one of our own.
  factory.connectToShadowDb = () => Promise.reject(new Error("There is no shadow database here."));
  return factory;
}

/**
 * A script goes to the server whole, since the adapter splits at every `;` and breaks function bodies; and a column of
 * type "char" is read as a character instead of being refused.
 */
function fix(adapter) {
  adapter.executeScript = async (script) => {
    try {
      await adapter.underlyingDriver().query(script);
    } catch (error) {
      adapter.onError(error);
    }
  };
  const { queryRaw } = adapter;
  adapter.queryRaw = async function (query) {
    const performIO = this.performIO.bind(this);
    const characters = [];
    const own = Object.create(this);
    own.performIO = async (input) => {
      const result = await performIO(input);
      result.fields?.forEach((field, index) => {
        if (field.dataTypeID !== internalChar) return;
        characters.push(index);
        field.dataTypeID = 25;
      });
      return result;
    };
    const answer = await queryRaw.call(own, query);
    for (const index of characters) answer.columnTypes[index] = ColumnTypeEnum.Character;
    return answer;
  };
  return adapter;
}

function readable(error, registry) {
  const known = typeof error?.id === "number" ? registry.consumeError(error.id)?.error : undefined;
  if (known) return known;
  if (error instanceof Error) return error;
  return new Error(typeof error === "string" ? error : (error?.message ?? JSON.stringify(error)));
}
