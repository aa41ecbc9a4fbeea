import { randomBytes } from "node:crypto";
import pino from "pino";
import type { Prisma } from "@/prisma/generated/client";
import { type Clock, type Context, makeContext } from "@/server/context";
import type { Db } from "@/server/db";
import { type Env, parseEnv } from "@/server/env";
import { hashToken, type IdKind, makeId, makeToken } from "@/server/ids";
import type { Actor, MemberActor, MemberRole } from "@/server/permissions";
import { seal } from "@/server/secrets";

/** Rows for tests, each complete and believable; `over` changes what the test is about. */

/** A clock that stands until it is set; who waits for it moves it on, and nobody sleeps. */
export type TestClock = Clock & { set(at: Date | string): void; advance(milliseconds: number): void };

export function testClock(at: Date | string = "2026-05-04T10:00:00Z"): TestClock {
  let now = new Date(at);
  return {
    now: () => new Date(now),
    set: (to) => {
      now = new Date(to);
    },
    advance: (milliseconds) => {
      now = new Date(now.getTime() + milliseconds);
    },
    wait: async (milliseconds) => {
      now = new Date(now.getTime() + milliseconds);
    },
  };
}

/** A checked environment for tests; `over` are raw settings as in the process environment. */
export function testEnv(databaseUrl: string, over: Record<string, string | undefined> = {}): Env {
  return parseEnv({
    ATELIER_MODE: "test",
    DATABASE_URL: databaseUrl,
    PUBLIC_URL: "http://127.0.0.1:3000",
    ATELIER_SECRET_KEY: Buffer.alloc(32, 7).toString("base64"),
    AWS_REGION: "eu-west-1",
    AWS_SIGNIN_URL: "http://127.0.0.1:9/federation",
    ATELIER_CLOUD_OFF: over.AWS_ENDPOINT_URL ? undefined : "this test needs no cloud",
    CLEANER_GAP_SECONDS: "0",
    ...over,
  });
}

export function testContext<A extends Actor>(db: Db, env: Env, actor: A, clock: Clock = testClock()): Context<A> {
  const level = process.env.LOG_LEVEL ?? "silent";
  return makeContext(actor, { db, env, clock, log: pino({ level }) });
}

const id = (kind: IdKind) => makeId(kind, new Date());
const unique = () => randomBytes(4).toString("hex");

export function makeTeam(db: Db, over: Partial<Prisma.TeamUncheckedCreateInput> = {}) {
  return db.team.create({
    data: {
      id: id("team"),
      slug: `team-${unique()}`,
      name: "Iberia",
      timeZone: "Europe/Madrid",
      senderName: "Iberia workshops",
      senderEmail: "workshops@iberia.example",
      ...over,
    },
  });
}

export async function makeMember(
  db: Db,
  teamId: string,
  role: MemberRole,
  over: { email?: string; name?: string } = {},
) {
  const identity = await db.identity.create({
    data: {
      id: id("identity"),
      email: over.email ?? `${role}-${unique()}@iberia.example`,
      name: over.name ?? "Ana Ruiz",
    },
  });
  const member = await db.member.create({ data: { id: id("member"), teamId, identityId: identity.id, role } });
  const actor: MemberActor = { kind: "member", memberId: member.id, identityId: identity.id, teamId, role };
  return { ...member, identity, actor };
}

export function makeProfile(db: Db, teamId: string, over: Partial<Prisma.SandboxProfileUncheckedCreateInput> = {}) {
  return db.sandboxProfile.create({
    data: {
      id: id("sandboxProfile"),
      teamId,
      name: `Serverless ${unique()}`,
      description: "Functions, tables and buckets",
      regions: ["eu-west-1"],
      services: [],
      policy: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] },
      ...over,
    },
  });
}

/** A workshop in `registration`, a week after the tests' clock, with 20 seats. */
export function makeWorkshop(db: Db, teamId: string, over: Partial<Prisma.WorkshopUncheckedCreateInput> = {}) {
  return db.workshop.create({
    data: {
      id: id("workshop"),
      teamId,
      state: "registration",
      title: "Serverless day",
      abstract: "Build an event-driven application in a day.",
      place: "Calle de Alcalá 1, Madrid",
      startsAt: new Date("2026-05-12T07:30:00Z"),
      endsAt: new Date("2026-05-12T15:00:00Z"),
      timeZone: "Europe/Madrid",
      languages: ["en"],
      capacity: 20,
      ...over,
    },
  });
}

/** An invite with its plain token; the account manager may invite to the workshop. */
export async function makeInvite(
  db: Db,
  env: Env,
  workshop: { id: string; teamId: string },
  memberId: string,
  over: Partial<Prisma.InviteUncheckedCreateInput> = {},
) {
  await db.workshopAccountManager.upsert({
    where: { workshopId_memberId: { workshopId: workshop.id, memberId } },
    create: { teamId: workshop.teamId, workshopId: workshop.id, memberId },
    update: {},
  });
  const token = makeToken();
  const invite = await db.invite.create({
    data: {
      id: id("invite"),
      teamId: workshop.teamId,
      workshopId: workshop.id,
      memberId,
      tokenHash: hashToken(token),
      tokenSealed: seal(env.ATELIER_SECRET_KEY, "invite", token),
      ...over,
    },
  });
  return { ...invite, token };
}

/** A person and their registration; `confirmed` ones get the next ordinal and take a seat. */
export async function makeRegistration(
  db: Db,
  workshop: { id: string; teamId: string },
  over: Partial<Prisma.RegistrationUncheckedCreateInput> & { email?: string; name?: string } = {},
) {
  const { email, name, ...data } = over;
  const person = await db.person.create({
    data: {
      id: id("person"),
      teamId: workshop.teamId,
      email: email ?? `${unique()}@customer.example`,
      name: name ?? "Lucía Gómez",
    },
  });
  const state = data.state ?? "confirmed";
  const seat = state === "confirmed" || state === "attended" || state === "no_show" || state === "offered";
  let ordinal: number | undefined;
  if (seat || state === "waitlisted") {
    const moved = await db.workshop.update({
      where: { id: workshop.id },
      data: { lastOrdinal: { increment: 1 }, seatsTaken: { increment: seat ? 1 : 0 } },
    });
    ordinal = moved.lastOrdinal;
  }
  return db.registration.create({
    data: {
      id: id("registration"),
      teamId: workshop.teamId,
      workshopId: workshop.id,
      personId: person.id,
      state,
      ordinal,
      company: "Acme",
      jobTitle: "Engineer",
      noticeVersion: "1",
      noticeLocale: "en",
      noticeAt: data.createdAt ?? new Date(),
      confirmedAt: ordinal ? new Date() : null,
      ...data,
    },
    include: { person: true },
  });
}

export function makeAccount(db: Db, teamId: string, over: Partial<Prisma.SandboxAccountUncheckedCreateInput> = {}) {
  const awsAccountId = String(BigInt(`0x${randomBytes(5).toString("hex")}`) % 1_000_000_000_000n).padStart(12, "0");
  return db.sandboxAccount.create({
    data: { id: id("sandboxAccount"), teamId, awsAccountId, name: `iberia-${unique()}`, state: "available", ...over },
  });
}
