import { afterAll, beforeAll, expect, it } from "vitest";
import { createDb } from "@/server/db";
import { stopQueue } from "@/server/jobs/queue";
import { checkSender, setUpMail } from "@/server/mail/identity-check";
import { compare, type Lookup } from "@/server/mail/identity-dns";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { type Emulator, testEmulator } from "@/server/testing/emulator";
import { makeMember, makeTeam, testClock, testContext, testEnv } from "@/server/testing/factories";

let database: TestDatabase;
let app: ReturnType<typeof createDb>;
let aws: Emulator;
const keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] as const;
const before = keys.map((name) => process.env[name]);

beforeAll(async () => {
  [database, aws] = [await createTestDatabase(), await testEmulator()];
  app = createDb(database.url);
  process.env.AWS_ACCESS_KEY_ID = aws.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = aws.secretAccessKey;
});

afterAll(async () => {
  for (const [n, name] of keys.entries()) {
    if (before[n] === undefined) delete process.env[name];
    else process.env[name] = before[n];
  }
  await stopQueue();
  await app.close();
  await database.drop();
});

const place = () => testEnv(database.url, { AWS_ENDPOINT_URL: aws.endpoint });

it("sets up what tells of mails and a team's domain, and a second time finds it there", async () => {
  const ctx = testContext(app.db, place(), { kind: "system", by: "operator" }, testClock());
  const team = await makeTeam(app.db, { senderEmail: "workshops@set-up.example" });
  const first = await setUpMail(ctx, { teamId: team.id });
  expect(first).toMatchObject({ configurationSet: "atelier", domain: "set-up.example" });
  expect(first.topicArn).toMatch(/^arn:aws:sns:eu-west-1:\d{12}:atelier-mail-feedback$/);
  expect(await setUpMail(ctx, { teamId: team.id })).toEqual(first);
});

it("says which records a domain needs and what of them is in DNS; is an admin's alone", async () => {
  const team = await makeTeam(app.db, { senderEmail: "workshops@records.example" });
  const [admin, architect] = [
    await makeMember(app.db, team.id, "admin"),
    await makeMember(app.db, team.id, "solutions_architect"),
  ].map(({ actor }) => testContext(app.db, place(), actor, testClock()));
  const operator = testContext(app.db, place(), { kind: "system", by: "operator" }, testClock());
  await setUpMail(operator, { teamId: team.id });
  const offline: Lookup = async () => {
    throw new Error("no network");
  };
  const check = await checkSender(admin!, offline);
  expect(check).toMatchObject({ domain: "records.example", problem: null });
  const dkim = check.records.filter((record) => record.purpose === "DKIM");
  expect(dkim.length).toBeGreaterThan(0);
  for (const { name, value } of dkim) expect(name.split(".")[0]).toBe(value.split(".")[0]);
  expect(new Set(check.records.map((record) => record.state))).toEqual(new Set(["unknown"]));
  const there: Lookup = async (_, name) =>
    name.startsWith("_dmarc.") ? ["v=DMARC1; p=reject"] : [`${name.split(".")[0]!.toUpperCase()}.dkim.amazonses.com.`];
  const found = await checkSender(admin!, there);
  expect(new Set(found.records.map((record) => record.state))).toEqual(new Set(["right"]));
  await expect(checkSender(architect!, there)).rejects.toMatchObject({ code: "not_found" });
});

it("tells a record that is missing from one that says something else", async () => {
  const spf = { type: "TXT", name: "mail.a.example", value: "v=spf1 include:amazonses.com ~all" } as const;
  const state = async (seen: string[]) => (await compare(spf, async () => seen)).state;
  expect(await state([])).toBe("missing");
  expect(await state(["google-site-verification=x"])).toBe("missing");
  expect(await state(["v=spf1 include:other.example -all"])).toBe("other");
  expect(await state(["v=spf1 include:other.example include:amazonses.com -all"])).toBe("right");
});

it("says that SES was not asked where mails go to the local mailbox", async () => {
  const team = await makeTeam(app.db);
  const { actor } = await makeMember(app.db, team.id, "admin");
  const env = testEnv(database.url, { ATELIER_MAILBOX_DIR: "/tmp/mailbox" });
  const check = await checkSender(testContext(app.db, env, actor, testClock()), async () => []);
  expect(check).toMatchObject({ status: "unknown", problem: expect.stringContaining("local mailbox") });
});
