import { expect, test } from "vitest";
import { type Mark, type MarkAnswer, makeMarkQueue } from "@/components/workshops/check-in-queue";

const mark = (registrationId: string, present = true): Mark => ({ registrationId, present, by: "list" });
const yes: MarkAnswer = { ok: true, value: { checkedInAt: "2026-05-12T07:00:00.000Z", already: false } };

/** A server whose answers the test gives, and a clock that it moves. */
function outside(kept: Mark[] = []) {
  const sent: { mark: Mark; answer(answer: MarkAnswer): void; lose(): void }[] = [];
  const waiting: { run(): void; milliseconds: number }[] = [];
  const stored = { marks: kept };
  const world = {
    send: (one: Mark) =>
      new Promise<MarkAnswer>((answer, reject) =>
        sent.push({ mark: one, answer, lose: () => reject(new Error("lost")) }),
      ),
    load: () => stored.marks,
    save: (marks: Mark[]) => {
      stored.marks = marks;
    },
    later: (run: () => void, milliseconds: number) => {
      const one = { run, milliseconds };
      waiting.push(one);
      return () => void waiting.splice(waiting.indexOf(one) >>> 0, 1);
    },
    saved: () => undefined,
  };
  return { world, sent, waiting, stored };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("what is marked without a network shows at once, survives a reload, and is sent until it is answered", async () => {
  const first = outside();
  const queue = makeMarkQueue(first.world);
  queue.add(mark("a"));
  queue.add(mark("b"));
  expect(queue.read().get("a")).toMatchObject({ state: "waiting", mark: { present: true } });
  for (const milliseconds of [1000, 2000, 4000, 8000, 15_000, 15_000]) {
    first.sent.at(-1)!.lose();
    await turn();
    expect(queue.trouble()).not.toBeNull();
    expect(first.waiting.map((one) => one.milliseconds)).toEqual([milliseconds]);
    first.waiting.pop()!.run();
  }
  queue.stop();
  const second = outside(first.stored.marks);
  const again = makeMarkQueue(second.world);
  again.wake();
  second.sent[0]!.answer(yes);
  await turn();
  second.sent[1]!.answer(yes);
  await turn();
  expect([...again.read().values()].map((one) => one.state)).toEqual(["saved", "saved"]);
  expect(second.stored.marks).toEqual([]);
  const older = new Map([["a", true]]);
  again.settle(older);
  expect([...again.read().keys()]).toEqual(["b"]);
  // The page may have been read before the mark was saved; the next time it is newer, and right.
  again.settle(older);
  expect([...again.read().keys()]).toEqual([]);
});

test("a mark that is taken back while it is under way ends as it was asked for last", async () => {
  const { world, sent } = outside();
  const queue = makeMarkQueue(world);
  queue.add(mark("a"));
  queue.add(mark("a", false));
  sent[0]!.answer(yes);
  await turn();
  expect(sent.map((one) => one.mark.present)).toEqual([true, false]);
  sent[1]!.answer({ ok: true, value: { checkedInAt: null, already: false } });
  await turn();
  expect(queue.read().get("a")).toMatchObject({ state: "saved", checkedInAt: null });
});

test("a refusal is shown and holds up nobody else; a passing failure is tried again", async () => {
  const { world, sent, waiting, stored } = outside();
  const queue = makeMarkQueue(world);
  queue.add(mark("a"));
  queue.add(mark("b"));
  sent[0]!.answer({ ok: false, code: "not_ready", message: "They are on the waitlist.", reason: "waitlisted" });
  await turn();
  expect(queue.read().get("a")).toMatchObject({ state: "refused", reason: "waitlisted" });
  sent[1]!.answer({ ok: false, code: "unauthenticated", message: "You are signed out." });
  await turn();
  expect(queue.trouble()).toBe("You are signed out.");
  expect(stored.marks).toEqual([mark("b")]);
  waiting.pop()!.run();
  sent[2]!.answer(yes);
  await turn();
  expect(queue.trouble()).toBeNull();
});
