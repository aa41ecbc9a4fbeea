import { expect, test } from "vitest";
import { cellsOf, dayWords, lengthWords, monthWords } from "@/components/pool/calendar-words";
import type { CalendarBar } from "@/server/sandboxes/calendar";

const bar = (first: number, last: number): CalendarBar => ({
  ...{ first, last, accounts: 2, kind: "reserved", from: "2026-12-03T08:00:00.000Z", to: null },
});

test("a line covers each day of the month once, in order, wherever its bars stand", () => {
  const lines = [[], [bar(0, 30)], [bar(0, 0), bar(30, 30)], [bar(3, 5), bar(6, 9)], [bar(29, 30)]];
  for (const bars of lines) {
    const cells = cellsOf(bars, 31);
    const days = cells.flatMap(({ first, last }) =>
      Array.from({ length: last - first + 1 }, (_, index) => first + index),
    );
    expect(days).toEqual(Array.from({ length: 31 }, (_, index) => index));
    expect(cells.flatMap((cell) => cell.bar ?? [])).toEqual(bars);
  }
});

test("a day is said in full for those who hear it, and is the same in every time zone", () => {
  expect(dayWords("2026-12-05")).toEqual({ number: 5, letter: "Sa", long: "Saturday 5 December", weekend: true });
  expect(dayWords("2028-02-29").long).toBe("Tuesday 29 February");
  expect(monthWords("2026-12")).toBe("December 2026");
  expect([1, 12, 60, 90, 1500].map(lengthWords)).toEqual([
    ...["1 minute", "12 minutes", "1 hour", "1 hour 30 minutes", "25 hours"],
  ]);
});
