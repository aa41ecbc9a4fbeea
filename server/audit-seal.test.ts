import { afterAll, beforeAll, expect, it } from "vitest";
import { audit } from "@/server/audit";
import { sealAudit, verifyAudit } from "@/server/audit-seal";
import type { Context } from "@/server/context";
import { createDb } from "@/server/db";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { makeTeam, testContext, testEnv } from "@/server/testing/factories";

let database: TestDatabase;
let ctx: Context;
let owner: ReturnType<typeof createDb>;
let app: ReturnType<typeof createDb>;

beforeAll(async () => {
  database = await createTestDatabase();
  app = createDb(database.url);
  owner = createDb(database.ownerUrl, 2);
  ctx = testContext(app.db, testEnv(database.url), { kind: "system", by: "clock" });
});

afterAll(async () => {
  await app.close();
  await owner.close();
  await database.drop();
});

async function teamWithEntries(count: number) {
  const { id: teamId } = await makeTeam(app.db);
  for (let n = 1; n <= count; n++)
    await audit(ctx, app.db, {
      teamId,
      action: "test.done",
      entity: "test",
      entityId: `t${n}`,
      detail: { n, b: { c: 1, a: 2 } },
    });
  return teamId;
}

it("seals entries once, in order, with a chain for each team, also when two workers seal at once", async () => {
  const [first, second] = [await teamWithEntries(5), await teamWithEntries(3)];
  await audit(ctx, app.db, { teamId: null, action: "team.created", entity: "team", entityId: first });
  await Promise.all([sealAudit(ctx), sealAudit(ctx)]);
  expect(await verifyAudit(ctx, { teamId: first })).toEqual({ intact: true, sealed: 5, unsealed: 0 });
  expect(await verifyAudit(ctx, { teamId: second })).toEqual({ intact: true, sealed: 3, unsealed: 0 });
  expect(await verifyAudit(ctx, { teamId: null })).toMatchObject({ intact: true, sealed: 1 });
  await audit(ctx, app.db, { teamId: first, action: "test.done", entity: "test", entityId: "t6" });
  expect(await verifyAudit(ctx, { teamId: first })).toEqual({ intact: true, sealed: 5, unsealed: 1 });
  await sealAudit(ctx);
  expect(await verifyAudit(ctx, { teamId: first })).toEqual({ intact: true, sealed: 6, unsealed: 0 });
});

it("cannot be changed by the app, and shows a change, a deletion or a new order made by the owner of the tables", async () => {
  const teamId = await teamWithEntries(4);
  await sealAudit(ctx);
  const [, second, third] = await app.db.auditEntry.findMany({ where: { teamId }, orderBy: { ordinal: "asc" } });
  await expect(app.db.auditEntry.update({ where: { id: second!.id }, data: { action: "x" } })).rejects.toThrow();
  await expect(app.db.auditEntry.delete({ where: { id: second!.id } })).rejects.toThrow();
  await expect(app.db.auditSeal.deleteMany({ where: { teamId } })).rejects.toThrow();

  const change = owner.db.auditEntry.update({ where: { id: second!.id }, data: { detail: { n: 99 } } });
  await expect(change).rejects.toThrow("append-only");
  // Whoever owns the tables can switch even that off; the chain tells.
  await owner.db.$executeRawUnsafe('alter table "AuditEntry" disable trigger user');
  await owner.db.$executeRawUnsafe('alter table "AuditSeal" disable trigger user');

  await owner.db.auditEntry.update({ where: { id: second!.id }, data: { detail: { n: 99 } } });
  expect(await verifyAudit(ctx, { teamId })).toEqual({
    intact: false,
    position: 2,
    entryId: second!.id,
    problem: "changed",
  });
  await owner.db.auditEntry.update({ where: { id: second!.id }, data: { detail: { b: { a: 2, c: 1 }, n: 2 } } });
  expect(await verifyAudit(ctx, { teamId })).toMatchObject({ intact: true });

  await owner.db.auditEntry.delete({ where: { id: third!.id } });
  expect(await verifyAudit(ctx, { teamId })).toMatchObject({ intact: false, position: 3, problem: "missing" });
  await owner.db.auditSeal.delete({ where: { entryId: third!.id } });
  expect(await verifyAudit(ctx, { teamId })).toMatchObject({ intact: false, position: 4, problem: "broken" });
});
