"use client";

import { useCollection } from "@cloudscape-design/collection-hooks";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import CollectionPreferences, {
  type CollectionPreferencesProps,
} from "@cloudscape-design/components/collection-preferences";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import Pagination from "@cloudscape-design/components/pagination";
import PropertyFilter from "@cloudscape-design/components/property-filter";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { usePathname, useSearchParams } from "next/navigation";
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from "react";

/**
 * A table of the console. What it shows is in the URL (`q` words, `f` conditions, `sort`, `page`), so that a view can be sent
 * as a link; how it shows it (columns, size, lines) is kept in this browser. A link with `row` shows that row alone.
 */

export type Column<T> = {
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  /** What it sorts and filters by; without it the column does neither. */
  value?: (row: T) => string | number | null;
  /** Whether it can be asked for by name in the filter; `options` are offered as words. */
  filter?: { label: string; text?: (row: T) => string; options?: { value: string; label: string }[] };
  minWidth?: number;
  /** Names the row for those who listen. */
  rowHeader?: boolean;
  /** Left out until chosen. */
  hidden?: boolean;
  /** Says something about a person: what is looked for in it, and free words, stay out of the address. */
  personal?: boolean;
};

type Props<T> = {
  /** Names the saved preferences. */
  id: string;
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
  items: readonly T[];
  columns: readonly Column<T>[];
  rowId: (row: T) => string;
  empty: { title: string; text?: ReactNode; action?: ReactNode };
  /** Column to sort by at first; with "-" before it, from the end. */
  sort?: string;
  placeholder?: string;
  selection?: { selected: T[]; onChange: (rows: T[]) => void; label: (row: T) => string; single?: boolean };
  variant?: TableProps.Variant;
  headingLevel?: "h1" | "h2" | "h3";
  /** Kept apart from another table on the page. */
  prefix?: string;
  /** Above the filter, e.g. tabs of states. */
  above?: ReactNode;
};

type Preferences = { pageSize: number; wrapLines: boolean; stripedRows: boolean; visible: string[] | null };
const plain: Preferences = { pageSize: 25, wrapLines: true, stripedRows: false, visible: null };

const changed = "atelier:table";
const parsed = new Map<string, { text: string | null; value: Preferences }>();

function readPreferences(key: string): Preferences {
  let text: string | null = null;
  try {
    text = window.localStorage.getItem(key);
  } catch {
    return plain;
  }
  const known = parsed.get(key);
  if (known && known.text === text) return known.value;
  let value = plain;
  try {
    value = text ? { ...plain, ...JSON.parse(text) } : plain;
  } catch {
    // Written by something else: the plain view.
  }
  parsed.set(key, { text, value });
  return value;
}

function subscribe(listener: () => void): () => void {
  window.addEventListener(changed, listener);
  window.addEventListener("storage", listener);
  return () => {
    window.removeEventListener(changed, listener);
    window.removeEventListener("storage", listener);
  };
}

/** Preferences of a table as this browser keeps them; the plain ones on the server and for the first paint. */
function usePreferences(id: string): [Preferences, (value: Preferences) => void] {
  const key = `atelier:table:${id}`;
  const value = useSyncExternalStore(
    subscribe,
    () => readPreferences(key),
    () => plain,
  );
  const save = (next: Preferences) => {
    try {
      window.localStorage.setItem(key, JSON.stringify(next));
    } catch {
      return;
    }
    window.dispatchEvent(new Event(changed));
  };
  return [value, save];
}

function comparator<T>(value: (row: T) => string | number | null) {
  return (a: T, b: T) => {
    const left = value(a);
    const right = value(b);
    if (left === right) return 0;
    // Rows without a value come last.
    if (left === null) return 1;
    if (right === null) return -1;
    if (typeof left === "number" && typeof right === "number") return left - right;
    return String(left).localeCompare(String(right), "en", { numeric: true, sensitivity: "base" });
  };
}

type Token = { propertyKey?: string; operator: string; value: string };

/** `state:=:open` for a condition on a column. */
function readToken(text: string): Token | null {
  const [, propertyKey, operator, value] = /^([a-zA-Z]+)(!=|!:|=|:)(.*)$/s.exec(text) ?? [];
  return propertyKey && operator && value !== undefined ? { propertyKey, operator, value } : null;
}

function writeToken(token: Token): string {
  return `${token.propertyKey}${token.operator}${token.value}`;
}

/** Puts names into the query of the address without a move; empty ones are taken out. */
function writeQuery(values: Record<string, string | string[] | null>): void {
  const url = new URL(window.location.href);
  for (const [name, value] of Object.entries(values)) {
    url.searchParams.delete(name);
    for (const one of Array.isArray(value) ? value : value ? [value] : []) url.searchParams.append(name, one);
  }
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url);
}

function textOf<T>(column: Column<T>, row: T): string {
  return column.filter?.text?.(row) ?? String(column.value?.(row) ?? "");
}

/** Whether a row meets one condition: a free word in any column, or one column's text. */
function meets<T>(columns: readonly Column<T>[], row: T, token: Token): boolean {
  const wanted = token.value.toLocaleLowerCase("en");
  const within = token.propertyKey ? columns.filter((column) => column.id === token.propertyKey) : columns;
  const texts = within.map((column) => textOf(column, row).toLocaleLowerCase("en"));
  const exact = token.operator === "=" || token.operator === "!=";
  const hit = texts.some((text) => (exact ? text === wanted : text.includes(wanted)));
  return token.operator.startsWith("!") ? !hit : hit;
}

function Nothing({ title, text, action }: { title: string; text?: ReactNode; action?: ReactNode }) {
  return (
    <Box textAlign="center" padding={{ vertical: "l" }}>
      <SpaceBetween size="xs">
        <Box variant="strong">{title}</Box>
        {text ? <Box color="text-body-secondary">{text}</Box> : null}
        {action}
      </SpaceBetween>
    </Box>
  );
}

export function DataTable<T>(props: Props<T>) {
  const { id, items, columns, rowId, empty, prefix = "" } = props;
  const [preferences, save] = usePreferences(id);
  const query = useSearchParams();
  const wanted = query.get(`${prefix}row`);
  const alone = wanted === null ? undefined : items.find((row) => rowId(row) === wanted);
  const given = alone === undefined ? items : [alone];
  const withFilter = columns.some((column) => column.filter);
  const latest = useRef(columns);
  latest.current = columns;
  const comparators = useRef(new Map<string, (a: T, b: T) => number>());
  /** The same function for a column for ever: that is how Cloudscape knows which column it sorts by. */
  const comparatorOf = useCallback((columnId: string) => {
    const known = comparators.current.get(columnId);
    if (known) return known;
    const made = (a: T, b: T) => {
      const value = latest.current.find((column) => column.id === columnId)?.value;
      return value ? comparator(value)(a, b) : 0;
    };
    comparators.current.set(columnId, made);
    return made;
  }, []);
  const definitions = useMemo(
    () =>
      columns.map((column) => ({
        id: column.id,
        header: column.header,
        cell: column.cell,
        isRowHeader: column.rowHeader,
        minWidth: column.minWidth,
        sortingComparator: column.value ? comparatorOf(column.id) : undefined,
      })),
    [columns, comparatorOf],
  );

  const sortText = query.get(`${prefix}sort`) ?? props.sort ?? "";
  const sortId = sortText.replace(/^-/, "");
  const sorted = definitions.find((one) => one.id === sortId && one.sortingComparator);
  const words = query.get(`${prefix}q`) ?? "";
  const tokens: Token[] = query.getAll(`${prefix}f`).flatMap((text) => readToken(text) ?? []);
  const clear = () =>
    withFilter ? actions.setPropertyFiltering({ tokens: [], operation: "and" }) : actions.setFiltering("");
  const noMatch = (
    <Nothing
      title="Nothing matches"
      text="Fewer conditions show more."
      action={<Button onClick={clear}>Clear the filter</Button>}
    />
  );
  const nothing = <Nothing {...empty} />;

  const {
    items: shown,
    actions,
    filteredItemsCount,
    collectionProps,
    filterProps,
    propertyFilterProps,
    paginationProps,
  } = useCollection(given, {
    ...(withFilter
      ? {
          propertyFiltering: {
            empty: nothing,
            noMatch,
            filteringProperties: columns.flatMap((column) =>
              column.filter
                ? [
                    {
                      key: column.id,
                      propertyLabel: column.filter.label,
                      groupValuesLabel: column.filter.label,
                      operators: ["=", "!=", ":", "!:"],
                    },
                  ]
                : [],
            ),
            filteringOptions: columns.flatMap((column) => optionsOf(column, items)),
            filteringFunction: (row: T, { tokens: all, operation }) => {
              const results = all.map((token) => meets(columns, row, token as Token));
              return operation === "or" ? results.length === 0 || results.some(Boolean) : results.every(Boolean);
            },
            defaultQuery: {
              operation: "and" as const,
              tokens: [...tokens, ...(words ? [{ operator: ":", value: words }] : [])],
            },
          },
        }
      : {
          filtering: {
            empty: nothing,
            noMatch,
            defaultFilteringText: words,
            filteringFunction: (row: T, text: string) =>
              text
                .split(/\s+/)
                .filter(Boolean)
                .every((word) => meets(columns, row, { operator: ":", value: word })),
          },
        }),
    sorting: sorted ? { defaultState: { sortingColumn: sorted, isDescending: sortText.startsWith("-") } } : {},
    pagination: { pageSize: preferences.pageSize, defaultPage: Number(query.get(`${prefix}page`)) || 1 },
    selection: { trackBy: rowId },
  });

  const sortingId = definitions.find(
    (one) => one.sortingComparator === collectionProps.sortingColumn?.sortingComparator,
  )?.id;
  const sortNow = sortingId ? `${collectionProps.sortingDescending ? "-" : ""}${sortingId}` : "";
  const filterNow = withFilter ? (propertyFilterProps.query.tokens as Token[]) : [];
  const wordsNow = withFilter
    ? filterNow
        .filter((token) => !token.propertyKey && token.operator === ":")
        .map((token) => token.value)
        .join(" ")
    : filterProps.filteringText;
  const personal = useMemo(() => new Set(columns.filter((column) => column.personal).map(({ id }) => id)), [columns]);
  const conditionsNow = filterNow
    .filter((token) => token.propertyKey && !personal.has(token.propertyKey))
    .map(writeToken);
  const conditionsKey = conditionsNow.join("\n");
  const page = paginationProps.currentPageIndex;
  useEffect(() => {
    writeQuery({
      [`${prefix}q`]: personal.size > 0 ? null : wordsNow,
      [`${prefix}f`]: conditionsKey ? conditionsKey.split("\n") : null,
      [`${prefix}sort`]: sortNow === (props.sort ?? "") ? null : sortNow,
      [`${prefix}page`]: page > 1 ? String(page) : null,
    });
  }, [prefix, wordsNow, conditionsKey, sortNow, page, props.sort, personal]);

  const visible = preferences.visible ?? columns.filter((column) => !column.hidden).map((column) => column.id);
  const filtered = items.length !== (filteredItemsCount ?? items.length);
  const matches = filtered ? `${filteredItemsCount} of ${items.length} match` : "";
  return (
    <Table
      {...collectionProps}
      variant={props.variant ?? "container"}
      items={shown}
      columnDefinitions={definitions}
      columnDisplay={definitions.map((one) => ({ id: one.id, visible: visible.includes(one.id) }))}
      trackBy={rowId}
      wrapLines={preferences.wrapLines}
      stripedRows={preferences.stripedRows}
      enableKeyboardNavigation
      stickyColumns={columns.at(-1)?.id === "acts" ? { last: 1 } : undefined}
      ariaLabels={{
        tableLabel: props.title,
        selectionGroupLabel: "Selection",
        allItemsSelectionLabel: () => "Select all",
        itemSelectionLabel: (_, row) => props.selection?.label(row) ?? "Select",
      }}
      {...(props.selection
        ? {
            selectionType: props.selection.single ? ("single" as const) : ("multi" as const),
            selectedItems: props.selection.selected,
            onSelectionChange: ({ detail }: { detail: TableProps.SelectionChangeDetail<T> }) =>
              props.selection?.onChange(detail.selectedItems),
          }
        : {})}
      header={
        <SpaceBetween size="s">
          <Header
            variant={props.headingLevel ?? "h2"}
            counter={items.length > 0 ? `(${filtered ? `${filteredItemsCount}/` : ""}${items.length})` : undefined}
            description={props.description}
            actions={props.actions}
          >
            {props.title}
          </Header>
          {alone === undefined ? props.above : <ShowAll count={items.length} name={`${prefix}row`} />}
        </SpaceBetween>
      }
      filter={
        items.length === 0 ? undefined : withFilter ? (
          <PropertyFilter
            {...propertyFilterProps}
            countText={matches}
            filteringPlaceholder={props.placeholder ?? "Find by words or by column"}
            filteringAriaLabel={`Find in ${props.title.toLocaleLowerCase("en")}`}
            hideOperations
            expandToViewport
          />
        ) : (
          <TextFilter
            {...filterProps}
            countText={matches}
            filteringPlaceholder={props.placeholder ?? "Find"}
            filteringAriaLabel={`Find in ${props.title.toLocaleLowerCase("en")}`}
          />
        )
      }
      pagination={
        paginationProps.pagesCount > 1 ? (
          <Pagination
            {...paginationProps}
            ariaLabels={{
              nextPageLabel: "Next page",
              previousPageLabel: "Previous page",
              pageLabel: (number) => `Page ${number}`,
            }}
          />
        ) : undefined
      }
      preferences={<TablePreferences columns={columns} value={{ ...preferences, visible }} onChange={save} />}
    />
  );
}

/** Beside a row that a link led to: the way to all the others. */
function ShowAll({ count, name }: { count: number; name: string }) {
  const pathname = usePathname();
  const others = new URLSearchParams(useSearchParams());
  others.delete(name);
  return (
    <Box>
      The one that the link led to.{" "}
      <Link href={others.size > 0 ? `${pathname}?${others}` : pathname}>{`Show all ${count}`}</Link>
    </Box>
  );
}

function optionsOf<T>(column: Column<T>, items: readonly T[]) {
  if (!column.filter) return [];
  if (column.filter.options)
    return column.filter.options.map((option) => ({ propertyKey: column.id, value: option.label }));
  const values = new Set(items.map((row) => textOf(column, row)).filter(Boolean));
  return [...values].slice(0, 200).map((value) => ({ propertyKey: column.id, value }));
}

function TablePreferences<T>(props: {
  columns: readonly Column<T>[];
  value: Preferences & { visible: string[] };
  onChange: (value: Preferences) => void;
}) {
  const { value, columns } = props;
  const onConfirm: CollectionPreferencesProps["onConfirm"] = ({ detail }) =>
    props.onChange({
      pageSize: detail.pageSize ?? plain.pageSize,
      wrapLines: detail.wrapLines ?? plain.wrapLines,
      stripedRows: detail.stripedRows ?? plain.stripedRows,
      visible: detail.contentDisplay?.filter((one) => one.visible).map((one) => one.id) ?? null,
    });
  return (
    <CollectionPreferences
      title="Preferences"
      confirmLabel="Keep"
      cancelLabel="Back"
      preferences={{
        pageSize: value.pageSize,
        wrapLines: value.wrapLines,
        stripedRows: value.stripedRows,
        contentDisplay: columns.map((column) => ({ id: column.id, visible: value.visible.includes(column.id) })),
      }}
      pageSizePreference={{
        title: "Rows on a page",
        options: [10, 25, 50, 100].map((count) => ({ value: count, label: `${count} rows` })),
      }}
      wrapLinesPreference={{ label: "Wrap lines", description: "Show the whole text of each cell" }}
      stripedRowsPreference={{ label: "Striped rows", description: "Shade every second row" }}
      contentDisplayPreference={{
        title: "Columns",
        options: columns.map((column) => ({ id: column.id, label: column.header, alwaysVisible: column.rowHeader })),
      }}
      onConfirm={onConfirm}
    />
  );
}
