"use client";

import SegmentedControl from "@cloudscape-design/components/segmented-control";
import { Fragment, useState } from "react";
import {
  type Cell,
  type CellWord,
  type Check,
  groupRows,
  isNoteworthy,
  type MatrixRow,
  matrixRegions,
  matrixRows,
  onlyNoteworthy,
  type Removal,
  tally,
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

/** More regions than this, and the passes stand below each other. */
const widestBeside = 8;

type Props = {
  regions: readonly string[];
  checks: readonly Check[];
  removals: readonly Removal[];
  /** The passes to put side by side, and how each is called. */
  passes: readonly { pass: number; caption: string }[];
};

type Show = "all" | "noteworthy";
const shows = [
  { id: "all", text: "Everything" },
  { id: "noteworthy", text: "Only what is not empty" },
];

/** What each service answered in each region, pass beside pass; services by category, which open where something stands. */
export function CleanupMatrix({ regions, checks, removals, passes }: Props) {
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const [show, setShow] = useState<Show>("all");
  const columns = matrixRegions(regions, checks);
  const toggle = (key: string) =>
    setTurned((before) => {
      const after = new Set(before);
      if (!after.delete(key)) after.add(key);
      return after;
    });
  return (
    <div className={styles.frame}>
      <div className={styles.filter}>
        <SegmentedControl
          label="Rows"
          selectedId={show}
          options={shows}
          onChange={({ detail }) => setShow(detail.selectedId === "noteworthy" ? "noteworthy" : "all")}
        />
      </div>
      <div className={`${styles.passes} ${columns.length > widestBeside ? styles.stacked : ""}`}>
        {passes.map(({ pass, caption }) => (
          <Pass
            key={pass}
            caption={caption}
            columns={columns}
            rows={matrixRows(checks, removals, pass, columns)}
            show={show}
            turned={turned}
            toggle={toggle}
          />
        ))}
      </div>
    </div>
  );
}

type PassProps = {
  caption: string;
  columns: string[];
  rows: MatrixRow[];
  show: Show;
  turned: ReadonlySet<string>;
  toggle: (key: string) => void;
};

function Pass({ caption, columns, rows, show, turned, toggle }: PassProps) {
  const groups = groupRows(show === "noteworthy" ? onlyNoteworthy(rows) : rows);
  return (
    <div className={styles.scroll}>
      <table className={`${styles.table} ${columns.length > widestWithWords ? styles.dense : ""}`}>
        <caption>
          {caption}
          <span className={styles.tally}>{tallyWords(rows, columns)}</span>
        </caption>
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
          {groups.length === 0 ? (
            <tr>
              <td colSpan={columns.length + 1}>Nothing stands here besides empty cells.</td>
            </tr>
          ) : null}
          {groups.map(({ name, row, services }) => {
            // A category opens by itself once something stands in it; a click turns that around.
            const open = isNoteworthy(row) !== turned.has(name);
            return (
              <Fragment key={name}>
                <tr className={styles.category}>
                  <th scope="row">
                    <Expand name={`${name} (${services.length})`} open={open} onClick={() => toggle(name)} />
                  </th>
                  <Cells row={row} columns={columns} />
                </tr>
                {open
                  ? services.map((service) => (
                      <ServiceRows
                        key={service.key}
                        row={service}
                        columns={columns}
                        open={turned.has(service.key)}
                        toggle={toggle}
                      />
                    ))
                  : null}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** "65 services in 17 regions: 3 unknown, 2 removed, 2,195 empty". */
function tallyWords(rows: readonly MatrixRow[], columns: readonly string[]): string {
  const counts = Object.entries(tally(rows)).filter(([, count]) => count > 0);
  const words = counts.map(([word, count]) => `${count.toLocaleString("en")} ${word}`);
  const services = rows.length === 1 ? "1 service" : `${rows.length} services`;
  return `${services} in ${columns.length === 1 ? "1 region" : `${columns.length} regions`}: ${words.join(", ")}`;
}

function Expand({ name, open, onClick }: { name: string; open: boolean; onClick: () => void }) {
  return (
    <button type="button" className={styles.expand} aria-expanded={open} onClick={onClick}>
      <span className={`${styles.turn} ${open ? styles.turned : ""}`} aria-hidden="true">
        ▸
      </span>
      {name}
    </button>
  );
}

type RowsProps = { row: MatrixRow; columns: string[]; open: boolean; toggle: (service: string) => void };

function ServiceRows({ row, columns, open, toggle }: RowsProps) {
  return (
    <>
      <tr>
        <th scope="row" className={styles.service}>
          <Expand name={row.name} open={open} onClick={() => toggle(row.key)} />
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
