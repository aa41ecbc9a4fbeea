"use client";

import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { typeWords } from "@/components/cleanups/matrix";
import { Status, type StatusOf, statusOptions, statusWord } from "@/components/status";
import { type Column, DataTable } from "@/components/table";
import type { CleanupDetail } from "@/server/sandboxes/sandboxes";

type Resource = CleanupDetail["resources"][number];

const state = (row: Resource) => row.outcome as StatusOf<"resource">;
const service = (row: Resource) => row.type.split("/")[0] ?? row.type;

const columns: Column<Resource>[] = [
  {
    id: "id",
    header: "What",
    rowHeader: true,
    minWidth: 220,
    value: (row) => row.id,
    cell: (row) => <Box variant="code">{row.id}</Box>,
  },
  { id: "service", header: "Service", value: service, filter: { label: "Service" }, cell: service },
  {
    id: "type",
    minWidth: 120,
    header: "Type",
    value: (row) => typeWords(row.type),
    filter: { label: "Type" },
    cell: (row) => typeWords(row.type),
  },
  {
    id: "region",
    minWidth: 120,
    header: "Region",
    value: (row) => row.region,
    filter: { label: "Region" },
    cell: (row) => row.region,
  },
  {
    id: "outcome",
    header: "What became of it",
    minWidth: 170,
    value: (row) => statusWord("resource", state(row)),
    filter: { label: "What became of it", options: statusOptions("resource") },
    cell: (row) => <Status noun="resource" state={state(row)} />,
  },
  { id: "pass", header: "Pass", value: (row) => row.pass, cell: (row) => row.pass },
  { id: "reason", header: "Reason", minWidth: 200, value: (row) => row.reason, cell: (row) => row.reason ?? "–" },
];

const keptColumns = columns
  .filter((column) => column.id !== "outcome" && column.id !== "pass")
  .map((column) => (column.id === "reason" ? { ...column, header: "Why it stays" } : { ...column, filter: undefined }));

const key = (row: Resource) => `${row.type} ${row.region} ${row.id}`;

/** What was found and what became of it; and what stays by a rule, with the rule. */
export function FoundResources({ resources, running }: { resources: Resource[]; running: boolean }) {
  const kept = resources.filter((row) => row.outcome === "protected");
  const found = resources.filter((row) => row.outcome !== "protected");
  return (
    <SpaceBetween size="l">
      <DataTable
        id="cleanup-found"
        title="Found"
        description="What stood in the account, and what became of it."
        items={found}
        columns={columns}
        rowId={key}
        sort="outcome"
        empty={{
          title: running ? "Nothing found so far" : "Nothing was found",
          text: running ? undefined : "The account was empty already.",
        }}
      />
      <DataTable
        id="cleanup-kept"
        prefix="kept-"
        title="Kept by a rule"
        description="What belongs to AWS or to Atelier itself. It does not count against “clean”."
        items={kept}
        columns={keptColumns}
        rowId={key}
        sort="service"
        empty={{ title: "Nothing is kept" }}
      />
    </SpaceBetween>
  );
}
