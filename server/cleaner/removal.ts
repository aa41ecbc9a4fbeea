/**
 * Removes what one pass found, in an order that comes from data. A resource waits for the stages before its own, for the
 * types in its `after`, and for the resources whose `refs` name it. Removals are asked for, then looked after apart; each
 * has a deadline. What is given up counts as settled, so nothing waits for ever.
 */
import { type AnyClient, WriteRefused } from "@/server/aws/clients";
import { type BoundType, type Place, RemovedLater, type Resource, type Stage } from "@/server/cleaner/define";
import { isDenied, isInTheWay, isMissing, sayError } from "@/server/cleaner/failures";
import { type CleanerClock, within } from "@/server/cleaner/time";

/** One type in one region: the unit of evidence, and of waiting. */
export type Cell = {
  /** "<service>/<type>" */
  typeId: string;
  region: string;
  type: BoundType;
  place(): Promise<Place<AnyClient>>;
};

export type Fate = "deleting" | "removed" | "failed";

export type RemovalParts = {
  clock: CleanerClock;
  signal: AbortSignal;
  random(): number;
  /** Holds back work of one service in one region while there is enough of it under way. */
  run<T>(cell: Cell, work: () => Promise<T>): Promise<T>;
  tell(cell: Cell, resource: Resource, fate: Fate, reason?: string): void;
  /** Called at each accepted removal and each disappearance. */
  touched(): void;
};

type Node = {
  cell: Cell;
  resource: Resource;
  state: "waiting" | "trying" | "backing_off" | "polling" | "settled";
  tries: number;
  firstTryAt: number;
  retryAt: number;
  /** How many unsettled resources name this one in their `refs`; and how many of them it waits for. */
  referrers: number;
  waitsFor: number;
  /** Part of a circle of references: these do not wait for each other. */
  circular: boolean;
  /** Waits for nothing any more, since what it waited for waited for it. */
  freed: boolean;
  lastError: string;
};

type CellState = {
  cell: Cell;
  /** Unsettled ones; `waiting` are those of them whose turn has not come. */
  nodes: Set<Node>;
  waiting: Set<Node>;
  unasked: number;
  /** Unsettled ones that are not just waited for. */
  active: number;
  polling: boolean;
};

const globalRegion = "global";
const defaultDeadlineSeconds = 180;
const hopelessTries = 4;
const stages: Record<Stage, number> = { first: 0, main: 1, late: 2, last: 3 };
const stageOf = (cell: Cell) => stages[cell.type.stage ?? "main"];

/** Whether what happens in one region matters in another: a global service sees all, all see it. */
const concerns = (a: string, b: string) => a === b || a === globalRegion || b === globalRegion;

export type Left = { cell: Cell; resource: Resource; reason: string };

/**
 * `cells` are all cells of the pass. `add` what a list yields, `listed` once its cell is through, then `finish`, which
 * resolves when everything is settled, with the count of what has gone and what has not.
 */
export function startRemoval(cells: readonly Cell[], parts: RemovalParts) {
  const states = new Map(
    cells.map((cell): [Cell, CellState] => [
      cell,
      { cell, nodes: new Set(), waiting: new Set(), unasked: 0, active: 0, polling: false },
    ]),
  );
  const all = [...states.values()];
  const byRegion = Map.groupBy(all, ({ cell }) => cell.region);
  /** How many cells of each region are not listed yet. */
  const unlisted = new Map([...byRegion].map(([region, own]) => [region, own.length] as const));
  let unlistedInAll = cells.length;
  const byId = new Map<string, Node[]>();
  const left: Left[] = [];
  const opened = new Set<string>();
  const touchedRegions = new Set<string>();
  let removed = 0;
  const resting = new Set<Node>();
  let open = 0;
  let busy = 0;
  let stopped = false;
  let finished: (() => void) | undefined;

  /** Who must be through before a cell's own: worked out once for each cell that has any, from the types. */
  const blockers = new Map<Cell, CellState[]>();
  function blockersOf(cell: Cell): CellState[] {
    const known = blockers.get(cell);
    if (known) return known;
    const near = [...(byRegion.get(cell.region) ?? []), ...(byRegion.get(globalRegion) ?? [])];
    const found = (cell.region === globalRegion ? all : near).filter((other) => mustGoBefore(other.cell, cell));
    blockers.set(cell, found);
    return found;
  }

  /** False when the same resource was added before: pages may overlap. */
  function add(cell: Cell, resource: Resource): boolean {
    const state = states.get(cell);
    if (!state) throw new Error(`${cell.typeId} is no cell of this pass`);
    const same = byId.get(resource.id);
    if (same?.some((node) => node.cell === cell)) return false;
    const node: Node = {
      cell,
      resource,
      state: "waiting",
      tries: 0,
      firstTryAt: 0,
      retryAt: 0,
      referrers: 0,
      waitsFor: 0,
      circular: false,
      freed: false,
      lastError: "",
    };
    state.nodes.add(node);
    state.waiting.add(node);
    state.unasked++;
    if (!resource.going) state.active++;
    open++;
    if (same) same.push(node);
    else byId.set(resource.id, [node]);
    return true;
  }

  function listed(cell: Cell): void {
    unlisted.set(cell.region, (unlisted.get(cell.region) ?? 0) - 1);
    unlistedInAll--;
    for (const region of cell.region === globalRegion || unlistedInAll === 0 ? unlisted.keys() : [cell.region]) {
      if (opened.has(region) || !mayStart(region)) continue;
      opened.add(region);
      countReferrers(region);
    }
    advance();
  }

  /** A region starts once it and the global services are listed; global services once everything is. */
  function mayStart(region: string): boolean {
    if (region === globalRegion) return unlistedInAll === 0;
    return (unlisted.get(region) ?? 0) === 0 && (unlisted.get(globalRegion) ?? 0) === 0;
  }

  function referredBy(node: Node): Node[] {
    return (node.resource.refs ?? [])
      .flatMap((id) => byId.get(id) ?? [])
      .filter((target) => target !== node && concerns(target.cell.region, node.cell.region));
  }

  /** In a circle nobody waits for the other: all are tried, and `prepare` often breaks it. */
  function isWaitedFor(node: Node, target: Node): boolean {
    return !(target.circular && node.circular && target.cell.region === node.cell.region);
  }

  function countReferrers(region: string): void {
    const nodes = (byRegion.get(region) ?? []).flatMap((state) => [...state.nodes]);
    for (const node of circles(nodes, referredBy)) node.circular = true;
    for (const node of nodes) countTargets(node, 1);
  }

  function countTargets(node: Node, change: 1 | -1): void {
    for (const target of referredBy(node)) {
      target.referrers += change;
      if (isWaitedFor(node, target)) target.waitsFor += change;
    }
  }

  /** Named types are waited for until gone, stages as `Stage` says. */
  function blockedBy(cell: Cell): CellState | undefined {
    return blockersOf(cell).find((state) => {
      if (named(state.cell, cell)) return state.nodes.size > 0;
      const onlyAsked = stageOf(state.cell) === stages.first && stageOf(cell) === stages.main;
      return (onlyAsked ? state.unasked : state.active) > 0;
    });
  }

  function advance(): void {
    if (open === 0 && unlistedInAll === 0) finished?.();
    if (stopped || open === 0) return;
    let moved = false;
    for (const state of all) {
      if (state.waiting.size === 0 || !opened.has(state.cell.region)) continue;
      const blocked = blockedBy(state.cell) !== undefined;
      for (const node of state.waiting) {
        if (!node.freed && (blocked || node.waitsFor > 0)) continue;
        moved = true;
        attempt(node);
      }
    }
    if (!moved && busy === 0 && unlistedInAll === 0) freeDeadlock();
  }

  /** When all that is left waits for each other (types against references), one circle of it is tried all the same. */
  function freeDeadlock(): void {
    const nodes = all.flatMap((state) => [...state.nodes]);
    const referrer = new Map<Node, Node>();
    for (const node of nodes)
      for (const target of referredBy(node)) if (isWaitedFor(node, target)) referrer.set(target, node);
    const path: Node[] = [];
    let at = nodes[0];
    while (at && !path.includes(at)) {
      path.push(at);
      const [cause] = blockedBy(at.cell)?.nodes ?? [];
      at = referrer.get(at) ?? cause;
    }
    for (const node of path.slice(at ? path.indexOf(at) : 0)) node.freed = true;
    if (path.length > 0) advance();
  }

  function attempt(node: Node): void {
    if (node.state === "waiting") busy++;
    node.state = "trying";
    resting.delete(node);
    states.get(node.cell)?.waiting.delete(node);
    void parts
      .run(node.cell, () => tryOnce(node))
      .then(
        () => accepted(node),
        (error: unknown) => refused(node, error),
      )
      .catch((error: unknown) => settle(node, sayError(error)));
  }

  async function tryOnce(node: Node): Promise<void> {
    parts.signal.throwIfAborted();
    if (node.tries === 0) {
      node.firstTryAt = parts.clock.now().getTime();
      parts.tell(node.cell, node.resource, "deleting");
    }
    node.tries++;
    touchedRegions.add(node.cell.region);
    if (node.resource.going) return;
    const place = await node.cell.place();
    const milliseconds = Math.max(1_000, deadlineOf(node) - parts.clock.now().getTime());
    await within(
      parts.clock,
      milliseconds,
      parts.signal,
      node.cell.type.attempt(place, node.resource),
      () => new Error("The removal did not answer in time"),
    );
  }

  function deadlineOf(node: Node): number {
    return node.firstTryAt + deadlineSecondsOf(node) * 1_000;
  }

  function accepted(node: Node): void {
    if (!node.resource.going) parts.touched();
    if (node.state === "settled") return;
    asked(node);
    if (node.cell.type.gone === undefined && !node.resource.going) {
      settle(node);
      return;
    }
    node.state = "polling";
    const state = states.get(node.cell);
    if (state && !state.polling) {
      state.polling = true;
      void poll(state).catch((error: unknown) => {
        for (const one of [...state.nodes]) if (one.state === "polling") settle(one, sayError(error));
      });
    }
    advance();
  }

  function refused(node: Node, error: unknown): void {
    if (node.state === "settled") return;
    asked(node);
    node.lastError = sayError(error);
    const now = parts.clock.now().getTime();
    const hopeless =
      isDenied(error) ||
      error instanceof WriteRefused ||
      error instanceof RemovedLater ||
      (!isInTheWay(error) && node.tries >= hopelessTries);
    if (isMissing(error) || parts.signal.aborted || hopeless || now >= deadlineOf(node)) {
      settle(node, isMissing(error) ? undefined : node.lastError);
      return;
    }
    node.state = "backing_off";
    resting.add(node);
    const pause = Math.min(30_000, 250 * 2 ** node.tries) * (0.5 + parts.random() / 2);
    node.retryAt = Math.min(now + pause, deadlineOf(node));
    void comeBack(node).catch(() => settle(node, node.lastError));
    advance();
  }

  async function comeBack(node: Node): Promise<void> {
    for (;;) {
      const rest = node.retryAt - parts.clock.now().getTime();
      if (rest <= 0) break;
      await parts.clock.wait(Math.min(rest, 1_000), parts.signal);
    }
    if (node.state === "backing_off") attempt(node);
  }

  function asked(node: Node): void {
    const state = states.get(node.cell);
    if (state && node.tries === 1) state.unasked--;
  }

  async function poll(state: CellState): Promise<void> {
    let pause = 250;
    for (;;) {
      await parts.clock.wait(pause * (0.75 + parts.random() / 2), parts.signal);
      pause = Math.min(15_000, pause * 1.6);
      const pending = [...state.nodes].filter((node) => node.state === "polling");
      if (pending.length === 0) break;
      const present = await parts.run(state.cell, () => stillThere(state.cell, pending));
      const now = parts.clock.now().getTime();
      for (const node of pending) {
        if (!present.has(node)) settle(node);
        else if (now >= deadlineOf(node)) settle(node, lateReason(node));
      }
    }
    state.polling = false;
  }

  function lateReason(node: Node): string {
    return `still there ${deadlineSecondsOf(node)} s after its removal was asked for${node.lastError ? `; last error: ${node.lastError}` : ""}`;
  }

  async function stillThere(cell: Cell, pending: readonly Node[]): Promise<Set<Node>> {
    const present = new Set<Node>();
    const byId = new Map(pending.map((node) => [node.resource.id, node]));
    try {
      const place = await cell.place();
      const gone = cell.type.gone;
      if (typeof gone === "function") {
        for (const node of pending) if (!(await goneBy(gone, place, node))) present.add(node);
      } else {
        for await (const resource of cell.type.list(place)) {
          const node = byId.get(resource.id);
          if (node && !resource.protected) present.add(node);
        }
      }
      return present;
    } catch (error) {
      // No evidence: all count as there, until the deadline.
      for (const node of pending) node.lastError = sayError(error);
      return new Set(pending);
    }
  }

  async function goneBy(
    gone: (place: Place<AnyClient>, resource: Resource) => Promise<boolean>,
    place: Place<AnyClient>,
    node: Node,
  ): Promise<boolean> {
    try {
      return await gone(place, node.resource);
    } catch (error) {
      if (isMissing(error)) return true;
      node.lastError = sayError(error);
      return false;
    }
  }

  function settle(node: Node, failure?: string): void {
    if (node.state === "settled") return;
    if (node.state !== "waiting") busy--;
    node.state = "settled";
    resting.delete(node);
    const state = states.get(node.cell);
    if (state) {
      state.nodes.delete(node);
      state.waiting.delete(node);
      if (!node.resource.going) state.active--;
    }
    open--;
    countTargets(node, -1);
    forget(node);
    if (failure === undefined) {
      removed++;
      parts.touched();
      parts.tell(node.cell, node.resource, "removed");
      hasten(node.cell.region);
    } else {
      left.push({ cell: node.cell, resource: node.resource, reason: failure });
      parts.tell(node.cell, node.resource, "failed", failure);
    }
    advance();
  }

  function forget(node: Node): void {
    const others = byId.get(node.resource.id)?.filter((other) => other !== node) ?? [];
    if (others.length > 0) byId.set(node.resource.id, others);
    else byId.delete(node.resource.id);
  }

  /** Something went: what failed because of things that nobody names is tried sooner. */
  function hasten(region: string): void {
    const soon = parts.clock.now().getTime();
    for (const node of resting) {
      if (node.referrers > 0 || !concerns(node.cell.region, region)) continue;
      node.retryAt = Math.min(node.retryAt, soon + 250 * node.tries);
    }
  }

  /**
   * Resolves when all is settled, or when the signal aborts: what is open then is left. `regions` are those in which a
   * removal was asked for.
   */
  async function finish(): Promise<{ removed: number; left: Left[]; regions: ReadonlySet<string> }> {
    const giveUp = () => {
      stopped = true;
      for (const state of all) {
        for (const node of [...state.nodes]) settle(node, node.lastError || "the run ended before its turn");
      }
      finished?.();
    };
    await new Promise<void>((resolve) => {
      finished = resolve;
      if (parts.signal.aborted) giveUp();
      else parts.signal.addEventListener("abort", giveUp, { once: true });
      advance();
    });
    parts.signal.removeEventListener("abort", giveUp);
    return { removed, left, regions: touchedRegions };
  }

  return { add, listed, finish };
}

function deadlineSecondsOf(node: Node): number {
  return node.resource.deadlineSeconds ?? node.cell.type.deadlineSeconds ?? defaultDeadlineSeconds;
}

function named(blocker: Cell, cell: Cell): boolean {
  return cell.type.after?.includes(blocker.typeId) ?? false;
}

/** By stage or by name. Types of one stage that do not name each other have no order. */
function mustGoBefore(blocker: Cell, cell: Cell): boolean {
  if (blocker === cell || !concerns(blocker.region, cell.region)) return false;
  return stageOf(blocker) < stageOf(cell) || named(blocker, cell);
}

/**
 * The nodes that are part of a circle of references, or on a way between two: what remains when those that nobody refers
 * to, and those that refer to nobody, are taken away again and again.
 */
function circles(nodes: readonly Node[], targetsOf: (node: Node) => Node[]): Set<Node> {
  const outgoing = new Map(nodes.map((node): [Node, Node[]] => [node, targetsOf(node)]));
  const incoming = new Map(nodes.map((node): [Node, Node[]] => [node, []]));
  for (const [node, targets] of outgoing) for (const target of targets) incoming.get(target)?.push(node);
  const rest = new Set(nodes);
  peel(rest, incoming, outgoing);
  peel(rest, outgoing, incoming);
  return rest;
}

/** Takes from `rest` every node whose `before` are all gone from it, until none is left that can go. */
function peel(rest: Set<Node>, before: Map<Node, Node[]>, behind: Map<Node, Node[]>): void {
  const counts = new Map<Node, number>();
  for (const node of rest) counts.set(node, (before.get(node) ?? []).filter((other) => rest.has(other)).length);
  const ready = [...rest].filter((node) => counts.get(node) === 0);
  for (let node = ready.pop(); node; node = ready.pop()) {
    rest.delete(node);
    for (const next of behind.get(node) ?? []) {
      if (!rest.has(next)) continue;
      const count = (counts.get(next) ?? 0) - 1;
      counts.set(next, count);
      if (count === 0) ready.push(next);
    }
  }
}
