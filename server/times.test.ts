import { describe, expect, test } from "vitest";
import {
  clockChanges,
  dateBlock,
  daysBefore,
  formatElsewhere,
  formatMoment,
  formatRange,
  fromLocal,
  isTimeZone,
  relativeWords,
  toLocal,
  zoneName,
} from "@/server/times";

const at = (iso: string) => new Date(iso);

describe("words for times", () => {
  test("a range names the day once, or both days where it spans two", () => {
    const start = at("2026-05-12T07:30:00Z");
    expect(formatRange(start, at("2026-05-12T15:00:00Z"), "Europe/Madrid")).toBe("Tue 12 May, 09:30–17:00 Madrid");
    expect(formatRange(start, at("2026-05-13T15:00:00Z"), "Europe/Madrid")).toBe(
      "Tue 12 May, 09:30 – Wed 13 May, 17:00 Madrid",
    );
    expect(formatRange(start, at("2026-05-12T15:00:00Z"), "Europe/Madrid", "es")).toBe(
      "mar 12 may, 09:30–17:00 Madrid",
    );
    expect(formatMoment(start, "Europe/Madrid", "en", at("2025-12-01T00:00:00Z"))).toBe(
      "Tue 12 May 2026, 09:30 Madrid",
    );
  });

  test("a reader elsewhere is told their own time, with the day where it differs, and nothing where clocks agree", () => {
    const start = at("2026-05-12T07:30:00Z");
    expect(formatElsewhere(start, "Europe/Madrid", "Europe/London")).toBe("08:30 in London");
    expect(formatElsewhere(start, "Europe/Madrid", "America/Los_Angeles")).toBe("00:30 in Los Angeles");
    expect(formatElsewhere(start, "Asia/Tokyo", "America/New_York")).toBe("03:30 in New York");
    expect(formatElsewhere(at("2026-05-12T01:00:00Z"), "Asia/Tokyo", "America/New_York")).toBe(
      "Mon 11 May, 21:00 in New York",
    );
    expect(formatElsewhere(start, "Europe/Madrid", "Europe/Paris")).toBeNull();
  });

  test("days are counted on the zone's calendar, hours by the clock", () => {
    const now = at("2026-05-11T21:50:00Z"); // 23:50 in Madrid
    expect(relativeWords(at("2026-05-12T15:00:00Z"), now, "en", "Europe/Madrid")).toBe("tomorrow");
    expect(relativeWords(at("2026-05-11T22:30:00Z"), now, "en", "Europe/Madrid")).toBe("in 40 minutes");
    expect(relativeWords(at("2026-05-12T00:50:00Z"), now, "en", "Europe/Madrid")).toBe("in 3 hours");
    expect(relativeWords(at("2026-05-09T10:00:00Z"), now, "en", "Europe/Madrid")).toBe("2 days ago");
    expect(relativeWords(now, now)).toBe("now");
  });

  test("nine o'clock two days before stays nine o'clock over a clock change", () => {
    // Madrid went to summer time on 29 March 2026.
    const start = at("2026-03-30T07:30:00Z");
    expect(daysBefore(start, 2, "09:00", "Europe/Madrid").toISOString()).toBe("2026-03-28T08:00:00.000Z");
    expect(daysBefore(start, 0, "09:00", "Europe/Madrid").toISOString()).toBe("2026-03-30T07:00:00.000Z");
  });

  test("a skipped time moves on, a doubled one is the first, nonsense is null", () => {
    expect(fromLocal("2026-03-29T02:30", "Europe/Madrid")?.toISOString()).toBe("2026-03-29T01:30:00.000Z");
    expect(fromLocal("2026-10-25T02:30", "Europe/Madrid")?.toISOString()).toBe("2026-10-25T00:30:00.000Z");
    for (const bad of ["", "2026-02-30T10:00", "tomorrow", "99999-01-01T00:00"])
      expect(fromLocal(bad, "UTC")).toBeNull();
    expect(fromLocal("2026-05-12T09:30", "Mars/Olympus")).toBeNull();
    expect(toLocal(at("2026-05-12T07:30:00Z"), "Europe/Madrid")).toBe("2026-05-12T09:30");
  });

  test("zones are told by their place, and unknown ones are not zones", () => {
    expect(zoneName("America/Argentina/Buenos_Aires")).toBe("Buenos Aires");
    expect(isTimeZone("Europe/Madrid")).toBe(true);
    for (const bad of ["", "Mars/Olympus", "<b>", "+99:99"]) expect(isTimeZone(bad)).toBe(false);
    expect(dateBlock(at("2026-05-12T07:30:00Z"), "Europe/Madrid")).toEqual({
      weekday: "Tuesday",
      day: "12",
      month: "May",
      year: "2026",
    });
  });

  test("the clock changes around an event begin with the one in force", () => {
    const changes = clockChanges("Europe/Madrid", at("2026-10-24T08:00:00Z"), at("2026-10-26T16:00:00Z"));
    expect(changes.map((c) => [c.at.toISOString(), c.offsetBefore, c.offsetAfter, c.name])).toEqual([
      ["2026-03-29T01:00:00.000Z", 60, 120, "CEST"],
      ["2026-10-25T01:00:00.000Z", 120, 60, "CET"],
    ]);
    expect(clockChanges("UTC", at("2026-10-24T08:00:00Z"), at("2026-10-26T16:00:00Z"))).toEqual([]);
  });
});
