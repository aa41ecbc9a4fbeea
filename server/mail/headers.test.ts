import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import PostalMime from "postal-mime";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Context, makeContext } from "@/server/context";
import { createDb, type Db } from "@/server/db";
import { oneClickUnsubscribe, toUnsubscribePage } from "@/server/http/webhooks";
import { stopQueue } from "@/server/jobs/queue";
import type { MailKind } from "@/server/mail/kinds";
import { queueMail } from "@/server/mail/outbox";
import { suppress } from "@/server/mail/suppression";
import { readUnsubscribe, resubscribe, unsubscribe, unsubscribeToken } from "@/server/mail/unsubscribe";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import {
  makeMember,
  makeRegistration,
  makeTeam,
  makeWorkshop,
  type TestClock,
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
let clock: TestClock;

beforeAll(async () => {
  database = await createTestDatabase();
  ({ db, close } = createDb(database.url));
  folder = await mkdtemp(join(tmpdir(), "mailbox-"));
  clock = testClock();
  ctx = testContext(db, testEnv(database.url, { ATELIER_MAILBOX_DIR: folder }), { kind: "system", by: "clock" }, clock);
});

afterAll(async () => {
  await stopQueue();
  await close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

type Registration = Awaited<ReturnType<typeof makeRegistration>>;

async function newRegistration(over: Parameters<typeof makeRegistration>[2] = {}): Promise<Registration> {
  const team = await makeTeam(db, { senderName: "Workshops Iberia", senderEmail: "workshops@iberia.example" });
  return makeRegistration(db, await makeWorkshop(db, team.id), over);
}

async function mail({ id, teamId, workshopId }: Registration, kind: MailKind, occurrence = "1") {
  const of = { teamId, workshopId, registrationId: id, recipientKey: id };
  const message = await db.$transaction((tx) => queueMail(ctx, tx, { kind, occurrence, ...of }));
  await runJobs(ctx, ["mail.send"]);
  clock.advance(60_000);
  const name = (await readdir(folder)).find((file) => file.startsWith(message.id) && file.endsWith(".eml"));
  if (!name) return { message, raw: "", header: () => undefined, parsed: null };
  const raw = await readFile(join(folder, name), "utf8");
  const parsed = await PostalMime.parse(raw);
  const header = (key: string) => parsed.headers.find((one) => one.key === key)?.value;
  return { message, raw, header, parsed };
}

it("comes from the team, answers go to the account manager, and machines are asked not to answer", async () => {
  const team = await makeTeam(db, { senderName: "Workshops Iberia", senderEmail: "workshops@iberia.example" });
  const manager = await makeMember(db, team.id, "account_manager");
  const registration = await makeRegistration(db, await makeWorkshop(db, team.id), { memberId: manager.id });
  const { parsed, header } = await mail(registration, "confirmed");
  const { email, name } = manager.identity;
  expect(parsed?.from).toMatchObject({ name: "Workshops Iberia", address: "workshops@iberia.example" });
  expect(parsed?.replyTo).toMatchObject([{ name, address: email }]);
  expect(header("auto-submitted")).toBe("auto-generated");
});

it("names the first mail of its registration and the one before, and no mail of another registration", async () => {
  const registration = await newRegistration();
  const ours = await mail(registration, "confirmed");
  const other = await mail(await newRegistration(), "confirmed");
  const second = await mail(registration, "changed", "v2");
  const third = await mail(registration, "changed", "v3");
  expect(ours.header("in-reply-to")).toBeUndefined();
  expect(second.header("in-reply-to")).toBe(ours.header("message-id"));
  expect(third.header("in-reply-to")).toBe(second.header("message-id"));
  expect(third.header("references")?.split(/\s+/)).toEqual([ours.header("message-id"), second.header("message-id")]);
  expect(third.raw).not.toContain(other.message.id);
});

it("names an earlier mail by the Message-ID that SES gave it", async () => {
  const registration = await newRegistration();
  const first = await mail(registration, "confirmed");
  await db.message.update({ where: { id: first.message.id }, data: { providerId: "0102-abc-000000" } });
  const second = await mail(registration, "changed", "v2");
  expect(second.header("in-reply-to")).toBe(`<0102-abc-000000@${ctx.env.AWS_REGION}.amazonses.com>`);
});

it("offers to unsubscribe, by one click, only from what is not necessary", async () => {
  const registration = await newRegistration();
  const reminder = await mail(registration, "reminder");
  const url = `${ctx.env.PUBLIC_URL}/api/unsubscribe/${unsubscribeToken(ctx, reminder.message.id)}`;
  expect(reminder.header("list-unsubscribe")).toBe(`<${url}>`);
  expect(reminder.header("list-unsubscribe-post")).toBe("List-Unsubscribe=One-Click");
  expect(url).not.toContain(reminder.parsed!.to![0]!.address!);
  for (const kind of ["confirmed", "changed"] as const) {
    const { header } = await mail(registration, kind, "9");
    expect([header("list-unsubscribe"), header("list-unsubscribe-post")]).toEqual([undefined, undefined]);
  }
});

it("keeps the rest from whoever unsubscribed, in this team alone, until they take it back; what is necessary still comes", async () => {
  const registration = await newRegistration();
  const token = unsubscribeToken(ctx, (await mail(registration, "reminder")).message.id);
  const person = await db.person.findUniqueOrThrow({ where: { id: registration.personId } });
  const elsewhere = await newRegistration();
  await db.person.update({ where: { id: elsewhere.personId }, data: { email: person.email } });
  const visitor = makeContext({ kind: "visitor" }, ctx);
  expect(await readUnsubscribe(visitor, { token })).toMatchObject({ unsubscribed: false });
  await unsubscribe(visitor, { token });
  await unsubscribe(visitor, { token });
  expect(await readUnsubscribe(visitor, { token })).toMatchObject({ unsubscribed: true });
  const stateOf = async (of: Registration, kind: MailKind, occurrence: string) => {
    const { message } = await mail(of, kind, occurrence);
    return (await db.message.findUniqueOrThrow({ where: { id: message.id } })).state;
  };
  expect(await stateOf(registration, "reminder", "v2")).toBe("suppressed");
  expect(await stateOf(registration, "changed", "v2")).toBe("sent");
  expect(await stateOf(elsewhere, "reminder", "v2")).toBe("sent");
  await resubscribe(visitor, { token });
  expect(await readUnsubscribe(visitor, { token })).toMatchObject({ unsubscribed: false });
  expect(await stateOf(registration, "reminder", "v3")).toBe("sent");
});

it("takes back an unsubscription only: an address from which mails came back stays held back", async () => {
  const registration = await newRegistration();
  const token = unsubscribeToken(ctx, (await mail(registration, "reminder")).message.id);
  const { email } = await db.person.findUniqueOrThrow({ where: { id: registration.personId } });
  await db.$transaction((tx) => suppress(ctx, tx, { teamId: registration.teamId, email: email!, reason: "bounced" }));
  await resubscribe(ctx, { token });
  expect(await db.suppressedAddress.count({ where: { teamId: registration.teamId, reason: "bounced" } })).toBe(1);
});

it("leads nowhere with a token that was changed, of a necessary mail, or of somebody who was forgotten", async () => {
  const registration = await newRegistration();
  const reminder = await mail(registration, "reminder");
  const confirmed = await mail(registration, "confirmed");
  const token = unsubscribeToken(ctx, reminder.message.id);
  const other = unsubscribeToken(ctx, confirmed.message.id);
  const mixed = `${token.slice(0, 26)}${other.slice(26)}`;
  const last = token.endsWith("A") ? "B" : "A";
  for (const wrong of [`${token.slice(0, -1)}${last}`, other, mixed, "", "x".repeat(48), `${token}A`])
    expect(await readUnsubscribe(ctx, { token: wrong })).toBeNull();
  await db.person.update({ where: { id: registration.personId }, data: { email: null } });
  expect(await readUnsubscribe(ctx, { token })).toBeNull();
  await expect(unsubscribe(ctx, { token })).rejects.toMatchObject({ code: "not_found" });
});

it("asks for the body of RFC 8058, and a GET changes nothing and leads to the page", async () => {
  const params = Promise.resolve({ token: "A".repeat(48) });
  const post = (body: string) =>
    oneClickUnsubscribe(new Request("https://x.example/", { method: "POST", body: new URLSearchParams(body) }), {
      params,
    });
  expect((await post("")).status).toBe(400);
  const get = await toUnsubscribePage(new Request("https://x.example/"), { params });
  expect([get.status, get.headers.get("location")]).toEqual([303, `/unsubscribe/${"A".repeat(48)}`]);
});
