import pg from "pg";
import { expect, test } from "vitest";
import { createTestDatabase } from "@/server/testing/database";

async function as<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

test("two test databases do not see each other, and a dropped one is gone", async () => {
  const [one, two] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await as(one.ownerUrl, (client) => client.query("create table only_here (id int)"));
  await expect(as(two.ownerUrl, (client) => client.query("select * from only_here"))).rejects.toThrow("does not exist");
  await one.drop();
  await expect(as(one.url, (client) => client.query("select 1"))).rejects.toThrow("does not exist");
  await two.drop();
});

test("the app's role reads and adds to the audit and the activity, and cannot change or remove what is there", async () => {
  const database = await createTestDatabase();
  await as(database.url, async (client) => {
    for (const table of ["AuditEntry", "Activity"]) {
      await client.query(`select count(*) from "${table}"`);
      for (const statement of [`delete from "${table}"`, `update "${table}" set id = id`, `truncate "${table}"`]) {
        await expect(client.query(statement), statement).rejects.toThrow("permission denied");
      }
    }
    await expect(client.query("create table mine (id int)")).rejects.toThrow("permission denied");
    await client.query(`delete from "Workshop"`);
  });
  await database.drop();
});

test("a session's time zone is UTC, whoever connects", async () => {
  const database = await createTestDatabase();
  for (const url of [database.url, database.ownerUrl]) {
    const zone = await as(url, async (client) => (await client.query("show timezone")).rows[0]?.TimeZone);
    expect(zone).toBe("UTC");
  }
  await database.drop();
});
