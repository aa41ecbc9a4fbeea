"use client";

import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import { Page } from "@/components/shell/page";
import { type Column, DataTable } from "@/components/table";
import { dayText } from "@/components/times";
import type { CustomerSummary } from "@/server/insights/customers";
import { consolePaths } from "@/server/paths";

const columns: Column<CustomerSummary>[] = [
  {
    id: "name",
    header: "Customer",
    rowHeader: true,
    minWidth: 150,
    value: (row) => row.name,
    cell: (row) => <Link href={consolePaths.customer(row.id)}>{row.name}</Link>,
  },
  { id: "registered", header: "Registered", value: (row) => row.counts.registered, cell: people("registered") },
  { id: "confirmed", header: "Confirmed", value: (row) => row.counts.confirmed, cell: people("confirmed") },
  { id: "waitlisted", header: "On a waitlist", value: (row) => row.counts.waitlisted, cell: people("waitlisted") },
  { id: "attended", header: "Attended", value: (row) => row.counts.attended, cell: people("attended") },
  { id: "noShow", header: "Did not come", value: (row) => row.counts.noShow, cell: people("noShow"), hidden: true },
  {
    id: "cancelled",
    header: "Cancelled",
    value: (row) => row.counts.cancelled,
    cell: people("cancelled"),
    hidden: true,
  },
  { id: "workshops", header: "Workshops", value: (row) => row.workshops, cell: (row) => row.workshops },
  { id: "invites", header: "Links", value: (row) => row.invites, cell: (row) => row.invites, hidden: true },
  {
    id: "last",
    header: "Latest workshop",
    minWidth: 180,
    value: (row) => row.last?.startsAt ?? null,
    cell: (row) =>
      row.last ? (
        <>
          <Link href={consolePaths.workshop(row.last.id)}>{row.last.title}</Link>
          {row.last.startsAt ? `, ${dayText(row.last.startsAt, row.last.timeZone)}` : null}
        </>
      ) : (
        "None yet"
      ),
  },
];

/** A figure, which leads to the people behind it. */
function people(count: keyof CustomerSummary["counts"]) {
  return (row: CustomerSummary) =>
    row.counts[count] > 0 ? (
      <Link href={consolePaths.customer(row.id)} ariaLabel={`${row.counts[count]}, people of ${row.name}`}>
        {row.counts[count]}
      </Link>
    ) : (
      0
    );
}

export function CustomersScreen({ customers, own }: { customers: CustomerSummary[]; own: boolean }) {
  return (
    <Page
      title="Customers"
      description={
        own
          ? "The companies that you invite, with the people who came by your links."
          : "The companies whose people register for the team's workshops."
      }
    >
      <DataTable
        id="customers"
        title="Customers"
        items={customers}
        columns={columns}
        rowId={(row) => row.id}
        sort="name"
        placeholder="Find a customer"
        empty={{
          title: "No customers yet",
          text: "A customer is made with the first link for them: open a workshop and go to its invitations.",
          action: <Button href={consolePaths.workshops()}>Go to workshops</Button>,
        }}
      />
    </Page>
  );
}
