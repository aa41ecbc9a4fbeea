"use client";

import Box from "@cloudscape-design/components/box";
import { useMemo } from "react";
import { type Column, DataTable } from "@/components/table";
import { momentText } from "@/components/times";

export type HistoryEntry = { id: string; at: string; who: string; what: string; entity: string; detail: string };

/** Who did what, newest first. */
export function HistoryTab({ entries, timeZone }: { entries: HistoryEntry[]; timeZone: string }) {
  const columns = useMemo<Column<HistoryEntry>[]>(
    () => [
      {
        id: "at",
        header: "When",
        minWidth: 150,
        value: (row) => row.at,
        cell: (row) => <time dateTime={row.at}>{momentText(row.at, timeZone, true)}</time>,
      },
      {
        id: "who",
        header: "Who",
        rowHeader: true,
        minWidth: 150,
        value: (row) => row.who,
        filter: { label: "Who" },
        cell: (row) => row.who,
      },
      {
        id: "what",
        header: "What",
        minWidth: 240,
        value: (row) => row.what,
        filter: { label: "What" },
        cell: (row) => (
          <>
            {row.what}
            {row.detail ? (
              <Box color="text-body-secondary" fontSize="body-s">
                {row.detail}
              </Box>
            ) : null}
          </>
        ),
      },
      {
        id: "entity",
        header: "About",
        minWidth: 120,
        value: (row) => row.entity,
        filter: { label: "About" },
        cell: (row) => row.entity,
      },
    ],
    [timeZone],
  );
  return (
    <DataTable
      id="history"
      title="History"
      description="Acts on this workshop, its registrations, links and accounts. Entries are only added, never changed."
      items={entries}
      columns={columns}
      rowId={(row) => row.id}
      sort="-at"
      placeholder="Find by who or what"
      empty={{ title: "Nothing has happened yet" }}
    />
  );
}
