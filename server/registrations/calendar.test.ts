import ICAL from "ical.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Context } from "@/server/context";
import { createDb } from "@/server/db";
import { stopQueue } from "@/server/jobs/queue";
import { calendarEntry, mailedEntries } from "@/server/registrations/calendar";
import { cancelRegistration } from "@/server/registrations/registrations";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { makeRegistration, makeTeam, makeWorkshop, testClock, testContext, testEnv } from "@/server/testing/factories";

let database: TestDatabase;
let connection: ReturnType<typeof createDb>;
let system: Context;
let teamId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  connection = createDb(database.url);
  system = testContext(connection.db, testEnv(database.url), { kind: "system", by: "clock" }, testClock());
  teamId = (await makeTeam(connection.db, { senderName: "Iberia, workshops; team" })).id;
});

afterAll(async () => {
  await stopQueue();
  await connection.close();
  await database.drop();
});

/** Reads an entry with the second parser: only its own VTIMEZONE tells it what the clock says. */
function read(text: string) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const zone = calendar.getFirstSubcomponent("vtimezone");
  ICAL.TimezoneService.reset();
  if (zone) ICAL.TimezoneService.register(zone);
  const component = calendar.getFirstSubcomponent("vevent");
  if (!component) throw new Error("no event");
  const event = new ICAL.Event(component);
  return {
    method: calendar.getFirstPropertyValue("method"),
    status: component.getFirstPropertyValue("status"),
    uid: event.uid,
    sequence: event.sequence,
    summary: event.summary,
    location: event.location,
    description: event.description,
    starts: event.startDate.toJSDate().toISOString(),
    ends: event.endDate.toJSDate().toISOString(),
    tzid: component.getFirstProperty("dtstart")?.getParameter("tzid"),
    organizer: component.getFirstProperty("organizer")?.toJSON(),
    attendees: component.getAllProperties("attendee").map((property) => property.toJSON()),
  };
}

/** The first entry of a mail; there is one only, where it is one block. */
async function mailed(registrationId: string, cancel = false): Promise<string> {
  const [first] = await mailedEntries(system, { registrationId, cancel });
  return first?.content ?? "";
}

test.each([
  ["Europe/Madrid", "2026-10-24T08:00:00Z", "2026-10-25T16:00:00Z"], // over the end of summer time
  ["Europe/Madrid", "2026-03-28T08:00:00Z", "2026-03-29T15:00:00Z"], // over its beginning
  ["Europe/Madrid", "2026-05-12T07:30:00Z", "2026-05-12T15:00:00Z"],
  ["America/New_York", "2026-11-01T04:30:00Z", "2026-11-01T07:30:00Z"], // through the hour that comes twice
  ["Australia/Lord_Howe", "2026-10-03T22:00:00Z", "2026-10-04T06:00:00Z"], // half an hour of summer time
  ["Asia/Kolkata", "2026-05-12T03:30:00Z", "2026-05-12T11:30:00Z"],
  ["Africa/Casablanca", "2026-03-21T09:00:00Z", "2026-03-23T17:00:00Z"],
  ["UTC", "2026-05-12T07:30:00Z", "2026-05-12T15:00:00Z"],
])("another parser reads the same instants from the entry's own zone: %s from %s", async (timeZone, starts, ends) => {
  const over = { timeZone, startsAt: new Date(starts), endsAt: new Date(ends) };
  const workshop = await makeWorkshop(connection.db, teamId, over);
  const { id } = await makeRegistration(connection.db, workshop);
  const entry = read(await mailed(id));
  expect([new Date(entry.starts), new Date(entry.ends)]).toEqual([over.startsAt, over.endsAt]);
});

test("the UID stays for ever, SEQUENCE rises with each change of the schedule and with the cancellation", async () => {
  const workshop = await makeWorkshop(connection.db, teamId, {
    title: "Serverless; day, \\ one",
    place: "Hall 1\nMadrid",
  });
  const { id } = await makeRegistration(connection.db, workshop);
  const entries = [read(await mailed(id))];
  const data = { scheduleVersion: { increment: 1 }, startsAt: new Date("2026-05-13T07:30:00Z") };
  await connection.db.workshop.update({
    where: { id: workshop.id },
    data: { ...data, endsAt: new Date("2026-05-13T15:00:00Z") },
  });
  entries.push(read(await mailed(id)));
  const attendee = { kind: "attendee", teamId, registrationId: id, verified: true } as const;
  await cancelRegistration({ ...system, actor: attendee }, { registrationId: id });
  entries.push(read(await mailed(id, true)));
  expect(new Set(entries.map((entry) => entry.uid)).size).toBe(1);
  expect(entries.map((entry) => entry.sequence)).toEqual([0, 1, 2]);
  expect(entries.map((entry) => [entry.method, entry.status])).toEqual([
    ["REQUEST", "CONFIRMED"],
    ["REQUEST", "CONFIRMED"],
    ["CANCEL", "CANCELLED"],
  ]);
  expect(entries[0]).toMatchObject({
    summary: "Serverless; day, \\ one",
    location: "Hall 1\nMadrid",
    tzid: "Europe/Madrid",
  });
  expect(entries[0]?.description).toContain(`/my/${id}`);
});

test("moved and moved back, the entry is what it was with a newer SEQUENCE, so that no calendar keeps the date between", async () => {
  const workshop = await makeWorkshop(connection.db, teamId);
  const { id } = await makeRegistration(connection.db, workshop);
  const entries = [];
  for (const days of [0, 30, 0]) {
    const shift = (at: Date | null) => at && new Date(at.getTime() + days * 86_400_000);
    const data = { startsAt: shift(workshop.startsAt), endsAt: shift(workshop.endsAt) };
    await connection.db.workshop.update({
      where: { id: workshop.id },
      data: { ...data, scheduleVersion: { increment: 1 } },
    });
    entries.push(read(await mailed(id)));
  }
  const [before, between, after] = entries.map(({ sequence, ...entry }) => entry);
  expect(after).toEqual(before);
  expect(between?.starts).not.toBe(before?.starts);
  expect(entries.map((entry) => entry.sequence)).toEqual([1, 2, 3]);
});

test("a mailed entry has one attendee, who is not asked to answer, and a mailbox that somebody reads; a download names nobody", async () => {
  const workshop = await makeWorkshop(connection.db, teamId);
  const { id, person } = await makeRegistration(connection.db, workshop, { name: 'Zoë "Z"; O’Brien' });
  const sent = read(await mailed(id));
  expect(sent.attendees).toHaveLength(1);
  expect(sent.attendees[0]).toMatchObject([
    "attendee",
    { rsvp: "FALSE", partstat: "ACCEPTED" },
    "cal-address",
    expect.stringMatching(new RegExp(`^mailto:${person.email}$`, "i")),
  ]);
  expect(JSON.stringify(sent.organizer)).toContain("workshops@iberia.example");
  const attendee = { kind: "attendee", teamId, registrationId: id, verified: false } as const;
  const downloaded = await calendarEntry({ ...system, actor: attendee }, { registrationId: id });
  expect(downloaded).not.toMatch(/ATTENDEE|ORGANIZER|customer\.example|Zoë/);
  expect(read(downloaded).uid).toBe(sent.uid);
  const other = { ...attendee, registrationId: "reg_other" };
  await expect(calendarEntry({ ...system, actor: other }, { registrationId: id })).rejects.toMatchObject({
    code: "not_found",
  });
});

test("a quote in a name stays in the name and begins no other parameter", async () => {
  const workshop = await makeWorkshop(connection.db, teamId);
  const registration = await makeRegistration(connection.db, workshop, {
    ...{ name: 'Bob "Builder";SENT-BY="mailto:boss@acme.example', email: "bob@acme.example" },
  });
  const entry = await mailed(registration.id);
  const [, parameters] = read(entry).attendees[0] as [string, Record<string, string>];
  expect(parameters).not.toHaveProperty("sent-by");
  expect(parameters.cn).toBe("Bob 'Builder';SENT-BY='mailto:boss@acme.example");
});

const agenda = ["09:30 Arrive", "11:00 Build", "16:30 Wrap up"].map((point) => ({
  startsAt: point.slice(0, 5),
  title: point.slice(6),
  description: "",
}));

test("one block names the agenda; as one event for each point, each lasts until the next and has a UID of its own", async () => {
  const workshop = await makeWorkshop(connection.db, teamId, { agenda });
  const { id } = await makeRegistration(connection.db, workshop);
  expect(read(await mailed(id)).description).toContain("09:30 Arrive\n11:00 Build\n16:30 Wrap up");
  await connection.db.workshop.update({ where: { id: workshop.id }, data: { calendarItems: true } });
  const files = await mailedEntries(system, { registrationId: id, cancel: false });
  const entries = files.map(({ content }) => read(content));
  expect(
    entries.map(({ method, summary, starts, ends }) => [method, summary, starts.slice(11, 16), ends.slice(11, 16)]),
  ).toEqual([
    ["REQUEST", "Serverless day: Arrive", "07:30", "09:00"],
    ["REQUEST", "Serverless day: Build", "09:00", "14:30"],
    ["REQUEST", "Serverless day: Wrap up", "14:30", "15:00"],
    ["CANCEL", "Serverless day", "07:30", "15:00"],
  ]);
  expect(entries.map(({ uid }) => uid.split("@")[0])).toEqual([`${id}.1`, `${id}.2`, `${id}.3`, id]);
});

test("a point that goes is cancelled in every calendar that has it, a cancellation leaves none behind and goes to no other", async () => {
  const workshop = await makeWorkshop(connection.db, teamId, { agenda, calendarItems: true });
  const [early, late] = [
    await makeRegistration(connection.db, workshop),
    await makeRegistration(connection.db, workshop),
  ];
  const parts = async (registrationId: string, cancel = false) => {
    const entries = (await mailedEntries(system, { registrationId, cancel })).map(({ content }) => read(content));
    return entries.map(
      ({ method, status, uid }) => `${method} ${status} ${uid.split("@")[0]?.slice(registrationId.length)}`,
    );
  };
  await parts(early.id);
  await connection.db.workshop.update({ where: { id: workshop.id }, data: { agenda: agenda.slice(0, 2) } });
  const two = ["REQUEST CONFIRMED .1", "REQUEST CONFIRMED .2"];
  expect(await parts(early.id)).toEqual([...two, "CANCEL CANCELLED .3"]);
  expect(await parts(late.id)).toEqual(two);
  await connection.db.workshop.update({ where: { id: workshop.id }, data: { calendarItems: false } });
  const gone = [".1", ".2", ".3"].map((part) => `CANCEL CANCELLED ${part}`);
  expect((await parts(early.id, true)).sort()).toEqual(gone);
});

test("a workshop over several days stays one entry, and the download has every point in one file", async () => {
  const days = { endsAt: new Date("2026-05-13T15:00:00Z"), agenda, calendarItems: true };
  const long = await makeRegistration(connection.db, await makeWorkshop(connection.db, teamId, days));
  expect(await mailedEntries(system, { registrationId: long.id, cancel: false })).toHaveLength(1);
  const short = await makeWorkshop(connection.db, teamId, { agenda, calendarItems: true });
  const { id } = await makeRegistration(connection.db, short);
  const attendee = { kind: "attendee", teamId, registrationId: id, verified: true } as const;
  const file = await calendarEntry({ ...system, actor: attendee }, { registrationId: id });
  expect(file.match(/^BEGIN:VEVENT/gm)).toHaveLength(3);
});
