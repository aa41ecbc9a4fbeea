/**
 * Check-ins on their way to the server. A mark shows at once and is kept in this browser until the server has it, so that a bad
 * network, a reload or a dead battery lose none; it is sent again until it is answered. Marks hold ids and no person's data.
 */

export type Mark = { registrationId: string; present: boolean; by: "list" | "scan" };

export type MarkAnswer =
  | { ok: true; value: { checkedInAt: string | null; already: boolean } }
  | { ok: false; code: string; message: string; reason?: string };

export type MarkState =
  /** Shown, and not with the server yet. */
  | { mark: Mark; state: "waiting" }
  | { mark: Mark; state: "saved"; checkedInAt: string | null; already: boolean; contradicted: boolean }
  /** The server said no, and why. */
  | { mark: Mark; state: "refused"; message: string; reason?: string };

export type MarkQueue = {
  subscribe(listener: () => void): () => void;
  /** By registration; a new map after each change. */
  read(): ReadonlyMap<string, MarkState>;
  /** Why nothing gets through at the moment, or null. */
  trouble(): string | null;
  /** Marks somebody; a mark for the same person that still waits is replaced. */
  add(mark: Mark): void;
  /**
   * Drops what is no longer needed once the page itself shows it. What the page shows otherwise may have been read before the mark
   * was saved; shown otherwise a second time, somebody else has changed it since, and the page is right.
   */
  settle(shown: ReadonlyMap<string, boolean>): void;
  /** Tries again now: the network is back, or the page is looked at again. */
  wake(): void;
  stop(): void;
};

type Outside = {
  /** Throws where nothing was answered. */
  send(mark: Mark): Promise<MarkAnswer>;
  load(): Mark[];
  save(marks: Mark[]): void;
  /** Calls back after a while, unless the answer is called before. */
  later(run: () => void, milliseconds: number): () => void;
  /** After each mark that the server took. */
  saved(): void;
};

const waits = [1000, 2000, 4000, 8000, 15_000];
/** Failures that say nothing about the mark: it is sent again. */
const passing = new Set(["bug", "unavailable", "too_many", "unauthenticated"]);
const noAnswer = "Atelier does not answer";

export function makeMarkQueue(outside: Outside): MarkQueue {
  let states: ReadonlyMap<string, MarkState> = new Map(
    outside.load().map((mark) => [mark.registrationId, { mark, state: "waiting" }]),
  );
  let trouble: string | null = null;
  let failures = 0;
  let sending = false;
  let stopped = false;
  let cancelWait: (() => void) | null = null;
  const listeners = new Set<() => void>();

  const change = (next: ReadonlyMap<string, MarkState>) => {
    states = next;
    outside.save([...states.values()].filter((one) => one.state === "waiting").map((one) => one.mark));
    for (const listener of listeners) listener();
  };
  const put = (id: string, state: MarkState) => change(new Map(states).set(id, state));
  const failed = (why: string) => {
    trouble = why;
    cancelWait = outside.later(() => void flush(), waits[Math.min(failures, waits.length - 1)]!);
    failures += 1;
    for (const listener of listeners) listener();
  };

  const take = (mark: Mark, answer: MarkAnswer) => {
    // Pressed again while it was under way: what was asked for last is still to be sent.
    if (states.get(mark.registrationId)?.mark !== mark) return;
    if (answer.ok) put(mark.registrationId, { mark, state: "saved", contradicted: false, ...answer.value });
    else put(mark.registrationId, { mark, state: "refused", message: answer.message, reason: answer.reason });
  };

  async function flush(): Promise<void> {
    if (sending || stopped) return;
    cancelWait?.();
    sending = true;
    try {
      for (;;) {
        const next = [...states.values()].find((one) => one.state === "waiting");
        if (!next || stopped) return;
        const answer = await outside.send(next.mark).catch(() => null);
        if (!answer) return failed(noAnswer);
        if (!answer.ok && passing.has(answer.code)) return failed(answer.message);
        trouble = null;
        failures = 0;
        take(next.mark, answer);
        outside.saved();
      }
    } finally {
      sending = false;
    }
  }

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    read: () => states,
    trouble: () => trouble,
    add(mark) {
      put(mark.registrationId, { mark, state: "waiting" });
      void flush();
    },
    settle(shown) {
      const kept = [...states].flatMap(([id, one]): [string, MarkState][] => {
        if (one.state === "waiting") return [[id, one]];
        if (shown.get(id) === one.mark.present) return [];
        if (one.state === "refused") return [[id, one]];
        if (one.contradicted) return [];
        return [[id, { ...one, contradicted: true }]];
      });
      if (kept.some(([id, one]) => states.get(id) !== one) || kept.length < states.size) change(new Map(kept));
    },
    wake: () => void flush(),
    stop() {
      stopped = true;
      cancelWait?.();
    },
  };
}
