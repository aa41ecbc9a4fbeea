import { afterAll, beforeAll, expect, test } from "vitest";
import type { Context } from "@/server/context";
import { createDb } from "@/server/db";
import { stopQueue } from "@/server/jobs/queue";
import { prepare } from "@/server/mail/facts";
import { queueMail } from "@/server/mail/outbox";
import { contentOf } from "@/server/mail/templates/templates";
import { changeMyLanguage, readLanguage } from "@/server/registrations/language";
import { confirm, mintLink, readLink, readReceipt, register } from "@/server/registrations/registrations";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import {
  makeInvite,
  makeMember,
  makeTeam,
  makeWorkshop,
  type TestClock,
  testClock,
  testContext,
  testEnv,
} from "@/server/testing/factories";

let database: TestDatabase;
let connection: ReturnType<typeof createDb>;
let clock: TestClock;
let visitor: Context;
let system: Context;
let team: Awaited<ReturnType<typeof makeTeam>>;
let manager: Awaited<ReturnType<typeof makeMember>>;

beforeAll(async () => {
  database = await createTestDatabase();
  connection = createDb(database.url, 5);
  clock = testClock();
  const env = testEnv(database.url);
  visitor = testContext(connection.db, env, { kind: "visitor" }, clock);
  system = testContext(connection.db, env, { kind: "system", by: "clock" }, clock);
  team = await makeTeam(connection.db, { locale: "es" });
  manager = await makeMember(connection.db, team.id, "account_manager");
});

afterAll(async () => {
  await stopQueue();
  await connection.close();
  await database.drop();
});

const links = { link: "https://example.test/link", code: "123456", console: "https://example.test/console" };

/** The newest mail of a kind as it would go now. */
async function mailNow(where: { registrationId?: string; inviteId?: string; kind: string }) {
  const message = await connection.db.message.findFirstOrThrow({ where, orderBy: { id: "desc" } });
  const prepared = await prepare(system, message, "preview");
  if ("refused" in prepared) throw new Error(prepared.reason);
  return contentOf(prepared.kind, prepared.facts, links);
}

async function registeredIn(locale: string) {
  const workshop = await makeWorkshop(connection.db, team.id);
  const invite = await makeInvite(connection.db, visitor.env, workshop, manager.id);
  const form = { name: "Lucía Gómez", email: "lucia@acme.example", company: "Acme", locale };
  const { receipt } = await register(visitor, { token: invite.token, form });
  const registrationId = readReceipt(visitor, receipt)?.registrationId ?? "";
  return { workshop, registrationId };
}

test("a registration keeps the language of its form, and a change by hand counts for each mail that goes after it", async () => {
  const { workshop, registrationId } = await registeredIn("pt-BR");
  expect((await mailNow({ registrationId, kind: "confirm_address" })).subject).toMatch(/^Falta um passo/);
  const token = (await mintLink(system, { registrationId, purpose: "confirm" })).split("/").at(-1) ?? "";
  expect((await readLink(visitor, { token, purpose: "confirm" }))?.locale).toBe("pt");
  await confirm(visitor, { token });
  expect(await mailNow({ registrationId, kind: "confirmed" })).toMatchObject({
    subject: expect.stringMatching(/^A sua vaga está garantida: Serverless day, ter 12 de mai/),
    button: { label: "Abrir o meu workshop" },
  });

  const actor = { kind: "attendee", teamId: team.id, registrationId } as const;
  const seen = testContext(connection.db, visitor.env, { ...actor, verified: false }, clock);
  await expect(changeMyLanguage(seen, { language: "fr" })).rejects.toMatchObject({ code: "unverified" });
  const own = testContext(connection.db, visitor.env, { ...actor, verified: true }, clock);
  await changeMyLanguage(own, { language: "fr" });
  expect(await readLanguage(own)).toBe("fr");
  const about = { teamId: team.id, workshopId: workshop.id, registrationId, recipientKey: registrationId };
  const changed = { kind: "changed", ...about, occurrence: "v2", data: { fields: ["place", "startsAt"] } } as const;
  await connection.db.$transaction((tx) => queueMail(system, tx, changed));
  expect((await mailNow({ registrationId, kind: "changed" })).news).toBe(
    "Modification de Serverless day\u00a0: le lieu et la date ou l’heure.",
  );
  expect((await mailNow({ registrationId, kind: "confirmed" })).subject).toMatch(/^Votre place est réservée/);
});

test("an account manager's kit is in the team's language, its text for customers in that of the link", async () => {
  const workshop = await makeWorkshop(connection.db, team.id);
  const invite = await makeInvite(connection.db, visitor.env, workshop, manager.id, { locale: "it" });
  const kit = { teamId: team.id, workshopId: workshop.id, memberId: manager.id, recipientKey: manager.id };
  const mail = { kind: "invitation_kit", ...kit, inviteId: invite.id, occurrence: workshop.id } as const;
  await connection.db.$transaction((tx) => queueMail(system, tx, mail));
  const content = await mailNow({ inviteId: invite.id, kind: "invitation_kit" });
  expect(content.subject).toMatch(/^Tu enlace para invitar/);
  expect(content.forward).toMatch(/^Ciao,\n\nvorrei invitarti a Serverless day\./);
  expect(content.forward).toContain("mar 12 mag");
});
