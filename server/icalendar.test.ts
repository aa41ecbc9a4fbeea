import ICAL from "ical.js";
import { expect, test } from "vitest";
import { type CalendarEvent, calendarText } from "@/server/icalendar";
import { clockChanges, fromLocal } from "@/server/times";

/** Read by a second parser, which knows of a zone only what the calendar itself says. */
function read(text: string): ICAL.Event[] {
  const calendar = new ICAL.Component(ICAL.parse(text));
  ICAL.TimezoneService.reset();
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  return calendar.getAllSubcomponents("vevent").map((component) => new ICAL.Event(component));
}

const instants = (event: ICAL.Event) =>
  [event.startDate, event.endDate].map((time) => time.toJSDate().toISOString()).join("/");

let made = 0;
const event = (
  over: Partial<CalendarEvent> & Pick<CalendarEvent, "startsAt" | "endsAt" | "timeZone">,
): CalendarEvent => ({
  uid: `event-${made++}@atelier.example`,
  sequence: 0,
  stamp: new Date("2026-01-01T00:00:00Z"),
  title: "Serverless day",
  place: "",
  description: "",
  url: "https://atelier.example/",
  status: "confirmed",
  ...over,
});

const hour = 3_600_000;

/** Around each clock change of two years and the leap day between them: before, over, within and after. */
function moments(timeZone: string): Date[] {
  const [from, until] = [new Date("2027-06-01T00:00:00Z"), new Date("2029-06-01T00:00:00Z")];
  const changes = clockChanges(timeZone, from, until).filter(({ at }) => at > from);
  const around = changes.flatMap(({ at }) =>
    [-1, -0.5, 0, 0.5, 23].map((hours) => new Date(at.getTime() + hours * hour)),
  );
  const days = ["2028-02-28T23:30", "2028-02-29T09:30", "2027-12-31T22:00"].map((day) => fromLocal(day, timeZone));
  return [...around, ...days.filter((day) => day !== null)];
}

test("in every zone, over both clock changes and the leap day, the second parser reads the same instants", () => {
  const wrong: string[] = [];
  for (const timeZone of Intl.supportedValuesOf("timeZone"))
    for (const startsAt of moments(timeZone))
      for (const hours of [2, 30]) {
        const one = event({ startsAt, endsAt: new Date(startsAt.getTime() + hours * hour), timeZone });
        const wanted = `${one.startsAt.toISOString()}/${one.endsAt.toISOString()}`;
        const [found] = read(calendarText({ method: "REQUEST", events: [one] })).map(instants);
        if (found !== wanted) wrong.push(`${timeZone} ${wanted} read as ${found}`);
      }
  expect(wrong.slice(0, 10)).toEqual([]);
}, 60_000);

test("a calendar of many zones tells each of them once, and every event keeps its instants", () => {
  const zones = ["Europe/Madrid", "America/Sao_Paulo", "Asia/Kolkata", "Europe/Madrid", "UTC"];
  const events = zones.map((timeZone, index) => {
    const startsAt = new Date(Date.UTC(2028, index * 2, 29, 9, 30));
    return event({ startsAt, endsAt: new Date(startsAt.getTime() + 7 * hour), timeZone });
  });
  const text = calendarText({ method: "PUBLISH", events, feed: { name: "Iberia; all", refreshMinutes: 60 } });
  expect(read(text).map(instants)).toEqual(
    events.map((one) => `${one.startsAt.toISOString()}/${one.endsAt.toISOString()}`),
  );
  expect(text.match(/^TZID:/gm)).toHaveLength(3);
});

test("lines have at most 75 octets and no character is torn, in emoji and combined letters too; texts come back as typed", () => {
  const typed = `${"👩🏽‍💻🎈é".repeat(40)}; a\\b, "c"\nnext: 日本語 ${"x".repeat(80)}`;
  const startsAt = new Date("2026-05-12T07:30:00Z");
  for (let shift = 0; shift < 6; shift++) {
    const title = "a".repeat(shift) + typed.replace("\n", " ");
    const one = event({ startsAt, endsAt: new Date("2026-05-12T15:00:00Z"), timeZone: "Europe/Madrid" });
    const text = calendarText({
      method: "REQUEST",
      events: [{ ...one, title, description: typed, place: typed.replace("\n", "\r\n") }],
    });
    for (const line of text.split("\r\n")) expect(Buffer.byteLength(line), line).toBeLessThanOrEqual(75);
    expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    expect(text).not.toContain("\ufffd");
    const [found] = read(text);
    expect(found).toMatchObject({ summary: title, description: typed, location: typed });
  }
});
