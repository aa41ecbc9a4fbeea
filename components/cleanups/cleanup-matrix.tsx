"use client";

import { useState } from "react";
import {
  type Cell,
  type CellWord,
  type Check,
  type MatrixRow,
  matrixRegions,
  matrixRows,
  type Removal,
} from "@/components/cleanups/matrix";
import styles from "@/components/cleanups/matrix.module.css";

const looks: Record<CellWord, { symbol: string; word: string; meaning: string }> = {
  empty: { symbol: "✓", word: "empty", meaning: "listed, and nothing there" },
  found: { symbol: "●", word: "found", meaning: "something is there and not removed yet" },
  removed: { symbol: "−", word: "removed", meaning: "all that was found is gone" },
  unavailable: { symbol: "○", word: "unavailable", meaning: "the service is not offered here, by a known rule" },
  unknown: { symbol: "?", word: "unknown", meaning: "the list failed: never counts as clean" },
  waiting: { symbol: "…", word: "waiting", meaning: "not looked at yet" },
};

/** More regions than this are shown by symbols, and the words are left to the legend and to those who hear the page. */
const widestWithWords = 4;

type Props = {
  regions: readonly string[];
  checks: readonly Check[];
  removals: readonly Removal[];
  /** The passes to put side by side, and how each is called. */
  passes: readonly { pass: number; caption: string }[];
};

/** What each service answered in each region, pass beside pass. */
export function CleanupMatrix({ regions, checks, removals, passes }: Props) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const columns = matrixRegions(regions, checks);
  const toggle = (service: string) =>
    setOpen((before) => {
      const after = new Set(before);
      if (!after.delete(service)) after.add(service);
      return after;
    });
  return (
    <div className={styles.frame}>
      <div className={styles.passes}>
        {passes.map(({ pass, caption }) => (
          <div key={pass} className={styles.scroll}>
            <table className={`${styles.table} ${columns.length > widestWithWords ? styles.dense : ""}`}>
              <caption>{caption}</caption>
              <thead>
                <tr>
                  <th scope="col">Service</th>
                  {columns.map((region) => (
                    <th key={region} scope="col">
                      {region}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {matrixRows(checks, removals, pass).map((row) => (
                  <ServiceRows key={row.key} row={row} columns={columns} open={open.has(row.key)} toggle={toggle} />
                ))}
              </tbody>
            </table>
          </div>
        ))}
      </div>
    </div>
  );
}

type RowsProps = { row: MatrixRow; columns: string[]; open: boolean; toggle: (service: string) => void };

function ServiceRows({ row, columns, open, toggle }: RowsProps) {
  return (
    <>
      <tr>
        <th scope="row">
          <button type="button" className={styles.expand} aria-expanded={open} onClick={() => toggle(row.key)}>
            <span className={`${styles.turn} ${open ? styles.turned : ""}`} aria-hidden="true">
              ▸
            </span>
            {row.name}
          </button>
        </th>
        <Cells row={row} columns={columns} />
      </tr>
      {open
        ? row.types.map((type) => (
            <tr key={type.key}>
              <th scope="row" className={styles.under}>
                {type.name}
              </th>
              <Cells row={type} columns={columns} />
            </tr>
          ))
        : null}
    </>
  );
}

function Cells({ row, columns }: { row: MatrixRow; columns: string[] }) {
  if (row.isGlobal) {
    const cell = row.cells.global;
    return cell ? <CellBox cell={cell} span={columns.length} suffix=" (global)" /> : null;
  }
  return columns.map((region) => {
    const cell = row.cells[region];
    return cell ? <CellBox key={region} cell={cell} /> : <td key={region} />;
  });
}

function CellBox({ cell, span = 1, suffix = "" }: { cell: Cell; span?: number; suffix?: string }) {
  const { symbol, word } = looks[cell.word];
  return (
    <td className={`${styles.cell} ${styles[cell.word]}`} colSpan={span} title={cell.title}>
      <span className={styles.symbol} aria-hidden="true">
        {symbol}
      </span>
      {cell.count > 0 ? `${cell.count} ` : ""}
      <span className={styles.word}>
        {word}
        {suffix}
      </span>
    </td>
  );
}

/** What the symbols mean. */
export function MatrixLegend() {
  return (
    <div className={styles.frame}>
      <ul className={styles.legend} aria-label="What the cells mean">
        {Object.entries(looks).map(([name, { symbol, word, meaning }]) => (
          <li key={name} className={`${styles.key} ${styles[name]}`}>
            <span className={styles.symbol} aria-hidden="true">
              {symbol}
            </span>
            {word}: {meaning}
          </li>
        ))}
      </ul>
    </div>
  );
}
