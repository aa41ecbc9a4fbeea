import { afterAll, beforeAll, expect, it } from "vitest";
import { type Context, makeContext } from "@/server/context";
import { createDb } from "@/server/db";
import { stopQueue } from "@/server/jobs/queue";
import { queueMail } from "@/server/mail/outbox";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { type Emulator, testEmulator } from "@/server/testing/emulator";
import { makeRegistration, makeTeam, makeWorkshop, testClock, testContext, testEnv } from "@/server/testing/factories";
import { runJobs } from "@/server/testing/jobs";

let database: TestDatabase;
let app: ReturnType<typeof createDb>;
let aws: Emulator;
let ctx: Context;
const keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] as const;
const before = keys.map((name) => process.env[name]);

beforeAll(async () => {
  [database, aws] = [await createTestDatabase(), await testEmulator()];
  app = createDb(database.url);
  process.env.AWS_ACCESS_KEY_ID = aws.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = aws.secretAccessKey;
  const env = testEnv(database.url, { AWS_ENDPOINT_URL: aws.endpoint });
  ctx = testContext(app.db, env, { kind: "system", by: "clock" }, testClock());
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

async function confirmedMail(context: Context, senderEmail: string) {
  const team = await makeTeam(app.db, { senderEmail });
  const workshop = await makeWorkshop(app.db, team.id);
  const { id } = await makeRegistration(app.db, workshop);
  const of = { teamId: team.id, workshopId: workshop.id, registrationId: id, recipientKey: id };
  const message = await app.db.$transaction((tx) =>
    queueMail(context, tx, { kind: "confirmed", occurrence: "1", ...of }),
  );
  await runJobs(context, ["mail.send"]);
  return app.db.message.findUniqueOrThrow({ where: { id: message.id } });
}

it("goes out through SES and keeps the id that SES gave it", async () => {
  const { SESClient, VerifyEmailIdentityCommand } = await import("@aws-sdk/client-ses");
  const { endpoint, accessKeyId, secretAccessKey } = aws;
  const ses = new SESClient({ endpoint, region: "eu-west-1", credentials: { accessKeyId, secretAccessKey } });
  await ses.send(new VerifyEmailIdentityCommand({ EmailAddress: "verified@iberia.example" }));
  const message = await confirmedMail(ctx, "verified@iberia.example");
  expect(message).toMatchObject({ state: "sent", attempts: 1, providerId: expect.stringMatching(/.{8,}/) });
});

it("has failed, with the reason in words and no address in it, when SES does not accept the sender", async () => {
  const message = await confirmedMail(ctx, "stranger@nowhere.example");
  expect(message).toMatchObject({
    state: "failed",
    providerId: null,
    lastError: expect.stringContaining("SES does not accept"),
  });
  expect(message.lastError).not.toContain("@");
});

it("waits for its next try when nobody answers", async () => {
  const env = testEnv(database.url, { AWS_ENDPOINT_URL: "http://127.0.0.1:9" });
  const message = await confirmedMail(makeContext(ctx.actor, { ...ctx, env }), "verified@iberia.example");
  expect(message).toMatchObject({ state: "queued", attempts: 1, lastError: "SES could not be reached." });
});
