import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type CommandIo, GuardError, stateFolder, UsageError } from "@/server/cleaner/command-io";
import type { CleanEvent } from "@/server/cleaner/engine";

/** The file that `plan --out` writes and `run --plan` takes: what was found, signed and expiring. */

const planned = z.strictObject({
  id: z.string().regex(/^\d{12}$/),
  name: z.string().nullable(),
  regions: z.array(z.string()),
  services: z.array(z.string()),
  /** Resources to remove, by service. */
  counts: z.record(z.string(), z.number().int()),
  kept: z.number().int(),
  /** Lists that got no answer. */
  unknown: z.number().int(),
  /** The same for two plans that found the same, in whatever order. */
  digest: z.string(),
  /** "service/type@region id", at most `listedAtMost`; `listed` is false where there was more. */
  resources: z.array(z.string()),
  listed: z.boolean(),
});

const contents = z.strictObject({
  kind: z.literal("atelier-cleaner-plan"),
  version: z.literal(1),
  made: z.iso.datetime(),
  expires: z.iso.datetime(),
  /** Of the emulator; null for AWS itself. */
  endpoint: z.string().nullable(),
  /** The role that is assumed in the accounts. */
  role: z.string(),
  /** Whether the plan is for all regions and services. */
  whole: z.boolean(),
  accounts: z.array(planned).min(1),
});

const signed = z.strictObject({ ...contents.shape, key: z.string(), signature: z.string() });

export type PlannedAccount = z.infer<typeof planned>;
export type Plan = z.infer<typeof contents>;

const listedAtMost = 10_000;

/** The key that plans are signed with: `ATELIER_CLEANER_KEY`, or a file of this user's that is made the first time. */
export function signingKey(env: CommandIo["env"]): string {
  const given = env.ATELIER_CLEANER_KEY;
  if (given !== undefined && given !== "") {
    if (given.length < 32) throw new UsageError("ATELIER_CLEANER_KEY has to have 32 characters or more.");
    return given;
  }
  const path = join(stateFolder(env), "plan.key");
  if (!statSync(path, { throwIfNoEntry: false })) makeKey(path);
  if ((statSync(path).mode & 0o077) !== 0) {
    throw new GuardError(`The key in ${path} can be read by others. Delete it; the next plan makes a new one.`);
  }
  const key = readFileSync(path, "utf8").trim();
  if (key.length < 32) throw new GuardError(`${path} holds no key. Delete it; the next plan makes a new one.`);
  return key;
}

/** Made whole and then linked, so that two commands that begin at once end up with the same key. */
function makeKey(path: string): void {
  mkdirSync(join(path, ".."), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600 });
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Says which key signed, and nothing about it. */
function keyId(key: string): string {
  return createHash("sha256").update(`atelier-cleaner-plan ${key}`).digest("hex").slice(0, 12);
}

function signatureOf(plan: Plan, key: string): string {
  // The schema puts the fields in its own order, so the same plan always gives the same text.
  return createHmac("sha256", key)
    .update(JSON.stringify(contents.parse(plan)))
    .digest("hex");
}

/** Writes a plan, readable by this user alone: it says what is in the accounts. */
export function writePlan(path: string, plan: Plan, key: string): void {
  const file = { ...plan, key: keyId(key), signature: signatureOf(plan, key) };
  try {
    writeFileSync(path, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  } catch (error) {
    throw new UsageError(`The plan cannot be written to ${path}: ${error instanceof Error ? error.message : error}`);
  }
}

/**
 * Reads a plan that was made with this key, for this endpoint, and that has not expired or been changed. Throws `UsageError`
 * where there is no file, else `GuardError` with the reason.
 */
export function readPlan(path: string, key: string, at: Date, endpoint: string | undefined): Plan {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw new UsageError(`There is no plan file ${path}.`);
  }
  const parsed = signed.safeParse(asJson(text));
  if (!parsed.success) throw new GuardError(`${path} is no plan file, or it was changed: make a new plan.`);
  const { key: madeBy, signature, ...plan } = parsed.data;
  if (madeBy !== keyId(key)) {
    throw new GuardError(`The plan in ${path} was signed with another key than the one here: make it here.`);
  }
  const [wanted, given] = [Buffer.from(signatureOf(plan, key)), Buffer.from(signature)];
  if (wanted.length !== given.length || !timingSafeEqual(wanted, given)) {
    throw new GuardError(`The plan in ${path} was changed since it was made: make a new one.`);
  }
  if (Date.parse(plan.expires) <= at.getTime()) {
    throw new GuardError(`The plan in ${path} expired at ${plan.expires}: make a new one.`);
  }
  if (plan.endpoint !== (endpoint || null)) {
    throw new GuardError(`The plan in ${path} was made at ${plan.endpoint ?? "AWS"}, not where this run would go.`);
  }
  return plan;
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the first pass of a run or a plan found, gathered from its events. */
export function findings() {
  const counts: Record<string, number> = {};
  const resources: string[] = [];
  let sum = 0n;
  let found = 0;
  return {
    tell(event: CleanEvent): void {
      if (event.kind !== "resource" || event.outcome !== "found" || event.pass !== 1) return;
      const line = lineOf(event);
      counts[event.service] = (counts[event.service] ?? 0) + 1;
      sum = BigInt.asUintN(128, sum + hashOf(line));
      if (++found <= listedAtMost) resources.push(line);
    },
    book: () => ({
      counts,
      digest: sum.toString(16).padStart(32, "0"),
      resources: resources.sort(),
      listed: found <= listedAtMost,
    }),
  };
}

function lineOf(event: { service: string; type: string; region: string; id: string }): string {
  return `${event.service}/${event.type}@${event.region} ${event.id}`;
}

/** Added up, the hashes are the same in whatever order things are found, and need no memory. */
function hashOf(line: string): bigint {
  return BigInt(`0x${createHash("sha256").update(line).digest("hex").slice(0, 32)}`);
}

/** How what a run found differs from what its plan found. */
export type Drift = {
  same: boolean;
  /** What turned up since, at most 100; undefined where the plan did not list all. */
  fresh?: string[];
  freshCount?: number;
  /** Planned and no longer there. */
  goneCount?: number;
};

export function driftFrom(plan: PlannedAccount, found: ReturnType<ReturnType<typeof findings>["book"]>): Drift {
  if (found.digest === plan.digest) return { same: true };
  if (!plan.listed || !found.listed) return { same: false };
  const [before, after] = [new Set(plan.resources), new Set(found.resources)];
  const fresh = found.resources.filter((line) => !before.has(line));
  const goneCount = plan.resources.filter((line) => !after.has(line)).length;
  return { same: false, fresh: fresh.slice(0, 100), freshCount: fresh.length, goneCount };
}

export function sayDrift(drift: Drift): string | undefined {
  if (drift.same) return undefined;
  if (drift.fresh === undefined) return "What is there is not what the plan found.";
  const more = (drift.freshCount ?? 0) - Math.min(5, drift.fresh.length);
  const names = drift.fresh.slice(0, 5).join(", ");
  const turnedUp = drift.freshCount ? ` (${names}${more > 0 ? ` and ${more} more` : ""})` : "";
  return `Since the plan ${drift.freshCount} turned up${turnedUp}, ${drift.goneCount} went.`;
}
