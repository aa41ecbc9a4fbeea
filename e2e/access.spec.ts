import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestInfo } from "@playwright/test";
import pg from "pg";
import { hashToken, makeId, makeToken } from "@/server/ids";
import { expect, type Stack, test } from "./fixtures";

/**
 * Walks every page, every route and every action as every kind of reader, with ids of their own team and of another, and
 * lists what each got. Pages and routes are found in `app/`, actions in the list that the build made, so a new one is walked
 * without a line here.
 */

test.describe.configure({ mode: "serial" });

const root = process.cwd();
let db: pg.Client;
let ids: Record<string, string>;
/** Words that only the team Iberia may read. */
let secrets: string[];
let readers: Record<string, { cookie: string }>;

test.beforeAll(async () => {
  const stack = JSON.parse(readFileSync(process.env.ATELIER_E2E_STACK ?? "", "utf8")) as Stack;
  db = new pg.Client({ connectionString: stack.database.ownerUrl });
  await db.connect();
  ids = await findIds();
  secrets = await findSecrets();
  readers = await makeReaders();
});

test.afterAll(() => db.end());

async function one<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T> {
  const { rows } = await db.query<T>(sql, values);
  if (!rows[0]) throw new Error(`nothing for: ${sql}`);
  return rows[0];
}

/** One row of each kind in the team Iberia, by the name of the parameter that carries it. */
async function findIds(): Promise<Record<string, string>> {
  const { teamId } = await one<{ teamId: string }>(`select id as "teamId" from "Team" where slug = 'iberia'`);
  const first = async (sql: string) => (await one<{ id: string }>(sql, [teamId])).id;
  const workshopId = await first(
    `select w.id from "Workshop" w where w."teamId" = $1 and w.state = 'registration'
     and exists (select 1 from "WorkshopAccountManager" m where m."workshopId" = w.id) order by w.id limit 1`,
  );
  return {
    teamId,
    id: workshopId,
    workshopId,
    registrationId: await first(
      `select id from "Registration" where "teamId" = $1 and state = 'confirmed' and "anonymizedAt" is null
       and "workshopId" = '${workshopId}' limit 1`,
    ),
    inviteId: await first(`select id from "Invite" where "teamId" = $1 limit 1`),
    memberId: await first(`select id from "Member" where "teamId" = $1 and role = 'account_manager' limit 1`),
    accountId: await first(`select id from "SandboxAccount" where "teamId" = $1 limit 1`),
    leaseId: await first(`select id from "Lease" where "teamId" = $1 limit 1`),
    cleanupId: await first(`select id from "Cleanup" where "teamId" = $1 limit 1`),
    messageId: await first(`select id from "Message" where "teamId" = $1 limit 1`),
    customerId: await first(`select id from "Customer" where "teamId" = $1 limit 1`),
  };
}

async function findSecrets(): Promise<string[]> {
  const { rows } = await db.query<{ word: string }>(
    `select name as word from "Person" where "teamId" = $1 and name is not null
     union select email from "Person" where "teamId" = $1 and email is not null
     union select title from "Workshop" where "teamId" = $1
     union select "awsAccountId" from "SandboxAccount" where "teamId" = $1`,
    [ids.teamId],
  );
  // A word that Nordics has too would prove nothing.
  const { rows: shared } = await db.query<{ word: string }>(
    `select name as word from "Person" where "teamId" <> $1 and name is not null
     union select title from "Workshop" where "teamId" <> $1`,
    [ids.teamId],
  );
  return rows.map((row) => row.word).filter((word) => !shared.some((other) => other.word === word));
}

/** A browser for each kind of reader, signed in by a session row. */
async function makeReaders(): Promise<Record<string, { cookie: string }>> {
  const session = async (team: string, where: string, values: unknown[] = []) => {
    const { identityId, teamId } = await one<{ identityId: string; teamId: string }>(
      `select m."identityId", m."teamId" from "Member" m join "Team" t on t.id = m."teamId"
       where t.slug = '${team}' and m."removedAt" is null and ${where} limit 1`,
      values,
    );
    const token = makeToken();
    await db.query(
      `insert into "Session" (id, "tokenHash", "identityId", "teamId", "expiresAt") values ($1, $2, $3, $4, now() + interval '1 hour')`,
      [makeId("session", new Date()), hashToken(token), identityId, teamId],
    );
    return { cookie: `atelier_session=${token}` };
  };
  const attendee = async (registrationId: string, teamId: string, verified: boolean) => {
    const token = makeToken();
    await db.query(
      `insert into "AttendeeBrowser" (id, "teamId", "registrationId", "tokenHash", "verifiedAt", "expiresAt")
       values ($1, $2, $3, $4, ${verified ? "now()" : "null"}, now() + interval '1 hour')`,
      [makeId("attendeeBrowser", new Date()), teamId, registrationId, hashToken(token)],
    );
    return { cookie: `atelier_attendee=${token}` };
  };
  const invites = `exists (select 1 from "WorkshopAccountManager" w where w."memberId" = m.id and w."workshopId" = $1)`;
  const other = await one<{ id: string; teamId: string }>(
    `select id, "teamId" from "Registration" where "teamId" <> $1 and "anonymizedAt" is null limit 1`,
    [ids.teamId],
  );
  return {
    nobody: { cookie: "" },
    "other team's admin": await session("nordics", "m.role = 'admin'"),
    "other team's attendee": await attendee(other.id, other.teamId, true),
    "attendee, not verified": await attendee(ids.registrationId!, ids.teamId!, false),
    attendee: await attendee(ids.registrationId!, ids.teamId!, true),
    "account manager, other workshops": await session("iberia", `m.role = 'account_manager' and not ${invites}`, [
      ids.workshopId,
    ]),
    "account manager": await session("iberia", `m.role = 'account_manager' and ${invites}`, [ids.workshopId]),
    "solutions architect": await session("iberia", "m.role = 'solutions_architect'"),
    admin: await session("iberia", "m.role = 'admin'"),
  };
}

/** What each reader got, as a file beside the report. */
async function list(info: TestInfo, name: string, lines: string[]): Promise<void> {
  const path = info.outputPath(name);
  writeFileSync(path, lines.join("\n"));
  await info.attach(name, { path, contentType: "text/plain" });
}

/** Every page and route of `app/` as a URL pattern, e.g. `/workshops/[id]`. */
function findUrls(file: "page.tsx" | "route.ts"): string[] {
  const files = readdirSync(join(root, "app"), { recursive: true, encoding: "utf8" });
  return (
    files
      .filter((path) => path.split("/").at(-1) === file)
      // The local mailbox is the demo's post office, open to whoever sits at the machine; production has none.
      .filter((path) => !path.includes("mailbox"))
      .map(
        (path) =>
          `/${path
            .split("/")
            .slice(0, -1)
            .filter((part) => !part.startsWith("("))
            .join("/")}`,
      )
      .sort()
  );
}

/** A pattern with rows of the team Iberia in it; `absent` puts ids there that do not exist. */
function fill(pattern: string, absent = false): string {
  return pattern.replace(/\[(?:\.\.\.)?(\w+)\]/g, (_, name: string) => {
    if (name === "missing") return "no/such/page";
    if (name === "tab") return "registrations";
    const id = ids[name] ?? makeToken();
    return absent ? `${id.slice(0, 4)}${"0".repeat(26)}` : id;
  });
}

type Answer = { status: number; location: string; text: string };

async function get(stack: Stack, reader: { cookie: string }, path: string): Promise<Answer> {
  const stop = AbortSignal.timeout(20_000);
  const response = await fetch(stack.url + path, {
    headers: { cookie: reader.cookie },
    redirect: "manual",
    signal: stop,
  });
  const stream = response.headers.get("content-type")?.includes("event-stream");
  const text = stream ? "" : await response.text();
  if (stream) await response.body?.cancel();
  return { status: response.status, location: response.headers.get("location") ?? "", text };
}

const told = (text: string) => secrets.filter((word) => text.includes(word));

test("no page and no route shows a word of a team to anybody outside it, and a foreign id is answered as one that does not exist", async ({
  stack,
}, info) => {
  test.setTimeout(300_000);
  const table: string[] = [];
  const wrong: string[] = [];
  for (const pattern of [...findUrls("page.tsx"), ...findUrls("route.ts")]) {
    const answers: string[] = [];
    for (const [name, reader] of Object.entries(readers)) {
      const found = await get(stack, reader, fill(pattern));
      const inside = /^(account manager|solutions|admin|attendee)/.test(name);
      const publicPage = /^\/(my|check-mail|i|confirm|enter)\//.test(pattern);
      if (!inside && told(found.text).length > 0) wrong.push(`${name} reads ${told(found.text)[0]} on ${pattern}`);
      if (name === "nobody" && !publicPage && found.status === 200 && pattern.includes("["))
        wrong.push(`nobody gets 200 from ${pattern}`);
      if (
        name === "account manager, other workshops" &&
        pattern.startsWith("/workshops/[id]") &&
        told(found.text).length > 0
      )
        wrong.push(`${name} reads ${told(found.text)[0]} on ${pattern}`);
      if (found.status >= 500) wrong.push(`${name} gets ${found.status} from ${pattern}`);
      if (pattern.includes("[") && !inside) {
        const absent = await get(stack, reader, fill(pattern, true));
        if (absent.status !== found.status)
          wrong.push(`${name}: ${pattern} answers ${found.status}, and ${absent.status} when absent`);
      }
      answers.push(
        `${name} ${found.status}${found.location ? ` → ${new URL(found.location, stack.url).pathname}` : ""}`,
      );
    }
    table.push(`${pattern}: ${answers.join(" · ")}`);
  }
  await list(info, "pages.txt", table);
  expect(table.length).toBeGreaterThan(25);
  expect(wrong).toEqual([]);
});

type Action = { id: string; name: string; file: string };

/** Every server action of the build. */
function findActions(): Action[] {
  const manifest = JSON.parse(readFileSync(join(root, ".next/server/server-reference-manifest.json"), "utf8")) as {
    node: Record<string, { exportedName?: string; filename?: string }>;
  };
  return Object.entries(manifest.node)
    .map(([id, { exportedName = "", filename = "" }]) => ({ id, name: exportedName, file: filename }))
    .sort((a, b) => `${a.file}${a.name}`.localeCompare(`${b.file}${b.name}`));
}

const workshop = {
  ...{
    title: "Changed by a stranger",
    date: "2030-01-15",
    startTime: "09:00",
    endTime: "17:00",
    timeZone: "Europe/Madrid",
  },
  capacity: 50,
};

/** One input that suits every action: each takes what it knows. */
function everyInput(): Record<string, unknown> {
  return {
    ...ids,
    ...workshop,
    form: workshop,
    ...{
      reason: "tried",
      minutes: 30,
      holder: "rehearsal",
      role: "admin",
      email: "stranger@nowhere.example",
      name: "Stranger",
    },
    ...{ key: "reminder", base: "reminder", settings: { on: false }, version: 0, recipientId: null },
    ...{ startsOn: null, acceptFewer: true, seatLimit: 5, note: "", query: "a" },
    ...{ expiresOn: null, list: "stranger@nowhere.example", customers: [{ name: "Stranger", from: null, to: 1 }] },
    ...{ locale: "en", senderName: "Stranger", senderEmail: "stranger@nowhere.example", accentColor: "#112233" },
    ...{ anonymizeAfterDays: 1, unverifiedDeleteDays: 1, cancelledAnonymizeDays: 1, cooldownHours: 1 },
  };
}

/** Calls an action as React does: with one object, or, for the forms of the public pages, with a state and a form. */
async function act(stack: Stack, reader: { cookie: string }, action: Action, origin: string | null): Promise<string> {
  const publicForm = /\(public\)|\(sign-in\)/.test(action.file);
  const headers: Record<string, string> = {
    cookie: reader.cookie,
    "next-action": action.id,
    accept: "text/x-component",
  };
  if (origin) headers.origin = origin;
  let body: BodyInit;
  if (publicForm) {
    const form = new FormData();
    for (const [key, value] of Object.entries({
      ...ids,
      name: "Stranger",
      email: "stranger@nowhere.example",
      company: "Stranger and sons",
      code: "000000",
    }))
      form.append(`_1_${key}`, String(value));
    form.append("0", '[null,"$K1"]');
    body = form;
  } else {
    headers["content-type"] = "text/plain;charset=UTF-8";
    body = JSON.stringify([everyInput()]);
  }
  const response = await fetch(`${stack.url}/privacy`, { method: "POST", headers, body, redirect: "manual" });
  const text = await response.text();
  if (/"ok":true/.test(text)) return "done";
  return (
    /"code":"(\w+)"/.exec(text)?.[1] ??
    (response.headers.get("x-action-redirect") ? "redirect" : String(response.status))
  );
}

/** What no stranger may change in the team Iberia, as one line for each table. */
async function fingerprint(): Promise<string[]> {
  const tables =
    "Member Workshop WorkshopPresenter WorkshopAccountManager Registration Person Customer WorkshopCustomer Invite SandboxProfile";
  const hash = (name: string, where: string) =>
    one<{ line: string }>(
      `select '${name} ' || md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as line from "${name}" t where ${where} = $1`,
      [ids.teamId],
    );
  const rows = [await hash("Team", "id")];
  for (const name of tables.split(" ")) rows.push(await hash(name, `"teamId"`));
  const acts = await one<{ line: string }>(
    `select 'acts ' || count(*) as line from "AuditEntry" where "teamId" = $1 and "actorKind" in ('member', 'attendee')`,
    [ids.teamId],
  );
  return [...rows, acts].map((row) => row.line);
}

/** Waits until the worker has nothing to do: the demo goes on by itself for a while after its first start. */
async function quiet(): Promise<void> {
  const open = `select count(*)::int as count from pgboss.job
    where state in ('created', 'retry', 'active') and start_after < now() + interval '5 seconds'`;
  await expect.poll(async () => (await one<{ count: number }>(open)).count, { timeout: 90_000 }).toBe(0);
}

test("no action does anything for anybody outside the team, without a session, or without an origin", async ({
  stack,
}, info) => {
  test.setTimeout(300_000);
  const actions = findActions();
  await quiet();
  const before = await fingerprint();
  const table: string[] = [];
  const wrong: string[] = [];
  // Acts on the browser's own session are for everybody; they end the session, so they are left to the sign-in journey.
  const asksForCode = "attendee, not verified requestCodeAction";
  const ownSession = /^(signOut|signOutEverywhere|switchTeam)$/;
  for (const action of actions.filter(({ name }) => !ownSession.test(name))) {
    const answers: string[] = [];
    for (const name of ["nobody", "other team's admin", "other team's attendee", "attendee, not verified"]) {
      const got = await act(stack, readers[name]!, action, stack.url);
      answers.push(`${name} ${got}`);
      const ofOwnTeam =
        /^(createWorkshop|addMember|updateTeam|checkPool|checkSender|removeLogo|search|requestSignIn|startSignIn)/.test(
          action.name,
        );
      // A browser that is not verified may ask for the code that verifies it.
      const free = /\(sign-in\)|\/i\/|check-mail/.test(action.file) || `${name} ${action.name}` === asksForCode;
      if (got === "bug" || got === "500") wrong.push(`${action.name} for ${name}: ${got}`);
      if ((got === "done" || got === "redirect") && !ofOwnTeam && !free)
        wrong.push(`${action.name} for ${name}: ${got}`);
    }
    const without = await act(stack, readers.admin!, action, null);
    answers.push(`admin without an origin ${without}`);
    if (without === "done" || without === "redirect") wrong.push(`${action.name} without an origin: ${without}`);
    table.push(`${action.file}#${action.name}: ${answers.join(" · ")}`);
  }
  await list(info, "actions.txt", table);
  expect(actions.length).toBeGreaterThan(20);
  expect(wrong).toEqual([]);
  expect(await fingerprint()).toEqual(before);
});

test("no route takes a post from anybody outside the team, without a session, or from another site", async ({
  stack,
}) => {
  const before = await fingerprint();
  const wrong: string[] = [];
  const attendees = ["/my/[registrationId]/data/file", "/my/[registrationId]/console"];
  const members = ["/workshops/[id]/export", "/workshops/[id]/check-in/mark"];
  for (const pattern of [...members, ...attendees]) {
    // A form of an attendee's page answers with the way back to it, whatever was wrong.
    const back = (response: Response) =>
      attendees.includes(pattern) &&
      response.status === 303 &&
      (response.headers.get("location") ?? "").startsWith(`/my/${ids.registrationId}`);
    const post = async (name: string, origin: string | null) => {
      const response = await fetch(stack.url + fill(pattern), {
        method: "POST",
        redirect: "manual",
        headers: {
          cookie: readers[name]!.cookie,
          "content-type": "application/json",
          ...(origin ? { origin } : {}),
        },
        body: JSON.stringify({ ...ids, present: true, by: "list" }),
      });
      const text = await response.text();
      const refused = back(response) || (response.status >= 400 && response.status < 500);
      if (!refused || told(text).length > 0) wrong.push(`${name} from ${origin}: ${response.status} at ${pattern}`);
      return response;
    };
    for (const name of ["nobody", "other team's admin", "other team's attendee", "attendee, not verified"])
      await post(name, stack.url);
    await post("account manager, other workshops", stack.url);
    await post("admin", null);
    await post("admin", "https://elsewhere.example");
    await post("attendee", null);
    await post("attendee", "https://elsewhere.example");
  }
  expect(wrong).toEqual([]);
  expect(await fingerprint()).toEqual(before);
  // The same request from the attendee's own page gets the file: what was refused above was refused for its reader.
  const own = await fetch(stack.url + fill("/my/[registrationId]/data/file"), {
    method: "POST",
    headers: { cookie: readers.attendee!.cookie, origin: stack.url },
    redirect: "manual",
  });
  expect(own.status).toBe(200);
  expect(told(await own.text()).length).toBeGreaterThan(0);
});
