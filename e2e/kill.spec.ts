import { readdirSync } from "node:fs";
import pg from "pg";
import { expect, processOf, type Stack, test } from "./fixtures";
import { addConfirmed, beMember, makeWorkshop, moveWorkshop, open } from "./people";

/**
 * `kill -9` of the worker in the middle of its work. The moments are found in the rows of the database; what was begun is
 * finished by the next worker, which takes over within about a minute (heartbeats, docs/decisions/0003-jobs.md).
 */

const guests = 6;
const readers = 60;

let db: pg.Client;

test.beforeEach(async ({ stack }) => {
  db = new pg.Client({ connectionString: stack.database.ownerUrl });
  await db.connect();
});

test.afterEach(() => db.end());

async function row<T>(sql: string, values: unknown[] = []): Promise<T> {
  const { rows } = await db.query(sql, values);
  return rows[0] as T;
}

/** Looks at rows without a pause until they are as wanted; the moment is short. */
async function moment<T>(what: string, look: () => Promise<T>, wanted: (found: T) => boolean): Promise<T> {
  const until = Date.now() + 60_000;
  for (;;) {
    const found = await look();
    if (wanted(found)) return found;
    if (Date.now() > until) throw new Error(`The moment never came: ${what}; it is ${JSON.stringify(found)}`);
  }
}

async function killWorker(stack: Stack): Promise<void> {
  const killed = processOf(stack, "worker");
  process.kill(killed, "SIGKILL");
  await expect.poll(() => processOf(stack, "worker"), { timeout: 20_000 }).not.toBe(killed);
}

const leasesOf = (workshopId: string) =>
  row<{ all: number; ready: number; live: number }>(
    `select count(*)::int as all, count(*) filter (where state = 'ready')::int as ready,
     count(*) filter (where "endedAt" is null)::int as live from "Lease" where "workshopId" = $1`,
    [workshopId],
  );

const cleaningOf = (workshopId: string) =>
  row<{ running: number; checks: number; ended: number }>(
    `select count(distinct c.id) filter (where c.state = 'running')::int as running, count(k.*)::int as checks,
     count(distinct c.id) filter (where c.state <> 'running')::int as ended
     from "Lease" l join "Cleanup" c on c."leaseId" = l.id left join "CleanupCheck" k on k."cleanupId" = c.id
     where l."workshopId" = $1`,
    [workshopId],
  );

const mailsAbout = (workshopId: string, kind: string) =>
  row<{ all: number; sent: number; waiting: number; other: number }>(
    `select count(*)::int as all, count(*) filter (where state = 'sent')::int as sent,
     count(*) filter (where state in ('queued', 'sending'))::int as waiting,
     count(*) filter (where state not in ('queued', 'sending', 'sent'))::int as other
     from "Message" where "workshopId" = $1 and kind = $2`,
    [workshopId, kind],
  );

/** How many files of the mailbox each sent message has, those with other than one by their id. */
async function notOnce(stack: Stack, workshopId: string): Promise<Record<string, number>> {
  const { rows } = await db.query<{ id: string }>(
    `select id from "Message" where "workshopId" = $1 and state = 'sent'`,
    [workshopId],
  );
  const files = readdirSync(stack.mailbox).filter((name) => name.endsWith(".eml"));
  const counts = rows.map(({ id }) => [id, files.filter((name) => name.startsWith(`${id}.`)).length] as const);
  return Object.fromEntries(counts.filter(([, count]) => count !== 1));
}

/** Entries about the leases of a workshop by what was done: how many, and about how many leases. */
async function auditOf(workshopId: string): Promise<Record<string, string>> {
  const { rows } = await db.query<{ action: string; counts: string }>(
    `select a.action, count(*) || ' of ' || count(distinct a."entityId") as counts from "AuditEntry" a
     join "Lease" l on l.id = a."entityId" where l."workshopId" = $1 group by a.action`,
    [workshopId],
  );
  return Object.fromEntries(rows.map(({ action, counts }) => [action, counts]));
}

const accounts = () =>
  row<{ all: number; lost: number }>(
    `select count(*)::int as all,
     count(*) filter (where state = 'leased' and not exists
       (select 1 from "Lease" l where l."accountId" = a.id and l."endedAt" is null))::int as lost from "SandboxAccount" a`,
  );

test("a worker that is killed while it vends, cleans and mails loses nothing and does nothing twice", async ({
  page,
  context,
  stack,
  newPerson,
}) => {
  test.setTimeout(400_000);
  const before = await accounts();
  const { workshopId } = await makeWorkshop(stack, { title: "Killed while open", seats: guests, sandbox: true });
  await addConfirmed(stack, workshopId, guests);
  await beMember(context, stack, "teo@iberia.example");

  await test.step("Killed while vending: every lease becomes ready", async () => {
    await open(page, `/workshops/${workshopId}`);
    const opening = moveWorkshop(page, "Open workshop");
    await moment(
      "some leases are ready, some not",
      () => leasesOf(workshopId),
      ({ all, ready }) => all === guests && ready > 0,
    );
    await killWorker(stack);
    await opening;
    const cut = await leasesOf(workshopId);
    expect(cut.ready).toBeLessThan(guests);
    await expect
      .poll(() => leasesOf(workshopId), { timeout: 120_000 })
      .toEqual({ all: guests, ready: guests, live: guests });
    await expect
      .poll(() => mailsAbout(workshopId, "access_ready"), { timeout: 90_000 })
      .toEqual({ all: guests, sent: guests, waiting: 0, other: 0 });
  });

  const read = await makeWorkshop(stack, { title: "Killed while mailing", seats: readers });
  await addConfirmed(stack, read.workshopId, readers);
  const other = await (await newPerson()).newPage();
  await beMember(other.context(), stack, "teo@iberia.example");
  await open(other, `/workshops/${read.workshopId}`);

  await test.step("Killed while cleaning", async () => {
    await open(page, `/workshops/${workshopId}`);
    await moveWorkshop(page, "Close workshop");
    await moment(
      "some cleanups run",
      () => cleaningOf(workshopId),
      ({ running, checks }) => running > 1 && checks > 0,
    );
    await killWorker(stack);
    expect((await cleaningOf(workshopId)).running).toBeGreaterThan(0);
  });

  await test.step("Killed while mailing", async () => {
    await other.getByRole("button", { name: "More" }).click();
    await other.getByRole("menuitem", { name: "Cancel workshop" }).click();
    const question = other.getByRole("dialog");
    await question.getByRole("textbox").fill("Killed while mailing");
    await question.getByRole("button", { name: "Cancel workshop" }).click({ noWaitAfter: true });
    await moment(
      "some mails are sent, some not",
      () => mailsAbout(read.workshopId, "workshop_cancelled"),
      ({ sent, waiting }) => sent > 0 && waiting > 0,
    );
    await killWorker(stack);
    expect((await mailsAbout(read.workshopId, "workshop_cancelled")).waiting).toBeGreaterThan(0);
  });

  await test.step("Every mail goes out, each exactly once", async () => {
    await expect
      .poll(() => mailsAbout(read.workshopId, "workshop_cancelled"), { timeout: 150_000 })
      .toEqual({ all: readers, sent: readers, waiting: 0, other: 0 });
    expect(await notOnce(stack, read.workshopId)).toEqual({});
    expect(await notOnce(stack, workshopId)).toEqual({});
  });

  await test.step("Every account is cleaned and back, none is lost, and the history says each thing once", async () => {
    await expect
      .poll(() => row(`select state::text from "Workshop" where id = $1`, [workshopId]), { timeout: 150_000 })
      .toEqual({ state: "closed" });
    expect(await leasesOf(workshopId)).toEqual({ all: guests, ready: 0, live: 0 });
    expect(await accounts()).toEqual({ all: before.all, lost: 0 });
    const { rows: back } = await db.query<{ state: string; unproved: boolean }>(
      `select a.state::text, l."provedAt" is null as unproved from "Lease" l join "SandboxAccount" a on a.id = l."accountId"
       where l."workshopId" = $1`,
      [workshopId],
    );
    expect(back).toEqual(Array.from({ length: guests }, () => ({ state: "available", unproved: false })));
    const once = `${guests} of ${guests}`;
    const actions = ["reserved", "ready", "closing", "revocation_proved", "ended"].map((name) => `lease.${name}`);
    expect(await auditOf(workshopId)).toEqual(Object.fromEntries(actions.map((action) => [action, once])));
  });
});
