import type { CommandIo } from "@/server/cleaner/command-io";
import type { CleanEvent } from "@/server/cleaner/engine";
import { wallClock } from "@/server/cleaner/time";

/** What a run says while it goes: counts and the time left on a terminal, lines in a log. */

type Event<K extends CleanEvent["kind"]> = Extract<CleanEvent, { kind: K }>;

export type EstimateOptions = {
  mode: "plan" | "run";
  gapSeconds: number;
  budgetSeconds: number;
  /** Milliseconds of any clock. */
  now(): number;
};

/** Of a pass, as far as it has come. */
type PassSoFar = {
  began: number;
  cells: number;
  done: number;
  /** Cells that have to be looked at again. */
  open: number;
  found: number;
  settled: number;
  ended: boolean;
};

/**
 * How long a run still takes, from its events. A plan takes one full pass. A run takes two: what the first finds is removed
 * and looked at again, and the second, proving all, begins no earlier than the gap after the last deletion. A list is taken
 * to last as long as those of the full pass did, and what is to be removed to go as fast as what went. `seconds` is
 * undefined while too little is known, and never more than what the budget leaves.
 */
export function estimate(options: EstimateOptions) {
  const began = options.now();
  let pass: PassSoFar = { began, cells: 0, done: 0, open: 0, found: 0, settled: 0, ended: true };
  /** Cells of a full pass, and how long listing them takes once that is known. */
  const full: { cells: number; milliseconds?: number } = { cells: 0 };
  let cleanInARow = 0;
  let lastRemovalAt: number | undefined;
  /** While the net below is cast: when it is expected to be done. */
  let belowUntil: number | undefined;

  const takes: { [K in CleanEvent["kind"]]?: (event: Event<K>, at: number) => void } = {
    pass_started: (event, at) => {
      if (event.pass === 1) full.cells = event.cells;
      pass = { began: at, cells: event.cells, done: 0, open: 0, found: 0, settled: 0, ended: false };
    },
    cell_ended: (event, at) => {
      pass.done++;
      if (event.outcome === "unknown" || event.outcome === "found") pass.open++;
      if (pass.done === pass.cells && pass.cells === full.cells) full.milliseconds = at - pass.began;
    },
    resource: (event, at) => {
      if (event.outcome === "found") pass.found++;
      if (event.outcome === "removed" || event.outcome === "failed") pass.settled++;
      if (event.outcome === "removed" || event.outcome === "deleting") lastRemovalAt = at;
    },
    pass_ended: (event) => {
      cleanInARow = event.found === 0 && event.unknown === 0 ? cleanInARow + 1 : 0;
      pass.ended = true;
    },
    net_started: (event, at) => {
      belowUntil = at + event.expectedSeconds * 1_000;
    },
    net_ended: () => {
      belowUntil = undefined;
    },
  };

  /** How long the lists of a full pass take: by this one, as soon as enough of it is done, or by the one before. */
  function fullPass(at: number): number | undefined {
    const enough = pass.done >= Math.max(5, pass.cells / 20) && pass.done < pass.cells;
    if (pass.cells !== full.cells || !enough) return full.milliseconds;
    return ((at - pass.began) * pass.cells) / pass.done;
  }

  function restOfPass(at: number, fullMilliseconds: number): number | undefined {
    if (pass.ended) return 0;
    const lists = (fullMilliseconds * pass.cells) / full.cells;
    const listing = pass.done < pass.cells ? Math.max(0, lists - (at - pass.began)) : 0;
    const open = options.mode === "run" ? pass.found - pass.settled : 0;
    if (open === 0) return listing;
    if (pass.settled === 0) return undefined;
    return Math.max(listing, ((at - pass.began) * open) / pass.settled);
  }

  /** What comes after this pass: looking again at what was not empty, and the full pass that proves all. */
  function ahead(fullMilliseconds: number): { again: number; proof: number } {
    const dirty = pass.ended ? cleanInARow === 0 : pass.open > 0 || pass.found > 0;
    if (options.mode === "plan") return { again: 0, proof: 0 };
    if (dirty) return { again: (fullMilliseconds * pass.open) / full.cells, proof: fullMilliseconds };
    const proving = pass.ended ? cleanInARow > 1 : cleanInARow > 0;
    return { again: 0, proof: proving ? 0 : fullMilliseconds };
  }

  return {
    tell(event: CleanEvent): void {
      const take = takes[event.kind] as ((event: CleanEvent, at: number) => void) | undefined;
      take?.(event, options.now());
    },
    /** Seconds left, or undefined. */
    seconds(): number | undefined {
      const at = options.now();
      if (belowUntil !== undefined && pass.ended) return Math.max(0, belowUntil - at) / 1_000;
      const fullMilliseconds = fullPass(at);
      const rest = fullMilliseconds === undefined ? undefined : restOfPass(at, fullMilliseconds);
      if (fullMilliseconds === undefined || rest === undefined) return undefined;
      const { again, proof } = ahead(fullMilliseconds);
      const quietFrom = pass.found > pass.settled ? at + rest : (lastRemovalAt ?? Number.NEGATIVE_INFINITY);
      const gap = proof > 0 ? Math.max(0, quietFrom + options.gapSeconds * 1_000 - (at + rest + again)) : 0;
      const budget = began + options.budgetSeconds * 1_000 - at;
      return Math.max(0, Math.min(budget, rest + again + gap + proof)) / 1_000;
    },
  };
}

/** "about 2 min left": no more exact than an estimate is. */
export function sayLeft(seconds: number | undefined): string {
  if (seconds === undefined) return "time left not known yet";
  if (seconds < 10) return "a few seconds left";
  if (seconds < 55) return `about ${Math.round(seconds / 10) * 10} s left`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `about ${Math.max(1, minutes)} min left`;
  return `about ${Math.floor(minutes / 60)} h ${Math.round((minutes % 60) / 10) * 10} min left`;
}

// --- One account -------------------------------------------------------------------------------------------------------

const namedAtMost = 10;

/** The counts of one account, and what was asked to go and was not yet seen gone. */
function tally(options: EstimateOptions) {
  const time = estimate(options);
  const counts = { pass: 0, cells: 0, done: 0, found: 0, removed: 0, failed: 0, unknown: 0 };
  const going = new Set<string>();
  let between = false;
  return {
    counts,
    between: () => between,
    going,
    seconds: time.seconds,
    tell(event: CleanEvent): void {
      time.tell(event);
      if (event.kind === "pass_started" || event.kind === "pass_ended") between = event.kind === "pass_ended";
      if (event.kind === "pass_started") {
        Object.assign(counts, { pass: event.pass, cells: event.cells, done: 0, found: 0 });
        Object.assign(counts, { removed: 0, failed: 0, unknown: 0 });
        going.clear();
      }
      if (event.kind === "cell_ended") counts.done++;
      if (event.kind === "cell_ended" && event.outcome === "unknown") counts.unknown++;
      if (event.kind !== "resource") return;
      if (event.outcome === "found" || event.outcome === "removed" || event.outcome === "failed")
        counts[event.outcome]++;
      const line = `${event.service}/${event.type} ${event.region} ${event.id}`;
      if (event.outcome === "deleting") going.add(line);
      else going.delete(line);
    },
  };
}

/** What one account's events go to. */
export type AccountProgress = {
  tell(event: CleanEvent): void;
  end(): void;
  /** For a run that was stopped: how far it came. */
  underWay(): string;
};

/** The progress of a command on some accounts. `say` writes a line that stays. */
export type Progress = {
  account(id: string): AccountProgress;
  say(line: string): void;
  end(): void;
};

export function startProgress(
  io: CommandIo,
  options: Omit<EstimateOptions, "now"> & { accounts: number; parallel: number; live: boolean },
): Progress {
  const clock = () => wallClock.now().getTime();
  const active = new Map<string, ReturnType<typeof tally>>();
  const lasted: number[] = [];
  const clear = "\r\u001b[2K";
  const say = (line: string) => io.err(`${options.live ? clear : ""}${line}\n`);
  let shownAt = 0;

  const show = (always = false) => {
    const over = active.size === 0 && lasted.length === options.accounts;
    if (!options.live || over || (!always && clock() - shownAt < 100)) return;
    shownAt = clock();
    io.err(`${clear}${boardLine([...active.values()], lasted, options)}`);
  };
  // A log hears once a minute that something goes on.
  const timer = options.live
    ? setInterval(() => show(), 1_000)
    : setInterval(() => active.size > 0 && say(boardLine([...active.values()], lasted, options)), 60_000);
  timer.unref();

  return {
    say,
    end: () => {
      clearInterval(timer);
      if (options.live) io.err(clear);
    },
    account: (id) => {
      const own = tally({ ...options, now: clock });
      const began = clock();
      active.set(id, own);
      return {
        tell: (event) => {
          own.tell(event);
          const line = sayEvent(event, own.seconds);
          if (line) say(options.accounts > 1 ? `${id}  ${line}` : line);
          show(line !== undefined);
        },
        end: () => {
          active.delete(id);
          lasted.push(clock() - began);
          show(true);
        },
        underWay: () => sayUnderWay(own),
      };
    },
  };
}

function boardLine(
  active: readonly ReturnType<typeof tally>[],
  lasted: readonly number[],
  options: { accounts: number; parallel: number },
): string {
  const only = active[0];
  if (options.accounts === 1 && only) {
    const { pass, cells, done, found, removed, failed, unknown } = only.counts;
    const trouble = `${failed ? ` · ${failed} failed` : ""}${unknown ? ` · ${unknown} without an answer` : ""}`;
    const counted = `Pass ${pass} · ${done} of ${cells} lists · ${found} found · ${removed} removed${trouble}`;
    return `${counted} · ${sayLeft(only.seconds())}`;
  }
  const removed = active.reduce((sum, one) => sum + one.counts.removed, 0);
  const left = secondsOfAll(active, lasted, options);
  const here = `${lasted.length} of ${options.accounts} accounts done · ${active.length} under way`;
  return `${here} · ${removed} removed in them · ${sayLeft(left)}`;
}

/** The longest of those under way, and the rest by how long the others took (or will take). */
function secondsOfAll(
  active: readonly ReturnType<typeof tally>[],
  lasted: readonly number[],
  options: { accounts: number; parallel: number },
): number | undefined {
  const each = active.map((one) => one.seconds());
  const waiting = options.accounts - lasted.length - active.length;
  if (each.some((one) => one === undefined)) return undefined;
  const longest = Math.max(0, ...each.map((one) => one ?? 0));
  if (waiting <= 0) return longest;
  if (lasted.length === 0) return undefined;
  const mean = lasted.reduce((sum, one) => sum + one, 0) / lasted.length / 1_000;
  return longest + Math.ceil(waiting / options.parallel) * mean;
}

function sayUnderWay({ counts, going, between }: ReturnType<typeof tally>): string {
  if (counts.pass === 0) return "nothing was begun";
  if (between()) return `after pass ${counts.pass}, waiting for the next; nothing was being removed`;
  const names = [...going].slice(0, namedAtMost);
  const more = going.size - names.length;
  const open =
    going.size === 0 ? "nothing was being removed" : `asked to go and not yet seen gone: ${names.join(", ")}`;
  return `in pass ${counts.pass}, ${counts.done} of ${counts.cells} lists done, ${counts.removed} of ${counts.found} removed; ${open}${more > 0 ? ` and ${more} more` : ""}`;
}

/** A line for what is worth one; the rest is in the counts. */
function sayEvent(event: CleanEvent, left: () => number | undefined): string | undefined {
  switch (event.kind) {
    case "run_started":
      return `Account ${event.accountId}: ${event.types} types in ${event.regions.length} regions (${event.mode})`;
    case "cell_ended":
      if (event.outcome !== "unknown") return undefined;
      return `no answer  ${event.region}  ${event.service}/${event.type}: ${event.error}`;
    case "resource":
      if (event.outcome !== "removed" && event.outcome !== "failed") return undefined;
      return `${event.outcome.padEnd(9)}  ${event.region}  ${event.service}/${event.type}  ${event.id}${event.reason ? `: ${event.reason}` : ""}`;
    case "net_started":
      return `Below: ${event.types} types by the Cloud Control API, ${event.cells} lists in ${event.regions.join(", ")}`;
    case "net_ended": {
      const gaps = `${event.unanswered} lists without an answer, ${event.notLooked} not looked at`;
      return `Below: ${event.found} found, ${gaps}, ${event.seconds} s`;
    }
    case "pass_ended": {
      const counted = `Pass ${event.pass}: ${event.found} found, ${event.removed} removed, ${event.left} left`;
      const rest = left();
      const ahead = rest === undefined || rest === 0 ? "" : `; ${sayLeft(rest)}`;
      return `${counted}, ${event.unknown} lists without an answer, ${event.seconds} s${event.note ? ` (${event.note})` : ""}${ahead}`;
    }
    default:
      return undefined;
  }
}
