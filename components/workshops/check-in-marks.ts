"use client";

import { useRouter } from "next/navigation";
import { startTransition, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import {
  type Mark,
  type MarkAnswer,
  type MarkQueue,
  type MarkState,
  makeMarkQueue,
} from "@/components/workshops/check-in-queue";
import { consolePaths } from "@/server/paths";

/** Nothing answered within this long counts as no answer, and the mark is sent again. */
const answerWithin = 8000;
const nothing: ReadonlyMap<string, MarkState> = new Map();

/** Sends one mark; throws where the server did not answer in its own words. */
export async function sendMark(workshopId: string, mark: Mark): Promise<MarkAnswer> {
  const response = await fetch(consolePaths.checkInMark(workshopId), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ workshopId, ...mark }),
    signal: AbortSignal.timeout(answerWithin),
  });
  return (await response.json()) as MarkAnswer;
}

function storedMarks(key: string): Mark[] {
  try {
    const kept: unknown = JSON.parse(window.localStorage.getItem(key) ?? "[]");
    return Array.isArray(kept) ? (kept as Mark[]) : [];
  } catch {
    return [];
  }
}

function keepMarks(key: string, marks: Mark[]): void {
  try {
    if (marks.length > 0) window.localStorage.setItem(key, JSON.stringify(marks));
    else window.localStorage.removeItem(key);
  } catch {
    // Private windows may keep nothing: the marks live as long as the page.
  }
}

function queueOf(workshopId: string, saved: () => void): MarkQueue {
  const key = `atelier:check-in:${workshopId}`;
  return makeMarkQueue({
    send: (mark) => sendMark(workshopId, mark),
    load: () => storedMarks(key),
    save: (marks) => keepMarks(key, marks),
    later: (run, milliseconds) => {
      const timer = window.setTimeout(run, milliseconds);
      return () => window.clearTimeout(timer);
    },
    saved,
  });
}

/**
 * The marks of this page: what was pressed here and is not in `shown` yet (by registration, whether the server's page has them
 * as checked in), how many are not saved, and why.
 */
export function useMarks(workshopId: string, shown: ReadonlyMap<string, boolean>) {
  const router = useRouter();
  const [queue, setQueue] = useState<MarkQueue | null>(null);
  useEffect(() => {
    const made = queueOf(workshopId, () => startTransition(() => router.refresh()));
    const wake = () => made.wake();
    setQueue(made);
    made.wake();
    window.addEventListener("online", wake);
    document.addEventListener("visibilitychange", wake);
    return () => {
      window.removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", wake);
      made.stop();
    };
  }, [workshopId, router]);
  useEffect(() => queue?.settle(shown), [queue, shown]);
  const subscribe = useMemo(() => queue?.subscribe ?? (() => () => undefined), [queue]);
  const states = useSyncExternalStore(
    subscribe,
    () => queue?.read() ?? nothing,
    () => nothing,
  );
  const trouble = useSyncExternalStore(
    subscribe,
    () => queue?.trouble() ?? null,
    () => null,
  );
  const unsaved = [...states.values()].filter((one) => one.state === "waiting").length;
  return { states, trouble, unsaved, mark: (mark: Mark) => queue?.add(mark), tryNow: () => queue?.wake() };
}
