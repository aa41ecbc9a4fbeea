import { categoryNames, categoryOf } from "@/components/cleanups/categories";

/**
 * The evidence of one pass as a table: services and their types down, regions across. Pure.
 *
 * A cell of several types shows the word that matters most: unknown before found before removed before unavailable before
 * empty; one that was not looked at yet is `waiting`.
 */

export type Check = {
  pass: number;
  service: string;
  type: string;
  region: string;
  /** empty | found | unavailable | UNKNOWN */
  outcome: string;
  count: number;
  reason: string | null;
};

export type Removal = { type: string; region: string; pass: number; outcome: string };

export type CellWord = "empty" | "found" | "removed" | "unavailable" | "unknown" | "waiting";

export type Cell = { word: CellWord; count: number; title: string };

export type MatrixRow = {
  key: string;
  name: string;
  /** Cells by region; a global service has one, under "global". */
  cells: Record<string, Cell>;
  isGlobal: boolean;
  types: MatrixRow[];
};

const weight: Record<CellWord, number> = { unknown: 5, found: 4, waiting: 3, removed: 2, unavailable: 1, empty: 0 };

const globalRegion = "global";

/** The name of a type without its service, in words: "ec2/security-group" → "security group". */
export function typeWords(type: string): string {
  return (type.split("/").at(-1) ?? type).replaceAll("-", " ");
}

const key = (type: string, region: string) => `${type} ${region}`;

function cellOf(check: Check | undefined, removed: number): Cell {
  if (!check) return { word: "waiting", count: 0, title: "not looked at yet" };
  if (check.outcome === "UNKNOWN" || check.outcome === "unknown")
    return { word: "unknown", count: 0, title: check.reason ?? "the list failed" };
  if (check.outcome === "unavailable")
    return { word: "unavailable", count: 0, title: check.reason ?? "not offered here" };
  if (check.count === 0) return { word: "empty", count: 0, title: "nothing there" };
  if (removed >= check.count) return { word: "removed", count: check.count, title: `${check.count} found and removed` };
  const gone = removed > 0 ? `, ${removed} removed so far` : "";
  return { word: "found", count: check.count - removed, title: `${check.count} found${gone}` };
}

function together(cells: Cell[]): Cell {
  const worst = cells.reduce((a, b) => (weight[b.word] > weight[a.word] ? b : a));
  const same = cells.filter((cell) => cell.word === worst.word);
  const count = same.reduce((sum, cell) => sum + cell.count, 0);
  return { word: worst.word, count, title: [...new Set(same.map((cell) => cell.title))].slice(0, 3).join("; ") };
}

/**
 * The rows of one pass; the types come from all passes, so that a pass under way shows what it has still to look at: a type
 * that was looked at in one of the `planned` regions waits in the others.
 */
export function matrixRows(
  checks: readonly Check[],
  removals: readonly Removal[],
  pass: number,
  planned: readonly string[] = [],
): MatrixRow[] {
  const ofPass = new Map(checks.filter((one) => one.pass === pass).map((one) => [key(one.type, one.region), one]));
  const removed = new Map<string, number>();
  for (const one of removals)
    if (one.pass === pass && one.outcome === "removed")
      removed.set(key(one.type, one.region), (removed.get(key(one.type, one.region)) ?? 0) + 1);

  const services = new Map<string, Map<string, Set<string>>>();
  for (const { service, type, region } of checks) {
    const types = services.get(service) ?? new Map<string, Set<string>>();
    types.set(type, (types.get(type) ?? new Set()).add(region));
    services.set(service, types);
  }
  return [...services]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([service, types]) => {
      const rows = [...types]
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([type, seen]): MatrixRow => {
          const regions = seen.has(globalRegion) ? seen : new Set([...seen, ...planned]);
          const cells: Record<string, Cell> = {};
          for (const region of regions)
            cells[region] = cellOf(ofPass.get(key(type, region)), removed.get(key(type, region)) ?? 0);
          return { key: type, name: typeWords(type), cells, isGlobal: regions.has(globalRegion), types: [] };
        });
      return serviceRow(service, rows);
    });
}

function serviceRow(service: string, rows: MatrixRow[]): MatrixRow {
  const cells: Record<string, Cell> = {};
  for (const region of new Set(rows.flatMap((row) => Object.keys(row.cells)))) {
    const under = rows.map((row) => row.cells[region]).filter((cell) => cell !== undefined);
    cells[region] = together(under);
  }
  return { key: service, name: service, cells, isGlobal: rows.every((row) => row.isGlobal), types: rows };
}

/** Services of one kind, and what they come to in each region. */
export type MatrixGroup = { name: string; row: MatrixRow; services: MatrixRow[] };

/** Quiet rows by category, in the order of the categories; none that is empty. */
export function groupRows(rows: readonly MatrixRow[]): MatrixGroup[] {
  return categoryNames.flatMap((name) => {
    const services = rows.filter((row) => categoryOf(row.key) === name);
    return services.length === 0 ? [] : [{ name, row: quietRow(name, services), services }];
  });
}

const quiet: readonly CellWord[] = ["empty", "unavailable", "waiting"];

/** Whether anything was found, removed or could not be told in the row: what a reader looks for. */
function isNoteworthy(row: MatrixRow): boolean {
  return Object.values(row.cells).some(({ word }) => !quiet.includes(word));
}

const worstOf = (row: MatrixRow) => Math.max(...Object.values(row.cells).map(({ word }) => weight[word]));

/** What a reader looks for, what is not known before what was found before what is gone; and the rows that are quiet. */
export function foldRows(rows: readonly MatrixRow[]): { noteworthy: MatrixRow[]; quiet: MatrixRow[] } {
  const noteworthy = rows.filter(isNoteworthy).sort((a, b) => worstOf(b) - worstOf(a));
  return { noteworthy, quiet: rows.filter((row) => !isNoteworthy(row)) };
}

/** Whether a list of the rows is still to be read. */
export function isWaiting(rows: readonly MatrixRow[]): boolean {
  return rows.some((row) => Object.values(row.cells).some(({ word }) => word === "waiting"));
}

/**
 * Quiet rows in one line: how many of them wait in each region; empty once all have answered and unavailable only where
 * none is offered.
 */
export function quietRow(name: string, rows: readonly MatrixRow[]): MatrixRow {
  const cells: Record<string, Cell> = {};
  for (const region of new Set(rows.flatMap((row) => Object.keys(row.cells)))) {
    const under = rows.map((row) => row.cells[region]).filter((cell) => cell !== undefined);
    const of = (word: CellWord) => under.filter((cell) => cell.word === word).length;
    const [waiting, unavailable] = [of("waiting"), of("unavailable")];
    const offered = unavailable > 0 ? `; ${unavailable} not offered here` : "";
    cells[region] =
      waiting > 0
        ? { word: "waiting", count: waiting, title: `${waiting} of ${under.length} not looked at yet` }
        : unavailable === under.length
          ? { word: "unavailable", count: 0, title: "not offered here" }
          : { word: "empty", count: 0, title: `nothing there${offered}` };
  }
  return { key: name, name, cells, isGlobal: rows.every((row) => row.isGlobal), types: [] };
}

/** How many cells (types × regions) of a pass have each word. */
export function tally(rows: readonly MatrixRow[]): Record<CellWord, number> {
  const counts: Record<CellWord, number> = { unknown: 0, found: 0, removed: 0, empty: 0, unavailable: 0, waiting: 0 };
  for (const row of rows)
    for (const type of row.types) for (const { word } of Object.values(type.cells)) counts[word] += 1;
  return counts;
}

/** Checks that differ by region alone, in one: a pass of 130 types in 17 regions is sent each time the page looks again. */
export type PackedCheck = Omit<Check, "region"> & { regions: string[] };

export function packChecks(checks: readonly Check[]): PackedCheck[] {
  const packed = new Map<string, PackedCheck>();
  for (const { region, ...check } of checks) {
    const alike = JSON.stringify(check);
    const known = packed.get(alike);
    if (known) known.regions.push(region);
    else packed.set(alike, { ...check, regions: [region] });
  }
  return [...packed.values()];
}

export function unpackChecks(packed: readonly PackedCheck[]): Check[] {
  return packed.flatMap(({ regions, ...check }) => regions.map((region) => ({ ...check, region })));
}

/** The regions of the columns, in the order of the run, then those that only a check names. */
export function matrixRegions(planned: readonly string[], checks: readonly Check[]): string[] {
  const seen = new Set([...planned, ...checks.map((one) => one.region)]);
  seen.delete(globalRegion);
  return [...seen];
}
