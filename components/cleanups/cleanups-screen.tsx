"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import { cleanupCause, durationText } from "@/components/cleanups/words";
import { Live } from "@/components/live";
import { Page } from "@/components/shell/page";
import { Status, statusOptions, statusWord } from "@/components/status";
import { type Column, DataTable } from "@/components/table";
import { Moment } from "@/components/times";
import { consolePaths } from "@/server/paths";
import type { ListedCleanup } from "@/server/sandboxes/sandboxes";

const columns: Column<ListedCleanup>[] = [
  {
    id: "started",
    header: "Started",
    rowHeader: true,
    minWidth: 170,
    value: (row) => row.startedAt,
    cell: (row) => (
      <Link href={consolePaths.cleanup(row.id)}>
        <Moment at={row.startedAt} />
      </Link>
    ),
  },
  {
    id: "account",
    header: "Account",
    value: (row) => row.awsAccountId,
    filter: { label: "Account" },
    cell: (row) => <Link href={consolePaths.account(row.accountId)}>{row.awsAccountId}</Link>,
  },
  {
    id: "state",
    header: "Outcome",
    minWidth: 170,
    value: (row) => statusWord("cleanup", row.state),
    filter: { label: "Outcome", options: statusOptions("cleanup") },
    cell: (row) =>
      row.state === "running" ? (
        <>
          <Status noun="cleanup" state="running">
            Running, pass {row.pass}
          </Status>
          {row.machine ? (
            <Box color="text-body-secondary" fontSize="body-s">
              {row.machine}
            </Box>
          ) : null}
          <ProgressBar
            value={row.checksPerPass > 0 ? (100 * row.checksDone) / row.checksPerPass : 0}
            ariaLabel={`Pass ${row.pass} on ${row.awsAccountId}`}
          />
        </>
      ) : (
        <>
          <Status noun="cleanup" state={row.state} />
          {row.state !== "clean" && row.reason ? (
            <Box color="text-body-secondary" fontSize="body-s">
              {row.reason}
            </Box>
          ) : null}
        </>
      ),
  },
  {
    id: "cause",
    header: "Why",
    minWidth: 160,
    value: (row) => row.workshopTitle ?? cleanupCause(row.cause),
    filter: { label: "Why", text: (row) => cleanupCause(row.cause) },
    cell: (row) =>
      row.workshopId ? (
        <>
          Closing of <Link href={consolePaths.workshop(row.workshopId)}>{row.workshopTitle}</Link>
        </>
      ) : (
        cleanupCause(row.cause)
      ),
  },
  { id: "passes", header: "Passes", value: (row) => row.pass, cell: (row) => row.pass, hidden: true },
  { id: "found", header: "Found", value: (row) => row.found, cell: (row) => row.found },
  { id: "removed", header: "Removed", value: (row) => row.removed, cell: (row) => row.removed },
  { id: "left", header: "Left", value: (row) => row.remaining, cell: (row) => row.remaining },
  { id: "unknown", header: "Unknown", value: (row) => row.unknown, cell: (row) => row.unknown },
  { id: "calls", header: "Calls to AWS", value: (row) => row.calls, cell: (row) => row.calls, hidden: true },
  {
    id: "duration",
    header: "Took",
    value: (row) => (row.endedAt ? Date.parse(row.endedAt) - Date.parse(row.startedAt) : null),
    cell: (row) => (row.endedAt ? durationText(row.startedAt, row.endedAt) : "Under way"),
  },
];

/** Runs of the cleaner, the newest first. */
export function CleanupsScreen({ cleanups }: { cleanups: ListedCleanup[] }) {
  return (
    <Page
      title="Cleanups"
      crumbs={[{ text: "Sandboxes", href: consolePaths.pool() }]}
      description="An account is clean after two passes in a row that found nothing and in which every list answered."
      status={<Live topic="cleanups" />}
    >
      <DataTable
        id="cleanups"
        title="Cleanups"
        items={cleanups}
        columns={columns}
        rowId={(row) => row.id}
        sort="-started"
        placeholder="Find by account, outcome or workshop"
        empty={{
          title: "No cleanups yet",
          text: "An account is cleaned when it enters the pool, when its workshop closes, and by hand.",
          action: <Button href={consolePaths.pool()}>Go to the pool</Button>,
        }}
      />
    </Page>
  );
}
