/**
 * Empties an AWS account and says "clean" only when it is proved. Pure of database and web: callers get events and a report.
 *
 * Each cell (type × region) of each pass ends `empty`, `found`, `unavailable` (by a rule) or `unknown` (with the error). An
 * account is clean when every cell was seen empty twice: once after the last deletion in its region, and once more in a
 * pass over all of them that began at least `minimumGapSeconds` after the last deletion anywhere. So a pass after a removal
 * looks again at the touched regions alone, and what an unknown cell hides is never clean (docs/decisions/0010).
 */
import { createHash } from "node:crypto";
import {
  type AnyClient,
  type CallerIdentity,
  type ClientInput,
  type Credentials,
  callerIdentity,
  clientOptions,
  connectionPool,
  enabledRegions,
  paced,
  readOnly,
} from "@/server/aws/clients";
import type { BoundType, Place, Resource, Service } from "@/server/cleaner/define";
import { notSubscribed, sayError } from "@/server/cleaner/failures";
import { adaptiveLimiter } from "@/server/cleaner/limiter";
import {
  castNet,
  type Net,
  type NetCell,
  type NetOptions,
  type NetPlace,
  type NetReport,
  sayNet,
} from "@/server/cleaner/net";
import { listableTypes } from "@/server/cleaner/net-types";
import { roleProtection } from "@/server/cleaner/protect";
import { type Cell, type RemovalParts, startRemoval } from "@/server/cleaner/removal";
import { loadServices } from "@/server/cleaner/services/index.generated";
import { type CleanerClock, gate, wallClock, within } from "@/server/cleaner/time";

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
  /** Lists under way at the same time. Default 64. */
  concurrency?: number;
  /** Ends the run at once; `clean` then throws its reason. */
  signal?: AbortSignal;
  /**
   * Roles to keep besides those that are always kept: whole names, or patterns with `*`, which keep a role only while it
   * trusts nobody but AWS services, its own account and the trusted ones. Default ["Atelier*"].
   */
  protectedRoleNames?: readonly string[];
  /** Accounts that roles kept by a pattern may trust, besides the Organization's management account. */
  trustedAccountIds?: readonly string[];
  /** Overrides `AWS_ENDPOINT_URL`. */
  endpoint?: string;
  /** Called before each pass; what it throws ends the run. For checks like "still in the team's OU". */
  beforePass?(pass: number): Promise<void>;
  onEvent?(event: CleanEvent): void;
  /** Whether and how the Cloud Control API is asked once the service files find nothing. Default off. */
  net?: NetOptions;
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
  /** `full` is false for a pass that looks again only where something was removed or no answer came. */
  | { kind: "pass_started"; pass: number; cells: number; full: boolean }
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
  /** The net below is cast; what it finds is told as a pass of its own, under the service "cloud-control". */
  | { kind: "net_started"; regions: string[]; types: number; cells: number; expectedSeconds: number }
  | { kind: "net_ended"; found: number; unanswered: number; notLooked: number; seconds: number }
  | { kind: "run_ended"; outcome: "clean" | "dirty" | "planned" | "failed"; reason: string };

export type PassSummary = {
  pass: number;
  /** Cells that were listed, and whether these were all. */
  cells: number;
  full: boolean;
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
  /** What the net below saw; undefined where it was not cast. */
  net?: NetReport;
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

/** What a run is made of; tests put doubles in. */
export type CleanParts = {
  clock: CleanerClock;
  random(): number;
  services(): Promise<readonly Service[]>;
  identity(input: ClientInput): Promise<CallerIdentity>;
  enabledRegions(input: ClientInput): Promise<string[]>;
  /** Longest wait for one answer. */
  requestMilliseconds: number;
  /** Tries of a call after a 5xx or a broken connection, and of a throttled one. */
  attempts: number;
  throttledAttempts: number;
  /** Longest time for one list. */
  listSeconds: number;
  /** Passes in a row without any progress, after which the run ends. */
  idlePasses: number;
  /** What the net below may ask for. */
  netTypes: readonly string[];
};

const realParts: CleanParts = {
  clock: wallClock,
  random: Math.random,
  services: loadServices,
  identity: callerIdentity,
  enabledRegions,
  requestMilliseconds: 30_000,
  attempts: 4,
  throttledAttempts: 10,
  listSeconds: 900,
  idlePasses: 3,
  netTypes: listableTypes,
};

const reportedAtMost = 500;
const clientsKept = 128;
const homeRegions: Record<string, string> = { aws: "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1" };

type Run = {
  target: CleanTarget;
  options: CleanOptions;
  parts: CleanParts;
  partition: string;
  homeRegion: string;
  regions: string[];
  cells: EngineCell[];
  signal: AbortSignal;
  lists: ReturnType<typeof gate>;
  removals: RemovalParts["run"];
  tell(event: CleanEvent): void;
  input(region: string): ClientInput;
  /** Regions in which something was found to remove. */
  used: Set<string>;
  /** Milliseconds of the clock; undefined while nothing was deleted. */
  lastDeletionAt?: number;
  /** Cells that were seen empty after the last deletion in their region. */
  proved: Set<EngineCell>;
  toldProtected: Set<string>;
  /** Accounts that roles kept by a pattern may trust; the management account joins once it is known. */
  trusted: Set<string>;
};

type EngineCell = Cell & { service: Service };

type PassResult = {
  summary: PassSummary;
  left: LeftResource[];
  unknown: UnknownCell[];
  kept: LeftResource[];
  /** The same for two passes that found the same and got no answer from the same lists. */
  fingerprint: string;
};

class BudgetUsedUp extends Error {
  override name = "BudgetUsedUp";
}

/**
 * Empties the account, or plans it. Throws `CleanRefused` before touching anything, what `beforePass` throws, or the reason
 * of `options.signal`; every other trouble is in the report. Ends within the budget, plus the time of the calls under way.
 */
export async function clean(
  target: CleanTarget,
  options: CleanOptions,
  over: Partial<CleanParts> = {},
): Promise<CleanReport> {
  const parts = { ...realParts, ...over };
  const tell = (event: CleanEvent) => options.onEvent?.(event);
  const stop = new AbortController();
  const signals = [stop.signal, ...(options.signal ? [options.signal] : [])];
  const signal = AbortSignal.any(signals);
  const budgetSeconds = options.budgetSeconds ?? 3_600;
  const startedAt = parts.clock.now();
  const calls = { sent: 0 };
  parts.clock
    .wait(budgetSeconds * 1_000, signal)
    .then(() => stop.abort(new BudgetUsedUp(`the ${budgetSeconds} s of the run are used up`)))
    .catch(() => {});
  try {
    const run = await prepareRun(target, options, parts, signal, calls, tell);
    const { passes, net } = await lookBelow(run, await runPasses(run));
    options.signal?.throwIfAborted();
    const report = { ...makeReport(run, passes, calls.sent, startedAt), ...(net ? { net } : {}) };
    tell({ kind: "run_ended", outcome: report.outcome, reason: report.reason });
    return report;
  } catch (error) {
    tell({ kind: "run_ended", outcome: "failed", reason: sayError(error) });
    throw error;
  } finally {
    stop.abort(new Error("the run has ended"));
  }
}

async function prepareRun(
  target: CleanTarget,
  options: CleanOptions,
  parts: CleanParts,
  signal: AbortSignal,
  calls: { sent: number },
  tell: (event: CleanEvent) => void,
): Promise<Run> {
  const partition = target.partition ?? "aws";
  const homeRegion = homeRegions[partition] ?? "us-east-1";
  const pool = connectionPool({ requestMilliseconds: parts.requestMilliseconds });
  const input = (region: string): ClientInput => ({
    region,
    credentials: target.credentials,
    endpoint: options.endpoint,
    attempts: parts.attempts,
    throttledAttempts: parts.throttledAttempts,
    random: parts.random,
    handler: {
      handle: (request, settings) => {
        calls.sent++;
        return pool.handle(request, { ...settings, abortSignal: signal });
      },
    },
  });
  const trusted = new Set([target.accountId, ...(options.trustedAccountIds ?? [])]);
  const run: Omit<Run, "regions" | "cells"> = {
    target,
    options: { ...options, beforePass: guard(target, options, parts, input(homeRegion), trusted) },
    parts,
    partition,
    homeRegion,
    signal,
    lists: gate(options.concurrency ?? 64),
    removals: removalGates(),
    tell,
    input,
    used: new Set(),
    proved: new Set(),
    toldProtected: new Set(),
    trusted,
  };
  await run.options.beforePass?.(0);
  const services = chooseServices(await parts.services(), options.services);
  const regions = chooseRegions(await parts.enabledRegions(input(homeRegion)), options.regions);
  const places = placeMaker(run, input);
  const cells = makeCells(services, regions, homeRegion, places);
  tell({
    kind: "run_started",
    mode: options.mode,
    accountId: target.accountId,
    regions,
    services: services.map((service) => service.id),
    types: services.reduce((sum, service) => sum + service.types.length, 0),
  });
  return { ...run, regions, cells };
}

/** Before anything, and before each pass: these keys are those of the account that was meant, and of no other. */
function guard(
  target: CleanTarget,
  options: CleanOptions,
  parts: CleanParts,
  input: ClientInput,
  trusted: Set<string>,
) {
  return async (pass: number) => {
    const identity = await parts.identity(input);
    if (identity.accountId !== target.accountId) {
      throw new CleanRefused(
        "account_mismatch",
        `These credentials are those of account ${identity.accountId}, not of ${target.accountId}`,
      );
    }
    if (identity.managementAccountId === target.accountId) {
      throw new CleanRefused("management_account", `${target.accountId} is the management account of its Organization`);
    }
    if (identity.managementAccountId) trusted.add(identity.managementAccountId);
    if (pass > 0) await options.beforePass?.(pass);
  };
}

function chooseServices(all: readonly Service[], wanted: readonly string[] | undefined): readonly Service[] {
  if (!wanted) return all;
  for (const id of wanted) {
    if (!all.some((service) => service.id === id)) throw new CleanRefused("unknown_service", `No service "${id}"`);
  }
  return all.filter((service) => wanted.includes(service.id));
}

function chooseRegions(enabled: readonly string[], wanted: readonly string[] | undefined): string[] {
  if (!wanted) return [...enabled];
  for (const region of wanted) {
    if (!enabled.includes(region)) {
      throw new CleanRefused("unknown_region", `"${region}" is not an enabled region of the account`);
    }
  }
  return enabled.filter((region) => wanted.includes(region));
}

/** Removals under way at the same time in one service and region: what waits for a slow API keeps no other from going on. */
const removalsAtOnce = 16;

function removalGates(): RemovalParts["run"] {
  const gates = new Map<string, ReturnType<typeof gate>>();
  return (cell, work) => {
    const [service = ""] = cell.typeId.split("/");
    const key = `${service} ${cell.region}`;
    const known = gates.get(key) ?? gate(removalsAtOnce);
    gates.set(key, known);
    return known(work);
  };
}

/** One client for each service and region, its calls paced by a limiter that all users of the same API share. */
function placeMaker(run: Omit<Run, "regions" | "cells">, input: (region: string) => ClientInput) {
  const clients = new Map<string, AnyClient>();
  const limiters = new Map<string, ReturnType<typeof adaptiveLimiter>>();
  const protectedRole = roleProtection(run.options.protectedRoleNames ?? ["Atelier*"], run.trusted);

  function clientFor(service: Service, region: string): AnyClient {
    const key = `${service.id} ${region}`;
    const known = clients.get(key);
    if (known) return known;
    // The oldest goes: a thousand of them would take more memory than all that is found. Its limiter stays.
    const [oldest] = clients.keys();
    if (oldest !== undefined && clients.size >= clientsKept) clients.delete(oldest);
    const made = service.client(clientOptions(input(region)));
    const api = `${"config" in made ? (made.config as { serviceId?: string }).serviceId : service.id} ${region}`;
    const limiter = limiters.get(api) ?? adaptiveLimiter();
    limiters.set(api, limiter);
    if ("addRelativeTo" in made.middlewareStack) paced(made, limiter);
    if (run.options.mode === "plan" && "add" in made.middlewareStack) readOnly(made);
    clients.set(key, made);
    return made;
  }

  return (service: Service, region: string): Place<AnyClient> => ({
    client: clientFor(service, region),
    region,
    accountId: run.target.accountId,
    partition: run.partition,
    inRegion: (other) => clientFor(service, other),
    protectedRole,
    wait: (milliseconds) => run.parts.clock.wait(milliseconds, run.signal),
  });
}

/** Types outside, regions inside: a region that hangs holds only its share of the pool. */
function makeCells(
  services: readonly Service[],
  regions: readonly string[],
  homeRegion: string,
  place: (service: Service, region: string) => Place<AnyClient>,
): EngineCell[] {
  return services.flatMap((service) =>
    service.types.flatMap((type) =>
      (service.scope === "global" ? ["global"] : regions).map(
        (region): EngineCell => ({
          service,
          type,
          typeId: `${service.id}/${type.id}`,
          region,
          place: async () => place(service, region === "global" ? homeRegion : region),
        }),
      ),
    ),
  );
}

// --- Passes ----------------------------------------------------------------------------------------------------------

type Passes = { results: PassResult[]; outcome: CleanReport["outcome"]; reason: string };

/** Pass after pass (after those of `results`), until all is proved, nothing moves any more, or the budget is used up. */
async function runPasses(run: Run, results: PassResult[] = []): Promise<Passes> {
  let idle = 0;
  try {
    for (;;) {
      const last = results.at(-1);
      const allProved = run.proved.size === run.cells.length;
      // Everything at first and at last; in between only what is not proved.
      const cells = !last || allProved ? run.cells : run.cells.filter((cell) => !run.proved.has(cell));
      if (allProved) await waitForGap(run);
      await run.options.beforePass?.(results.length + 1);
      const result = await runPass(run, results.length + 1, cells);
      results.push(result);
      const clean = result.summary.found === 0 && result.summary.unknown === 0;
      // Not by what was "removed": what AWS says is gone and lists again the next time is no progress.
      idle = !clean && result.fingerprint === last?.fingerprint ? idle + 1 : 0;
      if (idle > 0) result.summary.note = sameAsBefore(result);
      run.tell({ kind: "pass_ended", ...result.summary });
      run.signal.throwIfAborted();
      if (run.options.mode === "plan") return { results, outcome: "planned", reason: planReason(result) };
      if (clean && allProved) return { results, outcome: "clean", reason: "Everything was seen empty twice" };
      if (idle >= run.parts.idlePasses - 1) return { results, outcome: "dirty", reason: sameAsBefore(result) };
      if (idle > 0 || result.summary.left > 0 || result.summary.unknown > 0) await pauseBetween(run, idle);
    }
  } catch (error) {
    const reason: unknown = run.signal.reason;
    if (!(reason instanceof BudgetUsedUp) || error instanceof CleanRefused) throw error;
    return {
      results,
      outcome: run.options.mode === "plan" ? "planned" : "dirty",
      reason: budgetReason(results, reason),
    };
  }
}

function gapMilliseconds(run: Run): number {
  return (run.options.minimumGapSeconds ?? 60) * 1_000;
}

async function waitForGap(run: Run): Promise<void> {
  if (run.lastDeletionAt === undefined) return;
  const rest = run.lastDeletionAt + gapMilliseconds(run) - run.parts.clock.now().getTime();
  if (rest > 0) await run.parts.clock.wait(rest, run.signal);
}

/** What is left often goes by itself once AWS has caught up; asking again at once would only find it again. */
async function pauseBetween(run: Run, idle: number): Promise<void> {
  await run.parts.clock.wait(Math.min(gapMilliseconds(run), 5_000 * 2 ** idle), run.signal);
}

function planReason(result: PassResult): string {
  const { found, unknown } = result.summary;
  return `${found} to remove, ${result.kept.length} kept by a rule, ${unknown} lists without an answer`;
}

function sameAsBefore(result: PassResult): string {
  const { found, unknown } = result.summary;
  const why = result.left[0]?.reason ?? result.unknown[0]?.error ?? "removed, and listed again each time";
  const what =
    found > 0 ? `${found} found, the same ${found} as before` : `${unknown} lists without an answer, as before`;
  return `${what}: ${why}`;
}

function budgetReason(results: readonly PassResult[], reason: Error): string {
  const last = results.at(-1);
  const trouble = last?.left[0]?.reason ?? last?.unknown[0]?.error;
  const said = capitalize(reason.message);
  return trouble ? `${said}: ${trouble}` : said;
}

async function runPass(run: Run, pass: number, cells: readonly EngineCell[]): Promise<PassResult> {
  const began = run.parts.clock.now().getTime();
  const full = cells.length === run.cells.length;
  run.tell({ kind: "pass_started", pass, cells: cells.length, full });
  const removal = run.options.mode === "run" ? startRemoval(cells, removalParts(run, pass)) : undefined;
  const books: Books = { pass, found: 0, foundSum: 0n, unavailable: 0, unknown: [], kept: [], planned: [] };
  const empty = new Set<EngineCell>();
  await Promise.all(
    cells.map(async (cell) => {
      if (await run.lists(() => listCell(run, books, cell, removal?.add))) empty.add(cell);
      removal?.listed(cell);
    }),
  );
  const end = (await removal?.finish()) ?? { removed: 0, left: [], regions: new Set<string>() };
  takeAsProved(run, cells, empty, end.regions);
  const left = removal ? end.left.map((one) => leftOf(one.cell, one.resource, one.reason)) : books.planned;
  return {
    summary: {
      pass,
      cells: cells.length,
      full,
      found: books.found,
      removed: end.removed,
      unknown: books.unknown.length,
      unavailable: books.unavailable,
      left: books.found - end.removed,
      seconds: Math.round((run.parts.clock.now().getTime() - began) / 100) / 10,
    },
    fingerprint: fingerprint(books),
    left: left.slice(0, reportedAtMost),
    unknown: books.unknown,
    kept: books.kept,
  };
}

/**
 * A cell that was empty is proved once, unless something was asked to go in its region in the same pass: a removal can leave
 * traces (interfaces, log groups, snapshots) in types that had been listed before. Global services see every region.
 */
function takeAsProved(
  run: Run,
  cells: readonly EngineCell[],
  empty: ReadonlySet<EngineCell>,
  touched: ReadonlySet<string>,
): void {
  for (const cell of cells) {
    if (empty.has(cell)) run.proved.add(cell);
    else run.proved.delete(cell);
  }
  disprove(run, touched);
}

/** What was seen in these regions is to be seen anew. */
function disprove(run: Run, touched: ReadonlySet<string>): void {
  const isTouched = ({ region }: EngineCell) => touched.has(region) || (region === "global" && touched.size > 0);
  for (const cell of run.cells) if (isTouched(cell)) run.proved.delete(cell);
}

function fingerprint(books: Books): string {
  const unknown = books.unknown.map((one) => `${one.service}/${one.type}@${one.region}`).sort();
  return `${books.foundSum} ${unknown.join(" ")}`;
}

function hashOf(text: string): bigint {
  return createHash("sha256").update(text).digest().readBigUInt64BE();
}

function leftOf(cell: { typeId: string; region: string }, resource: Resource, reason: string): LeftResource {
  const [service = "", type = ""] = cell.typeId.split("/");
  return { service, type, region: cell.region, id: shorten(resource.id), reason };
}

function shorten(id: string): string {
  return id.length <= 120 ? id : `${id.slice(0, 70)}…${id.slice(-49)}`;
}

function removalParts(run: Run, pass: number) {
  return {
    clock: run.parts.clock,
    signal: run.signal,
    random: run.parts.random,
    run: run.removals,
    touched: () => {
      run.lastDeletionAt = run.parts.clock.now().getTime();
    },
    tell: (cell: Cell, resource: Resource, outcome: "deleting" | "removed" | "failed", reason?: string) =>
      tellResource(run, pass, cell, resource, outcome, reason),
  };
}

function tellResource(
  run: Run,
  pass: number,
  cell: Cell,
  resource: Resource,
  outcome: Extract<CleanEvent, { kind: "resource" }>["outcome"],
  reason?: string,
): void {
  const { service, type, region, id } = leftOf(cell, resource, "");
  run.tell({ kind: "resource", pass, service, type, region, id, outcome, ...(reason ? { reason } : {}) });
}

// --- Evidence --------------------------------------------------------------------------------------------------------

type Books = {
  pass: number;
  found: number;
  /** Of the hashes of all that was found, whatever the order. */
  foundSum: bigint;
  unavailable: number;
  unknown: UnknownCell[];
  kept: LeftResource[];
  planned: LeftResource[];
};

type Add = (cell: Cell, resource: Resource) => boolean;

/** Lists one cell and writes down what came of it; answers whether there is nothing. Never throws: what fails is unknown. */
async function listCell(run: Run, books: Books, cell: EngineCell, add: Add | undefined): Promise<boolean> {
  const counts = { found: 0, kept: 0, open: true };
  let outcome: CellOutcome;
  let error: string | undefined;
  try {
    run.signal.throwIfAborted();
    await within(
      run.parts.clock,
      run.parts.listSeconds * 1_000,
      run.signal,
      collect(run, books, cell, counts, add),
      () => new Error(`the list did not end within ${run.parts.listSeconds} s`),
    );
    outcome = counts.found > 0 ? "found" : "empty";
  } catch (thrown) {
    const rule = unavailableRule(cell.type, thrown);
    // A list that had begun to answer is no missing service, whatever it ends with.
    const missing = rule !== undefined && counts.found === 0 && counts.kept === 0;
    outcome = missing ? "unavailable" : "unknown";
    error = missing ? rule : sayError(thrown);
  }
  counts.open = false;
  const [service = "", type = ""] = cell.typeId.split("/");
  if (outcome === "unknown") books.unknown.push({ service, type, region: cell.region, error: error ?? "" });
  if (outcome === "unavailable") books.unavailable++;
  const { found: count, kept } = counts;
  const { pass } = books;
  run.tell({
    kind: "cell_ended",
    pass,
    service,
    type,
    region: cell.region,
    outcome,
    count,
    protected: kept,
    ...(error ? { error } : {}),
  });
  return outcome === "empty" || outcome === "unavailable";
}

function unavailableRule(type: BoundType, error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return type.unavailable?.(error) ?? notSubscribed(error);
}

async function collect(
  run: Run,
  books: Books,
  cell: EngineCell,
  counts: { found: number; kept: number; open: boolean },
  add: Add | undefined,
): Promise<void> {
  for await (const resource of cell.type.list(await cell.place())) {
    if (!counts.open) return;
    if (resource.protected) {
      counts.kept++;
      keep(run, books, cell, resource, resource.protected);
    } else if (!add || add(cell, resource)) {
      counts.found++;
      books.found++;
      if (cell.region !== "global") run.used.add(cell.region);
      books.foundSum += hashOf(`${cell.typeId}@${cell.region} ${resource.id}`);
      tellResource(run, books.pass, cell, resource, "found");
      if (!add && books.planned.length < reportedAtMost) {
        books.planned.push(leftOf(cell, resource, "would be removed"));
      }
    }
  }
}

/** What is kept is told once in a run, though every pass sees it. */
function keep(run: Run, books: Books, cell: EngineCell, resource: Resource, reason: string): void {
  if (books.kept.length < reportedAtMost) books.kept.push(leftOf(cell, resource, reason));
  const key = `${cell.typeId} ${cell.region} ${resource.id}`;
  if (run.toldProtected.has(key)) return;
  run.toldProtected.add(key);
  tellResource(run, books.pass, cell, resource, "protected", reason);
}

// --- The net below ---------------------------------------------------------------------------------------------------

/** Under which the net's findings are told. */
const netService = "cloud-control";

/**
 * Once the service files' verdict is clean, the Cloud Control API is asked for what none of them knows (decision 0009). What
 * it finds makes the run dirty; what it may remove goes first, and is followed by all proving anew.
 */
async function lookBelow(run: Run, passes: Passes): Promise<{ passes: Passes; net?: NetReport }> {
  const { net: options } = run.options;
  if (!options || options.reach === "off" || passes.outcome !== "clean") return { passes };
  const net = castNet(netPlace(run, options));
  const began = run.parts.clock.now().getTime();
  const { types, cells, expectedSeconds } = net;
  run.tell({ kind: "net_started", regions: [...net.regions], types, cells, expectedSeconds });
  const verdict = await verdictBelow(run, passes, net).catch((error: unknown) => {
    const reason: unknown = run.signal.reason;
    if (!(reason instanceof BudgetUsedUp) || error instanceof CleanRefused) throw error;
    return { ...passes, outcome: "dirty" as const, reason: budgetReason(passes.results, reason) };
  });
  const report = net.report();
  const { foundCount: found, unansweredCount: unanswered, notLooked } = report;
  const seconds = Math.round((run.parts.clock.now().getTime() - began) / 100) / 10;
  run.tell({ kind: "net_ended", found, unanswered, notLooked, seconds });
  return { passes: verdict, net: report };
}

async function verdictBelow(run: Run, passes: Passes, net: Net): Promise<Passes> {
  await run.options.beforePass?.(passes.results.length + 1);
  await net.look();
  const cells = net.foundCells();
  if (cells.length === 0) return { ...passes, reason: `${passes.reason}; ${sayNet(net.report())}` };
  const first = await netPass(run, passes, net, cells, net.remove);
  if (first.results.at(-1)?.summary.left !== 0) return first;
  // Gone by the API's own word: it is looked for again once the service files have proved all anew.
  disprove(run, new Set(cells.map(({ region }) => region)));
  const again = await runPasses(run, first.results);
  if (again.outcome !== "clean") return again;
  await run.options.beforePass?.(again.results.length + 1);
  await net.lookAgain(cells);
  return netPass(run, again, net, cells, async () => {});
}

function netPlace(run: Run, options: NetOptions): NetPlace {
  const regions = run.regions.filter(
    (region) => options.reach === "all" || region === run.homeRegion || run.used.has(region),
  );
  return {
    accountId: run.target.accountId,
    homeRegion: run.homeRegion,
    regions,
    types: run.parts.netTypes,
    // A run that was narrowed to services removes nothing else.
    options: { ...options, removes: options.removes !== false && !run.options.services },
    clock: run.parts.clock,
    signal: run.signal,
    input: run.input,
    protectedRole: roleProtection(run.options.protectedRoleNames ?? ["Atelier*"], run.trusted),
  };
}

/** Tells what the net found as a pass of its own, and removes of it what may go. */
async function netPass(
  run: Run,
  before: Passes,
  net: Net,
  cells: readonly NetCell[],
  remove: Net["remove"],
): Promise<Passes> {
  const began = run.parts.clock.now().getTime();
  const pass = before.results.length + 1;
  run.tell({ kind: "pass_started", pass, cells: cells.length, full: false });
  const unknown = cells.flatMap((cell) => tellNetCell(run, pass, net, cell));
  const { foundCount: found, removed: earlier } = net.report();
  await remove((one, outcome) => {
    if (outcome !== "failed") run.lastDeletionAt = run.parts.clock.now().getTime();
    run.tell({ kind: "resource", pass, ...netLeft(one), outcome });
  });
  const report = net.report();
  const removed = report.removed - earlier;
  const summary: PassSummary = {
    pass,
    cells: cells.length,
    full: false,
    found,
    removed,
    unknown: unknown.length,
    unavailable: 0,
    left: found - removed,
    seconds: Math.round((run.parts.clock.now().getTime() - began) / 100) / 10,
    note: "by the Cloud Control API",
  };
  run.tell({ kind: "pass_ended", ...summary });
  const left = report.found.filter((one) => one.state !== "removed").map(netLeft);
  const kept = before.results.at(-1)?.kept ?? [];
  const results = [...before.results, { summary, left, unknown, kept, fingerprint: `net ${pass}` }];
  if (found > 0 || unknown.length > 0) return { results, outcome: "dirty", reason: capitalize(sayNet(report)) };
  return { results, outcome: "clean", reason: `${before.reason}; ${sayNet(report)}` };
}

/** Answers with the cell where it had no answer. */
function tellNetCell(run: Run, pass: number, net: Net, cell: NetCell): UnknownCell[] {
  const { type, region } = cell;
  const { found, count, error } = net.seenIn(cell);
  const outcome = count > 0 ? "found" : error ? "unknown" : "empty";
  const place = { pass, service: netService, type, region };
  run.tell({ kind: "cell_ended", ...place, outcome, count, protected: 0, ...(error ? { error } : {}) });
  for (const one of found) run.tell({ kind: "resource", pass, ...netLeft(one), outcome: "found" });
  return outcome === "unknown" ? [{ service: netService, type, region, error: error ?? "" }] : [];
}

function netLeft({ type, region, id, reason }: NetReport["found"][number]): LeftResource {
  return { service: netService, type, region, id: shorten(id), reason };
}

function capitalize(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function makeReport(run: Run, passes: Passes, calls: number, startedAt: Date): CleanReport {
  const last = passes.results.at(-1);
  const services = [...new Set(run.cells.map((cell) => cell.service.id))];
  return {
    mode: run.options.mode,
    outcome: passes.outcome,
    reason: passes.reason,
    accountId: run.target.accountId,
    regions: run.regions,
    services,
    types: new Set(run.cells.map((cell) => cell.typeId)).size,
    complete: !run.options.regions && !run.options.services,
    passes: passes.results.map((result) => result.summary),
    left: last?.left ?? [],
    leftCount: last?.summary.left ?? 0,
    unknown: last?.unknown ?? [],
    kept: last?.kept ?? [],
    calls,
    startedAt: startedAt.toISOString(),
    endedAt: run.parts.clock.now().toISOString(),
  };
}
