import { afterAll, beforeAll, expect, test } from "vitest";
import { createDb } from "@/server/db";
import { limit, waitingTime } from "@/server/rate-limit";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { testContext, testEnv } from "@/server/testing/factories";

let database: TestDatabase;
let first: ReturnType<typeof createDb>;
let second: ReturnType<typeof createDb>;

beforeAll(async () => {
  database = await createTestDatabase();
  first = createDb(database.url);
  second = createDb(database.url);
});
afterAll(async () => {
  await first.close();
  await second.close();
  await database.drop();
});

const ctx = (db = first.db) => testContext(db, testEnv(database.url), { kind: "visitor" });

test("of 60 tries at once from two processes exactly as many pass as are allowed", async () => {
  const tries = await Promise.allSettled(
    Array.from({ length: 60 }, (_, i) =>
      limit(ctx(i % 2 ? first.db : second.db), "race", "one-key", { points: 20, seconds: 600 }),
    ),
  );
  expect(tries.filter((one) => one.status === "fulfilled")).toHaveLength(20);
});

test("who is refused learns when to try again, and others go on", async () => {
  const allowed = { points: 2, seconds: 600 };
  await limit(ctx(), "words", "a", allowed);
  await limit(ctx(), "words", "a", allowed);
  await expect(limit(ctx(), "words", "a", allowed)).rejects.toMatchObject({
    code: "too_many",
    message: "Too many tries. Try again in 10 minutes.",
    detail: { retryAfterSeconds: expect.closeTo(600, -1) },
  });
  await limit(ctx(), "words", "b", allowed);
  await limit(ctx(), "other", "a", allowed);
});

test("a window that is over counts no longer", async () => {
  const allowed = { points: 1, seconds: 600 };
  await limit(ctx(), "over", "a", allowed);
  await expect(limit(ctx(), "over", "a", allowed)).rejects.toMatchObject({ code: "too_many" });
  await first.db.rateLimit.updateMany({ where: { key: { startsWith: "over:" } }, data: { expire: 1n } });
  await limit(ctx(), "over", "a", allowed);
});

test("the table holds nothing of a key", async () => {
  await limit(ctx(), "address", "ana@iberia.example", { points: 5, seconds: 60 });
  const rows = await first.db.rateLimit.findMany();
  expect(JSON.stringify(rows, (_, value) => (typeof value === "bigint" ? String(value) : value))).not.toContain("ana");
});

test("waiting times are rounded up to words", () => {
  expect([1, 89, 91, 5399, 5401].map(waitingTime)).toEqual([
    "1 second",
    "89 seconds",
    "2 minutes",
    "90 minutes",
    "2 hours",
  ]);
});
