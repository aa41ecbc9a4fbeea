"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { cleanupCause } from "@/components/cleanups/words";
import { Live } from "@/components/live";
import { accountActWords, actsFor, ConfirmAccountAct, whyNot } from "@/components/pool/account-acts";
import { Page } from "@/components/shell/page";
import { Status, statusWord } from "@/components/status";
import { Moment } from "@/components/times";
import { consolePaths } from "@/server/paths";
import type { AccountAct } from "@/server/sandboxes/lifecycle";
import type { AccountDetail } from "@/server/sandboxes/sandboxes";

type Props = { account: AccountDetail; names: Record<string, string>; mayEdit: boolean };

/** One account; a quarantined one opens on what is wrong and what to do. */
export function AccountScreen({ account, names, mayEdit }: Props) {
  const [asked, setAsked] = useState<AccountAct | null>(null);
  const acts = actsFor(account.state);
  return (
    <Page
      title={account.awsAccountId}
      crumbs={[
        { text: "Sandboxes", href: consolePaths.pool() },
        { text: "Pool", href: consolePaths.pool() },
      ]}
      description={account.name}
      status={<Live topic="account" id={account.id} />}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          {acts.map((act) => {
            const reason = whyNot(account, act, mayEdit);
            return (
              <Button
                key={act}
                variant={act === "clean" && account.state === "quarantined" ? "primary" : "normal"}
                disabled={reason !== null}
                disabledReason={reason ?? undefined}
                onClick={() => setAsked(act)}
              >
                {accountActWords[act]}
              </Button>
            );
          })}
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        {account.state === "quarantined" ? <Quarantine account={account} /> : null}
        <Container header={<Header variant="h2">Now</Header>}>
          <KeyValuePairs columns={4} items={facts(account)} />
        </Container>
        <Cleanups account={account} />
        <Leases account={account} />
        <History account={account} names={names} />
      </SpaceBetween>
      {asked ? <ConfirmAccountAct account={account} act={asked} onClose={() => setAsked(null)} /> : null}
    </Page>
  );
}

/** What is wrong, since when, what was tried, what to do. */
function Quarantine({ account }: { account: AccountDetail }) {
  const tried = account.cleanups.filter((cleanup) => cleanup.startedAt >= (lastGood(account) ?? ""));
  const [wrong = "", ...rest] = (account.quarantineReason ?? "").split(/(?<=[.!?])\s/);
  const last = account.cleanups[0];
  return (
    <Alert type="error" header="Quarantined: lent to nobody until it is put right">
      <Box margin={{ top: "xs" }} />
      <KeyValuePairs
        columns={2}
        items={[
          { label: "What is wrong", value: wrong },
          { label: "Since when", value: <Moment at={account.stateSince} /> },
          {
            label: "What was tried",
            value:
              tried.length === 0 ? (
                "No cleanup since it was last proved empty"
              ) : (
                <SpaceBetween size="xxs">
                  {tried.slice(0, 5).map((cleanup) => (
                    <span key={cleanup.id}>
                      <Link href={consolePaths.cleanup(cleanup.id)}>
                        Cleanup of <Moment at={cleanup.startedAt} relative={false} />
                      </Link>
                      : {statusWord("cleanup", cleanup.state).toLowerCase()}, {cleanup.removed} removed,{" "}
                      {cleanup.remaining} left
                      {cleanup.unknown > 0 ? `, ${cleanup.unknown} unknown` : ""}
                    </span>
                  ))}
                  {tried.length > 5 ? <span>and {tried.length - 5} more below</span> : null}
                </SpaceBetween>
              ),
          },
          {
            label: "What to do",
            value: (
              <SpaceBetween size="xxs">
                <span>{rest.join(" ") || "Put that right, then clean it again."}</span>
                {last ? <Link href={consolePaths.cleanup(last.id)}>Look at its last cleanup</Link> : null}
              </SpaceBetween>
            ),
          },
        ]}
      />
    </Alert>
  );
}

/** When the last cleanup started that proved it empty. */
function lastGood(account: AccountDetail): string | null {
  return account.cleanups.find((cleanup) => cleanup.state === "clean")?.startedAt ?? null;
}

function facts(account: AccountDetail) {
  const { lease } = account;
  return [
    {
      label: "State",
      value: (
        <>
          <Status noun="account" state={account.state} /> <br />
          since <Moment at={account.stateSince} />
        </>
      ),
    },
    {
      label: "Holder",
      value: lease ? (
        <Link href={consolePaths.workshop(lease.workshopId, "sandboxes")}>{lease.workshopTitle}</Link>
      ) : (
        "Nobody"
      ),
    },
    {
      label: "Last proved empty",
      value: account.lastCleanedAt ? <Moment at={account.lastCleanedAt} /> : "Never",
    },
    {
      label: "Unit in AWS",
      value: account.syncedAt ? (
        <>
          {account.unit ?? "Not one of the team's"}
          <br />
          seen <Moment at={account.syncedAt} />
        </>
      ) : (
        "Not seen yet"
      ),
    },
  ];
}

function Cleanups({ account }: { account: AccountDetail }) {
  return (
    <Table
      header={
        <Header variant="h2" counter={`(${account.cleanups.length})`}>
          Cleanups
        </Header>
      }
      items={account.cleanups}
      trackBy="id"
      wrapLines
      ariaLabels={{ tableLabel: "Cleanups" }}
      empty={<Box textAlign="center">Not cleaned yet.</Box>}
      columnDefinitions={[
        {
          id: "started",
          minWidth: 150,
          header: "Started",
          isRowHeader: true,
          cell: (row) => (
            <Link href={consolePaths.cleanup(row.id)}>
              <Moment at={row.startedAt} />
            </Link>
          ),
        },
        { id: "state", header: "Outcome", cell: (row) => <Status noun="cleanup" state={row.state} /> },
        { id: "cause", header: "Why", cell: (row) => cleanupCause(row.cause) },
        { id: "passes", header: "Passes", cell: (row) => row.pass },
        { id: "removed", header: "Removed", cell: (row) => row.removed },
        { id: "left", header: "Left", cell: (row) => row.remaining },
        { id: "unknown", header: "Unknown", cell: (row) => row.unknown },
      ]}
    />
  );
}

const holders: Record<string, string> = { registration: "Attendee", presenter: "Presenter", rehearsal: "Rehearsal" };

function Leases({ account }: { account: AccountDetail }) {
  return (
    <Table
      header={
        <Header variant="h2" counter={`(${account.leases.length})`}>
          Leases
        </Header>
      }
      items={account.leases}
      trackBy="id"
      wrapLines
      ariaLabels={{ tableLabel: "Leases" }}
      empty={<Box textAlign="center">Never lent yet.</Box>}
      columnDefinitions={[
        {
          id: "workshop",
          minWidth: 150,
          header: "Workshop",
          isRowHeader: true,
          cell: (row) => <Link href={consolePaths.workshop(row.workshopId, "sandboxes")}>{row.workshopTitle}</Link>,
        },
        { id: "holder", header: "Holder", cell: (row) => holders[row.holder] ?? row.holder },
        { id: "state", header: "State", cell: (row) => <Status noun="lease" state={leaseState(row.state)} /> },
        { id: "from", minWidth: 150, header: "Lent", cell: (row) => <Moment at={row.reservedAt} /> },
        {
          id: "proved",
          minWidth: 150,
          header: "Access proved gone",
          cell: (row) => (row.provedAt ? <Moment at={row.provedAt} /> : "Not yet"),
        },
        {
          id: "ended",
          minWidth: 150,
          header: "Ended",
          cell: (row) => (row.endedAt ? <Moment at={row.endedAt} /> : "Not yet"),
        },
      ]}
    />
  );
}

type LeaseState = "reserved" | "ready" | "failed" | "closing" | "revoked" | "ended";
const leaseState = (state: string) => state as LeaseState;

const actions: Record<string, string> = {
  "account.added": "Taken into the pool",
  "account.available": "Returned to the pool",
  "account.leased": "Lent",
  "account.cleaning": "Sent to be cleaned",
  "account.cooling": "Cooling down",
  "account.quarantined": "Quarantined",
  "account.retired": "Retired",
};
const actors: Record<string, string> = { clock: "Atelier", operator: "An operator", attendee: "An attendee" };

function History({ account, names }: { account: AccountDetail; names: Record<string, string> }) {
  const rows = account.history.map((entry, index) => ({ ...entry, id: String(index) }));
  return (
    <Table
      header={<Header variant="h2">History</Header>}
      items={rows}
      trackBy="id"
      wrapLines
      ariaLabels={{ tableLabel: "History" }}
      empty={<Box textAlign="center">Nothing has happened yet.</Box>}
      columnDefinitions={[
        { id: "at", minWidth: 150, header: "When", isRowHeader: true, cell: (row) => <Moment at={row.at} /> },
        {
          id: "who",
          header: "Who",
          cell: (row) =>
            row.actorKind === "member"
              ? ((row.actorId && names[row.actorId]) ?? "A former member")
              : (actors[row.actorKind] ?? row.actorKind),
        },
        { id: "what", minWidth: 140, header: "What", cell: (row) => actions[row.action] ?? row.action },
        { id: "why", header: "Why", cell: (row) => <Detail detail={row.detail} /> },
      ]}
    />
  );
}

function Detail({ detail }: { detail: unknown }) {
  if (typeof detail !== "object" || detail === null) return "–";
  const { reason, cleanupId } = detail as { reason?: unknown; cleanupId?: unknown };
  if (typeof reason === "string") return reason;
  if (typeof cleanupId === "string") return <Link href={consolePaths.cleanup(cleanupId)}>See the cleanup</Link>;
  return "–";
}
