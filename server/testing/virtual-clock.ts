import type { CleanerClock } from "@/server/cleaner/time";

/**
 * A clock whose time passes only while nothing else happens: when every promise that can go on has gone on, it jumps to the
 * next thing that waits. Tests of waits and deadlines then take no time, and always take the same turns.
 */
export function virtualClock(start = Date.UTC(2026, 0, 1)): CleanerClock & { elapsedSeconds(): number } {
  let now = start;
  let ticking = false;
  const timers: { at: number; ring(): void }[] = [];

  function tick(): void {
    if (ticking) return;
    ticking = true;
    setImmediate(() => {
      ticking = false;
      timers.sort((a, b) => a.at - b.at);
      const next = timers.shift();
      if (!next) return;
      now = Math.max(now, next.at);
      next.ring();
      if (timers.length > 0) tick();
    });
  }

  return {
    now: () => new Date(now),
    elapsedSeconds: () => (now - start) / 1_000,
    wait: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const stop = () => {
          const index = timers.indexOf(timer);
          if (index >= 0) timers.splice(index, 1);
          reject(signal?.reason);
        };
        const timer = {
          at: now + milliseconds,
          ring: () => {
            signal?.removeEventListener("abort", stop);
            resolve();
          },
        };
        signal?.addEventListener("abort", stop, { once: true });
        timers.push(timer);
        tick();
      }),
  };
}
