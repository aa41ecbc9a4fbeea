"use client";

import Link from "@cloudscape-design/components/link";
import { useEffect, useRef } from "react";
import styles from "@/components/pool/calendar.module.css";
import { type Cell, cellsOf, dayWords } from "@/components/pool/calendar-words";
import { statusWord } from "@/components/status";
import { momentText, rangeText } from "@/components/times";
import { consolePaths } from "@/server/paths";
import type { CalendarBar, CalendarDay, CalendarWorkshop, PoolCalendar } from "@/server/sandboxes/calendar";

/** Workshops × days, with what is wanted and what is there each day. A plain table, so that it reads well aloud. */

type Look = { today: boolean; weekend: boolean };

export function CalendarGrid({ calendar }: { calendar: PoolCalendar }) {
  const { days, today, timeZone } = calendar;
  const looks = days.map(({ date }) => ({ today: date === today, weekend: dayWords(date).weekend }));
  const month = days[0]?.date;
  const frame = useRef<HTMLElement>(null);
  // What is over is out of sight first where not all days fit: the day before today stands at the left.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another month begins anew
  useEffect(() => {
    const scroll = frame.current;
    const head = scroll?.querySelector<HTMLElement>("[aria-current=date]");
    const names = scroll?.querySelector("th");
    if (scroll && head && names) scroll.scrollLeft = head.offsetLeft - names.offsetWidth - head.offsetWidth;
  }, [month]);
  return (
    <div className={styles.frame}>
      <p className={styles.about}>
        Accounts wanted and there, day by day, each at its tightest moment. A workshop has its accounts from its opening
        until they are expected to be clean again.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard */}
      <section ref={frame} className={styles.scroll} aria-label="Calendar of the pool" tabIndex={0}>
        <table className={styles.table}>
          <colgroup>
            <col className={styles.names} />
            {days.map(({ date }) => (
              <col key={date} />
            ))}
          </colgroup>
          <thead>
            <tr>
              <th scope="col">Workshop</th>
              {days.map(({ date }, index) => (
                <DayHead key={date} date={date} look={looks[index]} />
              ))}
            </tr>
          </thead>
          <tbody>
            <tr className={styles.total}>
              <th scope="row">
                Wanted of those there
                <span className={styles.detail}>All workshops together</span>
              </th>
              {days.map((day, index) => (
                <Total key={day.date} day={day} look={looks[index]} />
              ))}
            </tr>
            {calendar.workshops.map((workshop) => (
              <Line key={workshop.id} workshop={workshop} looks={looks} timeZone={timeZone} />
            ))}
          </tbody>
        </table>
      </section>
      <Legend />
    </div>
  );
}

function classOf(look: Look | undefined, ...more: (string | undefined)[]): string {
  return [look?.today ? styles.today : "", look?.weekend ? styles.weekend : "", ...more].filter(Boolean).join(" ");
}

function DayHead({ date, look }: { date: string; look?: Look }) {
  const { letter, number, long } = dayWords(date);
  return (
    <th scope="col" className={classOf(look)} aria-current={look?.today ? "date" : undefined}>
      <span aria-hidden="true">
        <span className={styles.letter}>{look?.today ? "today" : letter}</span>
        <span className={styles.day}>{number}</span>
      </span>
      <span className={styles.heard}>{look?.today ? `${long}, today` : long}</span>
    </th>
  );
}

function Total({ day: { peak }, look }: { day: CalendarDay; look?: Look }) {
  if (!peak)
    return (
      <td className={classOf(look, styles.figures)}>
        <span aria-hidden="true">–</span>
        <span className={styles.heard}>over</span>
      </td>
    );
  const missing = peak.wanted - peak.there;
  return (
    <td
      className={classOf(
        look,
        styles.figures,
        missing > 0 ? styles.short : peak.wanted === 0 ? styles.calm : undefined,
      )}
    >
      {missing > 0 ? <span aria-hidden="true">▲</span> : null}
      <span aria-hidden="true">{peak.wanted}</span>
      <span aria-hidden="true" className={styles.there}>
        /{peak.there}
      </span>
      <span className={styles.heard}>
        {`${peak.wanted} wanted, ${peak.there} there${missing > 0 ? `, ${missing} too few` : ""}`}
      </span>
    </td>
  );
}

function Line(props: { workshop: CalendarWorkshop; looks: readonly Look[]; timeZone: string }) {
  const { workshop, looks, timeZone } = props;
  const { id, title, state, parts } = workshop;
  const own = workshop.bars.find((bar) => bar.kind !== "taken");
  const word = statusWord("workshop", state as Parameters<typeof statusWord<"workshop">>[1]);
  return (
    <tr>
      <th scope="row">
        <Link href={consolePaths.workshop(id)}>{title}</Link>
        <span className={styles.detail}>
          {word} · {parts}
        </span>
        {own ? <span className={styles.detail}>{timeWords(own, timeZone)}</span> : null}
      </th>
      {cellsOf(workshop.bars, looks.length).map((cell) => (
        <BarCell key={cell.first} cell={cell} look={looks[cell.first]} timeZone={timeZone} />
      ))}
    </tr>
  );
}

function BarCell({ cell: { first, last, bar }, look, timeZone }: { cell: Cell; look?: Look; timeZone: string }) {
  if (!bar) return <td className={classOf(look)} />;
  const words = barWords(bar, timeZone);
  const kind = { reserved: "", draft: styles.draft, taken: styles.taken }[bar.kind];
  return (
    <td className={classOf(look)} colSpan={last - first + 1}>
      <span className={`${styles.bar} ${kind}`} title={words}>
        <span aria-hidden="true">{bar.accounts}</span>
        <span className={styles.heard}>{words}</span>
      </span>
    </td>
  );
}

const kindWords: Record<CalendarBar["kind"], string> = {
  reserved: "reserved",
  draft: "wanted by a draft, not counted yet",
  taken: "lent before the workshop's own time",
};

/** When the accounts are wanted: from the opening until they are expected to be clean again. */
function timeWords({ from, to }: CalendarBar, timeZone: string): string {
  return to ? rangeText(from, to, timeZone) : `from ${momentText(from, timeZone, true)}`;
}

function barWords({ accounts, kind, from, to }: CalendarBar, timeZone: string): string {
  const until = to ? `expected back ${momentText(to, timeZone)}` : "until they are given back";
  return `${accounts} ${accounts === 1 ? "account" : "accounts"} ${kindWords[kind]}, from ${momentText(from, timeZone)}, ${until}`;
}

function Legend() {
  return (
    <ul className={styles.key}>
      <li>
        <span className={styles.bar}>20</span> reserved accounts
      </li>
      <li>
        <span className={`${styles.bar} ${styles.draft}`}>20</span> a draft's, not counted yet
      </li>
      <li>
        <span className={`${styles.bar} ${styles.taken}`}>1</span> lent before the workshop's own time
      </li>
      <li>
        <span className={styles.mark}>▲ 52/40</span> more wanted than there
      </li>
    </ul>
  );
}
