import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import PostalMime from "postal-mime";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Context } from "@/server/context";
import { createDb, type Db } from "@/server/db";
import { stopQueue } from "@/server/jobs/queue";
import { languages } from "@/server/languages/kinds";
import { removeLogo, saveLogo } from "@/server/mail/logo";
import { queueMail } from "@/server/mail/outbox";
import { blocksAsText, problemIn, writeBlocks, writeLine } from "@/server/mail/text-markup";
import { previewMailText } from "@/server/mail/text-preview";
import { listMailTexts, readMailText, resetMailText, saveMailText, sendTestMail } from "@/server/mail/texts";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import {
  makeMember,
  makeProfile,
  makeRegistration,
  makeTeam,
  makeWorkshop,
  testClock,
  testContext,
  testEnv,
} from "@/server/testing/factories";
import { runJobs } from "@/server/testing/jobs";

let database: TestDatabase;
let close: () => Promise<void>;
let db: Db;
let ctx: Context;
let folder: string;
const clock = testClock();

beforeAll(async () => {
  database = await createTestDatabase();
  ({ db, close } = createDb(database.url));
  folder = await mkdtemp(join(tmpdir(), "mailbox-"));
  ctx = testContext(db, testEnv(database.url, { ATELIER_MAILBOX_DIR: folder }), { kind: "system", by: "clock" }, clock);
});

afterAll(async () => {
  await stopQueue();
  await close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

async function as(role: "admin" | "solutions_architect" | "account_manager", teamId: string) {
  const member = await makeMember(db, teamId, role);
  return { member, ctx: testContext(db, ctx.env, member.actor, clock) };
}

/** What arrived since the last time. */
async function arrivedNow() {
  await runJobs(ctx, ["mail.send"]);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".eml"));
  const mails = await Promise.all(names.map(async (name) => PostalMime.parse(await readFile(join(folder, name)))));
  for (const name of await readdir(folder)) await rm(join(folder, name));
  return mails;
}

async function confirmed(teamId: string, over: { title?: string; sandboxProfileId?: string } = {}) {
  const registration = await makeRegistration(db, await makeWorkshop(db, teamId, over));
  const { id, workshopId } = registration;
  const of = { teamId, workshopId, registrationId: id, recipientKey: id, kind: "confirmed", occurrence: "1" } as const;
  await db.$transaction((tx) => queueMail(ctx, tx, of));
  const [mail] = await arrivedNow();
  return mail!;
}

const words = {
  subject: "Seat for {{title}}",
  headline: "{{name}}, you are in",
  body: "See **you** on {{when}} at [our page](https://example.com/a?b=1&c=2).\n\n{{if account}} You get an {{account}}.\n\n- one\n- two",
};
const confirmedIn = { kind: "confirmed", language: "en" } as const;

it("refuses variables that there are not and names those that there are, and links that are not https or mailto", () => {
  expect(problemIn("Hello {{nmae}}", ["name", "title"])).toBe("There is no {{nmae}}. There are {{name}}, {{title}}.");
  expect(problemIn("{{if nmae}} Hello", ["name"])).toContain("{{if nmae}}");
  expect(problemIn("Hello {{name", ["name"])).toContain("not closed");
  for (const address of ["javascript:alert(1)", "http://a.example", "data:text/html,x", "//a.example", "/a"])
    expect(problemIn(`[x](${address})`, [])).toBe("The address of a link begins with https:// or mailto:.");
  expect(problemIn("[x](https://a.example/{{name}})", ["name"])).toContain("cannot hold a variable");
  expect(problemIn("[x](https://a.example) [y](mailto:a@b.example) {{name}}", ["name"])).toBeNull();
});

it("takes what a variable holds as text, never as markup, and HTML never as HTML", () => {
  const blocks = writeBlocks("Hello **{{name}}** <b>x</b>", { name: "*a* [b](https://evil.example) <i>" });
  expect(blocks).toEqual([
    {
      kind: "paragraph",
      lines: [{ text: "Hello " }, { text: "*a* [b](https://evil.example) <i>", strong: true }, { text: " <b>x</b>" }],
    },
  ]);
});

it("leaves out a paragraph whose variable is empty, or whose condition is not met", () => {
  const source = "At {{place}}.\n\n{{if account}} Yours for a day.\n\nBye\n\n- bring {{bring}}\n- come";
  expect(blocksAsText(writeBlocks(source, { place: "", account: "", bring: "" }))).toBe("Bye\n\n- come");
  expect(blocksAsText(writeBlocks(source, { place: "Madrid", account: "x", bring: "a laptop" }))).toBe(
    "At Madrid.\n\nYours for a day.\n\nBye\n\n- bring a laptop\n- come",
  );
  expect(writeLine("You're in: {{title}}, {{start}}", { title: "Day", start: "" })).toBe("You're in: Day");
});

it("speaks with the team's words until they are put back, in that kind, language and team only", async () => {
  const team = await makeTeam(db);
  const admin = (await as("admin", team.id)).ctx;
  const builtIn = await readMailText(admin, confirmedIn);
  expect(builtIn.version).toBe(0);
  const { version } = await saveMailText(admin, { ...confirmedIn, ...words, version: 0 });
  const profile = await makeProfile(db, team.id);
  const title = "<Serverless> & *more*";
  const mail = await confirmed(team.id, { title, sandboxProfileId: profile.id });
  expect(mail.subject).toBe(`Seat for ${title}`);
  expect(mail.html).toContain("&lt;Serverless&gt; &amp; *more*");
  expect(mail.html).toContain('href="https://example.com/a?b=1&amp;c=2"');
  expect(mail.text).toContain("You get an AWS account.");
  expect(mail.text).toContain("our page (https://example.com/a?b=1&c=2)");
  expect(mail.text).toMatch(/\/enter\//);
  expect((await confirmed(team.id)).text).not.toContain("AWS account");
  expect((await confirmed((await makeTeam(db)).id)).subject).not.toContain("Seat for");
  expect((await listMailTexts(admin)).texts.find((one) => one.kind === "confirmed")?.own).toEqual(["en"]);
  await resetMailText(admin, { ...confirmedIn, version });
  expect((await readMailText(admin, confirmedIn)).words).toEqual(builtIn.words);
  expect((await confirmed(team.id)).subject).not.toContain("Seat for");
});

it("keeps what somebody else saved meanwhile: the later of two is told, and so is who puts back what changed", async () => {
  const team = await makeTeam(db);
  const [one, other] = [(await as("admin", team.id)).ctx, (await as("solutions_architect", team.id)).ctx];
  const both = await Promise.allSettled(
    [one, other].map((who) => saveMailText(who, { ...confirmedIn, ...words, version: 0 })),
  );
  expect(both.map((result) => result.status).sort()).toEqual(["fulfilled", "rejected"]);
  await saveMailText(one, { ...confirmedIn, ...words, subject: "Second", version: 1 });
  const late = saveMailText(other, { ...confirmedIn, ...words, subject: "Late", version: 1 });
  await expect(late).rejects.toMatchObject({ code: "conflict" });
  await expect(resetMailText(other, { ...confirmedIn, version: 1 })).rejects.toMatchObject({ code: "conflict" });
  expect((await readMailText(other, confirmedIn)).words.subject).toBe("Second");
});

it("is read and changed by architects and admins of the team, and is not there for others", async () => {
  const team = await makeTeam(db);
  const manager = (await as("account_manager", team.id)).ctx;
  await expect(readMailText(manager, confirmedIn)).rejects.toMatchObject({ code: "not_found" });
  await expect(saveMailText(manager, { ...confirmedIn, ...words, version: 0 })).rejects.toMatchObject({
    code: "not_found",
  });
  const admin = (await as("admin", team.id)).ctx;
  for (const wrong of [
    { kind: "sign_in_code", language: "en" },
    { kind: "confirmed", language: "xx" },
    { kind: "__proto__", language: "en" },
  ])
    await expect(readMailText(admin, wrong)).rejects.toMatchObject({ code: "not_found" });
});

it("previews and mails what is typed to oneself alone, without keeping it", async () => {
  const team = await makeTeam(db);
  const { ctx: admin, member } = await as("admin", team.id);
  const typed = { ...confirmedIn, ...words, subject: "Try {{title}}" };
  await expect(previewMailText(admin, { ...typed, body: "{{x}}" })).rejects.toMatchObject({
    code: "invalid",
    detail: { fields: { body: expect.stringContaining("{{title}}") } },
  });
  expect((await previewMailText(admin, typed)).subject).toBe("Try Serverless day");
  await sendTestMail(admin, typed);
  const mails = await arrivedNow();
  expect(mails).toHaveLength(1);
  expect(mails[0]).toMatchObject({ subject: "Try Serverless day", to: [{ address: member.identity.email }] });
  expect((await readMailText(admin, confirmedIn)).version).toBe(0);
});

it("shows the team's logo by a part of the mail itself, takes only small PNG and JPEG pictures, and goes without it again", async () => {
  const team = await makeTeam(db);
  const { ctx: admin } = await as("admin", team.id);
  const png = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
    "base64",
  );
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
  const wide = Buffer.from(png);
  wide.writeUInt32BE(20_000, 16);
  for (const bad of [svg, wide, png.subarray(0, 40), Buffer.concat([png, Buffer.alloc(210_000)]), Buffer.alloc(0)])
    await expect(saveLogo(admin, { base64: bad.toString("base64") })).rejects.toMatchObject({ code: "invalid" });
  const architect = (await as("solutions_architect", team.id)).ctx;
  await expect(saveLogo(architect, { base64: png.toString("base64") })).rejects.toMatchObject({ code: "not_found" });
  await saveLogo(admin, { base64: png.toString("base64") });
  const mail = await confirmed(team.id);
  const logo = mail.attachments.find((one) => one.mimeType === "image/png");
  expect(logo).toMatchObject({ contentId: "<logo@atelier>", disposition: "inline", related: true });
  expect(Buffer.from(logo!.content as ArrayBuffer)).toEqual(png);
  expect(mail.html).toContain('src="cid:logo@atelier"');
  expect(mail.attachments.some((one) => one.mimeType === "text/calendar" || one.filename === "workshop.ics")).toBe(
    true,
  );
  await removeLogo(admin);
  expect((await confirmed(team.id)).html).not.toContain("cid:");
});

it("offers the built-in words of every kind in every language as something that could be saved as it is", async () => {
  const admin = (await as("admin", (await makeTeam(db)).id)).ctx;
  for (const { kind } of (await listMailTexts(admin)).texts)
    for (const language of languages) {
      const { words: builtIn } = await readMailText(admin, { kind, language });
      await saveMailText(admin, { kind, language, ...builtIn, version: 0 });
      const { subject, html, text } = await previewMailText(admin, { kind, language, ...builtIn });
      for (const said of [subject, html, text]) expect(said).not.toMatch(/\{\{|4.?321|\uE000/);
      expect(Buffer.byteLength(html) + Buffer.byteLength(text)).toBeLessThan(100 * 1024);
    }
});
