"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { checkPool } from "@/app/(console)/pool/actions";
import { useAction } from "@/components/action";
import { cleanupCause } from "@/components/cleanups/words";
import { Live } from "@/components/live";
import { accountActWords, actsFor, ConfirmAccountAct, whyNot } from "@/components/pool/account-acts";
import { firstSentence } from "@/components/pool/needs-you";
import { Page } from "@/components/shell/page";
import { Status, statusWord } from "@/components/status";
import { type Column, DataTable } from "@/components/table";
import { Moment } from "@/components/times";
import { consolePaths } from "@/server/paths";
import { type AccountAct, actReasons } from "@/server/sandboxes/lifecycle";
import type { AccountDetail } from "@/server/sandboxes/sandboxes";

type Props = { account: AccountDetail; names: Record<string, string>; mayEdit: boolean };

/** One account; a quarantined one opens on what is wrong and what to do. */
export function AccountScreen({ account, names, mayEdit }: Props) {
  const [asked, setAsked] = useState<AccountAct | null>(null);
  const { run } = useAction();
  const onDo: Do = (act) => {
    if (act !== "check") return setAsked(act);
    void run(() => checkPool({}), { done: "The pool is being compared with AWS; this page shows what changes." });
  };
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
        {account.state === "quarantined" ? <Quarantine account={account} mayEdit={mayEdit} onDo={onDo} /> : null}
        {account.trouble ? (
          <Leftovers leftovers={account.trouble.leftovers} cleanupId={account.cleanups[0]?.id} />
        ) : null}
        {account.problem && account.state !== "quarantined" ? (
          <Alert type="warning" header="The last sync found something wrong">
            {account.problem}{" "}
            {account.lease ? "It stays with its holder; nobody else gets it before it is right." : null}
          </Alert>
        ) : null}
        <Container header={<Header variant="h2">Now</Header>}>
          <KeyValuePairs columns={3} items={facts(account)} />
        </Container>
        <Cleanups account={account} />
        <Leases account={account} />
        <History account={account} names={names} />
      </SpaceBetween>
      {asked ? <ConfirmAccountAct account={account} act={asked} onClose={() => setAsked(null)} /> : null}
    </Page>
  );
}

type Do = (act: AccountAct | "check") => void;

/** What is wrong, since when, what was tried; then what to do, step by step. */
function Quarantine({ account, mayEdit, onDo }: { account: AccountDetail; mayEdit: boolean; onDo: Do }) {
  const tries = account.trouble?.tries ?? 0;
  const left = account.trouble?.leftovers.some(({ count }) => count > 0);
  const others = account.trouble?.others ?? 0;
  return (
    <Alert type="error" header="Quarantined: lent to nobody until it is put right">
      <SpaceBetween size="m">
        <Box>
          {others === 0
            ? "No other account is available: a workshop that opens now has people waiting."
            : `It can wait until tomorrow if nobody needs it: ${others === 1 ? "1 other account is" : `${others} other accounts are`} available. What ${left ? "is" : "may be"} left in it goes on costing money.`}
        </Box>
        <KeyValuePairs
          columns={3}
          items={[
            { label: "What is wrong", value: firstSentence(account.problem ?? account.quarantineReason) },
            { label: "Since when", value: <Moment at={account.stateSince} /> },
            { label: "What was tried", value: <Tried cleanups={account.cleanups.slice(0, tries)} /> },
          ]}
        />
        <Steps account={account} mayEdit={mayEdit} onDo={onDo} />
        {account.trouble?.support ? (
          <Box>
            <Box variant="h3">If that does not help</Box>
            {account.trouble.support}
          </Box>
        ) : null}
      </SpaceBetween>
    </Alert>
  );
}

function Tried({ cleanups }: { cleanups: AccountDetail["cleanups"] }) {
  if (cleanups.length === 0) return "No cleanup since it was last found to be empty";
  return (
    <SpaceBetween size="xxs">
      {cleanups.slice(0, 3).map((cleanup) => (
        <span key={cleanup.id}>
          <Link href={consolePaths.cleanup(cleanup.id)}>
            Cleanup of <Moment at={cleanup.startedAt} relative={false} />
          </Link>
          : {statusWord("cleanup", cleanup.state).toLowerCase()}, {cleanup.removed} removed, {cleanup.remaining} left
          {cleanup.unknown > 0 ? `, ${cleanup.unknown} unknown` : ""}
        </span>
      ))}
      {cleanups.length > 3 ? <span>and {cleanups.length - 3} more below</span> : null}
    </SpaceBetween>
  );
}

/** The steps in order, each with the button that does it. */
function Steps({ account, mayEdit, onDo }: { account: AccountDetail; mayEdit: boolean; onDo: Do }) {
  const steps = account.trouble?.steps ?? [];
  return (
    <div>
      <Box variant="h3">What to do</Box>
      <ol style={{ margin: 0, paddingInlineStart: "1.5em" }}>
        {steps.map(({ text, act }) => {
          const refused =
            act === "check" ? (mayEdit ? null : "Only an admin does this") : act ? whyNot(account, act, mayEdit) : null;
          return (
            <li key={text} style={{ paddingBlock: 4 }}>
              <SpaceBetween size="xxs">
                <span>{text}</span>
                {act ? (
                  <Button
                    variant={act === "clean" ? "primary" : "normal"}
                    disabled={refused !== null}
                    disabledReason={refused ?? undefined}
                    onClick={() => onDo(act)}
                  >
                    {act === "check" ? "Check now" : accountActWords[act]}
                  </Button>
                ) : null}
              </SpaceBetween>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

type Leftover = NonNullable<AccountDetail["trouble"]>["leftovers"][number];
type LeftRow = Omit<Leftover, "region"> & { regions: string[] };

/** Lists of a service that failed for the same reason in many regions are one line. */
function sameReason(leftovers: readonly Leftover[]): LeftRow[] {
  const rows = new Map<string, LeftRow>();
  for (const { region, ...left } of leftovers) {
    const alike = JSON.stringify([left.service, left.count > 0 ? region : "", left.reasons]);
    const row = rows.get(alike);
    if (row) rows.set(alike, { ...row, regions: [...row.regions, region], unknown: row.unknown + left.unknown });
    else rows.set(alike, { ...left, regions: [region] });
  }
  return [...rows.values()];
}

/** What the last cleanup left or could not see, by service and region, with the reason. */
function Leftovers({ leftovers, cleanupId }: { leftovers: Leftover[]; cleanupId: string | undefined }) {
  return (
    <DataTable
      id="leftovers"
      title={leftovers.some(({ unknown }) => unknown > 0) ? "What is left or not known" : "What is left"}
      description={
        cleanupId ? (
          <>
            As its last cleanup saw it: <Link href={consolePaths.cleanup(cleanupId)}>every type in every region</Link>
          </>
        ) : undefined
      }
      prefix="left-"
      items={sameReason(leftovers)}
      rowId={(row) => `${row.service} ${row.regions.join(" ")} ${row.reasons.join(" ")}`}
      columns={leftoverColumns}
      empty={{ title: "Nothing is known to be left", text: "What is wrong is said above." }}
    />
  );
}

const leftoverColumns: Column<LeftRow>[] = [
  { id: "service", header: "Service", rowHeader: true, value: (row) => row.service, cell: (row) => row.service },
  {
    id: "region",
    header: "Region",
    minWidth: 150,
    value: (row) => row.regions.join(", "),
    cell: (row) =>
      row.regions.length > 4 ? `${row.regions.length} regions, ${row.regions[0]} first` : row.regions.join(", "),
  },
  {
    id: "what",
    header: "What",
    minWidth: 220,
    value: (row) => row.count,
    cell: (row) => (
      <SpaceBetween size="xxs">
        {row.count > 0 ? <span>{row.count} left</span> : null}
        {row.unknown > 0 ? (
          <span>{row.unknown === 1 ? "1 list" : `${row.unknown} lists`} without an answer</span>
        ) : null}
        {row.examples.map((example) => (
          <Box key={example} variant="code">
            {example}
          </Box>
        ))}
        {row.examples.length > 0 && row.count > row.examples.length ? (
          <span>and {row.count - row.examples.length} more</span>
        ) : null}
      </SpaceBetween>
    ),
  },
  {
    id: "why",
    header: "Why",
    minWidth: 280,
    value: (row) => row.reasons[0] ?? null,
    cell: (row) => (
      <SpaceBetween size="xxs">
        {row.reasons.length === 0 ? <span>Removed, and listed again</span> : null}
        {row.reasons.map((reason) => (
          <span key={reason}>{reason}</span>
        ))}
      </SpaceBetween>
    ),
  },
];

function facts(account: AccountDetail) {
  const { lease } = account;
  return [
    {
      label: "State",
      value: (
        <>
          <Status noun="account" state={account.state} /> <br />
          since <Moment at={account.stateSince} />
          {account.state === "cooling" && account.coolingUntil ? (
            <>
              , cooling until <Moment at={account.coolingUntil} />
            </>
          ) : null}
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
      label: "Health",
      value: account.problem ? (
        <StatusIndicator type="error">Something is wrong</StatusIndicator>
      ) : account.syncedAt ? (
        <StatusIndicator type="success">Healthy at the last sync</StatusIndicator>
      ) : (
        "Not checked yet"
      ),
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
  "account.unhealthy": "Found wrong by a sync",
  "account.healthy": "Found right again by a sync",
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
  const { reason, cleanupId, why, note } = detail as Record<string, unknown>;
  if (typeof why === "string") return typeof note === "string" ? `${reasonWords(why)}: ${note}` : reasonWords(why);
  if (typeof reason === "string") return reason;
  if (typeof cleanupId === "string") return <Link href={consolePaths.cleanup(cleanupId)}>See the cleanup</Link>;
  return "–";
}

/** A reason of the list in words; those of all acts have different keys, but "other". */
function reasonWords(why: string): string {
  if (why === "other") return "Another reason";
  const words: Record<string, string> = { ...actReasons.release, ...actReasons.retire };
  return words[why] ?? why;
}
