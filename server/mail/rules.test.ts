import { describe, expect, it } from "vitest";
import { plannedReminder, reminderAt } from "@/server/mail/rules";

const at = (startsAt: string, timeZone = "Europe/Madrid") => reminderAt({ startsAt: new Date(startsAt), timeZone });

describe("the moment of the reminder", () => {
  it("is 09:00 on the workshop's clocks on both sides of a clock change", () => {
    // Madrid goes from UTC+1 to UTC+2 on 29 March 2026, and back on 25 October.
    expect(at("2026-03-30T07:30:00Z")).toEqual(new Date("2026-03-28T08:00:00Z"));
    expect(at("2026-03-31T07:30:00Z")).toEqual(new Date("2026-03-29T07:00:00Z"));
    expect(at("2026-10-26T08:30:00Z")).toEqual(new Date("2026-10-24T07:00:00Z"));
    expect(at("2026-10-27T08:30:00Z")).toEqual(new Date("2026-10-25T08:00:00Z"));
  });

  it("counts days where the workshop is, not in UTC", () => {
    // 20:00 on the 11th in Los Angeles is already the 12th in UTC.
    expect(at("2026-05-12T03:00:00Z", "America/Los_Angeles")).toEqual(new Date("2026-05-09T16:00:00Z"));
    expect(at("2026-05-11T23:30:00Z", "Pacific/Auckland")).toEqual(new Date("2026-05-09T21:00:00Z"));
  });

  it("does not come for a workshop without a date, nor once it has passed", () => {
    expect(reminderAt({ startsAt: null, timeZone: "Europe/Madrid" })).toBeNull();
    const schedule = { startsAt: new Date("2026-05-12T07:30:00Z"), timeZone: "Europe/Madrid" };
    expect(plannedReminder(schedule, new Date("2026-05-10T07:00:00Z"))).toBeNull();
    expect(plannedReminder(schedule, new Date("2026-05-10T06:59:59Z"))).toEqual({
      dueAt: new Date("2026-05-10T07:00:00Z"),
      notAfter: schedule.startsAt,
    });
  });
});
