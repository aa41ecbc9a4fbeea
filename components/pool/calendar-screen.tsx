"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Live } from "@/components/live";
import { CalendarGrid } from "@/components/pool/calendar-grid";
import { lengthWords, monthWords } from "@/components/pool/calendar-words";
import { firstSentence } from "@/components/pool/needs-you";
import { Page } from "@/components/shell/page";
import { Status } from "@/components/status";
import { type Column, DataTable } from "@/components/table";
import { Moment, placeOf } from "@/components/times";
import { consolePaths } from "@/server/paths";
import type { AwayAccount, CalendarShortage, PoolCalendar } from "@/server/sandboxes/calendar";

/** A month of the pool: what is promised for which day, where it is too much, and which accounts are away. */
export function CalendarScreen({ calendar }: { calendar: PoolCalendar }) {
  const { month, previous, next, today, timeZone } = calendar;
  const thisMonth = today.slice(0, 7);
  return (
    <Page
      title="Calendar of the pool"
      crumbs={[
        { text: "Sandboxes", href: consolePaths.pool() },
        { text: "Pool", href: consolePaths.pool() },
      ]}
      description={`Days on the clock of ${placeOf(timeZone)}. ${cleaningWords(calendar)}`}
      status={<Live topic="calendar" />}
      actions={<Button href={consolePaths.pool()}>Accounts</Button>}
    >
      <SpaceBetween size="l">
        <Shortages all={calendar.shortages} month={month} />
        <Container
          header={
            <Header
              variant="h2"
              actions={
                <SpaceBetween direction="horizontal" size="xs">
                  <Button
                    iconName="angle-left"
                    href={previous ? consolePaths.poolCalendar(previous) : undefined}
                    disabled={previous === null}
                    disabledReason="What was lent before stands with each account"
                    ariaLabel={previous ? `Previous month, ${monthWords(previous)}` : "Previous month"}
                  />
                  <Button
                    href={consolePaths.poolCalendar()}
                    disabled={month === thisMonth}
                    disabledReason="This is the current month"
                  >
                    Today
                  </Button>
                  <Button
                    iconName="angle-right"
                    href={consolePaths.poolCalendar(next)}
                    ariaLabel={`Next month, ${monthWords(next)}`}
                  />
                </SpaceBetween>
              }
            >
              {monthWords(month)}
            </Header>
          }
        >
          {calendar.workshops.length === 0 ? (
            <NothingPlanned calendar={calendar} />
          ) : (
            <CalendarGrid {...{ calendar }} />
          )}
        </Container>
        {calendar.away.length > 0 ? <Away accounts={calendar.away} timeZone={timeZone} /> : null}
      </SpaceBetween>
    </Page>
  );
}

/** How long an account is away after a workshop, and how that is known. */
function cleaningWords({ cleaning: { minutes, runs }, cooldownHours }: PoolCalendar): string {
  const known =
    runs > 0
      ? `Cleaning takes about ${lengthWords(minutes)}, from the last ${runs === 1 ? "cleanup" : `${runs} cleanups`}`
      : `Cleaning is taken to last ${lengthWords(minutes)}, until the first workshop has closed`;
  return cooldownHours > 0
    ? `${known}; then an account cools down for ${lengthWords(cooldownHours * 60)}.`
    : `${known}.`;
}

function Shortages({ all, month }: { all: readonly CalendarShortage[]; month: string }) {
  if (all.length === 0) return null;
  return (
    <Alert
      type="warning"
      header={`More accounts are promised than there are, ${all.length === 1 ? "once" : `${all.length} times`} in ${monthWords(month)}`}
      action={<Button href={consolePaths.pool()}>See the accounts</Button>}
    >
      <ul>
        {all.map((one) => (
          <li key={one.when}>
            {one.when}: {one.wanted} wanted, {one.there} there, so {one.wanted - one.there} too few.{" "}
            {one.workshops.map((workshop, index) => (
              <span key={workshop.id}>
                {index > 0 ? ", " : ""}
                <Link href={consolePaths.workshop(workshop.id)}>{workshop.title}</Link> ({workshop.accounts})
              </span>
            ))}
          </li>
        ))}
      </ul>
      Move a workshop, give it fewer seats, or bring accounts into the pool.
    </Alert>
  );
}

function NothingPlanned({ calendar }: { calendar: PoolCalendar }) {
  const { month, usable } = calendar;
  return (
    <Box textAlign="center" padding={{ vertical: "l" }}>
      <SpaceBetween size="xs">
        <Box variant="strong">No workshop wants accounts in {monthWords(month)}</Box>
        <Box color="text-body-secondary">
          {usable === 0
            ? "There is no account in the pool either. Bring some in before people are invited."
            : `${usable} ${usable === 1 ? "account is" : "accounts are"} there for it. A workshop stands here once it has a date and a sandbox, and counts from the opening of its registration.`}
        </Box>
        {usable === 0 ? (
          <Button href={consolePaths.pool()}>Go to the pool</Button>
        ) : (
          <Button href={consolePaths.newWorkshop()}>New workshop</Button>
        )}
      </SpaceBetween>
    </Box>
  );
}

function Away({ accounts, timeZone }: { accounts: AwayAccount[]; timeZone: string }) {
  const columns: Column<AwayAccount>[] = [
    {
      id: "account",
      header: "Account",
      rowHeader: true,
      minWidth: 170,
      value: (row) => row.awsAccountId,
      cell: (row) => (
        <>
          <Link href={consolePaths.account(row.id)}>{row.awsAccountId}</Link>
          <Box color="text-body-secondary" fontSize="body-s">
            {row.name}
          </Box>
        </>
      ),
    },
    {
      id: "state",
      header: "State",
      value: (row) => row.state,
      cell: (row) =>
        // Its workshop is closing: it is still lent by its row, and on its way back.
        row.state === "leased" ? <Status noun="lease" state="closing" /> : <Status noun="account" state={row.state} />,
    },
    {
      id: "since",
      header: "Since",
      value: (row) => row.since,
      cell: (row) => <Moment at={row.since} timeZone={timeZone} />,
    },
    {
      id: "back",
      header: "Expected back",
      minWidth: 220,
      value: (row) => row.backAt ?? "9999",
      cell: (row) => <Back row={row} timeZone={timeZone} />,
    },
  ];
  return (
    <DataTable
      id="pool-away"
      prefix="away-"
      title="Not there at present"
      description="Accounts that no workshop has and that cannot be lent now"
      items={accounts}
      columns={columns}
      rowId={(row) => row.id}
      sort="back"
      placeholder="Find an account"
      empty={{ title: "Every account is there" }}
    />
  );
}

function Back({ row, timeZone }: { row: AwayAccount; timeZone: string }) {
  if (row.late)
    return (
      <>
        Later than expected
        <Box fontSize="body-s">
          <Link
            href={consolePaths.account(row.id)}
            fontSize="body-s"
            ariaLabel={`See what holds it up: ${row.awsAccountId}`}
          >
            See what holds it up
          </Link>
        </Box>
      </>
    );
  if (row.backAt) return <Moment at={row.backAt} timeZone={timeZone} />;
  return (
    <>
      Once somebody has seen to it
      <Box fontSize="body-s">
        {row.reason ? `${firstSentence(row.reason)} ` : null}
        <Link href={consolePaths.account(row.id)} fontSize="body-s" ariaLabel={`What to do about ${row.awsAccountId}`}>
          What to do
        </Link>
      </Box>
    </>
  );
}
