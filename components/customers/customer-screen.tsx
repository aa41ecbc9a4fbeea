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
import { Status, WorkshopStatus } from "@/components/status";
import { dayText, useReaderZone, WorkshopTime } from "@/components/times";
import type { CustomerCounts, CustomerPerson, CustomerView, CustomerWorkshop } from "@/server/insights/customers";
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
      </SpaceBetween>
    </Page>
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
