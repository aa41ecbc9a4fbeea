"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import type { ReactNode } from "react";
import { Live } from "@/components/live";
import { Page } from "@/components/shell/page";
import { Status, type StatusOf, statusWord, WorkshopStatus } from "@/components/status";
import { Moment, WorkshopTime } from "@/components/times";
import { SeatBar } from "@/components/workshops/seat-bar";
import { automaticText } from "@/components/workshops/workshop-list";
import type { NewRegistration, Problem, TeamHome } from "@/server/insights/home";
import { consolePaths } from "@/server/paths";
import type { WorkshopSummary } from "@/server/workshops/views";
import "@/components/workshops/workshops.css";

/** What stands in the way of a workshop's next move, with the link that helps; or that nothing does. */
function InTheWay({ workshop }: { workshop: WorkshopSummary }) {
  const open = workshop.next?.guards.filter((guard) => !guard.ok && guard.id !== "ended") ?? [];
  const automatic = automaticText(workshop);
  return (
    <SpaceBetween size="xxs">
      {open.map((guard) => (
        <StatusIndicator key={guard.id} type={guard.blocking ? "error" : "warning"} wrapText>
          {guard.fix ? <Link href={guard.fix.href}>{guard.text}</Link> : guard.text}
        </StatusIndicator>
      ))}
      {open.length === 0 && workshop.state !== "open" ? (
        <StatusIndicator type="success">Nothing in the way</StatusIndicator>
      ) : null}
      <Box color="text-body-secondary" fontSize="body-s">
        {automatic ?? (workshop.next ? `${workshop.next.label}: by hand` : "")}
      </Box>
    </SpaceBetween>
  );
}

/** A workshop in a list of the first page: what, when, where. */
export function WorkshopCard({ workshop, children }: { workshop: WorkshopSummary; children?: ReactNode }) {
  const { id, state } = workshop;
  const tab = state === "open" ? "live" : state === "closing" ? "closing" : undefined;
  return (
    <div className="home-workshop">
      <SpaceBetween size="xs">
        <SpaceBetween direction="horizontal" size="s" alignItems="center">
          <Link href={consolePaths.workshop(id, tab)} fontSize="heading-s">
            <span className="any-word">{workshop.title}</span>
          </Link>
          <WorkshopStatus state={state} pausedAt={workshop.pausedAt} />
        </SpaceBetween>
        <Box color="text-body-secondary">
          <WorkshopTime startsAt={workshop.startsAt} endsAt={workshop.endsAt} timeZone={workshop.timeZone} />
          {workshop.place ? ` · ${workshop.place}` : ""}
        </Box>
        {children}
      </SpaceBetween>
    </div>
  );
}

/** The first page of solutions architects and admins: problems, today, what comes. */
export function TeamHomePage({ home, name }: { home: TeamHome; name: string }) {
  const { problems, today, next, closing } = home;
  const first = name.split(" ")[0];
  return (
    <Page
      title="Home"
      description={
        problems.length > 0
          ? `${problems.length} ${problems.length === 1 ? "thing needs" : "things need"} somebody, ${first}.`
          : `Nothing is wrong, ${first}.`
      }
      actions={
        <Button variant="primary" href={consolePaths.newWorkshop()} iconName="add-plus">
          New workshop
        </Button>
      }
    >
      <div className="any-word">
        <SpaceBetween size="l">
          <Problems problems={problems} />
          <Grid gridDefinition={[{ colspan: { default: 12, m: 7 } }, { colspan: { default: 12, m: 5 } }]}>
            <SpaceBetween size="l">
              <Container header={<Header variant="h2">Today</Header>}>
                <SpaceBetween size="l">
                  {[...today, ...closing].map((workshop) => (
                    <WorkshopCard key={workshop.id} workshop={workshop}>
                      {workshop.state === "closing" ? (
                        workshop.trouble.length > 0 ? (
                          <StatusIndicator type="error">{workshop.trouble.join(", ")}</StatusIndicator>
                        ) : (
                          <Box color="text-body-secondary">Accounts are being taken back.</Box>
                        )
                      ) : (
                        <>
                          <Seats workshop={workshop} />
                          <InTheWay workshop={workshop} />
                        </>
                      )}
                    </WorkshopCard>
                  ))}
                  {today.length + closing.length === 0 ? (
                    <Box color="text-body-secondary">Nothing runs today. A calm day.</Box>
                  ) : null}
                </SpaceBetween>
              </Container>
              <Container
                header={
                  <Header variant="h2" actions={<Button href={consolePaths.workshops()}>All workshops</Button>}>
                    Next
                  </Header>
                }
              >
                <SpaceBetween size="l">
                  {next.map((workshop) => (
                    <WorkshopCard key={workshop.id} workshop={workshop}>
                      <Seats workshop={workshop} />
                      <InTheWay workshop={workshop} />
                    </WorkshopCard>
                  ))}
                  {next.length === 0 ? (
                    <SpaceBetween size="xs">
                      <Box color="text-body-secondary">No workshop is planned.</Box>
                      <Button href={consolePaths.newWorkshop()}>Draft one</Button>
                    </SpaceBetween>
                  ) : null}
                </SpaceBetween>
              </Container>
            </SpaceBetween>
            <SpaceBetween size="l">
              <PoolLine pool={home.pool} />
              <Since rows={home.sinceYesterday} />
            </SpaceBetween>
          </Grid>
          <Live topic="home" quiet />
        </SpaceBetween>
      </div>
    </Page>
  );
}

function Seats({ workshop }: { workshop: WorkshopSummary }) {
  return (
    <SeatBar
      capacity={workshop.capacity}
      taken={workshop.seatsTaken}
      offered={workshop.counts.offered}
      waiting={workshop.counts.waitlisted}
    />
  );
}

function Problems({ problems }: { problems: Problem[] }) {
  return (
    <SpaceBetween size="s">
      {problems.map((problem) => (
        <Alert
          key={problem.id}
          type={problem.severity}
          header={problem.title}
          action={<Button href={problem.action.href}>{problem.action.label}</Button>}
        >
          {problem.text}
          {problem.since ? (
            <Box color="text-body-secondary" fontSize="body-s">
              Since <Moment at={problem.since} />
            </Box>
          ) : null}
        </Alert>
      ))}
    </SpaceBetween>
  );
}

const poolStates = ["available", "leased", "cleaning", "cooling", "quarantined"] as const;

function PoolLine({ pool }: { pool: Record<string, number> }) {
  const shown = poolStates.filter((state) => (pool[state] ?? 0) > 0 || state === "available");
  return (
    <Container
      header={
        <Header variant="h2" actions={<Button href={consolePaths.pool()}>Pool</Button>}>
          Sandbox accounts
        </Header>
      }
    >
      <KeyValuePairs
        columns={Math.min(4, shown.length)}
        items={shown.map((state) => ({
          label: statusWord("account", state),
          value: (
            <Link
              href={`${consolePaths.pool()}?f=${encodeURIComponent(`state=${statusWord("account", state)}`)}`}
              fontSize="display-l"
            >
              {pool[state] ?? 0}
            </Link>
          ),
        }))}
      />
    </Container>
  );
}

/** Who registered in the last day. */
export function Since({ rows }: { rows: NewRegistration[] }) {
  return (
    <Table
      variant="container"
      items={rows.slice(0, 10)}
      trackBy="id"
      wrapLines
      ariaLabels={{ tableLabel: "Who registered since yesterday" }}
      header={
        <Header variant="h2" counter={rows.length > 0 ? `(${rows.length})` : undefined}>
          Registered since yesterday
        </Header>
      }
      empty={<Box color="text-body-secondary">Nobody in the last day.</Box>}
      columnDefinitions={[
        {
          id: "name",
          header: "Who",
          isRowHeader: true,
          cell: (row) => (
            <div className="any-word">
              {row.name ?? "Anonymous"}
              {row.company ? (
                <Box fontSize="body-s" color="text-body-secondary">
                  {row.company}
                </Box>
              ) : null}
            </div>
          ),
        },
        {
          id: "workshop",
          header: "Workshop",
          cell: (row) => (
            <>
              <div className="any-word">
                <Link href={consolePaths.workshop(row.workshop.id, "registrations")}>{row.workshop.title}</Link>
              </div>
              <Box fontSize="body-s">
                <Status noun="registration" state={row.state as StatusOf<"registration">} wrap />{" "}
                <Box display="inline" color="text-body-secondary" fontSize="body-s">
                  <Moment at={row.at} relative={false} />
                </Box>
              </Box>
            </>
          ),
        },
      ]}
    />
  );
}
