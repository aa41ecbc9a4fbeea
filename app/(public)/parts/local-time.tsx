"use client";

import { useEffect, useState } from "react";
import { fill } from "@/app/(public)/parts/fill";

type Props = {
  at: string;
  timeZone: string;
  language: string;
  /** "{time} in {place}". */
  pattern: string;
  /** Places of zones that have another name in this language. */
  places: Record<string, string>;
};

/** "(08:30 in London)" where the reader's clock differs from the workshop's; nothing without script. */
export function LocalTime({ at, timeZone, language, pattern, places }: Props) {
  const [words, setWords] = useState("");
  useEffect(() => {
    const moment = new Date(at);
    const locale = language === "en" ? "en-GB" : language;
    const clock = (zone: string | undefined, options: Intl.DateTimeFormatOptions) =>
      new Intl.DateTimeFormat(locale, { timeZone: zone, ...options }).format(moment);
    const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
    const day = { weekday: "short", day: "numeric", month: "short" } as const;
    const full = { ...time, ...day, year: "numeric" } as const;
    if (clock(undefined, full) === clock(timeZone, full)) return;
    const theirs = clock(undefined, time);
    const date = clock(undefined, day);
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone.split("/").at(-1) ?? "";
    const place = places[zone] ?? zone.replaceAll("_", " ");
    const moved = date === clock(timeZone, day) ? theirs : `${date}, ${theirs}`;
    setWords(`(${fill(pattern, { time: moved, place })})`);
  }, [at, timeZone, language, pattern, places]);
  return words ? <span className="muted">{words}</span> : null;
}
