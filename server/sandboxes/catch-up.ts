import { setTimeout as wait } from "node:timers/promises";
import type { CloudErrorKind } from "@/server/aws/errors";
import type { CloudEnv } from "@/server/env";

/** Waiting for IAM, which says yes and no to a new or deleted thing for some seconds in turn. */

/**
 * IAM is eventually consistent: a new role is refused for some seconds
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency). An
 * emulator has nothing to catch up with.
 */
export function catchUpMilliseconds(env: CloudEnv): number {
  return env.AWS_ENDPOINT_URL ? 1_500 : 60_000;
}

/** Asks until the answer is "Allowed" or IAM has had its time; returns the last answer. */
export async function untilAllowed(env: CloudEnv, ask: () => Promise<CloudErrorKind | "Allowed">) {
  const start = performance.now();
  for (let pause = 250; ; pause = Math.min(4_000, pause * 2)) {
    const answer = await ask();
    if (answer === "Allowed" || performance.now() - start > catchUpMilliseconds(env)) return answer;
    await wait(pause);
  }
}

/** Asks until it is so, or twice the time that IAM may take has passed; false then. */
export async function untilSo(env: CloudEnv, ask: () => Promise<boolean>, signal?: AbortSignal): Promise<boolean> {
  const start = performance.now();
  for (let pause = 200; ; pause = Math.min(5_000, pause * 2)) {
    if (await ask()) return true;
    if (performance.now() - start > 2 * catchUpMilliseconds(env)) return false;
    await wait(pause, undefined, { signal });
  }
}
