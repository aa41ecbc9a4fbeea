import { expect, test } from "vitest";
import { takeStream } from "@/server/http/live";

test("one member holds twenty streams and no more, others are not touched, and an ended one counts once", () => {
  const held = Array.from({ length: 20 }, () => takeStream("mbr_1"));
  expect(held.every((end) => end !== null)).toBe(true);
  expect(takeStream("mbr_1")).toBeNull();
  expect(takeStream("mbr_2")).not.toBeNull();
  held[0]?.();
  held[0]?.();
  expect(takeStream("mbr_1")).not.toBeNull();
  expect(takeStream("mbr_1")).toBeNull();
});
