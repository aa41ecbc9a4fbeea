import { expect, it } from "vitest";
import type { CleanEvent } from "@/server/cleaner/engine";
import { estimate, sayLeft, startProgress } from "@/server/cleaner/progress";

const place = { service: "sqs", type: "queue", region: "eu-west-1" };
const cell = (outcome: "empty" | "found" = "empty"): CleanEvent => ({
  kind: "cell_ended",
  ...{ pass: 1, ...place, outcome, count: 0, protected: 0 },
});
const resource = (outcome: "found" | "deleting" | "removed", id: string): CleanEvent => ({
  kind: "resource",
  pass: 1,
  ...place,
  id,
  outcome,
});
const ended = (pass: number, found: number): CleanEvent => ({
  kind: "pass_ended",
  ...{ pass, cells: 100, full: true, found, removed: found, unknown: 0, unavailable: 0, left: 0, seconds: 10 },
});

/** A run whose full passes list 100 cells in 10 s. */
function going(mode: "plan" | "run", gapSeconds = 60, budgetSeconds = 3600) {
  let seconds = 0;
  const time = estimate({ mode, gapSeconds, budgetSeconds, now: () => seconds * 1_000 });
  const list = (cells: number) => {
    for (let done = 0; done < cells; done++) {
      seconds += 0.1;
      time.tell(cell());
    }
  };
  const left = () => {
    const known = time.seconds();
    return known === undefined ? undefined : Math.round(known);
  };
  const wait = (more: number) => {
    seconds += more;
  };
  const begin = (pass: number, cells = 100) => time.tell({ kind: "pass_started", pass, cells, full: cells === 100 });
  return { ...time, list, wait, left, begin };
}

it("knows the time left of a plan from the lists that are done, and says nothing before", () => {
  const plan = going("plan");
  plan.begin(1);
  expect(plan.left()).toBeUndefined();
  plan.list(50);
  expect(plan.left()).toBe(5);
  plan.list(50);
  expect(plan.left()).toBe(0);
});

it("counts what is to be looked at again, the gap after the last deletion and the proving pass, until nothing is left", () => {
  const run = going("run");
  run.begin(1);
  run.tell(resource("found", "a"));
  run.tell(resource("found", "b"));
  run.list(80);
  for (let more = 0; more < 20; more++) run.tell(cell("found"));
  run.wait(2);
  // Nothing went yet: how long that takes cannot be known.
  expect(run.left()).toBeUndefined();
  run.tell(resource("removed", "a"));
  // One more by the pace of the first, then the gap (looking again at a fifth within it), then the proof of all in 8 s.
  expect(run.left()).toBe(10 + 60 + 8);
  run.tell(resource("removed", "b"));
  run.tell(ended(1, 2));
  expect(run.left()).toBe(60 + 8);
  run.begin(2, 20);
  run.list(20);
  run.tell(ended(2, 0));
  expect(run.left()).toBe(58 + 8);
  run.wait(58);
  run.begin(3);
  run.list(50);
  expect(run.left()).toBe(5);
  run.list(50);
  run.tell(ended(3, 0));
  expect(run.left()).toBe(0);
});

it("never promises more than the budget, and an empty account needs no gap", () => {
  const run = going("run", 600);
  run.begin(1);
  run.list(100);
  run.tell(ended(1, 0));
  expect(run.left()).toBe(10);
  const tight = going("run", 600, 30);
  tight.begin(1);
  tight.tell(resource("found", "a"));
  tight.list(100);
  tight.tell(resource("removed", "a"));
  expect(tight.left()).toBe(20);
});

it("says a time no more exactly than it is known", () => {
  const said = [undefined, 3, 42, 70, 130, 6_000].map(sayLeft);
  expect(said).toEqual([
    "time left not known yet",
    "a few seconds left",
    "about 40 s left",
    "about 1 min left",
    "about 2 min left",
    "about 1 h 40 min left",
  ]);
});

it("writes one living line on a terminal and lasting lines into a log", () => {
  const events: CleanEvent[] = [
    { kind: "pass_started", pass: 1, cells: 1, full: true },
    resource("found", "a"),
    cell(),
    resource("deleting", "a"),
  ];
  const heard = (live: boolean) => {
    let text = "";
    const err = (more: string) => {
      text += more;
    };
    const io = { args: [], env: {}, out: () => {}, err, terminal: live };
    const options = { mode: "run" as const, gapSeconds: 60, budgetSeconds: 60, accounts: 1, parallel: 1, live };
    const progress = startProgress(io, options);
    const account = progress.account("123456789012");
    for (const event of events) account.tell(event);
    const underWay = account.underWay();
    account.tell(resource("removed", "a"));
    account.end();
    progress.end();
    return { text, underWay };
  };
  const log = heard(false);
  expect(log.text).toBe("removed    eu-west-1  sqs/queue  a\n");
  expect(log.underWay).toBe(
    "in pass 1, 1 of 1 lists done, 0 of 1 removed; asked to go and not yet seen gone: sqs/queue eu-west-1 a",
  );
  const live = heard(true).text;
  expect(live).toContain("Pass 1 · 1 of 1 lists · 1 found · 1 removed");
  expect(live).toContain("left");
  expect(live.endsWith("\r\u001b[2K")).toBe(true);
});
