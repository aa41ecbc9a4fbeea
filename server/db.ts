import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { Prisma, PrismaClient } from "@/prisma/generated/client";
import { env } from "@/server/env";

/** The client, and the client inside a transaction: use cases take the first and pass on the second. */
export type Db = PrismaClient;
export type Tx = Parameters<Parameters<PrismaClient["$transaction"]>[0]>[0];

/** Statements that keep their plan, on each connection: what they take of the server's memory stays small. */
const preparedStatements = 200;

/**
 * Names for statements that come again and again, so that the server parses and plans them once for each connection. One is
 * named when it comes the third time: what is asked once in a while, or with lists of ever other lengths, has none (an empty
 * name) and takes no place.
 */
function statementNames(): (query: { sql: string }) => string {
  const seen = new Map<string, number>();
  const names = new Map<string, string>();
  return ({ sql }) => {
    const known = names.get(sql);
    if (known || names.size >= preparedStatements) return known ?? "";
    const times = (seen.get(sql) ?? 0) + 1;
    if (times < 3) {
      if (seen.size > 2_000) seen.clear();
      seen.set(sql, times);
      return "";
    }
    seen.delete(sql);
    const name = `atelier_${names.size}`;
    names.set(sql, name);
    return name;
  };
}

/**
 * A database client with its pool. The pg adapter assumes that the session's time zone is UTC, so it is set on each
 * connection. Transactions are READ COMMITTED: races are decided by constraints, conditional updates and locks.
 */
export function createDb(url: string, connections = 10): { db: Db; pool: pg.Pool; close(): Promise<void> } {
  const pool = new pg.Pool({ connectionString: url, max: connections, options: "-c TimeZone=UTC" });
  const db = new PrismaClient({
    adapter: new PrismaPg(pool, { statementNameGenerator: statementNames() }),
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

/**
 * Adds many rows to a table in one statement; those that a unique index refuses are left out. Returns the ids of the rows that
 * are new. It is what createMany does at a tenth of the work, for thousands of rows: they travel as one JSON text, which the
 * database reads by the types of its own columns. All rows have the same columns, and values as JSON has them, or dates.
 */
export async function insertRows(tx: Tx, table: "Invite" | "Message" | "Customer", rows: object[]): Promise<string[]> {
  const columns = Object.keys(JSON.parse(JSON.stringify(rows[0] ?? {})));
  if (columns.length === 0) return [];
  // Names of tables and columns are our own words, never somebody's input.
  const names = Prisma.raw(columns.map((column) => `"${column}"`).join(", "));
  const into = Prisma.raw(`"${table}"`);
  const made = await tx.$queryRaw<{ id: string }[]>`
    INSERT INTO ${into} (${names})
    SELECT ${names} FROM jsonb_populate_recordset(null::${into}, ${JSON.stringify(rows)}::jsonb)
    ON CONFLICT DO NOTHING RETURNING "id"`;
  return made.map(({ id }) => id);
}

// One pool for a process, kept over Next's module reloads.
const globals = globalThis as { atelierDatabase?: ReturnType<typeof createDb> };

/** The database of this process. */
export function database(): ReturnType<typeof createDb> {
  globals.atelierDatabase ??= createDb(env().DATABASE_URL);
  return globals.atelierDatabase;
}
