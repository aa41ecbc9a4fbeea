"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Link from "@cloudscape-design/components/link";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useSearchParams } from "next/navigation";
import { useMemo, useState } from "react";
import { checkPool } from "@/app/(console)/pool/actions";
import { useAction } from "@/components/action";
import { durationText } from "@/components/cleanups/words";
import { Live } from "@/components/live";
import { accountActWords, actsFor, ConfirmAccountAct, ConfirmForMany, whyNot } from "@/components/pool/account-acts";
import { MakeAccounts, MakingProgress } from "@/components/pool/make-accounts";
import { firstSentence, NeedsYou } from "@/components/pool/needs-you";
import { Page } from "@/components/shell/page";
import { Status, statusOptions, statusWord } from "@/components/status";
import { type Column, DataTable } from "@/components/table";
import { Moment } from "@/components/times";
import { ViewLinks } from "@/components/view-links";
import { consolePaths } from "@/server/paths";
import type { AccountAct } from "@/server/sandboxes/lifecycle";
import type { AccountRow, PoolOverview } from "@/server/sandboxes/sandboxes";

type Props = { pool: PoolOverview; cloudOff: boolean; mayEdit: boolean };
type State = AccountRow["state"];

/** The accounts by state, and what can be done with each. */
export function PoolScreen({ pool, cloudOff, mayEdit }: Props) {
  const { run, pending } = useAction();
  const [asked, setAsked] = useState<{ account: AccountRow; act: AccountAct } | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [many, setMany] = useState<"clean" | "retire" | null>(null);
  const [makes, setMakes] = useState(false);
  const { making } = pool;
  const wanted = useSearchParams().get("state");
  // The rows as they are now: the page updates itself.
  const selected = pool.accounts.filter(({ id }) => chosen.has(id));
  const rows = wanted ? pool.accounts.filter((account) => account.state === wanted) : pool.accounts;
  const columns = useMemo(() => columnsOf(mayEdit, (account, act) => setAsked({ account, act })), [mayEdit]);
  const checked = pool.checkedAt;
  return (
    <Page
      title="Pool"
      crumbs={[{ text: "Sandboxes", href: consolePaths.pool() }]}
      description={
        checked ? (
          <>
            Compared with AWS <Moment at={checked} />
          </>
        ) : (
          "Not compared with AWS yet"
        )
      }
      status={<Live topic="pool" />}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button href={consolePaths.poolCalendar()} iconName="calendar">
            Calendar
          </Button>
          {making ? (
            <Button disabled={cloudOff} disabledReason="Sandboxes are off" onClick={() => setMakes(true)}>
              Make accounts
            </Button>
          ) : null}
          <Button
            iconName="refresh"
            loading={pending}
            disabled={!mayEdit || cloudOff}
            disabledReason={cloudOff ? "Sandboxes are off" : "Only an admin compares the pool with AWS"}
            onClick={() =>
              void run(() => checkPool({}), {
                done: "The pool is being compared with AWS; this page shows what changes.",
              })
            }
          >
            Check now
          </Button>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        <PoolProblem problem={pool.problem} cloudOff={cloudOff} />
        <NeedsYou accounts={pool.accounts} onAsk={(account, act) => setAsked({ account, act })} />
        {making ? <MakingProgress making={making} /> : null}
        <DataTable
          key={wanted ?? "all"}
          id="pool"
          title={wanted ? `Accounts: ${statusWord("account", wanted as State).toLowerCase()}` : "Accounts"}
          items={rows}
          columns={columns}
          rowId={(row) => row.id}
          sort="state"
          placeholder="Find an account or a workshop"
          above={<Totals pool={pool} wanted={wanted} />}
          empty={emptyText(wanted)}
          selection={{
            selected,
            onChange: (chosen) => setChosen(new Set(chosen.map(({ id }) => id))),
            label: (row) => `Choose ${row.awsAccountId}`,
          }}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {(["clean", "retire"] as const).map((act) => (
                <Button
                  key={act}
                  disabled={!selected.some((account) => account.acts[act])}
                  disabledReason={
                    selected.length === 0 ? "Choose accounts below first" : "None of the chosen ones can be"
                  }
                  onClick={() => setMany(act)}
                >
                  {accountActWords[act]}
                </Button>
              ))}
            </SpaceBetween>
          }
        />
      </SpaceBetween>
      {asked ? <ConfirmAccountAct {...asked} onClose={() => setAsked(null)} /> : null}
      {many ? (
        <ConfirmForMany
          accounts={selected}
          act={many}
          onClose={(done) => {
            setMany(null);
            if (done) setChosen(new Set());
          }}
        />
      ) : null}
      {makes && making ? <MakeAccounts making={making} onClose={() => setMakes(false)} /> : null}
    </Page>
  );
}

function emptyText(wanted: string | null) {
  if (wanted)
    return {
      title: `No account is ${statusWord("account", wanted as State).toLowerCase()}`,
      action: <Button href={consolePaths.pool()}>Show all accounts</Button>,
    };
  return {
    title: "No accounts in the pool yet",
    text: "Accounts that stand in the team's organizational unit in AWS are taken in by the next check, and cleaned before they count.",
    action: <Button href={consolePaths.settings()}>Look at the set-up</Button>,
  };
}

function PoolProblem({ problem, cloudOff }: { problem: string | null; cloudOff: boolean }) {
  if (!problem) return null;
  return (
    <Alert
      type={cloudOff ? "warning" : "error"}
      header={cloudOff ? "Sandboxes are off" : "No account is lent at present"}
      action={<Button href={consolePaths.settings()}>Look at the set-up</Button>}
    >
      {problem.charAt(0).toUpperCase() + problem.slice(1)}
      {/[.!?]$/.test(problem) ? "" : "."} Workshops that open now have people waiting until it is put right.
    </Alert>
  );
}

/** "7 available, 3 leased, 1 quarantined": each leads to its rows. */
function Totals({ pool, wanted }: { pool: PoolOverview; wanted: string | null }) {
  const states = statusOptions("account").filter(
    ({ value }) => pool.byState[value] > 0 || value === "available" || value === wanted,
  );
  const all = { id: "all", href: consolePaths.pool(), text: `${pool.total} in all`, current: !wanted };
  return (
    <ViewLinks
      label="Accounts by state"
      views={[
        all,
        ...states.map(({ value, label }) => ({
          id: value,
          href: `${consolePaths.pool()}?state=${value}`,
          text: (
            <Status noun="account" state={value}>
              {pool.byState[value]} {label.toLowerCase()}
            </Status>
          ),
          current: wanted === value,
        })),
      ]}
    />
  );
}

const order: readonly State[] = ["quarantined", "cleaning", "leased", "available", "cooling", "retired"];
const holders: Record<string, string> = {
  registration: "an attendee",
  presenter: "a presenter",
  rehearsal: "a rehearsal",
};

function columnsOf(mayEdit: boolean, ask: (account: AccountRow, act: AccountAct) => void): Column<AccountRow>[] {
  return [
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
      minWidth: 190,
      // By how much it asks for attention; the words are found as well.
      value: (row) => `${order.indexOf(row.state)} ${statusWord("account", row.state)}`,
      cell: (row) => <StateCell row={row} />,
    },
    {
      id: "holder",
      header: "Holder",
      minWidth: 180,
      value: (row) => row.lease?.workshopTitle ?? null,
      cell: (row) =>
        row.lease ? (
          <>
            <Link href={consolePaths.workshop(row.lease.workshopId, "sandboxes")}>{row.lease.workshopTitle}</Link>
            <Box color="text-body-secondary" fontSize="body-s">
              {holders[row.lease.holder] ?? row.lease.holder}
            </Box>
          </>
        ) : (
          "Nobody"
        ),
    },
    {
      id: "since",
      header: "In this state since",
      minWidth: 150,
      hidden: true,
      value: (row) => row.stateSince,
      cell: (row) => <Moment at={row.stateSince} />,
    },
    {
      id: "problem",
      header: "Problem",
      minWidth: 220,
      value: (row) => row.problem ?? row.quarantineReason,
      cell: (row) => {
        const reason = row.problem ?? row.quarantineReason;
        if (!reason) return "None";
        return (
          <>
            {firstSentence(reason)}{" "}
            <Link href={consolePaths.account(row.id)} ariaLabel={`What to do about ${row.awsAccountId}`}>
              What to do
            </Link>
          </>
        );
      },
    },
    {
      id: "proof",
      header: "Last cleanup",
      minWidth: 190,
      value: (row) => row.lastCleanup?.startedAt ?? null,
      cell: (row) => <LastCleanup row={row} />,
    },
    {
      id: "proved",
      header: "Last proved empty",
      minWidth: 150,
      hidden: true,
      value: (row) => row.lastCleanedAt,
      cell: (row) => (row.lastCleanedAt ? <Moment at={row.lastCleanedAt} /> : "Never"),
    },
    {
      id: "unit",
      header: "Unit in AWS",
      hidden: true,
      value: (row) => row.unit,
      cell: (row) => row.unit ?? (row.syncedAt ? "Not one of the team's" : "Not seen yet"),
    },
    {
      id: "actions",
      header: "Actions",
      minWidth: 90,
      cell: (row) => (
        <ButtonDropdown
          variant="icon"
          ariaLabel={`Actions for account ${row.awsAccountId}`}
          expandToViewport
          items={actsFor(row.state).map((act) => {
            const reason = whyNot(row, act, mayEdit);
            return {
              id: act,
              text: accountActWords[act],
              disabled: reason !== null,
              disabledReason: reason ?? undefined,
            };
          })}
          onItemClick={({ detail }) => ask(row, detail.id as AccountAct)}
        />
      ),
    },
  ];
}

function StateCell({ row }: { row: AccountRow }) {
  const cleanup = row.lastCleanup;
  if (row.state === "cleaning" && cleanup?.state === "running")
    return (
      <>
        <Status noun="account" state="cleaning">
          <Link href={consolePaths.cleanup(cleanup.id)}>Cleaning, pass {cleanup.pass}</Link>
        </Status>
        <ProgressBar
          value={cleanup.checksPerPass > 0 ? (100 * cleanup.checksDone) / cleanup.checksPerPass : 0}
          additionalInfo={`${cleanup.removed} removed, ${cleanup.remaining} left`}
          ariaLabel={`Pass ${cleanup.pass} of the cleanup of ${row.awsAccountId}`}
        />
      </>
    );
  return (
    <>
      <Status noun="account" state={row.state} />
      <Box color="text-body-secondary" fontSize="body-s">
        {row.state === "cooling" && row.coolingUntil ? (
          <>
            until <Moment at={row.coolingUntil} />
          </>
        ) : (
          <>
            since <Moment at={row.stateSince} />
          </>
        )}
      </Box>
    </>
  );
}

/** When it was last emptied, how it ended and how long it took. */
function LastCleanup({ row }: { row: AccountRow }) {
  const cleanup = row.lastCleanup;
  if (!cleanup) return "Never";
  return (
    <>
      <Link href={consolePaths.cleanup(cleanup.id)}>
        <Moment at={cleanup.startedAt} />
      </Link>
      <Box color="text-body-secondary" fontSize="body-s">
        {statusWord("cleanup", cleanup.state).toLowerCase()}
        {cleanup.endedAt ? `, took ${durationText(cleanup.startedAt, cleanup.endedAt)}` : ""}
      </Box>
    </>
  );
}
