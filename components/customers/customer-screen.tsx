"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import { Page } from "@/components/shell/page";
import { Status, statusOptions, statusWord, WorkshopStatus } from "@/components/status";
import { type Column, DataTable } from "@/components/table";
import { dayText, useReaderZone, WorkshopTime } from "@/components/times";
import { CopyLink } from "@/components/workshops/invitations-tab";
import type {
  CustomerCounts,
  CustomerLink,
  CustomerPerson,
  CustomerView,
  CustomerWorkshop,
} from "@/server/insights/customers";
import { consolePaths } from "@/server/paths";

/** One customer: figures at the top, then their people workshop by workshop. */
export function CustomerScreen({ customer, own }: { customer: CustomerView; own: boolean }) {
  const { counts, workshops } = customer;
  const whose = customer.accountManagers.join(", ");
  return (
    <Page
      title={customer.name}
      crumbs={[{ text: "Customers", href: consolePaths.customers() }]}
      description={own ? "The people who came by your links." : whose ? `Invited by ${whose}.` : undefined}
    >
      <SpaceBetween size="l">
        <Container>
          <KeyValuePairs
            columns={4}
            items={[
              { label: "Registered", value: <Figure of={counts.registered} /> },
              { label: "With a seat", value: <Figure of={counts.confirmed} /> },
              { label: "On a waitlist", value: <Figure of={counts.waitlisted} /> },
              { label: "Attended", value: <Figure of={counts.attended} /> },
            ]}
          />
        </Container>
        {workshops.length === 0 ? (
          <Container>
            <Box textAlign="center" padding="l">
              <SpaceBetween size="s">
                <Box variant="strong">Nobody of theirs has registered yet</Box>
                <Box color="text-body-secondary">Their people appear here once they register by a link.</Box>
                <Button href={consolePaths.workshops()}>Go to workshops</Button>
              </SpaceBetween>
            </Box>
          </Container>
        ) : (
          workshops.map((workshop) => <Registrations key={workshop.id} workshop={workshop} own={own} />)
        )}
        <Links links={customer.links} own={own} />
      </SpaceBetween>
    </Page>
  );
}

/** The links made for them and their people, each with how far it carried. */
function Links({ links, own }: { links: CustomerLink[]; own: boolean }) {
  const columns: Column<CustomerLink>[] = [
    {
      id: "for",
      header: "For",
      rowHeader: true,
      personal: true,
      minWidth: 150,
      value: (row) => row.person ?? "",
      cell: (row) => (
        <span className="any-word">
          {row.personal ? (row.person ?? "An address that was deleted") : "Everybody of theirs"}
        </span>
      ),
    },
    {
      id: "workshop",
      header: "Workshop",
      minWidth: 150,
      value: (row) => row.workshop.title,
      filter: { label: "Workshop" },
      cell: (row) => (
        <Link href={`${consolePaths.workshop(row.workshop.id, "invitations")}?row=${row.id}`}>
          {row.workshop.title}
        </Link>
      ),
    },
    {
      id: "state",
      header: "State",
      minWidth: 130,
      value: (row) => statusWord("invite", row.state),
      filter: { label: "State", options: statusOptions("invite") },
      cell: (row) => <Status noun="invite" state={row.state} />,
    },
    { id: "opened", header: "Opened", value: (row) => row.opened, cell: (row) => row.opened },
    { id: "registered", header: "Registered", value: (row) => row.registered, cell: (row) => row.registered },
    {
      id: "confirmed",
      header: "Seats",
      value: (row) => row.confirmed,
      cell: (row) => (row.seatLimit === null ? row.confirmed : `${row.confirmed} of ${row.seatLimit}`),
    },
    {
      id: "owner",
      header: "Account manager",
      hidden: own,
      value: (row) => row.owner,
      filter: { label: "Account manager" },
      cell: (row) => row.owner,
    },
    {
      id: "copy",
      header: "Link",
      minWidth: 120,
      cell: (row) =>
        row.link ? <CopyLink link={row.link} label={`Copy link for ${row.person ?? "everybody of theirs"}`} /> : "–",
    },
  ];
  return (
    <DataTable
      id="customer-links"
      title="Links"
      items={links}
      columns={columns}
      rowId={(row) => row.id}
      prefix="links-"
      placeholder="Find by person, workshop or state"
      empty={{ title: "No link for them", text: "Links for a customer are made with a workshop, under Invitations." }}
    />
  );
}

function Figure({ of }: { of: number }) {
  return <Box variant="awsui-value-large">{of}</Box>;
}

/** "3 registered, 2 attended": only what there is. */
function countsText(counts: CustomerCounts): string {
  const words: [number, string][] = [
    [counts.registered, "registered"],
    [counts.confirmed, "with a seat"],
    [counts.waitlisted, "on the waitlist"],
    [counts.attended, "attended"],
    [counts.noShow, "did not come"],
    [counts.cancelled, "cancelled"],
  ];
  return words
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(", ");
}

function Registrations({ workshop, own }: { workshop: CustomerWorkshop; own: boolean }) {
  const zone = useReaderZone() ?? workshop.timeZone;
  const columns: TableProps.ColumnDefinition<CustomerPerson>[] = [
    {
      id: "name",
      header: "Person",
      isRowHeader: true,
      minWidth: 160,
      cell: (row) =>
        row.anonymized ? (
          <Box color="text-body-secondary">Anonymized</Box>
        ) : (
          <Link href={`${consolePaths.workshop(workshop.id, "registrations")}?row=${row.registrationId}`}>
            {row.name ?? "No name yet"}
          </Link>
        ),
    },
    {
      id: "email",
      header: "E-mail",
      cell: (row) => (row.email ? <Link href={`mailto:${row.email}`}>{row.email}</Link> : "–"),
    },
    { id: "role", header: "Role", cell: (row) => row.jobTitle ?? "–" },
    { id: "state", header: "State", cell: (row) => <Status noun="registration" state={row.state} /> },
    { id: "registered", header: "Registered", cell: (row) => dayText(row.registeredAt, zone) },
  ];
  if (!own) columns.splice(4, 0, { id: "by", header: "Invited by", cell: (row) => row.accountManager ?? "–" });
  return (
    <Table
      items={workshop.people}
      trackBy="registrationId"
      columnDefinitions={columns}
      wrapLines
      enableKeyboardNavigation
      ariaLabels={{ tableLabel: workshop.title }}
      header={
        <Header
          variant="h2"
          counter={`(${workshop.people.length})`}
          description={
            <>
              <WorkshopTime {...workshop} /> · {countsText(workshop.counts)}
              {workshop.seatLimit === null ? null : ` · at most ${workshop.seatLimit} seats for them`}
            </>
          }
          actions={<WorkshopStatus state={workshop.state} pausedAt={null} />}
        >
          <Link href={consolePaths.workshop(workshop.id)} fontSize="inherit">
            {workshop.title}
          </Link>
        </Header>
      }
    />
  );
}
