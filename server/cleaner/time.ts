/** The cleaner's time: everything that waits does so through this clock, so that tests need no sleeps. */
export type CleanerClock = {
  now(): Date;
  /** Resolves after that time; rejects with the signal's reason when it aborts. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
};

export const wallClock: CleanerClock = {
  // AWS's clock against this machine's, not the domain's: gaps and deadlines, which a step of the wall clock must not move.
  now: () => new Date(performance.timeOrigin + performance.now()),
  wait: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", stop);
        resolve();
      }, milliseconds);
      signal?.addEventListener("abort", stop, { once: true });
    }),
};

/** Lets at most `size` holders in at a time, in the order of asking. */
export function gate(size: number) {
  let inside = 0;
  // A set keeps the order of asking, and its first is taken in no time however long it is.
  const waiting = new Set<() => void>();
  return async function pass<T>(work: () => Promise<T>): Promise<T> {
    if (inside >= size) await new Promise<void>((enter) => waiting.add(enter));
    else inside++;
    try {
      return await work();
    } finally {
      const [next] = waiting;
      if (next) {
        waiting.delete(next);
        next();
      } else inside--;
    }
  };
}

/**
 * Settles as `work` does, or rejects with `late()` after that time. `work` itself goes on: what it does later is harmless
 * to the caller, and the run's signal ends its calls.
 */
export async function within<T>(
  clock: CleanerClock,
  milliseconds: number,
  signal: AbortSignal,
  work: Promise<T>,
  late: () => Error,
): Promise<T> {
  const done = new AbortController();
  const timer = clock.wait(milliseconds, AbortSignal.any([signal, done.signal])).then(() => {
    throw late();
  });
  try {
    return await Promise.race([work, timer]);
  } finally {
    timer.catch(() => {});
    work.catch(() => {});
    done.abort(settled);
  }
}

/** One for all: making an error for each call would cost more than the call's own bookkeeping. */
const settled = new Error("settled");
