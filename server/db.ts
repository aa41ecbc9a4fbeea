import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { PrismaClient } from "@/prisma/generated/client";
import { env } from "@/server/env";

/** The client, and the client inside a transaction: use cases take the first and pass on the second. */
export type Db = PrismaClient;
export type Tx = Parameters<Parameters<PrismaClient["$transaction"]>[0]>[0];

/**
 * A database client with its pool. The pg adapter assumes that the session's time zone is UTC, so it is set on each
 * connection. Transactions are READ COMMITTED: races are decided by constraints, conditional updates and locks.
 */
export function createDb(url: string, connections = 10): { db: Db; pool: pg.Pool; close(): Promise<void> } {
  const pool = new pg.Pool({ connectionString: url, max: connections, options: "-c TimeZone=UTC" });
  const db = new PrismaClient({
    adapter: new PrismaPg(pool),
    transactionOptions: { maxWait: 10_000, timeout: 30_000 },
  });
  return {
    db,
    pool,
    async close() {
      await db.$disconnect();
      if (!pool.ended) await pool.end();
    },
  };
}

// One pool for a process, kept over Next's module reloads.
const globals = globalThis as { atelierDatabase?: ReturnType<typeof createDb> };

/** The database of this process. */
export function database(): ReturnType<typeof createDb> {
  globals.atelierDatabase ??= createDb(env().DATABASE_URL);
  return globals.atelierDatabase;
}
