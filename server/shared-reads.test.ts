import { expect, test } from "vitest";
import type { Context } from "@/server/context";
import { sharedRead } from "@/server/shared-reads";

test("reads asked for at once share one, and nobody gets what was true before they asked", async () => {
  const ctx = { db: {} } as Context;
  let [value, reads] = [1, 0];
  const ends: (() => void)[] = [];
  const read = sharedRead(async (_ctx, key) => {
    reads += 1;
    const seen = `${key}${value}`;
    await new Promise<void>((resolve) => ends.push(resolve));
    return seen;
  });
  const first = read(ctx, "a");
  value = 2;
  const later = [read(ctx, "a"), read(ctx, "a"), read(ctx, "a")];
  const other = read(ctx, "b");
  ends.shift()?.();
  expect(await first).toBe("a1");
  while (ends.length < 2) await Promise.resolve();
  for (const end of ends.splice(0)) end();
  expect(await Promise.all([...later, other])).toEqual(["a2", "a2", "a2", "b2"]);
  expect(reads).toBe(3);
});
