import DataLoader from "dataloader";
import type { Context } from "@/server/context";
import type { Db } from "@/server/db";

/**
 * Makes one statement of what many jobs ask in the same turn of the event loop, as Prisma does of what is looked up by id: for
 * writes of jobs that are many and small (jobs/slots.ts, handfuls). `run` gets what was asked, in order, and returns as many
 * answers, in the same order. Nothing is remembered. With `waitMilliseconds` it also gathers what is asked in that time.
 */
export function together<Asked, Answer>(
  run: (ctx: Context, asked: readonly Asked[]) => Promise<Answer[]>,
  { waitMilliseconds }: { waitMilliseconds?: number } = {},
): (ctx: Context, asked: Asked) => Promise<Answer> {
  const lines = new WeakMap<Db, DataLoader<Asked, Answer>>();
  const later = waitMilliseconds && { batchScheduleFn: (begin: () => void) => setTimeout(begin, waitMilliseconds) };
  return (ctx, asked) => {
    const options = { cache: false, ...later };
    const line = lines.get(ctx.db) ?? new DataLoader<Asked, Answer>((all) => run(ctx, all), options);
    lines.set(ctx.db, line);
    return line.load(asked);
  };
}
