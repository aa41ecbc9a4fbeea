import { afterAll, beforeAll, expect, test } from "vitest";
import type { Context } from "@/server/context";
import { createDb } from "@/server/db";
import { invitePerson, readInvite } from "@/server/invites/invites";
import { stopQueue } from "@/server/jobs/queue";
import { queueMail } from "@/server/mail/outbox";
import { readUnsubscribe, unsubscribeToken } from "@/server/mail/unsubscribe";
import { readHandover } from "@/server/registrations/handover";
import { mintLink, readLink } from "@/server/registrations/links";
import { readOffer } from "@/server/registrations/offers";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import {
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
/** A connection of which the database takes no change: whoever tries one gets an error. */
let readOnly: ReturnType<typeof createDb>;
let ctx: Context;
let scanner: Context;
const clock = testClock();

beforeAll(async () => {
  database = await createTestDatabase();
  connection = createDb(database.url);
  const url = new URL(database.url);
  url.searchParams.set("options", "-c TimeZone=UTC -c default_transaction_read_only=on");
  readOnly = createDb(url.href);
  const env = testEnv(database.url);
  ctx = testContext(connection.db, env, { kind: "visitor" }, clock);
  scanner = testContext(readOnly.db, env, { kind: "visitor" }, clock);
});

afterAll(async () => {
  await stopQueue();
  await readOnly.close();
  await connection.close();
  await database.drop();
});

test("opening any link that a mail carries, however often, writes nothing: what a scanner follows uses nothing up", async () => {
  const { db } = connection;
  const team = await makeTeam(db);
  const ana = await makeMember(db, team.id, "account_manager");
  const workshop = await makeWorkshop(db, team.id);
  const inWorkshop = { teamId: team.id, workshopId: workshop.id };
  await db.workshopAccountManager.create({ data: { ...inWorkshop, memberId: ana.id } });
  const invited = await invitePerson({ ...ctx, actor: ana.actor }, { ...inWorkshop, email: "one@scanned.example" });
  const tomorrow = new Date(clock.now().getTime() + 86_400_000);
  const of = (state: "unverified" | "confirmed" | "offered") =>
    makeRegistration(db, workshop, {
      ...{ memberId: ana.id, state, createdAt: clock.now() },
      offerEndsAt: state === "offered" ? tomorrow : null,
    });
  const [unverified, confirmed, offered] = [await of("unverified"), await of("confirmed"), await of("offered")];
  const handover = { id: "hnd_scanned", teamId: team.id, registrationId: confirmed.id, endsAt: tomorrow };
  await db.handover.create({ data: { ...handover, email: "two@scanned.example", name: "Two" } });
  const mail = await db.$transaction((tx) =>
    queueMail(ctx, tx, {
      ...{ ...inWorkshop, kind: "reminder", registrationId: confirmed.id, recipientKey: confirmed.id, occurrence: "x" },
    }),
  );
  const tokenOf = (link: string | null) => link?.split("/").at(-1) ?? "";
  const mint = async (registrationId: string, purpose: "confirm" | "personal" | "offer") =>
    tokenOf(await mintLink(ctx, { registrationId, purpose }));
  const tokens = {
    invite: tokenOf(invited.link),
    confirm: await mint(unverified.id, "confirm"),
    personal: await mint(confirmed.id, "personal"),
    offer: await mint(offered.id, "offer"),
    handover: tokenOf(
      await mintLink(ctx, { registrationId: confirmed.id, purpose: "handover", handoverId: handover.id }),
    ),
    unsubscribe: unsubscribeToken(ctx, mail.id),
  };
  await expect(readOnly.db.team.update({ where: { id: team.id }, data: { name: "Other" } })).rejects.toThrow();
  for (let opening = 0; opening < 3; opening++) {
    const pages = {
      invite: await readInvite(scanner, { token: tokens.invite }),
      confirm: await readLink(scanner, { token: tokens.confirm, purpose: "confirm" }),
      personal: await readLink(scanner, { token: tokens.personal, purpose: "personal" }),
      offer: await readOffer(scanner, { token: tokens.offer }),
      handover: await readHandover(scanner, { token: tokens.handover }),
      unsubscribe: await readUnsubscribe(scanner, { token: tokens.unsubscribe }),
    };
    for (const [name, page] of Object.entries(pages)) expect(page, name).not.toBeNull();
    expect(pages).toMatchObject({ invite: { problem: null }, confirm: { problem: null }, personal: { problem: null } });
    expect(pages).toMatchObject({ offer: { problem: null }, unsubscribe: { unsubscribed: false } });
  }
});
