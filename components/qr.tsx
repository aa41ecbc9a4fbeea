import { generate } from "lean-qr";
import { toSvgPath } from "lean-qr/extras/svg";

/** Modules of quiet space around a code (ISO/IEC 18004 asks for four). */
const quiet = 4;

/**
 * A text as a QR code: an SVG that needs no script, dark on white in every appearance, since readers want it so. `label` says
 * to those who listen what it is for.
 */
export function Qr({ text, label, size = 224 }: { text: string; label: string; size?: number }) {
  const code = generate(text);
  const side = code.size + 2 * quiet;
  return (
    <svg
      viewBox={`${-quiet} ${-quiet} ${side} ${side}`}
      width={size}
      height={size}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
      style={{ maxInlineSize: "100%", blockSize: "auto" }}
    >
      <rect x={-quiet} y={-quiet} width={side} height={side} fill="#fff" />
      <path d={toSvgPath(code)} fill="#000" />
    </svg>
  );
}
