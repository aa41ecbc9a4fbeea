/**
 * The net below the cleaner: once the service files have found nothing, the Cloud Control API is asked for everything else
 * that CloudFormation has a name for. What it finds that no service file knows blocks "clean" and is named; what it cannot
 * answer is named too and blocks nothing, since the proof is the service files' (docs/decisions/0009-the-net-below.md).
 */
import type { ClientInput, Pacer } from "@/server/aws/clients";
import {
  type CloudControl,
  cloudControl,
  hasNoEndpoint,
  isNoSuchType,
  type ListedResource,
} from "@/server/aws/cloudcontrol";
import { isDenied, notSubscribed, sayError } from "@/server/cleaner/failures";
import { reasonToKeep, removableTypes } from "@/server/cleaner/net-rules";
import { askedTypes, globalRegion } from "@/server/cleaner/net-types";
import type { RoleFacts } from "@/server/cleaner/protect";
import { type CleanerClock, gate, within } from "@/server/cleaner/time";

export type NetOptions = {
  /** Where it looks for what is regional: nowhere at all, in the home region and where the run found something, or in all. */
  reach: "off" | "used" | "all";
  /** Calls to one region in a second, repeated ones included. Default 4. */
  callsPerSecond?: number;
  /** For all looking and removing together; what is not looked at by then is said. Default 1800. */
  budgetSeconds?: number;
  /** Types of CloudFormation that are not asked for, e.g. because AWS began to put one of its own into each account. */
  except?: readonly string[];
  /** Whether types of the allow list are removed. Default true. */
  removes?: boolean;
};

export type NetFinding = {
  /** CloudFormation's name of the type. */
  type: string;
  /** "global" for what is not of one region. */
  region: string;
  id: string;
  reason: string;
  state: "found" | "removed" | "failed";
};

export type NetReport = {
  regions: string[];
  /** Types that were asked for; what service files know and what is no resource is not. */
  types: number;
  calls: number;
  /** Lists that came to their end, and those that a rule says cannot be: the API does not have the type there. */
  answered: number;
  unavailable: number;
  /** At most 500. */
  found: NetFinding[];
  foundCount: number;
  removed: number;
  /** What stays by a rule: AWS's own. */
  kept: { type: string; count: number; reason: string }[];
  /** Lists that failed, by type; at most 50. */
  unanswered: { type: string; regions: string[]; error: string }[];
  unansweredCount: number;
  /** Lists that there was no time for. */
  notLooked: number;
  /** Whether every list was answered or is unavailable by a rule. */
  complete: boolean;
};

/** Where and how a net is cast. */
export type NetPlace = {
  accountId: string;
  homeRegion: string;
  /** Where regional types are asked for. */
  regions: readonly string[];
  /** Types that can be listed without input. */
  types: readonly string[];
  options: NetOptions;
  clock: CleanerClock;
  /** Ends the looking; what is left then was not looked at. */
  signal: AbortSignal;
  input(region: string): ClientInput;
  protectedRole(role: RoleFacts): string | undefined;
};

/** One type in one region. `at` is where it is asked for, `region` what it is called: "global" for global types. */
export type NetCell = { type: string; at: string; region: string };

type Answer = {
  outcome: "answered" | "unavailable" | "unanswered" | "not_looked";
  found: NetFinding[];
  foundCount: number;
  kept: Map<string, number>;
  error?: string;
};

type Tell = (finding: NetFinding, outcome: "deleting" | "removed" | "failed") => void;

const defaultRate = 4;
const reportedAtMost = 500;
const unansweredAtMost = 50;
/** Lists of one region under way at the same time: handlers answer slowly, the pace keeps the rate. */
const atOnce = 8;
const listSeconds = 120;
const removalSeconds = 600;
/** Refusals in a row, before any answer, after which a region is not asked any more: the API itself is denied there. */
const deniedAtMost = 20;

/** A net over one account. Nothing of it throws for what AWS answers, nor when the signal ends it. */
export function castNet(place: NetPlace) {
  const { options, clock } = place;
  const types = askedTypes(place.types, options.except ?? []);
  const cells = types.flatMap((type) => cellsOf(type, place));
  const answers = new Map<NetCell, Answer>();
  const calls = { sent: 0 };
  const apis = new Map<string, CloudControl>();
  const budget = { leftMilliseconds: (options.budgetSeconds ?? 1_800) * 1_000 };
  let removed = 0;

  function apiOf(region: string, signal: AbortSignal): CloudControl {
    const known = apis.get(region);
    if (known) return known;
    const input = place.input(region);
    const pacer = steadyPace(clock, options.callsPerSecond ?? defaultRate, place.signal);
    const made = cloudControl(counted(input, calls, signal), { pacer, removes: options.removes !== false });
    apis.set(region, made);
    return made;
  }

  /** Asks for these; what was known of them is forgotten. */
  async function look(asked: readonly NetCell[] = cells): Promise<void> {
    await withinBudget(place, budget, async (signal) => {
      apis.clear();
      await Promise.all(
        [...Map.groupBy(asked, (cell) => cell.at)].map(async ([region, own]) =>
          lookIn(place, apiOf(region, signal), own, signal, (cell, answer) => answers.set(cell, answer)),
        ),
      );
    });
  }

  const found = () => [...answers.values()].flatMap((answer) => answer.found);

  /** Removes what the allow list names, and follows each removal to its end. */
  async function remove(tell: Tell): Promise<void> {
    if (options.removes === false) return;
    await withinBudget(place, budget, async (signal) => {
      apis.clear();
      for (let round = 0; round < 5 && !signal.aborted; round++) {
        // What refused because of another is tried again as long as something goes.
        const open = found().filter((one) => removableTypes.has(one.type) && one.state !== "removed");
        const enter = gate(atOnce);
        const gone = await Promise.all(
          open.map((one) => enter(() => removeOne(place, apiOf(atOf(one, place), signal), one, signal, tell))),
        );
        removed += gone.filter(Boolean).length;
        if (!gone.some(Boolean)) return;
      }
    });
  }

  return {
    regions: place.regions,
    types: types.length,
    cells: cells.length,
    /** How long looking takes at its rate, without throttles and further pages. */
    expectedSeconds: Math.ceil(
      Math.max(0, ...[...Map.groupBy(cells, (cell) => cell.at).values()].map((own) => own.length)) /
        (options.callsPerSecond ?? defaultRate),
    ),
    look: () => look(),
    lookAgain: (again: readonly NetCell[]) => look(again),
    remove,
    /** Where the last look found something. */
    foundCells: () => [...answers].filter(([, answer]) => answer.foundCount > 0).map(([cell]) => cell),
    /** What the last look found in a cell, or why it could not tell. */
    seenIn(cell: NetCell): { found: readonly NetFinding[]; count: number; error?: string } {
      const { found = [], foundCount: count = 0, outcome = "not_looked", error } = answers.get(cell) ?? {};
      if (outcome === "answered" || outcome === "unavailable") return { found, count };
      return { found, count, error: error ?? "there was no time to look" };
    },
    report: (): NetReport => ({
      regions: [...place.regions],
      types: types.length,
      calls: calls.sent,
      removed,
      ...sumUp([...answers.entries()], cells.length),
    }),
  };
}

export type Net = ReturnType<typeof castNet>;

function cellsOf(type: string, { homeRegion, regions }: NetPlace): NetCell[] {
  const global = globalRegion(type, homeRegion);
  if (global) return [{ type, at: global, region: "global" }];
  return regions.map((region) => ({ type, at: region, region }));
}

function atOf(finding: NetFinding, place: NetPlace): string {
  return finding.region === "global"
    ? (globalRegion(finding.type, place.homeRegion) ?? place.homeRegion)
    : finding.region;
}

/** Each call is counted, and ends with the signal. */
function counted(input: ClientInput, calls: { sent: number }, signal: AbortSignal): ClientInput {
  const { handler } = input;
  if (!handler) return input;
  return {
    ...input,
    handler: {
      handle: (request, settings) => {
        signal.throwIfAborted();
        calls.sent++;
        return handler.handle(request, settings);
      },
    },
  };
}

/** Runs work whose signal ends with the run's, or when the net's own time is used up. */
async function withinBudget(
  { clock, signal }: NetPlace,
  budget: { leftMilliseconds: number },
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const done = new AbortController();
  const late = new AbortController();
  const began = clock.now().getTime();
  clock
    .wait(Math.max(0, budget.leftMilliseconds), AbortSignal.any([signal, done.signal]))
    .then(() => late.abort(new Error("the time of the net is used up")))
    .catch(() => {});
  try {
    await work(AbortSignal.any([signal, late.signal]));
  } finally {
    done.abort();
    budget.leftMilliseconds -= clock.now().getTime() - began;
  }
}

// --- Looking ---------------------------------------------------------------------------------------------------------

type Note = (cell: NetCell, answer: Answer) => void;

async function lookIn(
  place: NetPlace,
  api: CloudControl,
  cells: readonly NetCell[],
  signal: AbortSignal,
  note: Note,
): Promise<void> {
  const enter = gate(atOnce);
  const sofar = { answered: 0, denied: 0 };
  /** What all further cells get, once the region as a whole has said no. */
  let closed: Answer | undefined;
  await Promise.all(
    cells.map((cell) =>
      enter(async () => {
        if (closed) return note(cell, closed);
        if (signal.aborted) return note(cell, nothing("not_looked"));
        const { answer, error } = await lookAt(place, api, cell, signal);
        note(cell, answer);
        if (answer.outcome !== "unanswered") sofar.answered++;
        else if (isDenied(error)) sofar.denied++;
        if (hasNoEndpoint(error)) closed = answer;
        if (sofar.answered === 0 && sofar.denied >= deniedAtMost) closed = answer;
      }),
    ),
  );
}

async function lookAt(
  place: NetPlace,
  api: CloudControl,
  cell: NetCell,
  signal: AbortSignal,
): Promise<{ answer: Answer; error?: unknown }> {
  const answer = nothing("answered");
  let open = true;
  const collect = async () => {
    for await (const page of api.list(cell.type)) {
      if (!open) return;
      for (const one of page) judge(place, cell, one, answer);
    }
  };
  try {
    const late = () => new Error(`the list did not end within ${listSeconds} s`);
    await within(place.clock, listSeconds * 1_000, signal, collect(), late);
    return { answer };
  } catch (error) {
    if (signal.aborted) return { answer: { ...answer, outcome: "not_looked" } };
    answer.error = sayError(error);
    answer.outcome = unavailable(error) && answer.foundCount === 0 ? "unavailable" : "unanswered";
    return { answer, error };
  } finally {
    open = false;
  }
}

function unavailable(error: unknown): boolean {
  if (isNoSuchType(error) || hasNoEndpoint(error)) return true;
  return error instanceof Error && notSubscribed(error) !== undefined;
}

function nothing(outcome: Answer["outcome"]): Answer {
  return { outcome, found: [], foundCount: 0, kept: new Map() };
}

function judge(place: NetPlace, cell: NetCell, { id, properties }: ListedResource, answer: Answer): void {
  const reason = reasonToKeep(cell.type, id, properties, { ...place, region: cell.at });
  if (reason) {
    answer.kept.set(reason, (answer.kept.get(reason) ?? 0) + 1);
    return;
  }
  answer.foundCount++;
  if (answer.found.length >= reportedAtMost) return;
  const { type, region } = cell;
  answer.found.push({ type, region, id, state: "found", reason: foundReason(type) });
}

function foundReason(type: string): string {
  return `found by the Cloud Control API; no service file knows ${type}`;
}

// --- Removing --------------------------------------------------------------------------------------------------------

/** Answers whether it is gone by the API's word. */
async function removeOne(
  { clock }: NetPlace,
  api: CloudControl,
  finding: NetFinding,
  signal: AbortSignal,
  tell: Tell,
): Promise<boolean> {
  tell(finding, "deleting");
  const until = clock.now().getTime() + removalSeconds * 1_000;
  try {
    let now = await api.remove(finding.type, finding.id);
    for (let pause = 1_000; now.state === "going" && now.token; pause = Math.min(15_000, pause * 1.5)) {
      if (clock.now().getTime() >= until) throw new Error(`it did not end within ${removalSeconds} s`);
      await clock.wait(pause, signal);
      now = await api.removalState(now.token);
    }
    if (now.state !== "gone") throw new Error(now.error);
    finding.state = "removed";
  } catch (error) {
    finding.state = "failed";
    const said = error instanceof Error && error.name === "Error" ? error.message : sayError(error);
    finding.reason = `${foundReason(finding.type)}; its removal failed: ${said}`;
  }
  tell(finding, finding.state === "removed" ? "removed" : "failed");
  return finding.state === "removed";
}

// --- The pace --------------------------------------------------------------------------------------------------------

/** Lets one call go every 1/perSecond s at most, and more slowly for a while after a throttle. */
export function steadyPace(clock: CleanerClock, perSecond: number, signal: AbortSignal): Pacer {
  const shortest = 1_000 / perSecond;
  const longest = 5_000;
  let gap = shortest;
  let next = 0;
  return {
    enter: async () => {
      const now = clock.now().getTime();
      const turn = Math.max(now, next);
      next = turn + gap;
      if (turn > now) await clock.wait(turn - now, signal);
    },
    leave: (outcome) => {
      if (outcome === "throttled") gap = Math.min(Math.max(longest, shortest), gap * 2);
      else if (outcome === "ok") gap = Math.max(shortest, gap * 0.9);
    },
  };
}

// --- The report ------------------------------------------------------------------------------------------------------

type Sums = Omit<NetReport, "regions" | "types" | "calls" | "removed">;

function sumUp(answers: readonly [NetCell, Answer][], cells: number): Sums {
  const count = (outcome: Answer["outcome"]) => answers.filter(([, answer]) => answer.outcome === outcome).length;
  const failed = answers.filter(([, answer]) => answer.outcome === "unanswered");
  const byType = [...Map.groupBy(failed, ([cell]) => cell.type)];
  const kept = new Map<string, NetReport["kept"][number]>();
  for (const [{ type }, answer] of answers) {
    for (const [reason, number] of answer.kept) {
      const key = `${type} ${reason}`;
      kept.set(key, { type, reason, count: number + (kept.get(key)?.count ?? 0) });
    }
  }
  const notLooked = cells - answers.length + count("not_looked");
  return {
    answered: count("answered"),
    unavailable: count("unavailable"),
    found: answers.flatMap(([, answer]) => answer.found).slice(0, reportedAtMost),
    foundCount: answers.reduce((sum, [, answer]) => sum + answer.foundCount, 0),
    kept: [...kept.values()],
    unanswered: byType.slice(0, unansweredAtMost).map(([type, own]) => ({
      type,
      regions: own.map(([cell]) => cell.region).sort(),
      error: own[0]?.[1].error ?? "",
    })),
    unansweredCount: failed.length,
    notLooked,
    complete: failed.length === 0 && notLooked === 0,
  };
}

/** What the net says of an account that the service files found to be empty; a part of a sentence. */
export function sayNet(report: NetReport): string {
  const { answered, unavailable, unansweredCount, notLooked, foundCount, found } = report;
  const gaps = [
    ...(unansweredCount > 0 ? [`${unansweredCount} of its lists had no answer`] : []),
    ...(notLooked > 0 ? [`there was no time for ${notLooked}`] : []),
  ];
  const [first] = found;
  if (foundCount > 0) {
    const named = first ? `: ${first.type} ${first.id} (${first.region})` : "";
    const more = foundCount > 1 ? ` and ${foundCount - 1} more` : "";
    const failed = first?.state === "failed" ? `; ${first.reason.split("; ").at(-1)}` : "";
    return `the Cloud Control API found what no service file knows${named}${more}${failed}`;
  }
  if (answered + unavailable === 0) {
    const why = report.unanswered[0]?.error;
    return `the Cloud Control API saw nothing below: ${[...gaps, ...(why ? [why] : [])].join(", ")}`;
  }
  return ["the Cloud Control API found nothing else", ...gaps].join(", ");
}
