"use client";

import { useEffect, useState } from "react";

function clock(at: Date, timeZone: string | undefined, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat("en-GB", { timeZone, ...options }).format(at);
}

/** "(08:30 in London)" where the reader's clock differs from the workshop's; nothing without script. */
export function LocalTime({ at, timeZone }: { at: string; timeZone: string }) {
  const [words, setWords] = useState("");
  useEffect(() => {
    const moment = new Date(at);
    const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
    const day = { weekday: "short", day: "numeric", month: "short" } as const;
    const full = { ...time, ...day, year: "numeric" } as const;
    if (clock(moment, undefined, full) === clock(moment, timeZone, full)) return;
    const theirs = clock(moment, undefined, time);
    const date = clock(moment, undefined, day);
    const where = Intl.DateTimeFormat().resolvedOptions().timeZone.split("/").at(-1)?.replaceAll("_", " ");
    setWords(`(${date === clock(moment, timeZone, day) ? "" : `${date}, `}${theirs} in ${where})`);
  }, [at, timeZone]);
  return words ? <span className="muted">{words}</span> : null;
}
