import { afterAll, beforeAll, expect, test } from "vitest";
import type { Context } from "@/server/context";
import { createDb } from "@/server/db";
import { readAddressList } from "@/server/invites/address-list";
import { previewInvitations, sendInvitations } from "@/server/invites/bulk";
import { listInvites } from "@/server/invites/invites";
import { decodeList, listLimits } from "@/server/invites/schemas";
import { stopQueue } from "@/server/jobs/queue";
import { prepare } from "@/server/mail/facts";
import { listMessages } from "@/server/mail/overview";
import type { Actor } from "@/server/permissions";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { makeMember, makeRegistration, makeTeam, makeWorkshop, testContext, testEnv } from "@/server/testing/factories";

let database: TestDatabase;
let connection: ReturnType<typeof createDb>;
let team: Awaited<ReturnType<typeof makeTeam>>;
let ana: Awaited<ReturnType<typeof makeMember>>;
let ben: Awaited<ReturnType<typeof makeMember>>;
let visitor: Context;

beforeAll(async () => {
  database = await createTestDatabase();
  connection = createDb(database.url);
  visitor = testContext(connection.db, testEnv(database.url), { kind: "visitor" });
  team = await makeTeam(connection.db);
  ana = await makeMember(connection.db, team.id, "account_manager", { name: "Ana Ruiz" });
  ben = await makeMember(connection.db, team.id, "account_manager", { name: "Ben Soto" });
});

afterAll(async () => {
  await stopQueue();
  await connection.close();
  await database.drop();
});

const as = (actor: Actor): Context => ({ ...visitor, actor });

async function workshopFor(members: { id: string; seatLimit?: number }[], over = {}) {
  const workshop = await makeWorkshop(connection.db, team.id, over);
  await connection.db.workshopAccountManager.createMany({
    data: members.map(({ id, seatLimit }) => ({ teamId: team.id, workshopId: workshop.id, memberId: id, seatLimit })),
  });
  return workshop;
}

const read = (list: string) =>
  readAddressList(list).map(({ email, name, company, problem }) =>
    [email, name, company, problem ? "!" : ""].join("|"),
  );

test("a list is read with any separator, quoted or not, with a header in five languages or none, in any order of columns", () => {
  const two = ["ana@acme.example|Ana Ruiz|Acme, S.A.|", "ben@globex.example|Ben “Jr” Soto|Globex|"];
  const asWritten = {
    comma: 'ana@acme.example,Ana Ruiz,"Acme, S.A."\nben@globex.example,Ben “Jr” Soto,Globex\n',
    semicolonWithHeader:
      "Empresa;Correo electrónico;Nombre\r\nAcme, S.A.;Ana@Acme.example;Ana Ruiz\r\nGlobex;ben@globex.example;Ben “Jr” Soto\r\n",
    twoNames:
      'First name,Last name,E-mail,Phone,Company\nAna,Ruiz,ana@acme.example,1,"Acme, S.A."\n\nBen “Jr”,Soto,ben@globex.example,2,Globex',
    tabs: "ana@acme.example\tAna Ruiz\tAcme, S.A.\nben@globex.example\tBen “Jr” Soto\tGlobex",
    oldMac: 'Name;Company;Mail\rAna Ruiz;"Acme, S.A.";ana@acme.example\rBen “Jr” Soto;Globex;ben@globex.example',
  };
  for (const [how, list] of Object.entries(asWritten)) expect(read(`\ufeff${list}`), how).toEqual(two);
  expect(read("Ana Ruiz <ana@acme.example>\nmailto:ben@globex.example")).toEqual([
    "ana@acme.example|Ana Ruiz||",
    "ben@globex.example|||",
  ]);
  expect(read('a@b.example,"say ""hi""\nthere",C')).toEqual(['a@b.example|say "hi" there|C|']);
});

test("a file is read in UTF-8, UTF-16 of both orders with a mark or without, and Latin-1", () => {
  const text = "Correo;Nombre;Empresa\r\nmunoz@acme.example;Íñigo Muñoz;Peñalba\r\n";
  const little = Buffer.from(text, "utf16le");
  const big = Buffer.from(little).swap16();
  const files = {
    utf8: Buffer.from(text),
    utf8WithMark: Buffer.from(`\ufeff${text}`),
    little,
    big,
    littleWithMark: Buffer.concat([Buffer.from([0xff, 0xfe]), little]),
    bigWithMark: Buffer.concat([Buffer.from([0xfe, 0xff]), big]),
    latin1: Buffer.from(text, "latin1"),
  };
  for (const [how, bytes] of Object.entries(files))
    expect(read(decodeList(bytes)), how).toEqual(["munoz@acme.example|Íñigo Muñoz|Peñalba|"]);
});

test("a bad line is named by its number and loses no good one", () => {
  const list = [
    "email,name",
    "good1@acme.example,One",
    "not an address,Two",
    '"never closed,Three',
    "good2@acme.example,Four",
    "GOOD1@acme.example,Five",
    ",Six",
    'good3@acme.example,=HYPERLINK("http://evil.example")',
    "é@acme.example,Seven",
  ].join("\n");
  const lines = readAddressList(list);
  expect(lines.filter((line) => !line.problem).map((line) => line.line)).toEqual([2, 5, 8]);
  expect(Object.fromEntries(lines.flatMap((line) => (line.problem ? [[line.line, line.problem]] : [])))).toMatchObject({
    3: expect.stringContaining("name@company.com"),
    4: expect.stringContaining("quote"),
    6: "The same address as in line 2.",
    7: "There is no address in this line.",
    9: expect.stringContaining("no accents"),
  });
});

test("as many lines as promised are read, one more is refused with what to do, and so is a file of a hundred thousand", () => {
  const lines = (count: number) => Array.from({ length: count }, (_, index) => `p${index}@acme.example`).join("\n");
  expect(readAddressList(`email\n${lines(listLimits.lines)}\n\n`)).toHaveLength(listLimits.lines);
  expect(() => readAddressList(lines(listLimits.lines + 1))).toThrow("This list has 5,001 lines. Send at most 5,000");
  expect(() => readAddressList(" \n\n")).toThrow("Paste at least one address");
  const started = performance.now();
  expect(() => readAddressList(`"\n${lines(100_000)}`)).toThrow("100,0");
  expect(performance.now() - started).toBeLessThan(3000);
});

test("the preview stores and sends nothing; sending invites each good line once, and again only those that were not", async () => {
  const workshop = await workshopFor([{ id: ana.id, seatLimit: 2 }, { id: ben.id }]);
  await makeRegistration(connection.db, workshop, { email: "in@acme.example", memberId: ana.id });
  const list = "one@acme.example;One;Acme\nin@acme.example;In;Acme\nbad;Bad;Acme\ntwo@acme.example;Two;ACME\n";
  const input = { workshopId: workshop.id, list, locale: "es" as const, note: "Fair" };
  const preview = await previewInvitations(as(ana.actor), input);
  expect(preview.good).toBe(2);
  expect(preview.lines.map((line) => [line.line, line.problem !== null, line.warning !== null])).toEqual([
    [1, false, false],
    [2, true, false],
    [3, true, false],
    [4, false, true],
  ]);
  expect(await connection.db.invite.count({ where: { workshopId: workshop.id } })).toBe(0);
  const both = await Promise.all([sendInvitations(as(ana.actor), input), sendInvitations(as(ana.actor), input)]);
  expect(both.reduce((sum, { sent }) => sum + sent, 0)).toBe(2);
  expect(await sendInvitations(as(ana.actor), input)).toEqual({ sent: 0, left: 4 });
  const rows = await listInvites(as(ana.actor), { workshopId: workshop.id });
  expect(rows.map((row) => [row.email, row.personal, row.seatLimit, row.customer?.name]).sort()).toEqual([
    ["one@acme.example", true, 1, "Acme"],
    ["two@acme.example", true, 1, "Acme"],
  ]);
  const mails = await connection.db.message.findMany({ where: { workshopId: workshop.id } });
  expect(mails.map((mail) => [mail.kind, mail.locale])).toEqual([
    ["invitation", "es"],
    ["invitation", "es"],
  ]);
  expect(JSON.stringify(mails)).not.toContain("acme.example");
  const prepared = await prepare(visitor, mails[0]!);
  expect(prepared).toMatchObject({ replyTo: { name: "Ana Ruiz", address: ana.identity.email } });
  expect((await listMessages(as(ana.actor))).map((mail) => mail.recipient).sort()).toEqual(["One", "Two"]);
  expect(await listMessages(as(ben.actor))).toEqual([]);
  expect(await previewInvitations(as(ben.actor), { workshopId: workshop.id, list })).toMatchObject({ good: 0 });
});

test("nobody sends to a list where they do not invite, nor before registration opens", async () => {
  const workshop = await workshopFor([{ id: ana.id }]);
  const list = "x@acme.example";
  await expect(sendInvitations(as(ben.actor), { workshopId: workshop.id, list })).rejects.toMatchObject({
    code: "not_found",
  });
  const draft = await workshopFor([{ id: ana.id }], { state: "draft" });
  await expect(sendInvitations(as(ana.actor), { workshopId: draft.id, list })).rejects.toMatchObject({
    code: "not_ready",
  });
});

test("a line is put right or left out where it stands, by its number, and what was typed is checked like the list", async () => {
  const workshop = await workshopFor([{ id: ana.id }]);
  const list =
    "email,name,company\nfine@put.example,Fine,Acme\nbad address,Bad,Acme\nfine@put.example,Twice,Acme\nleft@put.example,Left,Acme";
  const input = {
    workshopId: workshop.id,
    list,
    corrections: {
      "2": null,
      "3": { email: "RIGHT@put.example", name: "  Right ", company: "Acme" },
      "5": { email: "still bad", name: "Left", company: "Acme" },
    },
  };
  const preview = await previewInvitations(as(ana.actor), input);
  expect(
    preview.lines.map(({ line, email, name, skipped, problem }) => [line, email, name, skipped, !!problem]),
  ).toEqual([
    [2, "fine@put.example", "Fine", true, false],
    [3, "right@put.example", "Right", false, false],
    [4, "fine@put.example", "Twice", false, false],
    [5, "still bad", "Left", false, true],
  ]);
  expect(await sendInvitations(as(ana.actor), input)).toEqual({ sent: 2, left: 2 });
  const rows = await listInvites(as(ana.actor), { workshopId: workshop.id });
  expect(rows.map((row) => row.email).sort()).toEqual(["fine@put.example", "right@put.example"]);
});

test("a line whose address the team does not write to is a problem of its own, and so is one invited by somebody else", async () => {
  const workshop = await workshopFor([{ id: ana.id }, { id: ben.id }]);
  const held = { id: "sup_held", teamId: team.id, email: "held@back.example", reason: "bounced" };
  await connection.db.suppressedAddress.create({ data: { ...held, createdAt: visitor.clock.now() } });
  await sendInvitations(as(ben.actor), { workshopId: workshop.id, list: "bens@acme.example" });
  const list = "held@back.example\nbens@acme.example\nfree@acme.example";
  const { lines, good } = await previewInvitations(as(ana.actor), { workshopId: workshop.id, list });
  expect(lines.map(({ problem }) => problem)).toEqual([
    expect.stringContaining("does not write to this address"),
    expect.stringContaining("already"),
    null,
  ]);
  expect(good).toBe(1);
});

test("a line of a domain that the workshop shuts out is a problem of its own, in the preview and in the sending", async () => {
  const workshop = await workshopFor([{ id: ana.id }], { allowedDomains: ["acme.example"] });
  const input = { workshopId: workshop.id, list: "one@acme.example\ntwo@other.example\nthree@eu.acme.example" };
  const { lines, good } = await previewInvitations(as(ana.actor), input);
  expect(lines.map(({ problem }) => problem)).toEqual([
    null,
    "Only addresses of acme.example can register for this workshop.",
    null,
  ]);
  expect(good).toBe(2);
  expect(await sendInvitations(as(ana.actor), input)).toEqual({ sent: 2, left: 1 });
});

test("no list is mailed before registration opens by its date, while it is paused, nor after it closes", async () => {
  const now = visitor.clock.now().getTime();
  const [early, late] = [new Date(now + 3_600_000), new Date(now - 3_600_000)];
  for (const window of [{ registrationOpensAt: early }, { registrationClosesAt: late }, { pausedAt: late }]) {
    const workshop = await workshopFor([{ id: ana.id }], window);
    const input = { workshopId: workshop.id, list: "x@window.example" };
    await expect(sendInvitations(as(ana.actor), input)).rejects.toMatchObject({ code: "not_ready" });
    expect(await connection.db.invite.count({ where: { workshopId: workshop.id } })).toBe(0);
  }
});

test("five thousand invitations of as many companies are made and their mails queued in seconds, once when pressed twice", async () => {
  const workshop = await workshopFor([{ id: ana.id }], { capacity: 6000 });
  const list = Array.from(
    { length: 5000 },
    (_, index) => `p${index}@acme.example,Person ${index},Acme ${index % 2500}`,
  );
  const input = { workshopId: workshop.id, list: list.join("\n") };
  const started = performance.now();
  const both = await Promise.all([
    sendInvitations(as(ana.actor), input),
    sendInvitations(as(ana.actor), { ...input, list: list.toReversed().join("\n") }),
  ]);
  expect(performance.now() - started).toBeLessThan(25_000);
  expect(both.reduce((sum, { sent }) => sum + sent, 0)).toBe(5000);
  expect(await connection.db.message.count({ where: { workshopId: workshop.id } })).toBe(5000);
  const jobs = await connection.db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM pgboss.job j JOIN "Message" m ON m.id = j.data->>'messageId'
    WHERE j.name = 'mail.send' AND m."workshopId" = ${workshop.id}`;
  expect(jobs[0]?.count).toBe(5000);
  expect(await connection.db.customer.count({ where: { name: { startsWith: "Acme " } } })).toBe(2500);
}, 60_000);
