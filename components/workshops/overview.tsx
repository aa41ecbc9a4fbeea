"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { anonymizeNow } from "@/app/(console)/workshops/actions";
import { useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import { statusWord } from "@/components/status";
import { Moment } from "@/components/times";
import { SeatBar } from "@/components/workshops/seat-bar";
import { consolePaths } from "@/server/paths";
import { languages } from "@/server/workshops/schemas";
import type { MoveView, WorkshopView } from "@/server/workshops/views";

type Props = { workshop: WorkshopView; mayAnonymize: boolean; maySeePool: boolean };

/** What is missing, who comes, what it is: everything that is asked about a workshop first. */
export function WorkshopOverview({ workshop, mayAnonymize, maySeePool }: Props) {
  const over = workshop.state === "closed" || workshop.state === "cancelled";
  return (
    <SpaceBetween size="l">
      {over ? <Afterwards workshop={workshop} mayAnonymize={mayAnonymize} /> : null}
      <Grid
        gridDefinition={[{ colspan: { default: 12, m: 6 } }, { colspan: { default: 12, m: 6 } }]}
        disableGutters={false}
      >
        <SpaceBetween size="l">
          {workshop.next ? <Checklist move={workshop.next} /> : null}
          <Seats workshop={workshop} />
          {workshop.sandboxProfile ? <Sandbox workshop={workshop} maySeePool={maySeePool} /> : null}
        </SpaceBetween>
        <SpaceBetween size="l">
          <Inviting workshop={workshop} />
          <About workshop={workshop} />
        </SpaceBetween>
      </Grid>
    </SpaceBetween>
  );
}

function Checklist({ move }: { move: MoveView }) {
  const open = move.guards.filter((guard) => !guard.ok).length;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={
            open === 0 ? "Nothing is missing." : `${move.guards.length - open} of ${move.guards.length} done`
          }
        >
          Before “{move.label.toLowerCase()}”
        </Header>
      }
    >
      <SpaceBetween size="s">
        {move.guards.map((guard) => (
          <div key={guard.id}>
            <StatusIndicator type={guard.ok ? "success" : guard.blocking ? "error" : "warning"} wrapText>
              {guard.text}
              {!guard.ok && guard.fix ? (
                <>
                  {" · "}
                  <Link href={guard.fix.href}>{guard.fix.label}</Link>
                </>
              ) : null}
            </StatusIndicator>
          </div>
        ))}
        {move.guards.length === 0 ? <Box color="text-body-secondary">It needs nothing.</Box> : null}
      </SpaceBetween>
    </Container>
  );
}

const figures = [
  ["confirmed", "confirmed"],
  ["attended", "attended"],
  ["noShow", "no_show"],
  ["offered", "offered"],
  ["waitlisted", "waitlisted"],
  ["unverified", "unverified"],
  ["cancelled", "cancelled"],
] as const;

function Seats({ workshop }: { workshop: WorkshopView }) {
  const { counts, capacity, seatsTaken, id } = workshop;
  const href = (word: string) =>
    `${consolePaths.workshop(id, "registrations")}?f=${encodeURIComponent(`state=${word}`)}`;
  return (
    <Container
      header={
        <Header variant="h2" actions={<Button href={consolePaths.workshop(id, "registrations")}>Registrations</Button>}>
          Seats
        </Header>
      }
    >
      <SpaceBetween size="m">
        <SeatBar capacity={capacity} taken={seatsTaken} offered={counts.offered} waiting={counts.waitlisted} />
        <KeyValuePairs
          columns={3}
          items={figures
            .filter(([name]) => counts[name] > 0 || name === "confirmed")
            .map(([name, state]) => ({
              label: statusWord("registration", state),
              value: (
                <Link href={href(statusWord("registration", state))} fontSize="heading-l">
                  {counts[name]}
                </Link>
              ),
            }))}
        />
      </SpaceBetween>
    </Container>
  );
}

function Sandbox({ workshop, maySeePool }: { workshop: WorkshopView; maySeePool: boolean }) {
  const { pool, sandboxProfile, state } = workshop;
  const needed = state === "draft" || state === "registration";
  return (
    <Container
      header={
        <Header variant="h2" actions={maySeePool ? <Button href={consolePaths.pool()}>Pool</Button> : undefined}>
          Sandbox
        </Header>
      }
    >
      <KeyValuePairs
        columns={needed && pool ? 3 : 1}
        items={[
          { label: "Each attendee gets", value: `An account, ${sandboxProfile?.name}` },
          ...(needed && pool
            ? [
                {
                  label: "Available now",
                  value: maySeePool ? (
                    <Link href={consolePaths.pool()} fontSize="heading-l">
                      {pool.available}
                    </Link>
                  ) : (
                    pool.available
                  ),
                },
                {
                  label: "Needed as it stands",
                  value: (
                    <StatusIndicator type={pool.available >= pool.needed ? "success" : "warning"}>
                      {pool.needed}
                    </StatusIndicator>
                  ),
                },
              ]
            : []),
        ]}
      />
      {needed && pool?.onDate ? (
        <Box padding={{ top: "m" }}>
          <Box variant="awsui-key-label">On its dates</Box>
          <StatusIndicator type={pool.onDate.missing === 0 ? "success" : "warning"} wrapText>
            {pool.onDate.text}
            {" · "}
            <Link href={pool.onDate.href}>Calendar of the pool</Link>
          </StatusIndicator>
        </Box>
      ) : null}
    </Container>
  );
}

function Inviting({ workshop }: { workshop: WorkshopView }) {
  const { accountManagers, id, mayEdit } = workshop;
  const edit = consolePaths.editWorkshop(id, "people");
  return (
    <Table
      variant="container"
      items={accountManagers}
      trackBy="memberId"
      ariaLabels={{ tableLabel: "Who invites" }}
      header={
        <Header
          variant="h2"
          counter={accountManagers.length > 0 ? `(${accountManagers.length})` : undefined}
          actions={<Button href={consolePaths.workshop(id, "invitations")}>Invitations</Button>}
        >
          Who invites
        </Header>
      }
      empty={
        <SpaceBetween size="xs">
          <span>Nobody invites yet.</span>
          {mayEdit ? <Link href={edit}>Choose who invites</Link> : null}
        </SpaceBetween>
      }
      columnDefinitions={[
        { id: "name", header: "Account manager", cell: (row) => row.name, isRowHeader: true },
        {
          id: "seats",
          header: "Seats",
          cell: (row) => (
            <Link
              href={`${consolePaths.workshop(id, "registrations")}?f=${encodeURIComponent(`invitedBy=${row.name}`)}`}
            >
              {row.seatsTaken}
              {row.seatLimit === null ? " taken, no limit" : ` of ${row.seatLimit}`}
            </Link>
          ),
        },
      ]}
    />
  );
}

function About({ workshop }: { workshop: WorkshopView }) {
  const { abstract, outcomes, bring, agenda, presenters, mayEdit, id } = workshop;
  const edit = (step: string) => consolePaths.editWorkshop(id, step);
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button href={consolePaths.previewAttendee(id)}>View as attendee</Button>
              {mayEdit ? <Button href={edit("basics")}>Change</Button> : null}
            </SpaceBetween>
          }
        >
          About
        </Header>
      }
    >
      <SpaceBetween size="l">
        {abstract ? <Box variant="p">{abstract}</Box> : <Box color="text-body-secondary">No abstract yet</Box>}
        <KeyValuePairs
          columns={2}
          items={[
            {
              label: "Presenters",
              value:
                presenters.map((one) => one.name).join(", ") ||
                (mayEdit ? <Link href={edit("people")}>Add a presenter</Link> : "Nobody yet"),
            },
            {
              label: "Languages",
              value: workshop.languages.map((code) => languages[code as keyof typeof languages] ?? code).join(", "),
            },
          ]}
        />
        <ColumnLayout columns={outcomes.length > 0 && bring.length > 0 ? 2 : 1} variant="text-grid">
          {outcomes.length > 0 ? <Lines title="Afterwards people can" lines={outcomes} /> : null}
          {bring.length > 0 ? <Lines title="What to bring" lines={bring} /> : null}
        </ColumnLayout>
        {agenda.length > 0 ? (
          <div>
            <Box variant="awsui-key-label">Agenda</Box>
            <table className="agenda">
              <tbody>
                {agenda.map((item) => (
                  <tr key={`${item.startsAt} ${item.title}`}>
                    <td>{item.startsAt}</td>
                    <th scope="row">
                      {item.title}
                      {item.description ? <Box color="text-body-secondary">{item.description}</Box> : null}
                    </th>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ) : mayEdit ? (
          <Link href={edit("agenda")}>Write an agenda</Link>
        ) : null}
      </SpaceBetween>
    </Container>
  );
}

function Lines({ title, lines }: { title: string; lines: string[] }) {
  return (
    <div>
      <Box variant="awsui-key-label">{title}</Box>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}

const forgottenWords: Record<string, string> = {
  registrations: "Registrations emptied",
  persons: "People forgotten",
  personsKept: "People kept, in another workshop",
  messages: "Mails emptied",
  links: "Personal links deleted",
  browsers: "Browsers forgotten",
  attempts: "Codes deleted",
  mailboxFiles: "Local mails deleted",
  resourceNames: "Names of resources cleared",
  companiesUnmatched: "Companies as typed, deleted",
};

const keptWords: Record<string, string> = {
  registered: "Registered",
  confirmed: "Confirmed",
  attended: "Attended",
  noShow: "Did not come",
  customers: "Customers",
};

/** The counts of a certificate that have a word, without those that are zero. */
function countsOf(value: unknown, words: Record<string, string>): { label: string; value: string }[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, count]) =>
    typeof count === "number" && count > 0 && words[name] ? [{ label: words[name], value: String(count) }] : [],
  );
}

/** What the anonymization deleted and what stays, in counts. */
function Certificate({ anonymization }: { anonymization: unknown }) {
  const figures = (anonymization as { figures?: unknown } | null)?.figures;
  const forgotten = countsOf(anonymization, forgottenWords);
  const kept = countsOf(figures, keptWords);
  return (
    <ColumnLayout columns={kept.length > 0 ? 2 : 1} variant="text-grid">
      {forgotten.length > 0 ? (
        <SpaceBetween size="xs">
          <Box variant="h3">What was deleted</Box>
          <KeyValuePairs columns={2} items={forgotten} />
        </SpaceBetween>
      ) : null}
      {kept.length > 0 ? (
        <SpaceBetween size="xs">
          <Box variant="h3">What stays</Box>
          <KeyValuePairs columns={2} items={kept} />
        </SpaceBetween>
      ) : null}
    </ColumnLayout>
  );
}

/** After the end: what happened, and what becomes of the attendees' data. */
function Afterwards({ workshop, mayAnonymize }: { workshop: WorkshopView; mayAnonymize: boolean }) {
  const { run, pending } = useAction();
  const [asked, setAsked] = useState(false);
  const { counts, anonymizedAt, anonymizeAt, timeZone, id } = workshop;
  const people = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const cancelled = workshop.state === "cancelled";
  const words = `${people} ${people === 1 ? "person" : "people"}`;
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            anonymizedAt || !mayAnonymize ? undefined : (
              <Button
                onClick={() => setAsked(true)}
                disabled={people === 0}
                disabledReason="Nobody registered, so there is nothing to forget."
              >
                Anonymize now
              </Button>
            )
          }
        >
          {cancelled ? "Cancelled" : "What happened"}
        </Header>
      }
    >
      <SpaceBetween size="m">
        {cancelled ? null : (
          <KeyValuePairs
            columns={4}
            items={[
              { label: "Attended", value: <Box fontSize="display-l">{counts.attended}</Box> },
              { label: "Did not come", value: <Box fontSize="display-l">{counts.noShow}</Box> },
              { label: "Cancelled before", value: <Box fontSize="display-l">{counts.cancelled}</Box> },
              { label: "Seats", value: <Box fontSize="display-l">{workshop.capacity}</Box> },
            ]}
          />
        )}
        {anonymizedAt ? (
          <SpaceBetween size="s">
            <StatusIndicator type="success" wrapText>
              The attendees were made anonymous on <Moment at={anonymizedAt} timeZone={timeZone} />. The figures stay.
            </StatusIndicator>
            <Certificate anonymization={workshop.anonymization} />
          </SpaceBetween>
        ) : anonymizeAt ? (
          <StatusIndicator type="pending" wrapText>
            The attendees will be made anonymous on <Moment at={anonymizeAt} timeZone={timeZone} />, by the team's rule.
          </StatusIndicator>
        ) : null}
      </SpaceBetween>
      <Confirm
        visible={asked}
        title={`Anonymize ${workshop.title} now?`}
        loses={
          <>
            Names, addresses, companies and mails of {words} are deleted for good. The figures stay: registered,
            attended, customers, by account manager. This cannot be undone.
          </>
        }
        label={`Anonymize ${words}`}
        typed={people > 3 ? workshop.title : undefined}
        pending={pending}
        onConfirm={async () => {
          await run(() => anonymizeNow({ workshopId: id }), { done: "The attendees are being made anonymous." });
          setAsked(false);
        }}
        onDismiss={() => setAsked(false)}
      />
    </Container>
  );
}
