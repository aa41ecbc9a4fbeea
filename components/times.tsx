"use client";

import { useSyncExternalStore } from "react";

/**
 * Instants in words, the same on the server and in every browser (Intl gives the numbers only, since the words of its data
 * differ between versions).
 */

const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

type Local = { year: number; month: number; day: number; time: string; weekday: string };

function local(at: Date, timeZone: string): Local {
  const parts: Record<string, string> = {};
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  for (const part of format.formatToParts(at)) parts[part.type] = part.value;
  const [year, month, day] = [Number(parts.year), Number(parts.month), Number(parts.day)];
  const weekday = weekdays[new Date(Date.UTC(year, month - 1, day)).getUTCDay()] ?? "";
  return { year, month, day, weekday, time: `${parts.hour}:${parts.minute}` };
}

/** "Madrid" for "Europe/Madrid". */
export function placeOf(timeZone: string): string {
  return (timeZone.split("/").at(-1) ?? timeZone).replaceAll("_", " ");
}

function dayWords(when: Local): string {
  const year = when.year === new Date().getUTCFullYear() ? "" : ` ${when.year}`;
  return `${when.weekday} ${when.day} ${months[when.month - 1]}${year}`;
}

/** "Tue 12 May". */
export function dayText(at: string, timeZone: string): string {
  return dayWords(local(new Date(at), timeZone));
}

/** "Tue 12 May, 09:30"; the place of the clock is said where asked for. */
export function momentText(at: string, timeZone: string, withPlace = false): string {
  const when = local(new Date(at), timeZone);
  return `${dayWords(when)}, ${when.time}${withPlace ? ` ${placeOf(timeZone)}` : ""}`;
}

/** "09:30". */
export function timeText(at: string, timeZone: string): string {
  return local(new Date(at), timeZone).time;
}

/** "Tue 12 May, 09:30–17:00 Madrid". */
export function rangeText(startsAt: string, endsAt: string, timeZone: string): string {
  const start = local(new Date(startsAt), timeZone);
  const end = local(new Date(endsAt), timeZone);
  const sameDay = start.year === end.year && start.month === end.month && start.day === end.day;
  const until = sameDay ? `–${end.time}` : ` – ${dayWords(end)}, ${end.time}`;
  return `${dayWords(start)}, ${start.time}${until} ${placeOf(timeZone)}`;
}

/** "in 3 days", "40 min ago", "now": beside an exact time, never instead of it. */
export function relativeText(at: string, now: number): string {
  const minutes = Math.round((new Date(at).getTime() - now) / 60_000);
  const size = Math.abs(minutes);
  if (size < 1) return "now";
  const [count, unit] =
    size < 60
      ? [size, "min"]
      : size < 36 * 60
        ? [Math.round(size / 60), size < 90 ? "hour" : "hours"]
        : [Math.round(size / 1440), "days"];
  return minutes > 0 ? `in ${count} ${unit}` : `${count} ${unit} ago`;
}

const never = () => () => undefined;

/** The zone of the reader's clock; null on the server and for the first paint. */
export function useReaderZone(): string | null {
  return useSyncExternalStore(
    never,
    () => Intl.DateTimeFormat().resolvedOptions().timeZone,
    () => null,
  );
}

let minute = 0;
function everyMinute(listener: () => void): () => void {
  const timer = window.setInterval(listener, 15_000);
  return () => window.clearInterval(timer);
}
function thisMinute(): number {
  const now = Math.floor(Date.now() / 15_000) * 15_000;
  if (now !== minute) minute = now;
  return minute;
}

/** The time now, to a quarter of a minute, kept up while the page is open; null on the server and for the first paint. */
export function useNow(): number | null {
  return useSyncExternalStore(everyMinute, thisMinute, () => null);
}

/** A moment with how far away it is, in the zone given or else the reader's. */
export function Moment({ at, timeZone, relative = true }: { at: string; timeZone?: string; relative?: boolean }) {
  const reader = useReaderZone();
  const now = useNow();
  const zone = timeZone ?? reader ?? "UTC";
  return (
    <time dateTime={at} title={reader ? momentText(at, reader, true) : undefined}>
      {momentText(at, zone, Boolean(timeZone && reader && timeZone !== reader))}
      {relative && now !== null ? ` (${relativeText(at, now)})` : null}
    </time>
  );
}

/** When a workshop is: on its own clock, and on the reader's where that differs. */
export function WorkshopTime(props: { startsAt: string | null; endsAt: string | null; timeZone: string }) {
  const reader = useReaderZone();
  const { startsAt, endsAt, timeZone } = props;
  if (!startsAt || !endsAt) return <>No date yet</>;
  const here = timeText(startsAt, timeZone);
  const there = reader ? timeText(startsAt, reader) : here;
  return (
    <time dateTime={startsAt}>
      {rangeText(startsAt, endsAt, timeZone)}
      {reader && there !== here ? ` (${there} in ${placeOf(reader)})` : null}
    </time>
  );
}
