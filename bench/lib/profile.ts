import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where the time of a process went, from the profiles that Node wrote (`--cpu-prof`): own time by area and by function. */

type Node = { id: number; callFrame: { functionName: string; url: string; lineNumber: number } };
type Profile = { nodes: Node[]; samples: number[]; timeDeltas: number[] };

function areaOf({ callFrame: { functionName, url } }: Node): string {
  if (functionName.startsWith("(") && !url) return functionName;
  const packages = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (packages) return packages;
  if (url.startsWith("node:")) return "node";
  const file = /\/(?:chunks|dist)\/(?:ssr\/)?(.*?)(?:\._\.js|\.js|\.mjs)$/.exec(url)?.[1];
  return file ?? (url ? url.split("/").slice(-3).join("/") : "native");
}

function add(into: Map<string, number>, key: string, value: number): void {
  into.set(key, (into.get(key) ?? 0) + value);
}

function largest(of: Map<string, number>, total: number, count: number) {
  const rows = [...of].sort(([, a], [, b]) => b - a).slice(0, count);
  return Object.fromEntries(
    rows.map(([key, value]) => [key, { "share (%)": Math.round((value / total) * 1000) / 10 }]),
  );
}

/** Prints, for each profile in the folder that saw work: areas and functions with the most time of their own. */
export function reportProfiles(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".cpuprofile"))) {
    const profile = JSON.parse(readFileSync(join(folder, name), "utf8")) as Profile;
    const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
    const [areas, functions] = [new Map<string, number>(), new Map<string, number>()];
    let busy = 0;
    profile.samples.forEach((id, at) => {
      const node = nodes.get(id);
      const spent = profile.timeDeltas[at] ?? 0;
      if (!node || node.callFrame.functionName === "(idle)") return;
      busy += spent;
      add(areas, areaOf(node), spent);
      add(functions, `${node.callFrame.functionName || "(anonymous)"} · ${areaOf(node)}`, spent);
    });
    if (busy < 2e6) continue;
    console.log(`\n${name}: ${(busy / 1e6).toFixed(1)} s of work`);
    console.table(largest(areas, busy, 14));
    console.table(largest(functions, busy, 40));
  }
}
