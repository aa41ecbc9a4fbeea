/**
 * Empties an AWS account and says "clean" only when it is proved. Pure of database and web: callers get events and a report.
 *
 * An account is clean after two full passes that found nothing and in which no list failed, the second starting at least
 * `minimumGapSeconds` after the last deletion. Each cell (type × region) of each pass ends `empty`, `found`, `unavailable`
 * (by a rule) or `unknown` (with the error); an unknown cell is never clean.
 */
import type { Credentials } from "@/server/aws/clients.ts";

export type CleanTarget = {
  accountId: string;
  /** Keys, or a provider that is asked again when they run out. */
  credentials: Credentials;
  /** Default "aws". */
  partition?: string;
};

export type CleanOptions = {
  /** "plan" makes no write call and ends after one pass; its outcome is never "clean". */
  mode: "plan" | "run";
  /** Only these of the enabled regions. Global services are always looked at. Default: all enabled regions. */
  regions?: readonly string[];
  /** Only these services, by id. Default: all. */
  services?: readonly string[];
  /** Between the last deletion and the start of the second proving pass. Default 60. */
  minimumGapSeconds?: number;
  /** After this the run ends as dirty. Default 3600. */
  budgetSeconds?: number;
  /** Lists and removals under way at the same time. Default 64. */
  concurrency?: number;
  /** Ends the run at once; `clean` then throws its reason. */
  signal?: AbortSignal;
  /** Roles to keep besides those that are always kept; `*` stands for anything. Default ["Atelier*"]. */
  protectedRoleNames?: readonly string[];
  /** Overrides `AWS_ENDPOINT_URL`. */
  endpoint?: string;
  /** Called before each pass; what it throws ends the run. For checks like "still in the team's OU". */
  beforePass?(pass: number): Promise<void>;
  onEvent?(event: CleanEvent): void;
};

export type CellOutcome = "empty" | "found" | "unavailable" | "unknown";

/** What a run tells while it goes. Small and JSON-able. `region` is "global" for global services. */
export type CleanEvent =
  | {
      kind: "run_started";
      mode: "plan" | "run";
      accountId: string;
      regions: string[];
      services: string[];
      types: number;
    }
  | { kind: "pass_started"; pass: number; cells: number }
  | {
      kind: "cell_ended";
      pass: number;
      service: string;
      type: string;
      region: string;
      outcome: CellOutcome;
      /** Resources to remove; protected ones are not counted. */
      count: number;
      protected: number;
      /** Why `unavailable` or `unknown`. */
      error?: string;
    }
  | {
      kind: "resource";
      pass: number;
      service: string;
      type: string;
      region: string;
      /** At most 120 characters. */
      id: string;
      outcome: "found" | "protected" | "deleting" | "removed" | "failed";
      reason?: string;
    }
  | ({ kind: "pass_ended" } & PassSummary)
  | { kind: "run_ended"; outcome: "clean" | "dirty" | "planned" | "failed"; reason: string };

export type PassSummary = {
  pass: number;
  found: number;
  removed: number;
  unknown: number;
  unavailable: number;
  left: number;
  seconds: number;
  /** Said when nothing moved since the pass before: "the same 7 as before: …". */
  note?: string;
};

export type LeftResource = { service: string; type: string; region: string; id: string; reason: string };
export type UnknownCell = { service: string; type: string; region: string; error: string };

export type CleanReport = {
  mode: "plan" | "run";
  /** "planned" for a dry run, whatever it found. */
  outcome: "clean" | "dirty" | "planned";
  /** One sentence for people. */
  reason: string;
  accountId: string;
  regions: string[];
  services: string[];
  types: number;
  /** False when `regions` or `services` narrowed the run: "clean" then speaks of these alone. */
  complete: boolean;
  passes: PassSummary[];
  /** What the last pass left (in a plan: would remove), at most 500. */
  left: LeftResource[];
  leftCount: number;
  unknown: UnknownCell[];
  /** What stays by a rule, at most 500. */
  kept: LeftResource[];
  /** HTTP requests sent, repeated ones included. */
  calls: number;
  /** ISO 8601. */
  startedAt: string;
  endedAt: string;
};

/** A guard refused the run before anything was touched. */
export class CleanRefused extends Error {
  override name = "CleanRefused";
  readonly code: "account_mismatch" | "management_account" | "unknown_region" | "unknown_service";

  constructor(code: CleanRefused["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** Empties the account. Throws `CleanRefused` before touching anything, or the reason of `options.signal`. */
export async function clean(_target: CleanTarget, _options: CleanOptions): Promise<CleanReport> {
  throw new Error("The engine is being built");
}
