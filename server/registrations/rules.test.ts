import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import type { Prisma } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import { createDb } from "@/server/db";
import { hashToken } from "@/server/ids";
import { readInvite } from "@/server/invites/invites";
import { stopQueue } from "@/server/jobs/queue";
import { prepare } from "@/server/mail/facts";
import { contentOf } from "@/server/mail/templates/templates";
import type { AttendeeActor } from "@/server/permissions";
import { eraseRegistration } from "@/server/privacy/anonymize";
import {
  answersOf,
  changeMyData,
  confirm,
  decideRegistrations,
  mintLink,
  myWorkshop,
  promoteWaitlist,
  questionColumns,
  questionsOf,
  readLink,
  readReceipt,
  register,
  setQuestions,
} from "@/server/registrations/registrations";
import { answersFor, domainAllowed, questionForm, readDomain, readEmail } from "@/server/registrations/schemas";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import {
  makeAccount,
  makeInvite,
  makeMember,
  makeRegistration,
  makeTeam,
  makeWorkshop,
  type TestClock,
  testClock,
  testContext,
  testEnv,
} from "@/server/testing/factories";
import { workshopForm } from "@/server/workshops/schemas";
import {
  acceptMissing,
  createWorkshop,
  duplicateWorkshop,
  openRegistration,
  tickWorkshops,
  updateWorkshop,
} from "@/server/workshops/workshops";

let database: TestDatabase;
let connection: ReturnType<typeof createDb>;
let clock: TestClock;
let visitor: Context;
let system: Context;
let team: Awaited<ReturnType<typeof makeTeam>>;
let ana: Awaited<ReturnType<typeof makeMember>>;
let bea: Awaited<ReturnType<typeof makeMember>>;
let sol: Awaited<ReturnType<typeof makeMember>>;
let people = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  connection = createDb(database.url, 20);
  clock = testClock();
  const env = testEnv(database.url);
  visitor = testContext(connection.db, env, { kind: "visitor" }, clock);
  system = testContext(connection.db, env, { kind: "system", by: "clock" }, clock);
  team = await makeTeam(connection.db);
  ana = await makeMember(connection.db, team.id, "account_manager");
  bea = await makeMember(connection.db, team.id, "account_manager");
  sol = await makeMember(connection.db, team.id, "solutions_architect");
});

afterAll(async () => {
  await stopQueue();
  await connection.close();
  await database.drop();
});

const as = ({ id, identityId, role }: typeof ana): Context => ({
  ...visitor,
  actor: { kind: "member", memberId: id, identityId, teamId: team.id, role },
});
const hours = (count: number) => count * 3_600_000;
const at = (from: Date, shift: number) => new Date(from.getTime() + shift);
const row = (id: string) => connection.db.registration.findUniqueOrThrow({ where: { id } });

async function workshopOf(over: Partial<Prisma.WorkshopUncheckedCreateInput> = {}) {
  return makeWorkshop(connection.db, team.id, over);
}

async function invited(workshop: { id: string; teamId: string }, over = {}, memberId = ana.id) {
  return makeInvite(connection.db, visitor.env, workshop, memberId, over);
}

type Over = { email?: string; answers?: Record<string, string> };

async function registered(token: string, over: Over = {}): Promise<string> {
  const email = `person.${++people}@acme.example`;
  const form = { name: "Lucía", email, company: "Acme", locale: "en", ...over };
  const { receipt } = await register(visitor, { token, form });
  return readReceipt(visitor, receipt)?.registrationId ?? "";
}

async function confirmToken(registrationId: string): Promise<string> {
  return (await mintLink(system, { registrationId, purpose: "confirm" })).split("/").at(-1) ?? "";
}

async function confirmed(token: string, over: Over = {}) {
  const registrationId = await registered(token, over);
  return confirm(visitor, { token: await confirmToken(registrationId) });
}

async function customerOf(workshopId: string, seatLimit: number): Promise<string> {
  const { id } = await connection.db.customer.create({
    data: { id: visitor.newId("customer"), teamId: team.id, name: `Customer ${++people}` },
  });
  await connection.db.workshopCustomer.create({ data: { teamId: team.id, workshopId, customerId: id, seatLimit } });
  return id;
}

describe("seats", () => {
  test("200 confirmations at once go above no limit of capacity, pool, account manager, customer or link, and the waitlist is in the order of arrival", async () => {
    const workshop = await workshopOf({ capacity: 60, poolSeats: 50 });
    const { db } = connection;
    const [acme, bolt] = [await customerOf(workshop.id, 7), await customerOf(workshop.id, 100)];
    const invites = [
      await invited(workshop, {}, ana.id),
      await invited(workshop, { customerId: acme }, ana.id),
      await invited(workshop, { customerId: bolt, seatLimit: 5 }, bea.id),
      await invited(workshop, { customerId: bolt }, bea.id),
    ];
    await db.workshopAccountManager.updateMany({
      where: { workshopId: workshop.id, memberId: ana.id },
      data: { seatLimit: 20 },
    });
    const tokens = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const invite = invites[index % 4];
        if (!invite) throw new Error("no link");
        const { id: inviteId, memberId, customerId } = invite;
        const { id } = await makeRegistration(db, workshop, { state: "unverified", inviteId, memberId, customerId });
        return confirmToken(id);
      }),
    );
    await Promise.all(tokens.map((token) => confirm(visitor, { token })));
    const all = await db.registration.findMany({ where: { workshopId: workshop.id }, orderBy: { ordinal: "asc" } });
    const seated = all.filter(({ state }) => state === "confirmed");
    const held = (by: "memberId" | "customerId" | "inviteId", id: string | undefined) =>
      seated.filter((one) => one[by] === id).length;
    expect(seated.length).toBe(50);
    expect(held("memberId", ana.id)).toBe(20);
    expect(held("customerId", acme)).toBeLessThanOrEqual(7);
    expect(held("inviteId", invites[2]?.id)).toBe(5);
    expect(all.map(({ ordinal }) => ordinal)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
    expect(await db.workshop.findUniqueOrThrow({ where: { id: workshop.id } })).toMatchObject({ seatsTaken: 50 });
    // The pool has four accounts more: they go to the first on the list whom no other limit holds back.
    const free = all.filter(({ state, inviteId }) => state === "waitlisted" && inviteId === invites[3]?.id);
    await db.workshop.update({ where: { id: workshop.id }, data: { poolSeats: 54 } });
    const promoted = await db.$transaction((tx) => promoteWaitlist(system, tx, { workshopId: workshop.id }));
    expect(promoted).toEqual(free.slice(0, 4).map(({ id }) => id));
  });

  test("one below a limit there is a seat, at it there is none, and the reason is the limit's", async () => {
    const workshop = await workshopOf({ capacity: 10 });
    const customerId = await customerOf(workshop.id, 2);
    const invite = await invited(workshop, { customerId });
    const page = () => readInvite(visitor, { token: invite.token });
    expect(await page()).toMatchObject({ waitReason: null, seatsLeft: 2 });
    await confirmed(invite.token);
    expect((await row((await confirmed(invite.token)).registrationId)).state).toBe("confirmed");
    expect(await page()).toMatchObject({ waitReason: "customer", seatsLeft: 0 });
    const third = await confirmed(invite.token);
    expect((await row(third.registrationId)).state).toBe("waitlisted");
    const entry = await connection.db.auditEntry.findFirst({
      where: { entityId: third.registrationId, action: "registration.waitlisted" },
    });
    expect(entry?.detail).toEqual({ reason: "customer" });
    await connection.db.workshopCustomer.updateMany({ where: { customerId }, data: { seatLimit: 3 } });
    await connection.db.$transaction((tx) => promoteWaitlist(system, tx, { workshopId: workshop.id }));
    expect((await row(third.registrationId)).state).toBe("confirmed");
  });

  test("the pool limits the seats that nobody accepted to give without an account, and gives them when it grows or somebody accepts", async () => {
    const { db } = connection;
    const alone = await makeTeam(db);
    const admin = await makeMember(db, alone.id, "admin");
    const manager = await makeMember(db, alone.id, "account_manager");
    const ctx: Context = {
      ...visitor,
      actor: { kind: "member", memberId: admin.id, identityId: admin.identityId, teamId: alone.id, role: "admin" },
    };
    const profile = await db.sandboxProfile.create({
      data: {
        id: visitor.newId("sandboxProfile"),
        teamId: alone.id,
        name: "P",
        description: "",
        regions: [],
        policy: {},
      },
    });
    const accounts = [];
    for (let count = 0; count < 4; count++) accounts.push(await makeAccount(db, alone.id, { state: "available" }));
    const workshop = await makeWorkshop(db, alone.id, { state: "draft", capacity: 3, sandboxProfileId: profile.id });
    await db.workshopPresenter.create({ data: { teamId: alone.id, workshopId: workshop.id, memberId: admin.id } });
    const { token } = await makeInvite(db, visitor.env, workshop, manager.id);
    await openRegistration(ctx, { workshopId: workshop.id });
    const seats = async () => (await db.workshop.findUniqueOrThrow({ where: { id: workshop.id } })).poolSeats;
    expect(await seats()).toBe(3);
    const quarantine = (id: string, state: "quarantined" | "available") =>
      db.sandboxAccount.update({
        where: { id },
        data: { state, quarantineReason: state === "available" ? null : "test" },
      });
    for (const { id } of accounts.slice(0, 2)) await quarantine(id, "quarantined");
    await tickWorkshops(system);
    expect(await seats()).toBe(1);
    const people: string[] = [];
    for (let count = 0; count < 3; count++) people.push((await confirmed(token)).registrationId);
    const states = async () => Promise.all(people.map(async (id) => (await row(id)).state));
    expect(await states()).toEqual(["confirmed", "waitlisted", "waitlisted"]);
    expect(await readInvite(visitor, { token })).toMatchObject({ waitReason: "pool" });
    await quarantine(accounts[0]?.id ?? "", "available");
    await tickWorkshops(system);
    expect(await states()).toEqual(["confirmed", "confirmed", "waitlisted"]);
    await expect(acceptMissing(ctx, { workshopId: workshop.id, missing: 0 })).rejects.toMatchObject({
      code: "not_ready",
    });
    await acceptMissing(ctx, { workshopId: workshop.id, missing: 1 });
    expect(await states()).toEqual(["confirmed", "confirmed", "confirmed"]);
    for (const { id } of accounts) await quarantine(id, "quarantined");
    await tickWorkshops(system);
    expect(await seats()).toBe(0);
    // Nobody loses a seat by it, and without a sandbox the pool has no say.
    expect(await states()).toEqual(["confirmed", "confirmed", "confirmed"]);
    const form = workshopForm.parse({
      ...{ title: "Rules", timeZone: "Europe/Madrid", capacity: 3, place: "Here", sandboxProfileId: null },
      ...{ date: "2026-05-12", startTime: "09:30", endTime: "17:00", presenterIds: [admin.id] },
      accountManagers: [{ memberId: manager.id, seatLimit: null }],
    });
    await updateWorkshop(ctx, { workshopId: workshop.id, form });
    expect(await seats()).toBeNull();
  });
});

describe("when and who", () => {
  test("the form is there from the opening moment until the closing one, to the second, and each refusal says whom to ask", async () => {
    const [opens, closes] = [at(clock.now(), hours(10)), at(clock.now(), hours(20))];
    const workshop = await workshopOf({ registrationOpensAt: opens, registrationClosesAt: closes });
    const { token } = await invited(workshop);
    const problem = async () => (await readInvite(visitor, { token }))?.problem;
    const start = clock.now();
    try {
      expect(await problem()).toBe("not_yet");
      await expect(registered(token)).rejects.toMatchObject({ code: "gone", detail: { reason: "not_yet" } });
      await expect(registered(token)).rejects.toThrow(/opens on .* Ask .*@/);
      clock.set(opens);
      expect(await problem()).toBeNull();
      const inTime = await registered(token);
      clock.set(at(closes, -1));
      expect(await problem()).toBeNull();
      const last = await registered(token);
      clock.set(closes);
      await expect(registered(token)).rejects.toMatchObject({ code: "gone", detail: { reason: "ended" } });
      // Who sent it in time may confirm for a day more.
      clock.set(at(closes, hours(24) - 1));
      await confirm(visitor, { token: await confirmToken(inTime) });
      expect((await row(inTime)).state).toBe("confirmed");
      clock.set(at(closes, hours(24)));
      const late = await confirmToken(last);
      expect((await readLink(visitor, { token: late, purpose: "confirm" }))?.problem).toBe("too_late");
      await expect(confirm(visitor, { token: late })).rejects.toMatchObject({
        code: "gone",
        detail: { reason: "too_late" },
      });
      expect((await row(last)).state).toBe("unverified");
    } finally {
      clock.set(start);
    }
  });

  test("minimum notice ends registration so many hours before the start, and leaves an hour to confirm", async () => {
    const start = clock.now();
    const startsAt = at(start, hours(100));
    const workshop = await workshopOf({ startsAt, endsAt: at(startsAt, hours(8)), minimumNoticeHours: 48 });
    const { token } = await invited(workshop);
    try {
      clock.set(at(startsAt, -hours(48) - 1));
      const [first, second] = [await registered(token), await registered(token)];
      clock.set(at(startsAt, -hours(48)));
      await expect(registered(token)).rejects.toMatchObject({ detail: { reason: "ended" } });
      clock.set(at(startsAt, -hours(47) - 1));
      await confirm(visitor, { token: await confirmToken(first) });
      clock.set(at(startsAt, -hours(47)));
      await expect(confirm(visitor, { token: await confirmToken(second) })).rejects.toMatchObject({ code: "gone" });
    } finally {
      clock.set(start);
    }
  });

  test("domains: in any case, with those below and no others, in scripts of their own too", () => {
    const read = (typed: string) => readDomain(typed) ?? "none";
    expect([" @Acme.COM ", "müller.example", "xn--mller-kva.example"].map(read)).toEqual([
      "acme.com",
      "xn--mller-kva.example",
      "xn--mller-kva.example",
    ]);
    for (const bad of ["", "acme", "a b.com", "ana@acme.com", "https://acme.com", "*.acme.com", "acme.com/x"])
      expect(readDomain(bad)).toBeNull();
    const allowed = ["acme.com", "xn--mller-kva.example"];
    const may = (typed: string) => {
      const address = readEmail(typed);
      return "email" in address && domainAllowed(allowed, address.email);
    };
    for (const good of ["a@acme.com", "a@ACME.com", "a@eu.acme.com", "a@Müller.example", "a@x.müller.example"])
      expect([good, may(good)]).toEqual([good, true]);
    for (const bad of ["a@notacme.com", "a@acme.com.evil.org", "a@acme.co", "a@muller.example", "a@com"])
      expect([bad, may(bad)]).toEqual([bad, false]);
    expect(domainAllowed([], "a@anything.example")).toBe(true);
  });

  test("an address of another domain is refused at its field, with the domains and whom to ask", async () => {
    const { token } = await invited(await workshopOf({ allowedDomains: ["acme.com"] }));
    const refused = { code: "invalid", detail: { fields: { email: expect.stringMatching(/acme\.com.*@/) } } };
    await expect(registered(token, { email: "x@other.example" })).rejects.toMatchObject(refused);
    expect(await registered(token, { email: "X@EU.Acme.com" })).toMatch(/^reg_/);
  });
});

describe("approval", () => {
  test("a seat is taken at the yes and not before, in the order of confirmation; a no has its reason in the mail", async () => {
    const workshop = await workshopOf({ capacity: 1, approvalBy: "account_manager" });
    const { token } = await invited(workshop);
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) ids.push((await confirmed(token)).registrationId);
    const [first = "", second = "", third = ""] = ids;
    const seatsTaken = async () =>
      (await connection.db.workshop.findUniqueOrThrow({ where: { id: workshop.id } })).seatsTaken;
    expect((await row(first)).state).toBe("awaiting_approval");
    expect(await seatsTaken()).toBe(0);
    const decide = (registrationIds: string[], approve: boolean, reason?: string, who = ana) =>
      decideRegistrations(as(who), { workshopId: workshop.id, registrationIds, approve, reason });
    await decide([third], false, "Only one from each team");
    // Named in any order, the one who confirmed first gets the seat.
    expect(await decide([second, first], true)).toEqual({ confirmed: 1, waitlisted: 1, rejected: 0 });
    expect(await row(first)).toMatchObject({ state: "confirmed", ordinal: 1, decidedById: ana.id });
    expect(await row(second)).toMatchObject({ state: "waitlisted", ordinal: 2 });
    expect(await seatsTaken()).toBe(1);
    await expect(decide([first], false)).rejects.toMatchObject({ code: "conflict" });
    const mails = await connection.db.message.findMany({ where: { workshopId: workshop.id } });
    const kinds = (id: string) =>
      mails
        .filter((one) => one.registrationId === id)
        .map(({ kind }) => kind)
        .sort();
    expect(kinds(first)).toEqual(expect.arrayContaining(["confirm_address", "awaiting_approval", "confirmed"]));
    expect(kinds(third)).toEqual(["awaiting_approval", "confirm_address", "rejected"]);
    const no = mails.find(({ kind }) => kind === "rejected");
    if (!no) throw new Error("no mail");
    const prepared = await prepare(system, no);
    if ("refused" in prepared) throw new Error(prepared.reason);
    for (const locale of ["en", "es", "pt", "it", "fr"]) {
      const { text } = contentOf("rejected", { ...prepared.facts, locale }, { link: "", code: "", console: "" });
      expect(text).toContain("Only one from each team");
      expect(text).not.toMatch(/[{}]/);
    }
    // Whoever was turned down can ask again; the answer is a new one.
    expect((await row(third)).state).toBe("rejected");
  });

  test("an account manager decides on their own people, where it is theirs to decide; a solutions architect on all", async () => {
    const workshop = await workshopOf({ approvalBy: "account_manager" });
    const { registrationId } = await confirmed((await invited(workshop)).token);
    const yes = (who: typeof ana, over = {}) =>
      decideRegistrations(as(who), {
        workshopId: workshop.id,
        registrationIds: [registrationId],
        approve: true,
        ...over,
      });
    await expect(yes(bea)).rejects.toMatchObject({ code: "not_found" });
    await connection.db.workshop.update({ where: { id: workshop.id }, data: { approvalBy: "solutions_architect" } });
    await expect(yes(ana)).rejects.toMatchObject({ code: "not_ready" });
    await yes(sol);
    expect(await row(registrationId)).toMatchObject({ state: "confirmed", decidedById: sol.id });
  });

  test("of two who decide at once one is told that it is decided, and nothing is half done", async () => {
    const workshop = await workshopOf({ capacity: 1, approvalBy: "account_manager" });
    const { token } = await invited(workshop);
    const ids = [(await confirmed(token)).registrationId, (await confirmed(token)).registrationId];
    const input = { workshopId: workshop.id, registrationIds: ids };
    const answers = await Promise.allSettled([
      decideRegistrations(as(ana), { ...input, approve: true }),
      decideRegistrations(as(sol), { ...input, approve: false }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const states = await Promise.all(ids.map(async (id) => (await row(id)).state));
    expect([
      ["confirmed", "waitlisted"],
      ["rejected", "rejected"],
    ]).toContainEqual(states);
  });
});

type Asked = z.input<typeof questionForm>;
const ask = (over: Partial<Asked>): Asked => ({ kind: "text", label: "Why?", dataClass: "personal", ...over });

async function asking(workshopId: string, questions: Asked[]) {
  const parsed = questions.map((one) => questionForm.parse(one));
  await connection.db.$transaction((tx) =>
    setQuestions(visitor, tx, { teamId: team.id, workshopId, questions: parsed }),
  );
  return questionsOf(connection.db, workshopId);
}

describe("questions", () => {
  test("answers are typed by their question, and what is wrong is said at its field", () => {
    const definition = (over: object) => ({ ...questionForm.parse(ask(over)), id: "q", help: "" });
    const read = (over: object, value: unknown) => answersFor([definition(over)]).safeParse({ q: value });
    const value = (over: object, typed: unknown) => read(over, typed).data?.q;
    const choice = { kind: "choice", options: ["S", "M"], dataClass: "none" };
    expect(value({}, "  two\u202e  words ")).toBe("two words");
    expect(value({}, "")).toBeNull();
    expect(value(choice, "M")).toBe("M");
    for (const [typed, number] of [
      ["12", 12],
      ["3,5", 3.5],
      ["-0.25", -0.25],
      [7, 7],
    ] as const)
      expect(value({ kind: "number" }, typed)).toBe(number);
    expect(value({ kind: "consent" }, "on")).toBe(true);
    expect(value({ kind: "consent" }, undefined)).toBeNull();
    const wrong: [object, unknown][] = [
      [{ required: true }, "   "],
      [{ ...choice, required: true }, ""],
      [choice, "XL"],
      [{ kind: "consent", required: true }, undefined],
      [{}, "x".repeat(501)],
      ...["1.234,5", "1e9", "0x10", "NaN", "Infinity", "123456789012", "1.23456", "٣"].map(
        (typed): [object, unknown] => [{ kind: "number" }, typed],
      ),
    ];
    for (const [over, typed] of wrong) {
      const [issue] = read(over, typed).error?.issues ?? [];
      expect([typed, issue?.path]).toEqual([typed, ["q"]]);
    }
    expect(answersFor([definition({})]).parse({ q: "a", foreign: "b" })).toEqual({ q: "a" });
  });

  test("free text is never without a person, what is sensitive never required, a choice has options", () => {
    for (const bad of [
      { kind: "text", dataClass: "none" },
      { dataClass: "sensitive", required: true },
      { kind: "choice", options: ["one"] },
      { kind: "choice", options: ["one", "one "] },
      { label: " " },
    ] as Partial<Asked>[])
      expect(questionForm.safeParse(ask(bad)).success).toBe(false);
  });

  test("an unanswered required question keeps nobody's data; answers are kept, shown, changed, and read by those who may", async () => {
    const workshop = await workshopOf();
    const { token } = await invited(workshop);
    const [size, diet, years, terms] = await asking(workshop.id, [
      ask({ kind: "choice", label: "Size", options: ["S", "M"], dataClass: "none", required: true }),
      ask({ label: "Allergies", dataClass: "sensitive" }),
      ask({ kind: "number", label: "Years", dataClass: "personal" }),
      ask({ kind: "consent", label: "I agree to photos" }),
    ]);
    if (!size || !diet || !years || !terms) throw new Error("not asked");
    const email = `asked.${++people}@acme.example`;
    const failed = await registered(token, { email, answers: { [years.id]: "many" } }).catch((error) => error);
    expect(failed.issues.map((issue: { path: string[] }) => issue.path.join("."))).toEqual([
      `answers.${size.id}`,
      `answers.${years.id}`,
    ]);
    expect(await connection.db.person.count({ where: { email } })).toBe(0);
    const answers = { [size.id]: "M", [diet.id]: "nuts", [years.id]: "3,5", [terms.id]: "on" };
    const { registrationId, browserToken } = await confirmed(token, { email, answers });
    const seen = async (who: typeof ana) => (await answersOf(as(who), { workshopId: workshop.id })).get(registrationId);
    expect(await seen(sol)).toEqual({ [size.id]: "M", [diet.id]: "nuts", [years.id]: 3.5, [terms.id]: true });
    expect(await seen(ana)).toEqual({ [size.id]: "M", [years.id]: 3.5, [terms.id]: true });
    expect(await seen(bea)).toBeUndefined();
    const labels = async (who: typeof ana) =>
      (await questionColumns(as(who), { workshopId: workshop.id })).map(({ label }) => label);
    expect(await labels(sol)).toEqual(["Size", "Allergies", "Years", "I agree to photos"]);
    expect(await labels(ana)).toEqual(["Size", "Years", "I agree to photos"]);

    const browser = await connection.db.attendeeBrowser.findFirstOrThrow({
      where: { tokenHash: hashToken(browserToken) },
    });
    const actor = { kind: "attendee", teamId: team.id, registrationId, verified: browser.verifiedAt !== null } as const;
    const mine: Context<AttendeeActor> = { ...visitor, actor };
    const consentAt = () => connection.db.answer.findFirstOrThrow({ where: { registrationId, questionId: terms.id } });
    const before = await consentAt();
    clock.set(at(clock.now(), 60_000));
    const change = (typed: Record<string, string>) =>
      changeMyData(mine, { registrationId, form: { name: "L", company: "Acme", answers: typed } });
    await expect(change({ [size.id]: "" })).rejects.toThrow();
    await change({ [size.id]: "S", [terms.id]: "on" });
    expect(await seen(sol)).toEqual({ [size.id]: "S", [terms.id]: true });
    expect((await consentAt()).consentAt).toEqual(before.consentAt);
    expect((await myWorkshop(mine)).mine?.answers.map(({ label, value }) => [label, value])).toEqual([
      ["Size", "S"],
      ["Allergies", null],
      ["Years", null],
      ["I agree to photos", true],
    ]);
  });

  test("once answered a question keeps its kind, its promise and what was chosen; removed, its answers stay and it is asked no more", async () => {
    const workshop = await workshopOf();
    const { token } = await invited(workshop);
    const [size, note] = await asking(workshop.id, [
      ask({ kind: "choice", label: "Size", options: ["S", "M", "L"], dataClass: "personal" }),
      ask({ label: "Note" }),
    ]);
    if (!size || !note) throw new Error("not asked");
    const id = await registered(token, { answers: { [size.id]: "M", [note.id]: "hello" } });
    const refused = (over: Partial<Asked>, field: string) =>
      expect(asking(workshop.id, [{ ...size, ...over }, note])).rejects.toMatchObject({
        code: "invalid",
        detail: { fields: { [`questions.0.${field}`]: expect.stringContaining("Remove it") } },
      });
    await refused({ kind: "text" }, "kind");
    await refused({ dataClass: "none" }, "dataClass");
    await refused({ options: ["S", "L"] }, "options");
    // The order, the words, an option that nobody chose: all of that can change.
    const changed = await asking(workshop.id, [note, { ...size, label: "Shirt", options: ["M", "XL"] }]);
    expect(changed.map((one) => one.label)).toEqual(["Note", "Shirt"]);
    await asking(workshop.id, [{ ...size, options: ["M", "XL"] }]);
    const columns = await questionColumns(as(sol), { workshopId: workshop.id });
    expect(columns.map(({ label, removed }) => [label, removed])).toEqual([
      ["Size", false],
      ["Note", true],
    ]);
    expect((await answersOf(as(sol), { workshopId: workshop.id })).get(id)).toEqual({
      [size.id]: "M",
      [note.id]: "hello",
    });
  });

  test("when people are forgotten, what says nothing about a person stays as a figure, and every other answer goes", async () => {
    const workshop = await workshopOf({ approvalBy: "account_manager" });
    const { token } = await invited(workshop);
    const asked = await asking(workshop.id, [
      ask({ kind: "number", label: "Days", dataClass: "none" }),
      ask({ label: "Diet", dataClass: "sensitive" }),
      ask({ kind: "choice", label: "Size", options: ["S", "M"], dataClass: "personal" }),
      ask({ kind: "consent", label: "Photos" }),
    ]);
    const [days, diet, size, photos] = asked.map(({ id }) => id) as [string, string, string, string];
    const answers = { [days]: "2", [diet]: "vegan", [size]: "S", [photos]: "on" };
    const { registrationId } = await confirmed(token, { answers });
    const no = {
      workshopId: workshop.id,
      registrationIds: [registrationId],
      approve: false,
      reason: "No seat for Lucía",
    };
    await decideRegistrations(as(ana), no);
    await eraseRegistration(as(sol), { registrationId });
    const left = await connection.db.answer.findMany({ where: { registrationId } });
    expect(left.map(({ questionId, number }) => [questionId, number?.toNumber()])).toEqual([[days, 2]]);
    expect((await row(registrationId)).decisionReason).toBeNull();
  });

  test("a workshop made from the form, and one made from that, ask the same and keep the same rules", async () => {
    const parsed = workshopForm.parse({
      ...{
        title: "Rules",
        timeZone: "Europe/Madrid",
        capacity: 5,
        date: "2027-03-10",
        startTime: "09:00",
        endTime: "17:00",
      },
      ...{ registrationOpensDate: "2027-02-01", registrationOpensTime: "08:00" },
      ...{ registrationClosesDate: "2027-03-08", registrationClosesTime: "18:00" },
      ...{
        minimumNoticeHours: 12,
        approvalBy: "solutions_architect",
        allowedDomains: [" ACME.com", "@acme.com", "bolt.example"],
      },
      questions: [ask({ label: "First" }), ask({ kind: "consent", label: "Second", required: true })],
    });
    const { id } = await createWorkshop(as(sol), parsed);
    const { id: copy } = await duplicateWorkshop(as(sol), { workshopId: id, startsOn: "2027-03-31" });
    const read = (workshopId: string) => connection.db.workshop.findUniqueOrThrow({ where: { id: workshopId } });
    const rules = {
      minimumNoticeHours: 12,
      approvalBy: "solutions_architect",
      allowedDomains: ["acme.com", "bolt.example"],
    };
    expect(await read(id)).toMatchObject({ ...rules, registrationClosesAt: new Date("2027-03-08T17:00:00Z") });
    // The clocks changed in between: 18:00 stays 18:00.
    expect(await read(copy)).toMatchObject({ ...rules, registrationClosesAt: new Date("2027-03-29T16:00:00Z") });
    const asked = async (workshopId: string) =>
      (await questionsOf(connection.db, workshopId)).map(({ label, required }) => [label, required]);
    expect(await asked(copy)).toEqual([
      ["First", false],
      ["Second", true],
    ]);
    expect(await asked(copy)).toEqual(await asked(id));
  });
});
