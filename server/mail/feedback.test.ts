import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Message, Team } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import { createDb, type Db } from "@/server/db";
import { stopQueue } from "@/server/jobs/queue";
import { receiveNotice } from "@/server/mail/feedback";
import type { MailKind } from "@/server/mail/kinds";
import { queueMail, tickMail } from "@/server/mail/outbox";
import { resendMessage } from "@/server/mail/overview";
import { heldBack, listSuppressed, mirrorSuppressed, removeSuppressed } from "@/server/mail/suppression";
import { eraseRegistration } from "@/server/privacy/anonymize";
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
import { type SnsFields, snsDouble } from "@/server/testing/sns";

const topic = "arn:aws:sns:eu-west-1:111122223333:atelier-feedback";
const sns = snsDouble();
let database: TestDatabase;
let db: Db;
let close: () => Promise<void>;
let folder: string;
let clock: TestClock;
let ctx: Context;
let team: Team;

beforeAll(async () => {
  database = await createTestDatabase();
  ({ db, close } = createDb(database.url));
  folder = await mkdtemp(join(tmpdir(), "mailbox-"));
});

afterAll(async () => {
  await stopQueue();
  await close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  clock = testClock();
  const env = testEnv(database.url, { SES_FEEDBACK_TOPIC_ARN: topic, ATELIER_MAILBOX_DIR: folder });
  ctx = testContext(db, env, { kind: "system", by: "clock" }, clock);
  team = await makeTeam(db);
  for (const name of await readdir(folder)) await rm(join(folder, name));
});

async function queued(kind: MailKind = "confirmed", registration?: Awaited<ReturnType<typeof makeRegistration>>) {
  const to = registration ?? (await makeRegistration(db, await makeWorkshop(db, team.id)));
  const { id, teamId, workshopId } = to;
  const of = { teamId, workshopId, registrationId: id, recipientKey: id };
  const occurrence = clock.now().toISOString();
  const message = await db.$transaction((tx) => queueMail(ctx, tx, { kind, occurrence, ...of }));
  const person = await db.person.findUniqueOrThrow({ where: { id: to.personId } });
  return { message, registration: to, email: person.email! };
}

/** A mail that SES has taken. */
async function sent(kind?: MailKind) {
  const made = await queued(kind);
  const data = { state: "sent", attempts: 1, providerId: `ses-${made.message.id}`, sentAt: clock.now() } as const;
  await db.message.update({ where: { id: made.message.id }, data });
  return made;
}

type Told = { email: string; message: Message };
const events = {
  Send: () => ({ send: {} }),
  Delivery: () => ({ delivery: { timestamp: clock.now().toISOString() } }),
  Hard: ({ email }: Told) => ({
    bounce: {
      bounceType: "Permanent",
      bounceSubType: "NoEmail",
      bouncedRecipients: [{ emailAddress: email.toUpperCase() }],
    },
  }),
  Listed: ({ email }: Told) => ({
    bounce: {
      bounceType: "Permanent",
      bounceSubType: "OnAccountSuppressionList",
      bouncedRecipients: [{ emailAddress: email }],
    },
  }),
  Soft: ({ email }: Told) => ({
    bounce: { bounceType: "Transient", bounceSubType: "MailboxFull", bouncedRecipients: [{ emailAddress: email }] },
  }),
  Complaint: ({ email }: Told) => ({ complaint: { complainedRecipients: [{ emailAddress: email }] } }),
  Reject: () => ({ reject: { reason: "Bad content" } }),
} as const;

/** The fields of a notice about a mail. */
function about(what: keyof typeof events, told: Told, providerId = `ses-${told.message.id}`): SnsFields {
  const eventType = what === "Hard" || what === "Soft" || what === "Listed" ? "Bounce" : what;
  const mail = {
    messageId: providerId,
    timestamp: clock.now().toISOString(),
    tags: { "atelier-message": [told.message.id] },
  };
  return {
    TopicArn: topic,
    Timestamp: clock.now().toISOString(),
    Message: JSON.stringify({ eventType, mail, ...events[what](told) }),
  };
}

const tell = (fields: SnsFields, after: SnsFields = {}) =>
  receiveNotice(ctx, sns.post(fields, after), sns.certificates);
const rowOf = (told: Told) => db.message.findUniqueOrThrow({ where: { id: told.message.id } });
const listOf = () => db.suppressedAddress.findMany({ where: { teamId: team.id } });

describe("a notice is believed only", () => {
  it("when it was signed by the certificate, in either version of the signature", async () => {
    for (const SignatureVersion of ["1", "2"]) {
      const told = await sent();
      await tell({ ...about("Delivery", told), SignatureVersion });
      expect(await rowOf(told)).toMatchObject({ state: "delivered", lastError: null });
    }
  });

  it.each<[string, SnsFields, SnsFields]>([
    ["a word of it was changed on the way", {}, { Subject: "Urgent" }],
    ["the other version of the signature is claimed", { SignatureVersion: "2" }, { SignatureVersion: "1" }],
    ["it is of another topic", { TopicArn: `${topic}-2` }, {}],
    [
      "its certificate is on another host",
      { SigningCertURL: "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem" },
      {},
    ],
    ["its certificate is on a bucket of AWS", { SigningCertURL: "https://s3.eu-west-1.amazonaws.com/sns/a.pem" }, {}],
    [
      "its certificate is on SNS of another Region",
      { SigningCertURL: "https://sns.us-east-1.amazonaws.com/a.pem" },
      {},
    ],
    ["its certificate comes without https", { SigningCertURL: "http://sns.eu-west-1.amazonaws.com/a.pem" }, {}],
    [
      "its certificate comes through another port",
      { SigningCertURL: "https://sns.eu-west-1.amazonaws.com:8443/a.pem" },
      {},
    ],
    [
      "the host is only a name before the @",
      { SigningCertURL: "https://sns.eu-west-1.amazonaws.com@evil.example/a.pem" },
      {},
    ],
    ["the address is no certificate's", { SigningCertURL: "https://sns.eu-west-1.amazonaws.com/?Action=Publish" }, {}],
    ["it is weeks old", { Timestamp: "2026-04-01T00:00:00.000Z" }, {}],
    ["it is no notice at all", { Type: "Hello" }, {}],
  ])("and not when %s", async (_why, over, after) => {
    const told = await sent();
    const asked = sns.asked.length;
    await expect(tell({ ...about("Hard", told), ...over }, after)).rejects.toMatchObject({ code: "forbidden" });
    expect(await rowOf(told)).toMatchObject({ state: "sent" });
    expect(await listOf()).toEqual([]);
    if (over.SigningCertURL) expect(sns.asked).toHaveLength(asked);
  });

  it("and not when somebody else signed it, when its certificate has expired, or when it is not JSON", async () => {
    const told = await sent();
    const [stranger, expired] = [snsDouble(), snsDouble("260201000000Z")];
    const forged = receiveNotice(ctx, stranger.post(about("Hard", told)), sns.certificates);
    await expect(forged).rejects.toMatchObject({ code: "forbidden" });
    const late = receiveNotice(ctx, expired.post(about("Hard", told)), expired.certificates);
    await expect(late).rejects.toMatchObject({ code: "forbidden" });
    await expect(receiveNotice(ctx, "<xml>", sns.certificates)).rejects.toMatchObject({ code: "forbidden" });
    expect(await listOf()).toEqual([]);
  });

  it("once: a replay changes nothing, even when its mail was sent again meanwhile", async () => {
    const told = await sent();
    const body = sns.post(about("Hard", told));
    await receiveNotice(ctx, body, sns.certificates);
    await db.message.update({ where: { id: told.message.id }, data: { state: "sent" } });
    await db.suppressedAddress.deleteMany();
    await Promise.all([1, 2, 3].map(() => receiveNotice(ctx, body, sns.certificates)));
    expect(await rowOf(told)).toMatchObject({ state: "sent" });
    expect(await listOf()).toEqual([]);
  });

  it("where a topic is configured, and a subscription is confirmed at SNS itself only", async () => {
    const bare = testContext(db, testEnv(database.url), ctx.actor, clock);
    const told = await sent();
    const off = receiveNotice(bare, sns.post(about("Hard", told)), sns.certificates);
    await expect(off).rejects.toMatchObject({ code: "not_found" });
    const subscription = {
      Type: "SubscriptionConfirmation",
      TopicArn: topic,
      Timestamp: clock.now().toISOString(),
      Message: "You have chosen to subscribe",
      Token: "abc",
      SubscribeURL: "https://169.254.169.254/?Action=ConfirmSubscription",
    };
    await expect(tell(subscription)).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("the state of a mail", () => {
  it("is the weightiest of what SES told, in whatever order", async () => {
    const orders: (keyof typeof events)[][] = [
      ["Send", "Delivery", "Hard", "Complaint"],
      ["Complaint", "Hard", "Delivery", "Send"],
      ["Hard", "Complaint", "Send", "Delivery"],
    ];
    for (const order of orders) {
      const told = await sent();
      for (const what of order) await tell(about(what, told));
      expect(await rowOf(told)).toMatchObject({ state: "complained", lastError: expect.stringContaining("unwanted") });
    }
    const bounced = await sent();
    await tell(about("Hard", bounced));
    await tell(about("Delivery", bounced));
    expect(await rowOf(bounced)).toMatchObject({
      state: "bounced",
      lastError: expect.stringContaining("no such address"),
    });
  });

  it("stays delivered when an automatic answer comes as a soft bounce, and a soft bounce suppresses nobody", async () => {
    const delivered = await sent();
    await tell(about("Delivery", delivered));
    await tell(about("Soft", delivered));
    expect(await rowOf(delivered)).toMatchObject({ state: "delivered" });
    const soft = await sent();
    await tell(about("Soft", soft));
    expect(await rowOf(soft)).toMatchObject({
      state: "bounced",
      lastError: expect.stringContaining("mailbox is full"),
    });
    expect(await listOf()).toEqual([]);
  });

  it("says what SES itself held back or stopped", async () => {
    const [listed, rejected] = [await sent(), await sent()];
    await tell(about("Listed", listed));
    await tell(about("Reject", rejected));
    expect(await rowOf(listed)).toMatchObject({
      state: "suppressed",
      lastError: expect.stringContaining("list of the account"),
    });
    expect(await rowOf(rejected)).toMatchObject({ state: "failed", lastError: expect.stringContaining("malware") });
  });

  it("is settled by the event for a mail in doubt, and for one that waits for its next try", async () => {
    for (const state of ["in_doubt", "sending", "queued"] as const) {
      const told = await queued();
      await db.message.update({
        where: { id: told.message.id },
        data: { state, attempts: 1, sendingSince: clock.now() },
      });
      await tell(about("Send", told));
      expect(await rowOf(told)).toMatchObject({
        state: "sent",
        providerId: `ses-${told.message.id}`,
        sendingSince: null,
      });
      await runJobs(ctx, ["mail.send"]);
      expect(await rowOf(told)).toMatchObject({ state: "sent", attempts: 1 });
    }
  });

  it("is not changed by news of an earlier try, of a mail never tried, or of somebody who was forgotten", async () => {
    const again = await sent();
    await tell(about("Hard", again, "ses-of-the-first-try"));
    expect(await rowOf(again)).toMatchObject({ state: "sent" });
    const waiting = await queued();
    await tell(about("Delivery", waiting));
    expect(await rowOf(waiting)).toMatchObject({ state: "queued", providerId: null });
    const gone = await sent();
    const attendee = {
      kind: "attendee",
      teamId: team.id,
      registrationId: gone.registration.id,
      verified: true,
    } as const;
    await eraseRegistration(testContext(db, ctx.env, attendee, clock), { registrationId: gone.registration.id });
    const before = await listOf();
    await tell(about("Hard", gone));
    expect(await rowOf(gone)).toMatchObject({ providerId: null });
    expect(await listOf()).toEqual(before);
  });
});

describe("the suppression list", () => {
  const files = () => readdir(folder);

  it("holds back what is queued to an address that bounced or complained, with the reason, but no mail that is asked for", async () => {
    for (const what of ["Hard", "Complaint"] as const) {
      const told = await sent();
      await runJobs(ctx, ["mail.send"]);
      const other = await queued("changed", told.registration);
      await db.registration.update({ where: { id: told.registration.id }, data: { state: "unverified" } });
      const asked = await queued("confirm_address", told.registration);
      await db.registration.update({ where: { id: told.registration.id }, data: { state: "confirmed" } });
      await tell(about(what, told));
      await runJobs(ctx, ["mail.send"]);
      expect(await rowOf(other)).toMatchObject({
        state: "suppressed",
        attempts: 0,
        lastError: expect.stringMatching(/^Held back/),
      });
      expect((await rowOf(asked)).state).not.toBe("suppressed");
    }
  });

  it("is each team's own", async () => {
    const told = await sent();
    await tell(about("Hard", told));
    const elsewhere = await makeTeam(db);
    const registration = await makeRegistration(db, await makeWorkshop(db, elsewhere.id));
    await db.person.update({ where: { id: registration.personId }, data: { email: told.email } });
    const theirs = await queued("changed", registration);
    await runJobs(ctx, ["mail.send"]);
    expect(await rowOf(theirs)).toMatchObject({ state: "sent" });
    const stranger = await makeMember(db, elsewhere.id, "admin");
    const asStranger = testContext(db, ctx.env, stranger.actor, clock);
    expect((await listSuppressed(asStranger)).rows).toEqual([]);
    const [row] = await listOf();
    await expect(removeSuppressed(asStranger, { id: row!.id })).rejects.toMatchObject({ code: "not_found" });
  });

  it("is left by an admin's hand alone, with an audit entry that names nobody; then the mail can be sent again", async () => {
    const told = await sent();
    await tell(about("Hard", told));
    const held = await queued("changed", told.registration);
    await runJobs(ctx, ["mail.send"]);
    const [admin, architect, manager] = [
      await makeMember(db, team.id, "admin"),
      await makeMember(db, team.id, "solutions_architect"),
      await makeMember(db, team.id, "account_manager"),
    ].map((member) => testContext(db, ctx.env, member.actor, clock));
    await expect(listSuppressed(manager!)).rejects.toMatchObject({ code: "not_found" });
    const { rows, mayRemove } = await listSuppressed(architect!);
    expect({ rows, mayRemove }).toMatchObject({ mayRemove: false, rows: [{ email: told.email, reason: "bounced" }] });
    await expect(removeSuppressed(architect!, { id: rows[0]!.id })).rejects.toMatchObject({ code: "not_found" });
    await removeSuppressed(admin!, { id: rows[0]!.id });
    await resendMessage(admin!, { messageId: held.message.id });
    await runJobs(ctx, ["mail.send"]);
    expect(await rowOf(held)).toMatchObject({ state: "sent", lastError: null });
    expect(await files()).toHaveLength(1);
    const entries = await db.auditEntry.findMany({ where: { teamId: team.id, entity: "suppressed_address" } });
    expect(entries.map((entry) => entry.action)).toEqual(["address.suppressed", "address.unsuppressed"]);
    expect(JSON.stringify(entries, (_, value) => (typeof value === "bigint" ? String(value) : value))).not.toContain(
      "@",
    );
  });

  it("is left in SES as well, and takes up what SES has of addresses that a team knows, and of no others", async () => {
    const asked: string[] = [];
    const onList = new Set<string>();
    const ses = createServer((request, answer) => {
      asked.push(`${request.method} ${request.url}`);
      const signed = /Credential=[^/]+\/\d+\/[a-z0-9-]+\/ses\/aws4_request/.test(request.headers.authorization ?? "");
      if (!signed) return answer.writeHead(403).end();
      const [, , , , , email] = (request.url ?? "").split("?")[0]!.split("/").map(decodeURIComponent);
      if (request.method === "DELETE" && email) return answer.writeHead(onList.delete(email) ? 200 : 404).end("{}");
      const SuppressedDestinationSummaries = [...onList].map((EmailAddress) => ({ EmailAddress, Reason: "BOUNCE" }));
      return answer
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ SuppressedDestinationSummaries }));
    });
    ses.listen(0, "127.0.0.1");
    await once(ses, "listening");
    const before = [process.env.AWS_ACCESS_KEY_ID, process.env.AWS_SECRET_ACCESS_KEY];
    [process.env.AWS_ACCESS_KEY_ID, process.env.AWS_SECRET_ACCESS_KEY] = ["key", "secret"];
    try {
      const endpoint = `http://127.0.0.1:${(ses.address() as AddressInfo).port}`;
      const real = testEnv(database.url, { AWS_ENDPOINT_URL: endpoint, ATELIER_MAILBOX_DIR: undefined });
      const admin = testContext(db, real, (await makeMember(db, team.id, "admin")).actor, clock);
      const clocked = testContext(db, real, { kind: "system", by: "clock" }, clock);
      const known = await queued();
      onList.add(known.email).add("nobody-we-know@customer.example");
      await mirrorSuppressed(clocked);
      expect((await listOf()).map((row) => row.email)).toEqual([known.email]);
      const [row] = await listOf();
      await removeSuppressed(admin, { id: row!.id });
      expect(await heldBack(clocked, { teamId: team.id, kind: "changed" }, known.email)).toBeNull();
      await mirrorSuppressed(clocked);
      expect((await listSuppressed(admin)).rows).toMatchObject([{ leaving: true }]);
      await runJobs(clocked, ["mail.write-again"]);
      expect(onList.has(known.email)).toBe(false);
      expect(await listOf()).toEqual([]);
      expect(asked).toContain(`DELETE /v2/email/suppression/addresses/${encodeURIComponent(known.email)}`);
    } finally {
      ses.close();
      for (const [n, name] of (["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] as const).entries())
        if (before[n] === undefined) delete process.env[name];
        else process.env[name] = before[n];
    }
  });

  it("goes with the person, and after three months with an address that belongs to nobody", async () => {
    const told = await sent();
    await tell(about("Hard", told));
    await db.person.update({ where: { id: told.registration.personId }, data: { email: "moved@customer.example" } });
    const other = await sent();
    await tell(about("Hard", other));
    clock.advance(91 * 86_400_000);
    await tickMail(ctx);
    expect((await listOf()).map((row) => row.email)).toEqual([other.email]);
    expect(await db.mailNotice.count()).toBe(0);
    const attendee = {
      kind: "attendee",
      teamId: team.id,
      registrationId: other.registration.id,
      verified: true,
    } as const;
    await eraseRegistration(testContext(db, ctx.env, attendee, clock), { registrationId: other.registration.id });
    expect(await listOf()).toEqual([]);
  });
});
