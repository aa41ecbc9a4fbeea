"use client";

import Box from "@cloudscape-design/components/box";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useRouter } from "next/navigation";
import { startTransition, useEffect, useState } from "react";
import type { LiveTopic } from "@/server/insights/live";

type Contact = "connecting" | "live" | "asking" | "lost";

const askEveryMilliseconds = 4000;
const refreshAtMostEvery = 700;

/**
 * Keeps the page as it is on the server: listens for changes, asks instead where a proxy breaks the stream, and says when it
 * lost contact and when it has it again.
 */
export function Live({ topic, id, quiet = false }: { topic: LiveTopic; id?: string; quiet?: boolean }) {
  const router = useRouter();
  const [contact, setContact] = useState<Contact>("connecting");

  useEffect(() => {
    const path = `/api/live?topic=${topic}${id ? `&id=${encodeURIComponent(id)}` : ""}`;
    let version: string | null = null;
    let source: EventSource | null = null;
    let timer: number | undefined;
    let soon: number | undefined;
    let failures = 0;
    let refreshedAt = 0;

    const refresh = () => {
      window.clearTimeout(soon);
      const wait = Math.max(0, refreshedAt + refreshAtMostEvery - Date.now());
      soon = window.setTimeout(() => {
        refreshedAt = Date.now();
        startTransition(() => router.refresh());
      }, wait);
    };
    const heard = (now: string) => {
      if (version !== null && now !== version) refresh();
      version = now;
      failures = 0;
    };
    const ask = async () => {
      try {
        const answer = await fetch(`${path}&once=1`, { cache: "no-store" });
        if (!answer.ok) throw new Error(String(answer.status));
        heard(((await answer.json()) as { version: string }).version);
        setContact("asking");
      } catch {
        setContact("lost");
      }
      timer = window.setTimeout(ask, askEveryMilliseconds);
    };
    const listen = () => {
      source = new EventSource(path);
      source.onmessage = (event) => {
        heard(event.data);
        setContact("live");
      };
      source.onerror = () => {
        failures += 1;
        if (failures > 1) setContact("lost");
        // Refused for good, or again and again: ask instead of listening.
        if (source?.readyState === EventSource.CLOSED || failures > 3) {
          source?.close();
          ask();
        }
      };
    };
    const onShow = () => {
      if (document.visibilityState !== "visible") return;
      if (source?.readyState !== EventSource.OPEN) refresh();
    };
    listen();
    document.addEventListener("visibilitychange", onShow);
    return () => {
      document.removeEventListener("visibilitychange", onShow);
      source?.close();
      window.clearTimeout(timer);
      window.clearTimeout(soon);
    };
  }, [topic, id, router]);

  if (contact === "lost")
    return (
      <div role="status">
        <StatusIndicator type="warning">
          Lost contact with Atelier, trying again; what you see may be old
        </StatusIndicator>
      </div>
    );
  if (quiet) return null;
  return (
    <Box color="text-body-secondary" fontSize="body-s">
      {contact === "connecting" ? "Connecting" : "Updates by itself"}
    </Box>
  );
}
