import jsqr from "jsqr";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { Qr } from "@/components/qr";
import { codeIn } from "@/components/workshops/check-in-search";

/** The SVG's path, filled by the even-odd rule, as pixels of a picture: `scale` pixels to a module, noise on top. */
function photograph(svg: string, scale: number): { data: Uint8ClampedArray; side: number } {
  const [, offset = 0, , side = 0] = /viewBox="(-?\d+) (-?\d+) (\d+)/.exec(svg)?.map(Number) ?? [];
  const path = /<path d="([^"]+)"/.exec(svg)?.[1] ?? "";
  const edges = new Map<number, number[]>();
  // Each outline is a ring of corners; only its upright sides matter.
  for (const outline of path.split("Z")) {
    const corners = [...outline.matchAll(/[ML](\d+) (\d+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const);
    for (const [index, [x, y]] of corners.entries()) {
      const before = corners.at(index - 1)![1];
      for (let row = Math.min(before, y); row < Math.max(before, y); row++)
        edges.set(row, [...(edges.get(row) ?? []), x]);
    }
  }
  const width = side * scale;
  const data = new Uint8ClampedArray(width * width * 4);
  for (let row = 0; row < width; row++)
    for (let column = 0; column < width; column++) {
      const [cellX, cellY] = [Math.floor(column / scale) + offset, Math.floor(row / scale) + offset];
      const dark = (edges.get(cellY) ?? []).filter((edge) => edge <= cellX).length % 2 === 1;
      const grey = (dark ? 60 : 200) + ((row * 31 + column * 17) % 40) - 20;
      data.set([grey, grey, grey, 255], (row * width + column) * 4);
    }
  return { data, side: width };
}

test("the code on an attendee's screen is read as their registration, from a small grey picture too", () => {
  const id = `reg_${"0123456789abcdefghjkmnpqrs"}`;
  const svg = renderToStaticMarkup(
    <Qr text={`https://workshops.example.com/check-in/${id}`} label="Code for the door" />,
  );
  expect(svg).toContain('role="img"');
  for (const scale of [3, 8]) {
    const { data, side } = photograph(svg, scale);
    expect(codeIn(jsqr(data, side, side, { inversionAttempts: "dontInvert" })?.data ?? "")).toBe(id);
  }
});
