import { homedir } from "node:os";
import { join } from "node:path";
import { CleanRefused } from "@/server/cleaner/engine";
import { sayError } from "@/server/cleaner/failures";
import { wallClock } from "@/server/cleaner/time";
import { type CloudEnv, parseCloudEnv } from "@/server/env";

/** What the parts of the cleaner's command line share: its way to talk, its failures, its settings. */

/** What a command line has: its words, its settings and its way to talk. */
export type CommandIo = {
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  out(text: string): void;
  err(text: string): void;
  /** Whether `err` is a terminal, on which a line may be written over. */
  terminal: boolean;
  /** Asks a person for a line; undefined where there is nobody to ask. */
  ask?(question: string): Promise<string>;
  signal?: AbortSignal;
  /** The time; default that of this machine. */
  now?(): Date;
};

export const exit = { clean: 0, dirty: 1, usage: 2, refused: 3, failed: 4 } as const;

/** A mistake in what was typed. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** A rule that does not let the command act. */
export class GuardError extends Error {
  override name = "GuardError";
}

/** The exit code of a failure, and its sentence. */
export function explain(error: unknown): { code: number; message: string } {
  if (error instanceof UsageError) return { code: exit.usage, message: error.message };
  const guard = error instanceof GuardError || error instanceof CleanRefused;
  if (!guard) return { code: exit.failed, message: sayError(error) };
  const typed = error instanceof CleanRefused && ["unknown_region", "unknown_service"].includes(error.code);
  return { code: typed ? exit.usage : exit.refused, message: error.message };
}

export function now(io: CommandIo): Date {
  return io.now?.() ?? wallClock.now();
}

/** The settings for talking to AWS. `role` is the one that is assumed in accounts. */
export function cloudOf(io: CommandIo, role: string): CloudEnv {
  // The base principal is whoever types, not the one that the web runs as.
  const own = {
    AWS_REGION: io.env.AWS_REGION || "us-east-1",
    ATELIER_MEMBER_ROLE: role,
    ATELIER_BASE_PRINCIPAL_ARN: "",
  };
  try {
    return parseCloudEnv({ ...io.env, ...own });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

export function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

const loopback = /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/.*)?$/;

export function isLoopback(url: string | undefined): boolean {
  return loopback.test(url ?? "");
}

/** The demo and the tests act on an emulator of this machine, never on AWS. */
export function refuseRealAws(env: CommandIo["env"]): void {
  if (env.ATELIER_MODE !== "demo" && env.ATELIER_MODE !== "test") return;
  if (isLoopback(env.AWS_ENDPOINT_URL)) return;
  throw new GuardError(`In ${env.ATELIER_MODE} mode AWS_ENDPOINT_URL has to be an emulator on this machine.`);
}

/**
 * The folder where the command line keeps its key, its records of runs and of access that it made:
 * `ATELIER_CLEANER_STATE`, else as the XDG base directories say (https://specifications.freedesktop.org/basedir-spec).
 */
export function stateFolder(env: CommandIo["env"]): string {
  if (env.ATELIER_CLEANER_STATE) return env.ATELIER_CLEANER_STATE;
  return join(env.XDG_STATE_HOME || join(env.HOME || homedir(), ".local", "state"), "atelier-cleaner");
}

/** Work on each, at most `size` at a time; what has not begun when the signal aborts is not begun. */
export async function eachOf<T, R>(
  items: readonly T[],
  size: number,
  signal: AbortSignal | undefined,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) {
      if (signal?.aborted) return;
      results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(size, items.length) }, worker));
  return results.filter((_, index) => index in results);
}

/** "Stopped by SIGINT". */
export function stopReason(io: CommandIo): string {
  const reason: unknown = io.signal?.reason;
  const said = reason instanceof Error ? reason.message : "stopped";
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}`;
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** "1 account", "2 accounts". */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
