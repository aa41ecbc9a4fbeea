import { randomBytes } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import { makeDatabase, withClient } from "@/scripts/postgres.mjs";
import { holdTestPostgres, letGoOfTestPostgres, template } from "@/scripts/test-postgres.mjs";

/**
 * Throwaway databases on a real PostgreSQL: one for a test file, a copy of a template that is migrated once.
 *
 *   let database: TestDatabase;
 *   beforeAll(async () => { database = await createTestDatabase(); });
 *   afterAll(() => database.drop());
 *   const { db, close } = createDb(database.url);   // from server/db.ts; close it before drop
 *
 * Works outside of Vitest too (benchmarks, end-to-end tests): the server starts with the first database and stops with the last.
 */

export type TestDatabase = {
  /** Connects as the app's role: what `prisma/grants.sql` grants, no more. */
  readonly url: string;
  /** Connects as the owner of the tables, past the app's grants. */
  readonly ownerUrl: string;
  readonly name: string;
  /** Ends all connections and removes the database. */
  drop(): Promise<void>;
};

let open = 0;

/** A fresh, migrated, empty database (about 50 ms). */
export async function createTestDatabase(): Promise<TestDatabase> {
  const postgres = await holdTestPostgres();
  open += 1;
  const name = `test_${process.pid}_${randomBytes(5).toString("hex")}`;
  const superUrl = postgres.url("postgres", "super");
  await makeDatabase(superUrl, name, await template(postgres));
  return {
    name,
    url: postgres.url(name, "app"),
    ownerUrl: postgres.url(name, "owner"),
    async drop() {
      await withClient(superUrl, async (client) => {
        // A pool that was just ended may still be saying goodbye; cut off in the middle of that, its client would throw.
        const deadline = performance.now() + 3_000;
        const guests = "select 1 from pg_stat_activity where datname = $1";
        while ((await client.query(guests, [name])).rowCount && performance.now() < deadline) await turn();
        await client.query(`drop database if exists ${name} with (force)`);
      });
      open -= 1;
      if (open === 0) await letGoOfTestPostgres();
    },
  };
}
