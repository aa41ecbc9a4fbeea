import type { CalendarBar } from "@/server/sandboxes/calendar";

/** Words of the pool's calendar. Pure: a date is "2026-12-03" on the team's calendar, a month is "2026-12". */

const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = [
  ...["January", "February", "March", "April", "May", "June", "July"],
  ...["August", "September", "October", "November", "December"],
];

/** "December 2026". */
export function monthWords(month: string): string {
  const [year = "", number = ""] = month.split("-");
  return `${months[Number(number) - 1] ?? ""} ${year}`;
}

type DayWords = { number: number; letter: string; long: string; weekend: boolean };

/** "Thursday 3 December", with what a narrow column can hold of it. */
export function dayWords(date: string): DayWords {
  const [year = 0, month = 0, day = 0] = date.split("-").map(Number);
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
  const name = weekdays[weekday] ?? "";
  const long = `${name} ${day} ${months[month - 1] ?? ""}`;
  return { number: day, letter: name.slice(0, 2), long, weekend: weekday === 0 || weekday === 6 };
}

/** What a line has on the days of a month: a bar over several of them, or single days without one. */
export type Cell = { first: number; last: number; bar: CalendarBar | null };

/** A line's cells, so that every day is covered once; bars do not overlap and come in order. */
export function cellsOf(bars: readonly CalendarBar[], days: number): Cell[] {
  const cells: Cell[] = [];
  const gap = (until: number) => {
    for (let day = (cells.at(-1)?.last ?? -1) + 1; day < until; day++) cells.push({ first: day, last: day, bar: null });
  };
  for (const bar of bars) {
    gap(bar.first);
    cells.push({ first: bar.first, last: bar.last, bar });
  }
  gap(days);
  return cells;
}

/** "12 minutes", "1 hour", "1 hour 30 minutes". */
export function lengthWords(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  const parts = [
    ...(hours > 0 ? [`${hours} ${hours === 1 ? "hour" : "hours"}`] : []),
    ...(rest > 0 ? [`${rest} ${rest === 1 ? "minute" : "minutes"}`] : []),
  ];
  return parts.join(" ") || "no time";
}
