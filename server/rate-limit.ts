import { RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import type { Context } from "@/server/context";
import type { Db } from "@/server/db";
import { DomainError } from "@/server/errors";
import { keyedHash } from "@/server/ids";

/**
 * Limits on how often something may be tried, counted in the database, so that every process and every server counts
 * together. Keys are hashed with the installation's secret: the table names nobody.
 */

export type Limit = { points: number; seconds: number };

type Query = { text: string; values: (string | number | null)[] };

/**
 * What the limiter's PostgreSQL store takes for a connection, on the Prisma client of the context. That store counts in
 * one statement (insert … on conflict do update); the Prisma store of the same package deletes and counts in two, and
 * loses counts between them. It reads and writes `expire` as a number; Prisma reads bigint as BigInt.
 */
function connection(db: Db) {
  return {
    async query({ text, values }: Query) {
      const typed = values.map((value) => (typeof value === "number" ? BigInt(Math.round(value)) : value));
      const rows = await db.$queryRawUnsafe<{ points?: number; expire?: bigint | null }[]>(text, ...typed);
      return {
        rows: rows.map((row) => ({ ...row, expire: row.expire === null ? null : Number(row.expire) })),
        rowCount: rows.length,
      };
    },
  };
}

const limiters = new WeakMap<Db, Map<string, RateLimiterPostgres>>();

function limiter(db: Db, name: string, { points, seconds }: Limit): RateLimiterPostgres {
  let ofDb = limiters.get(db);
  if (!ofDb) {
    ofDb = new Map();
    limiters.set(db, ofDb);
  }
  const id = `${name}:${points}:${seconds}`;
  let found = ofDb.get(id);
  if (!found) {
    found = new RateLimiterPostgres({
      storeClient: connection(db),
      storeType: "client",
      tableName: "RateLimit",
      // The migrations made the table; the app's role may not.
      tableCreated: true,
      keyPrefix: name,
      points,
      duration: seconds,
      // One timer for each database removes what is over; it keeps no process alive.
      clearExpiredByTimeout: ofDb.size === 0,
    });
    ofDb.set(id, found);
  }
  return found;
}

/** "40 seconds", "3 minutes", "2 hours": rounded up, so that trying again then works. */
export function waitingTime(seconds: number): string {
  const [amount, unit] =
    seconds < 90
      ? [seconds, "second"]
      : seconds < 5400
        ? [Math.ceil(seconds / 60), "minute"]
        : [Math.ceil(seconds / 3600), "hour"];
  return `${amount} ${unit}${amount === 1 ? "" : "s"}`;
}

/** Tries of one key that came while earlier ones were being counted; each is told whether it is refused, and for how long. */
type Tries = ((refusedForMilliseconds: number | null, error?: unknown) => void)[];

const counting = new WeakMap<Db, Map<string, Tries>>();

/** Counts so many tries in one statement; the first of them get what is left. */
async function countAll(db: Db, name: string, hashed: string, allowed: Limit, tries: Tries): Promise<void> {
  try {
    await limiter(db, name, allowed).consume(hashed, tries.length);
    for (const told of tries) told(null);
  } catch (refused) {
    const over = refused instanceof RateLimiterRes ? refused : null;
    const free = over ? allowed.points - (over.consumedPoints - tries.length) : 0;
    for (const [at, told] of tries.entries()) {
      if (over) told(at < free ? null : over.msBeforeNext);
      else told(null, refused);
    }
  }
}

/** How long a try is refused, in milliseconds; null when it may go on. Tries of one key at the same time are counted together. */
async function count(db: Db, name: string, hashed: string, allowed: Limit): Promise<number | null> {
  const ofDb = counting.get(db) ?? new Map<string, Tries>();
  counting.set(db, ofDb);
  const key = `${name}:${allowed.points}:${allowed.seconds}:${hashed}`;
  return new Promise((resolve, reject) => {
    const told: Tries[number] = (milliseconds, error) => (error === undefined ? resolve(milliseconds) : reject(error));
    const waiting = ofDb.get(key);
    if (waiting) {
      waiting.push(told);
      return;
    }
    const run = async (tries: Tries): Promise<void> => {
      const next: Tries = [];
      ofDb.set(key, next);
      await countAll(db, name, hashed, allowed, tries);
      if (next.length > 0) return run(next);
      ofDb.delete(key);
    };
    void run([told]);
  });
}

/**
 * Counts one try of `name` by `key` and throws `too_many` (with `retryAfterSeconds`) once more than `points` came within
 * `seconds`. Windows are fixed and run on real time, whatever clock the context has. Counts at once, outside of any
 * transaction: a try that fails later has still been made.
 */
export async function limit(ctx: Context, name: string, key: string, allowed: Limit): Promise<void> {
  const hashed = keyedHash(ctx.env.ATELIER_SECRET_KEY, `rate-limit:${name}`, key);
  const refusedFor = await count(ctx.db, name, hashed, allowed);
  if (refusedFor === null) return;
  const retryAfterSeconds = Math.max(1, Math.ceil(refusedFor / 1000));
  throw new DomainError("too_many", `Too many tries. Try again in ${waitingTime(retryAfterSeconds)}.`, {
    retryAfterSeconds,
  });
}
