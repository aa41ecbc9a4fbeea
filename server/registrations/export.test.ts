import { afterAll, beforeAll, expect, test } from "vitest";
import type { Context } from "@/server/context";
import { createDb } from "@/server/db";
import type { MemberActor } from "@/server/permissions";
import { csvLine, defuse } from "@/server/registrations/csv";
import { exportRegistrations, printedList } from "@/server/registrations/registrations";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import {
  makeInvite,
  makeMember,
  makeRegistration,
  makeTeam,
  makeWorkshop,
  testClock,
  testContext,
  testEnv,
} from "@/server/testing/factories";

let database: TestDatabase;
let connection: ReturnType<typeof createDb>;
let visitor: Context;
let team: Awaited<ReturnType<typeof makeTeam>>;
let ana: Awaited<ReturnType<typeof makeMember>>;
let sol: Awaited<ReturnType<typeof makeMember>>;

beforeAll(async () => {
  database = await createTestDatabase();
  connection = createDb(database.url, 5);
  visitor = testContext(connection.db, testEnv(database.url), { kind: "visitor" }, testClock("2026-05-12T07:00:00Z"));
  team = await makeTeam(connection.db);
  ana = await makeMember(connection.db, team.id, "account_manager", { name: "Ana" });
  sol = await makeMember(connection.db, team.id, "solutions_architect", { name: "Sol" });
});

afterAll(async () => {
  await connection.close();
  await database.drop();
});

const as = (member: { actor: MemberActor }): Context<MemberActor> => ({ ...visitor, actor: member.actor });

async function workshopOfAna(over = {}) {
  const workshop = await makeWorkshop(connection.db, team.id, over);
  await makeInvite(connection.db, visitor.env, workshop, ana.id);
  return workshop;
}

/** A reader of RFC 4180 §2 that knows nothing of how the file was made. */
function parse(text: string, separator = ","): string[][] {
  const rows: string[][] = [[]];
  const cell = new RegExp(`(?:"((?:[^"]|"")*)"|([^"${separator}\\r\\n]*))(${separator}|\\r\\n|$)`, "y");
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text);
    if (!found) throw new Error(`no CSV at ${cell.lastIndex}`);
    rows.at(-1)!.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? "");
    if (found[3] === "\r\n") rows.push([]);
  }
  return rows.filter((row) => row.length > 0);
}

async function file(ctx: Context, input: Parameters<typeof exportRegistrations>[1]) {
  const { content, ...rest } = await exportRegistrations(ctx, input);
  const pieces: string[] = [];
  for await (const piece of content) pieces.push(piece);
  return { ...rest, pieces, text: pieces.join("") };
}

const logged = (entityId: string) =>
  connection.db.auditEntry.findMany({
    where: { entityId, action: { startsWith: "registrations." } },
    orderBy: { ordinal: "asc" },
  });

test("no text that somebody typed begins a formula, whichever separator a spreadsheet splits at, and all of it stays readable", () => {
  const formulas = [
    ...[
      "=1+1",
      "+1",
      "-1",
      "@SUM(A1)",
      "\t=1",
      "\r=1",
      "\n=1",
      "＝1+1",
      "＋1",
      "－1",
      "＠A1",
      "−1",
      '"=1',
      '=HYPERLINK("http://x")',
    ],
    ...["Acme;=1+1", 'Acme;"=1+1', "Acme,=1+1", "Acme\t=1+1", "Acme\n@x", "Acme;;=1"],
  ];
  for (const typed of formulas) {
    const safe = defuse(typed);
    expect(safe.replaceAll("'", "")).toBe(typed);
    for (const separator of ["comma", "semicolon"] as const) {
      const line = csvLine([safe, "next"], separator);
      // As programs that ignore the quotes would split it, at either separator.
      for (const part of line.split(/[;,\t\r\n]/))
        expect([typed, part]).toEqual([typed, expect.not.stringMatching(/^"*[=+\-@＝＋－＠−]/)]);
    }
  }
  for (const plain of ["Lucía", "a=b", "1-2", "o'Neill", "", "ana@acme.example"]) expect(defuse(plain)).toBe(plain);
});

test("the file holds every registration once, in the order of confirmation, with times on the workshop's clock", async () => {
  const workshop = await workshopOfAna({ title: "Día sin servidor: 2ª", capacity: 5 });
  const at = new Date("2026-05-04T10:00:00Z");
  const row = { memberId: ana.id, createdAt: at, company: 'Acme, "Iberia"\n=1+1' };
  const first = await makeRegistration(connection.db, workshop, {
    ...row,
    name: "=Lucía",
    email: "lucia@acme.example",
  });
  const last = await makeRegistration(connection.db, workshop, { ...row, state: "unverified", typedName: "Olga" });
  const waiting = await makeRegistration(connection.db, workshop, { ...row, state: "waitlisted" });
  const { text, rows, filename } = await file(as(sol), { workshopId: workshop.id });
  expect(filename).toBe("registrations-dia-sin-servidor-2a-2026-05-12.csv");
  expect(text.startsWith("\ufeffRegistration,Name,")).toBe(true);
  expect(text.replaceAll("\r\n", "").includes("\r")).toBe(false);
  const [head, ...lines] = parse(text.slice(1));
  expect(rows).toBe(3);
  expect(lines.map((line) => line[0])).toEqual([first.id, waiting.id, last.id]);
  const cell = (line: string[], name: string) => line[head!.indexOf(name)];
  expect(cell(lines[0]!, "Name")).toBe("'=Lucía");
  expect(cell(lines[0]!, "Company")).toBe(`Acme, "Iberia"\n'=1+1`);
  expect(cell(lines[0]!, "Registered")).toBe("2026-05-04T12:00:00+02:00");
  expect(cell(lines[0]!, "Invited by")).toBe("Ana");
  expect(cell(lines[2]!, "Name")).toBe("Olga");
  expect(cell(lines[2]!, "State")).toBe("unverified");
  const semicolons = await file(as(sol), { workshopId: workshop.id, separator: "semicolon", people: "seated" });
  expect(parse(semicolons.text.slice(1), ";").map((line) => line[0])).toEqual(["Registration", first.id]);
});

test("each export is logged with who and how many before anything leaves, and with nothing about a person", async () => {
  const workshop = await workshopOfAna();
  await makeRegistration(connection.db, workshop, {
    memberId: ana.id,
    name: "Lucía Gómez",
    email: "canary@acme.example",
  });
  await makeRegistration(connection.db, workshop, { name: "Olga Prat" });
  const unread = await exportRegistrations(as(ana), { workshopId: workshop.id });
  await unread.content.return(undefined);
  await printedList(as(sol), { workshopId: workshop.id, people: "everybody" });
  const entries = await logged(workshop.id);
  expect(entries.map(({ action, actorId, detail }) => ({ action, actorId, detail }))).toEqual([
    { action: "registrations.exported", actorId: ana.id, detail: { people: "everybody", rows: 1 } },
    { action: "registrations.printed", actorId: sol.id, detail: { people: "everybody", rows: 2 } },
  ]);
  const text = JSON.stringify(entries, (_, value) => (typeof value === "bigint" ? String(value) : value));
  expect(text).not.toMatch(/canary|Lucía|Olga/);
});

test("an account manager exports their own people alone, and a stranger is told that nothing is there", async () => {
  const workshop = await workshopOfAna();
  const own = await makeRegistration(connection.db, workshop, { memberId: ana.id });
  await makeRegistration(connection.db, workshop, {});
  const { text } = await file(as(ana), { workshopId: workshop.id });
  expect(
    parse(text)
      .slice(1)
      .map((line) => line[0]),
  ).toEqual([own.id]);
  expect((await printedList(as(ana), { workshopId: workshop.id, people: "seated" })).people).toHaveLength(1);
  const nordics = await makeTeam(connection.db, { name: "Nordics" });
  const others = [
    await makeMember(connection.db, nordics.id, "admin"),
    await makeMember(connection.db, team.id, "account_manager"),
  ];
  for (const other of others) {
    const input = { workshopId: workshop.id, people: "everybody" } as const;
    await expect(exportRegistrations(as(other), input)).rejects.toMatchObject({ code: "not_found" });
    await expect(printedList(as(other), input)).rejects.toMatchObject({ code: "not_found" });
  }
  await expect(exportRegistrations(visitor, { workshopId: workshop.id })).rejects.toMatchObject({ code: "not_found" });
  expect(await logged(workshop.id)).toHaveLength(2);
});

test("answers stand in a column for each question, and those about health only in the file of who may read them", async () => {
  const workshop = await workshopOfAna();
  const { id: registrationId } = await makeRegistration(connection.db, workshop, { memberId: ana.id });
  const question = async (ordinal: number, kind: string, label: string, dataClass: string) => {
    const id = `qst_${workshop.id.slice(4)}${ordinal}`;
    const row = { id, teamId: team.id, workshopId: workshop.id, ordinal, kind, label, dataClass };
    await connection.db.question.create({ data: row });
    return { teamId: team.id, registrationId, questionId: id };
  };
  await connection.db.answer.createMany({
    data: [
      { ...(await question(0, "text", "=Hopes?", "personal")), text: "-10 % of the bill" },
      { ...(await question(1, "number", "Years", "none")), number: -2.5 },
      { ...(await question(2, "consent", "Photos", "personal")), consentAt: new Date() },
      { ...(await question(3, "text", "Allergies", "sensitive")), text: "nuts" },
    ],
  });
  const answers = async (member: typeof sol) =>
    parse((await file(as(member), { workshopId: workshop.id })).text.slice(1)).map((line) => line.slice(15));
  expect(await answers(sol)).toEqual([
    ["'=Hopes?", "Years", "Photos", "Allergies"],
    ["'-10 % of the bill", "-2.5", "yes", "nuts"],
  ]);
  expect((await answers(ana))[1]).toEqual(["'-10 % of the bill", "-2.5", "yes"]);
});

test("thousands of rows leave in small pieces, each once", async () => {
  const workshop = await workshopOfAna({ capacity: 5000 });
  const { personId } = await makeRegistration(connection.db, workshop, { state: "cancelled" });
  await connection.db.$executeRaw`
    insert into "Registration" (id, "teamId", "workshopId", "personId", state, ordinal, "noticeVersion", "noticeLocale", "noticeAt", "updatedAt")
    select 'reg_many' || lpad(n::text, 6, '0'), ${team.id}, ${workshop.id}, ${personId}, 'cancelled',
      case when n <= 1300 then n end, '1', 'en', now(), now() from generate_series(1, 2000) n`;
  const { pieces, rows, text } = await file(as(sol), { workshopId: workshop.id });
  expect(rows).toBe(2001);
  const ids = parse(text)
    .slice(1)
    .map((line) => line[0]);
  expect(ids).toHaveLength(2001);
  expect(new Set(ids).size).toBe(2001);
  for (const piece of pieces) expect(piece.split("\r\n").length).toBeLessThanOrEqual(501);
});
