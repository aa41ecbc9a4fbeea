import pino, { type Logger, type LoggerOptions } from "pino";
import { type Db, database } from "@/server/db";
import { type Env, env } from "@/server/env";
import { type IdKind, makeId } from "@/server/ids";
import type { Actor } from "@/server/permissions";

/** The time, and waiting for it: tests pass a clock of their own. */
export type Clock = { now(): Date; wait?(milliseconds: number): Promise<void> };

export const systemClock: Clock = { now: () => new Date() };

/** What every use case gets. `A` narrows the actor where the caller has checked it. */
export type Context<A extends Actor = Actor> = {
  db: Db;
  env: Env;
  clock: Clock;
  newId(kind: IdKind): string;
  log: Logger;
  actor: A;
};

const globals = globalThis as { atelierLog?: Logger };

/** Errors whose message is ours or the language's; those of the database and of AWS quote what people typed or made. */
const ownWords = new Set(
  "Error TypeError RangeError ReferenceError AbortError TimeoutError DomainError CloudError CleanupBusy".split(" "),
);

/** What the log keeps of an error: kind, code and place, and the message where it cannot quote anybody. */
function loggedError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name: type, message, stack, cause } = error;
  const { code } = error as { code?: unknown };
  return {
    type,
    ...(typeof code === "string" ? { code } : {}),
    ...(ownWords.has(type) ? { message: message.replace(/[^\s<>"']+@[^\s<>"']+/g, "(address)") } : {}),
    trace: stack?.split("\n").filter((line) => line.startsWith("    at ")) ?? [],
    ...(cause instanceof Error ? { cause: loggedError(cause) } : {}),
  };
}

export const logOptions = { base: undefined, serializers: { err: loggedError } } satisfies LoggerOptions;

/** The log of this process: JSON lines on standard output, with no personal data and no tokens. */
export function logger(): Logger {
  globals.atelierLog ??= pino({ ...logOptions, level: env().LOG_LEVEL });
  return globals.atelierLog;
}

/** The context of this process for one actor. */
export function makeContext<A extends Actor>(actor: A, over: Partial<Omit<Context, "actor">> = {}): Context<A> {
  const clock = over.clock ?? systemClock;
  return {
    db: over.db ?? database().db,
    env: over.env ?? env(),
    clock,
    newId: over.newId ?? ((kind) => makeId(kind, clock.now())),
    log: over.log ?? logger(),
    actor,
  };
}
