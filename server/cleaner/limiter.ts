import type { Pacer } from "@/server/aws/clients";

const firstWidth = 8;
const widest = 48;

/**
 * How many calls of one service in one region may be under way: one more for each full width that went well, half as many
 * at a throttle (once for the calls that were under way together). One throttled API slows nobody else.
 */
export function adaptiveLimiter(): Pacer & { width(): number } {
  let width = firstWidth;
  let inside = 0;
  let ignoreThrottles = 0;
  const waiting: (() => void)[] = [];

  const admit = () => {
    while (inside < Math.floor(width)) {
      const next = waiting.shift();
      if (!next) return;
      inside++;
      next();
    }
  };

  return {
    width: () => width,
    enter: () =>
      new Promise((enter) => {
        waiting.push(enter);
        admit();
      }),
    leave: (outcome) => {
      inside--;
      if (outcome === "throttled" && ignoreThrottles === 0) {
        width = Math.max(1, width / 2);
        ignoreThrottles = inside;
      } else if (ignoreThrottles > 0) {
        ignoreThrottles--;
      } else if (outcome === "ok") {
        width = Math.min(widest, width + 1 / width);
      }
      admit();
    },
  };
}
