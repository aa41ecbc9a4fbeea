"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import { Page } from "@/components/shell/page";
import { type Column, DataTable } from "@/components/table";
import { consolePaths } from "@/server/paths";
import type { ProfileSummary } from "@/server/sandboxes/sandboxes";
import { moneyText } from "@/server/sandboxes/schemas";

const credentialWords = { role: "Console link and temporary keys", iam_user: "IAM user with password and keys" };

const columns: Column<ProfileSummary>[] = [
  {
    id: "name",
    header: "Name",
    rowHeader: true,
    minWidth: 200,
    value: (row) => row.name,
    filter: { label: "Name" },
    cell: (row) => (
      <>
        <Link href={consolePaths.profile(row.id)}>{row.name}</Link>
        <Box fontSize="body-s" color="text-body-secondary">
          {row.description}
        </Box>
      </>
    ),
  },
  {
    id: "regions",
    header: "Regions",
    minWidth: 130,
    value: (row) => row.regions.join(", "),
    filter: { label: "Regions" },
    cell: (row) => row.regions.join(", ") || "All",
  },
  {
    id: "services",
    header: "Services",
    minWidth: 130,
    value: (row) => row.services.join(", "),
    filter: { label: "Services" },
    cell: (row) => row.services.join(", ") || "All",
  },
  {
    id: "credential",
    header: "Way in",
    minWidth: 150,
    value: (row) => credentialWords[row.credentialKind],
    cell: (row) => credentialWords[row.credentialKind],
  },
  {
    id: "budget",
    header: "Budget for an account",
    minWidth: 140,
    value: (row) => row.budgetMinor,
    cell: (row) =>
      row.budgetMinor === null
        ? "None"
        : `${moneyText(row.budgetMinor, row.budgetCurrency)}${row.budgetFreeze ? ", then frozen" : ""}`,
  },
  {
    id: "stack",
    header: "Start-up stack",
    value: (row) => (row.hasStack ? "Yes" : "No"),
    cell: (row) => (row.hasStack ? "Yes" : "No"),
  },
  {
    id: "used",
    header: "Used by",
    minWidth: 130,
    value: (row) => row.workshops,
    cell: (row) =>
      `${row.workshops === 1 ? "1 workshop" : `${row.workshops} workshops`}${row.liveLeases > 0 ? `, ${row.liveLeases} lent now` : ""}`,
  },
];

/** The team's sandbox profiles. */
export function ProfilesScreen({ profiles, mayEdit }: { profiles: ProfileSummary[]; mayEdit: boolean }) {
  const make = (
    <Button
      variant="primary"
      href={consolePaths.newProfile()}
      disabled={!mayEdit}
      disabledReason="Only an admin makes sandbox profiles"
    >
      New profile
    </Button>
  );
  return (
    <Page
      title="Sandbox profiles"
      crumbs={[{ text: "Team", href: consolePaths.members() }]}
      description="What an attendee gets: where and what they may use, how they enter, what it may cost, and what is there when they begin."
    >
      <DataTable
        id="profiles"
        title="Sandbox profiles"
        items={profiles}
        columns={columns}
        rowId={(row) => row.id}
        sort="name"
        placeholder="Find by name, region or service"
        empty={{
          title: "No sandbox profile yet",
          text: "A workshop with accounts needs one.",
          action: mayEdit ? make : undefined,
        }}
        actions={make}
      />
    </Page>
  );
}
