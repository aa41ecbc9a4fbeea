"use client";

import { Fragment, type ReactNode, useState } from "react";
import {
  type Cell,
  type CellWord,
  type Check,
  foldRows,
  groupRows,
  isWaiting,
  type MatrixRow,
  matrixRegions,
  matrixRows,
  quietRow,
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

/**
 * What each service answered in each region, pass beside pass. Services in which something stands come first, with the types
 * in which it stands; the quiet ones are folded into one line.
 */
export function CleanupMatrix({ regions, checks, removals, passes }: Props) {
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const columns = matrixRegions(regions, checks);
  const toggle = (key: string) =>
    setTurned((before) => {
      const after = new Set(before);
      if (!after.delete(key)) after.add(key);
      return after;
    });
  return (
    <div className={styles.frame}>
      <div className={`${styles.passes} ${columns.length > widestBeside ? styles.stacked : ""}`}>
        {passes.map(({ pass, caption }) => (
          <Pass
            key={pass}
            caption={caption}
            columns={columns}
            rows={matrixRows(checks, removals, pass, columns)}
            turned={turned}
            toggle={toggle}
          />
        ))}
      </div>
    </div>
  );
}

/** Which rows were turned around by a click, and the click. Keys are the same in each pass, so that passes open together. */
type Turning = { columns: string[]; turned: ReadonlySet<string>; toggle: (key: string) => void };

function Pass({ caption, rows, ...turning }: { caption: string; rows: MatrixRow[] } & Turning) {
  const { columns } = turning;
  const { noteworthy, quiet } = foldRows(rows);
  return (
    <div>
      <div className={styles.caption}>
        {caption}
        <span className={styles.tally}>{tallyWords(rows, columns)}</span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={styles.scroll} aria-label={caption} tabIndex={0}>
        <table className={`${styles.table} ${columns.length > widestWithWords ? styles.dense : ""}`}>
          <thead>
            <tr>
              <th scope="col">Service</th>
              {columns.map((region) => (
                <th key={region} scope="col">
                  <span>{region}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {noteworthy.map((service) => (
              <Service key={service.key} row={service} opens {...turning} />
            ))}
            <Fold name="services" others={noteworthy.length > 0} rows={quiet} level={0} {...turning}>
              {groupRows(quiet).map(({ name, row, services }) => (
                <Fragment key={name}>
                  <tr>
                    <RowHead level={1} open={turning.turned.has(name)} onClick={() => turning.toggle(name)}>
                      {`${name} (${services.length})`}
                    </RowHead>
                    <Cells row={row} columns={columns} />
                  </tr>
                  {turning.turned.has(name)
                    ? services.map((service) => <Service key={service.key} row={service} level={2} {...turning} />)
                    : null}
                </Fragment>
              ))}
            </Fold>
          </tbody>
        </table>
      </section>
    </div>
  );
}

type FoldProps = {
  name: string;
  others: boolean;
  rows: MatrixRow[];
  level: number;
  under?: string;
  children: ReactNode;
};

/** "61 services: nothing found": quiet rows in one line, which opens into them. */
function Fold({ name, others, rows, level, under = "", children, ...turning }: FoldProps & Turning) {
  if (rows.length === 0) return null;
  const key = `${under} quiet`;
  const open = turning.turned.has(key);
  const count = `${rows.length} ${others ? "other " : ""}${rows.length === 1 ? name.slice(0, -1) : name}`;
  return (
    <>
      <tr>
        <RowHead level={level} open={open} onClick={() => turning.toggle(key)}>
          {`${count}: nothing found${isWaiting(rows) ? " so far" : ""}`}
        </RowHead>
        <Cells row={quietRow(name, rows)} columns={turning.columns} />
      </tr>
      {open ? children : null}
    </>
  );
}

type ServiceProps = { row: MatrixRow; level?: number; opens?: boolean };

/** A service with its types; one in which something stands opens by itself, and folds those in which nothing does. */
function Service({ row, level = 0, opens = false, ...turning }: ServiceProps & Turning) {
  const open = opens !== turning.turned.has(row.key);
  const { noteworthy, quiet } = foldRows(row.types);
  const types = (rows: MatrixRow[], deeper: number) =>
    rows.map((type) => (
      <tr key={type.key}>
        <th scope="row" style={indent(deeper)}>
          {type.name}
        </th>
        <Cells row={type} columns={turning.columns} />
      </tr>
    ));
  return (
    <>
      <tr className={opens ? styles.noteworthy : undefined}>
        <RowHead level={level} open={open} onClick={() => turning.toggle(row.key)}>
          {row.name}
        </RowHead>
        <Cells row={row} columns={turning.columns} />
      </tr>
      {open && noteworthy.length === 0 ? types(quiet, level + 2) : null}
      {open && noteworthy.length > 0 ? (
        <>
          {types(noteworthy, level + 2)}
          <Fold name="types" others rows={quiet} level={level + 1} under={row.key} {...turning}>
            {types(quiet, level + 3)}
          </Fold>
        </>
      ) : null}
    </>
  );
}

const indent = (level: number) => ({ paddingInlineStart: 3 + level * 14 });

/** "65 services in 17 regions: 3 unknown, 2 removed, 2,195 empty". */
function tallyWords(rows: readonly MatrixRow[], columns: readonly string[]): string {
  const counts = Object.entries(tally(rows)).filter(([, count]) => count > 0);
  const words = counts.map(([word, count]) => `${count.toLocaleString("en")} ${word}`);
  const services = rows.length === 1 ? "1 service" : `${rows.length} services`;
  return `${services} in ${columns.length === 1 ? "1 region" : `${columns.length} regions`}: ${words.join(", ")}`;
}

type HeadProps = { level: number; open: boolean; onClick: () => void; children: string };

function RowHead({ level, open, onClick, children }: HeadProps) {
  return (
    <th scope="row" style={indent(level)}>
      <button type="button" className={styles.expand} aria-expanded={open} onClick={onClick}>
        <span className={styles.turn} aria-hidden="true">
          {open ? "▾" : "▸"}
        </span>
        {children}
      </button>
    </th>
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
