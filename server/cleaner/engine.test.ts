import { describe, expect, it } from "vitest";
import { defineService, type Resource, type ResourceType, type Service } from "@/server/cleaner/define";
import { type CleanEvent, type CleanOptions, type CleanParts, CleanRefused, clean } from "@/server/cleaner/engine";
import { virtualClock } from "@/server/testing/virtual-clock";

/** A service that exists only here: its client does nothing, its functions act on plain memory. */
type Double = { middlewareStack: object };
const makeService = (id: string, types: ResourceType<Double>[], scope: "regional" | "global" = "regional"): Service =>
  defineService<Double>({ id, title: id, scope, client: () => ({ middlewareStack: {} }), types });

const failure = (name: string, message = name) => Object.assign(new Error(message), { name });
const account = "111122223333";

async function cleanDouble(
  services: Service[],
  options: Partial<CleanOptions> = {},
  parts: Partial<CleanParts> = {},
  regions = ["eu-west-1"],
) {
  const clock = virtualClock();
  const events: CleanEvent[] = [];
  const report = await clean(
    { accountId: account, credentials: { accessKeyId: "x", secretAccessKey: "x" } },
    { mode: "run", onEvent: (event) => events.push(event), ...options },
    {
      clock,
      random: () => 0.5,
      services: async () => services,
      identity: async () => ({ accountId: account, arn: "arn" }),
      enabledRegions: async () => regions,
      ...parts,
    },
  );
  return { report, events, clock };
}

/** Things in memory with references; what is referred to refuses to go. */
function world(things: Record<string, { refs?: string[]; slowSeconds?: number }>) {
  const alive = new Map(Object.entries(things));
  const removals: string[] = [];
  const referred = (id: string) => [...alive].some(([other, thing]) => other !== id && thing.refs?.includes(id));
  const remove = (id: string) => {
    removals.push(id);
    if (!alive.has(id)) throw failure("ResourceNotFoundException");
    if (referred(id)) throw failure("DependencyViolation");
    alive.delete(id);
  };
  return { alive, removals, remove, list: (): Resource[] => [...alive].map(([id, { refs }]) => ({ id, refs })) };
}

/** An empty list that first does something. */
async function* nothing(work: () => unknown = () => {}): AsyncGenerator<Resource> {
  await work();
  yield* [];
}

const simple = (make: Partial<ResourceType<Double>> & { id: string }): ResourceType<Double> => ({
  list: () => nothing(),
  remove: async () => {},
  ...make,
});

describe("clean means proved", () => {
  it("says clean after two full passes that found nothing, with no wait where nothing was deleted", async () => {
    let lists = 0;
    const type = simple({
      id: "thing",
      list: () => nothing(() => lists++),
    });
    const { report, clock } = await cleanDouble([makeService("a", [type])], {}, {}, ["r1", "r2"]);
    expect(report.outcome).toBe("clean");
    expect(report.passes).toHaveLength(2);
    expect(lists).toBe(4);
    expect(clock.elapsedSeconds()).toBeLessThan(1);
  });

  it("starts the second proving pass no earlier than the gap after the last deletion", async () => {
    const things = world({ one: {}, two: {} });
    const starts: number[] = [];
    let last = 0;
    const clock = virtualClock();
    const type = simple({
      id: "thing",
      async *list() {
        starts.push(clock.now().getTime());
        yield* things.list();
      },
      remove: async (_place, { id }) => {
        things.remove(id);
        last = clock.now().getTime();
      },
    });
    const { report } = await cleanDouble([makeService("a", [type])], { minimumGapSeconds: 90 }, { clock });
    expect(report.outcome).toBe("clean");
    expect(report.passes.map((pass) => pass.found)).toEqual([2, 0, 0]);
    expect((starts.at(-1) ?? 0) - last).toBeGreaterThanOrEqual(90_000);
  });

  it("begins to prove anew when something turns up in the second proving pass", async () => {
    let pass = 0;
    const removed: string[] = [];
    const type = simple({
      id: "late-comer",
      async *list() {
        pass++;
        if (pass === 2) yield { id: "written-late" };
      },
      remove: async (_place, { id }) => void removed.push(id),
    });
    const { report } = await cleanDouble([makeService("a", [type])]);
    expect(removed).toEqual(["written-late"]);
    expect(report.passes.map((one) => one.found)).toEqual([0, 1, 0, 0]);
  });

  it("looks again only where something was removed, before it looks once more at everything", async () => {
    const things = world({ one: {} });
    const lists: string[] = [];
    const type = simple({
      id: "thing",
      async *list(place) {
        lists.push(place.region);
        if (place.region === "r1") yield* things.list();
      },
      remove: async (_place, { id }) => void things.remove(id),
    });
    const { report } = await cleanDouble([makeService("a", [type])], {}, {}, ["r1", "r2", "r3"]);
    expect(report.outcome).toBe("clean");
    expect(lists).toEqual(["r1", "r2", "r3", "r1", "r1", "r2", "r3"]);
    expect(report.passes.map(({ cells, full }) => [cells, full])).toEqual([
      [3, true],
      [1, false],
      [3, true],
    ]);
  });

  it("finds in the last pass what turned up where nothing had been removed, and proves that region anew", async () => {
    const first = world({ one: {} });
    const late = world({});
    let lists = 0;
    const type = simple({
      id: "thing",
      async *list(place) {
        if (place.region === "r1") yield* first.list();
        else if (++lists >= 2) {
          if (lists === 2) late.alive.set("late", {});
          yield* late.list();
        }
      },
      remove: async (_place, { id }) => void (id === "late" ? late : first).remove(id),
    });
    const { report } = await cleanDouble([makeService("a", [type])], {}, {}, ["r1", "r2"]);
    expect(report.outcome).toBe("clean");
    expect(report.passes.map(({ found, full }) => [found, full])).toEqual([
      [1, true],
      [0, false],
      [1, true],
      [0, false],
      [0, true],
    ]);
  });

  it.each([
    ["AccessDenied", async () => Promise.reject(failure("AccessDenied", "not authorized"))],
    ["a server error", async () => Promise.reject(failure("InternalFailure"))],
    ["no answer at all", () => new Promise<never>(() => {})],
  ])("is never clean while one list ends with %s", async (_what, answer) => {
    const denied = simple({
      id: "hidden",
      list: (place) => nothing(() => (place.region === "r2" ? answer() : undefined)),
    });
    const { report, events } = await cleanDouble([makeService("a", [denied, simple({ id: "empty" })])], {}, {}, [
      "r1",
      "r2",
    ]);
    expect(report.outcome).toBe("dirty");
    expect(report.unknown).toMatchObject([{ service: "a", type: "hidden", region: "r2" }]);
    expect(events).toContainEqual(
      expect.objectContaining({ kind: "cell_ended", pass: 1, region: "r2", type: "hidden", outcome: "unknown" }),
    );
  });

  it("takes a list that breaks off after its first page as unknown, and removes what it named", async () => {
    const gone: string[] = [];
    const type = simple({
      id: "thing",
      async *list() {
        if (gone.length === 0) yield { id: "first-page" };
        throw failure("OptInRequired");
      },
      remove: async (_place, { id }) => void gone.push(id),
    });
    const { report } = await cleanDouble([makeService("a", [type])]);
    expect(gone).toEqual(["first-page"]);
    expect(report.passes[0]).toMatchObject({ found: 1, removed: 1, unknown: 1 });
    // Nothing named any more: now the same answer is the rule "not subscribed".
    expect(report.passes[1]).toMatchObject({ found: 0, unknown: 0, unavailable: 1 });
  });

  it("counts a service as unavailable only by a rule, and says which", async () => {
    const ruled = simple({
      id: "regional",
      list: () => nothing(() => Promise.reject(failure("UnknownHost"))),
      unavailable: (error) => (error.name === "UnknownHost" ? "not offered in this region" : undefined),
    });
    const { report, events } = await cleanDouble([makeService("a", [ruled])]);
    expect(report.outcome).toBe("clean");
    expect(events).toContainEqual(
      expect.objectContaining({ outcome: "unavailable", error: "not offered in this region" }),
    );
  });

  it("keeps protected resources, says why, and counts them neither as found nor against clean", async () => {
    const removed: string[] = [];
    const type = simple({
      id: "role",
      async *list(place) {
        yield { id: "AtelierLease", protected: place.protectedRole({ name: "AtelierLease" }) };
        if (removed.length === 0) yield { id: "theirs", protected: place.protectedRole({ name: "theirs" }) };
      },
      remove: async (_place, { id }) => void removed.push(id),
    });
    const { report, events } = await cleanDouble([makeService("iam", [type], "global")], {
      protectedRoleNames: ["AtelierLease"],
    });
    expect(removed).toEqual(["theirs"]);
    expect(report.outcome).toBe("clean");
    expect(report.kept).toMatchObject([{ id: "AtelierLease", reason: "one of Atelier's own roles", region: "global" }]);
    expect(events.filter((event) => event.kind === "resource" && event.outcome === "protected")).toHaveLength(1);
  });
});

describe("it cannot hurt", () => {
  const never = simple({
    id: "thing",
    list: () => nothing(() => Promise.reject(new Error("listed"))),
  });

  it("refuses an account that is not the one that was meant, before any list", async () => {
    const run = cleanDouble([makeService("a", [never])], {}, { identity: async () => ({ accountId: "9", arn: "" }) });
    await expect(run).rejects.toMatchObject({ name: "CleanRefused", code: "account_mismatch" });
  });

  it("refuses the management account of an Organization", async () => {
    const identity = async () => ({ accountId: account, arn: "", managementAccountId: account });
    await expect(cleanDouble([makeService("a", [never])], {}, { identity })).rejects.toMatchObject({
      code: "management_account",
    });
  });

  it("stops before the next pass when the keys turn out to be another account's", async () => {
    let asked = 0;
    const identity = async () => ({ accountId: asked++ < 2 ? account : "999999999999", arn: "" });
    const run = cleanDouble([makeService("a", [simple({ id: "thing" })])], {}, { identity });
    await expect(run).rejects.toBeInstanceOf(CleanRefused);
  });

  it("removes nothing in a plan, and never calls a plan clean", async () => {
    const things = world({ one: {} });
    const type = simple({
      id: "thing",
      async *list() {
        yield* things.list();
      },
      remove: async (_place, { id }) => things.remove(id),
    });
    const { report } = await cleanDouble([makeService("a", [type])], { mode: "plan" });
    expect(things.removals).toEqual([]);
    expect(report).toMatchObject({ outcome: "planned", leftCount: 1, left: [{ id: "one" }] });
    const empty = await cleanDouble([makeService("a", [simple({ id: "thing" })])], { mode: "plan" });
    expect(empty.report.outcome).toBe("planned");
  });

  it("refuses a region that is not enabled and a service that does not exist", async () => {
    const services = [makeService("a", [never])];
    await expect(cleanDouble(services, { regions: ["mars-1"] })).rejects.toMatchObject({ code: "unknown_region" });
    await expect(cleanDouble(services, { services: ["b"] })).rejects.toMatchObject({ code: "unknown_service" });
  });

  it("says when it looked at less than everything", async () => {
    const { report } = await cleanDouble([makeService("a", [simple({ id: "thing" })])], { services: ["a"] });
    expect(report).toMatchObject({ outcome: "clean", complete: false });
  });
});

describe("no run is endless", () => {
  it("gives up a removal that never finishes at its deadline, and says what stood still", async () => {
    const type = simple({
      id: "stuck",
      async *list() {
        yield { id: "vpn-1" };
      },
      gone: "listed",
      deadlineSeconds: 60,
    });
    const { report, events } = await cleanDouble([makeService("a", [type])]);
    expect(report.outcome).toBe("dirty");
    expect(report.left[0]?.reason).toContain("still there 60 s after");
    expect(report.reason).toContain("the same 1 as before");
    expect(events.some((event) => event.kind === "pass_ended" && event.note?.includes("the same 1"))).toBe(true);
  });

  it("gives up on what is said to be gone and is listed again each time", async () => {
    const type = simple({
      id: "undead",
      async *list() {
        yield { id: "zombie" };
      },
    });
    const { report } = await cleanDouble([makeService("a", [type])]);
    expect(report).toMatchObject({ outcome: "dirty", reason: expect.stringContaining("listed again each time") });
  });

  it("gives up a removal that does not answer", async () => {
    const type = simple({
      id: "silent",
      async *list() {
        yield { id: "x" };
      },
      remove: () => new Promise<never>(() => {}),
      deadlineSeconds: 30,
    });
    const { report } = await cleanDouble([makeService("a", [type])]);
    expect(report.outcome).toBe("dirty");
  });

  it("ends as dirty when its budget is used up, though everything hangs", async () => {
    const hangs = simple({
      id: "hangs",
      list: () => nothing(() => new Promise<never>(() => {})),
    });
    const { report, clock } = await cleanDouble([makeService("a", [hangs])], { budgetSeconds: 120 });
    expect(report).toMatchObject({ outcome: "dirty", reason: expect.stringContaining("120 s") });
    expect(clock.elapsedSeconds()).toBeLessThan(130);
  });

  it("throws the signal's reason when it is stopped from outside", async () => {
    const stop = new AbortController();
    const type = simple({
      id: "thing",
      list: () => nothing(() => stop.abort(new Error("worker is shutting down"))),
    });
    await expect(cleanDouble([makeService("a", [type])], { signal: stop.signal })).rejects.toThrow("shutting down");
  });
});

describe("order comes from data", () => {
  it("empties any graph of references, circles included, in little more than one call for each", async () => {
    let calls = 0;
    let best = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const random = lcg(seed);
      const count = 5 + Math.floor(random() * 60);
      const ids = Array.from({ length: count }, (_, index) => `r${index}`);
      const graph = Object.fromEntries(
        ids.map((id, index) => [
          id,
          { refs: ids.filter((_, other) => other < index && random() < 3 / count), circle: random() < 0.05 },
        ]),
      );
      // A few circles, which `prepare` breaks as revoking the rules of security groups does.
      for (const [index, id] of ids.entries())
        if (graph[id]?.circle) graph[id].refs.push(ids[(index + 7) % count] ?? id);
      const things = world(graph);
      const type = simple({
        id: "node",
        async *list() {
          yield* things.list();
        },
        prepare: async (_place, { id }) => {
          const thing = things.alive.get(id);
          if (thing && graph[id]?.circle) thing.refs = [];
        },
        remove: async (_place, { id }) => things.remove(id),
      });
      const { report } = await cleanDouble([makeService("a", [type])]);
      expect(report.outcome, `seed ${seed}`).toBe("clean");
      calls += things.removals.length;
      best += count;
    }
    // Only members of a circle are tried in vain: nothing tells which of them `prepare` sets free.
    expect(calls / best).toBeLessThanOrEqual(1.25);
  });

  it("makes exactly one call for each where references form no circle", async () => {
    const ids = Array.from({ length: 200 }, (_, index) => `n${index}`);
    const things = world(Object.fromEntries(ids.map((id, index) => [id, { refs: index ? [`n${index - 1}`] : [] }])));
    const type = simple({
      id: "node",
      async *list() {
        yield* things.list();
      },
      remove: async (_place, { id }) => things.remove(id),
    });
    const { report } = await cleanDouble([makeService("a", [type])]);
    expect(report.outcome).toBe("clean");
    expect(things.removals).toEqual([...ids].reverse());
  });

  it("tries again what AWS gave no reference for, once something went", async () => {
    const things = world({ network: {}, machine: { refs: ["network"] } });
    const type = simple({
      id: "hidden",
      async *list() {
        for (const { id } of things.list()) yield { id };
      },
      remove: async (_place, { id }) => things.remove(id),
    });
    const { report } = await cleanDouble([makeService("a", [type])]);
    expect(report.outcome).toBe("clean");
    expect(report.passes[0]).toMatchObject({ found: 2, removed: 2, left: 0 });
  });

  it("asks for the producers first, waits for named types until they are gone, and leaves logs and keys for the end", async () => {
    const order: string[] = [];
    const part = (id: string, more: Partial<ResourceType<Double>>): ResourceType<Double> => {
      let here = true;
      let asked = 0;
      return simple({
        id,
        async *list() {
          // Asynchronous ones stay listed for two more looks.
          if (here || (more.gone && asked++ < 2)) yield { id };
        },
        remove: async () => {
          here = false;
          order.push(id);
        },
        ...more,
      });
    };
    const { report } = await cleanDouble([
      makeService("a", [
        part("key", { stage: "last" }),
        part("log", { stage: "late" }),
        part("network", { after: ["a/machine"] }),
        part("machine", { gone: "listed" }),
        part("role", { after: ["a/stack"] }),
        part("stack", { stage: "first", gone: "listed" }),
      ]),
    ]);
    expect(report.outcome).toBe("clean");
    expect(order[0]).toBe("stack");
    expect(order.indexOf("machine")).toBeLessThan(order.indexOf("network"));
    expect(order.slice(-2)).toEqual(["log", "key"]);
  });

  it("treats what is already gone as gone", async () => {
    let listed = 0;
    const type = simple({
      id: "thing",
      async *list() {
        if (listed++ === 0) yield { id: "ghost" };
      },
      remove: async () => Promise.reject(failure("InvalidVpcID.NotFound")),
    });
    const { report } = await cleanDouble([makeService("a", [type])]);
    expect(report.passes[0]).toMatchObject({ removed: 1, left: 0 });
    expect(report.outcome).toBe("clean");
  });

  it("lets nothing wait for another region", async () => {
    const done: string[] = [];
    const type = simple({
      id: "thing",
      async *list(place) {
        if (place.region === "slow" && !done.includes("slow")) await place.wait(300_000);
        if (!done.includes(place.region)) yield { id: place.region };
      },
      remove: async (_place, { id }) => void done.push(id),
    });
    const { report, events } = await cleanDouble([makeService("a", [type])], {}, {}, ["slow", "quick"]);
    expect(report.outcome).toBe("clean");
    const told = events.flatMap((event) =>
      event.kind === "resource" && event.outcome !== "deleting" ? [`${event.region} ${event.outcome}`] : [],
    );
    expect(told).toEqual(["quick found", "quick removed", "slow found", "slow removed"]);
  });
});

it("removes 30,000 of one kind in seconds and within 150 MB", async () => {
  let left = 30_000;
  const type = simple({
    id: "log-group",
    stage: "late",
    async *list() {
      for (let index = left; index > 0; index--) yield { id: `/aws/lambda/some-function-with-a-long-name-${index}` };
    },
    remove: async () => void left--,
  });
  const before = process.memoryUsage().heapUsed;
  let most = 0;
  const onEvent = () => {
    most = Math.max(most, process.memoryUsage().heapUsed - before);
  };
  let events = 0;
  const sampled = (event: CleanEvent) => {
    if (events++ % 5_000 === 0 || event.kind === "pass_ended") onEvent();
  };
  const { report } = await cleanDouble([makeService("logs", [type])], { onEvent: sampled });
  expect(report).toMatchObject({ outcome: "clean", leftCount: 0 });
  expect(most / 2 ** 20).toBeLessThan(150);
}, 60_000);

/** A small generator of repeatable numbers. */
function lcg(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
