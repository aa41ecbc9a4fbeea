"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo } from "react";
import { retryVend } from "@/app/(console)/workshops/actions";
import { useAction } from "@/components/action";
import { FailedStacks, markColumns } from "@/components/profiles/lease-marks";
import { Status, type StatusOf, statusWord } from "@/components/status";
import { type Column, DataTable } from "@/components/table";
import { momentText } from "@/components/times";
import { MyAccount, type MyLease } from "@/components/workshops/my-account";
import { consolePaths } from "@/server/paths";
import type { WorkshopState } from "@/server/workshops/lifecycle";
import type { LiveRow } from "@/server/workshops/views";

const holders = { registration: "Attendee", presenter: "Presenter", rehearsal: "Rehearsal" } as const;

type Props = {
  workshop: { id: string; state: WorkshopState; timeZone: string; sandbox: string | null; poolProblem: string | null };
  rows: LiveRow[];
  mine: MyLease[];
  mayUnfreeze: boolean;
};

/** The accounts of a workshop: who holds which, and in what state it is. */
export function SandboxesTab({ workshop, rows, mine, mayUnfreeze }: Props) {
  const { state, id, timeZone } = workshop;
  const columns = useMemo(
    () => [...columnsFor(timeZone), ...markColumns(rows, { id, timeZone, mayUnfreeze })],
    [timeZone, rows, id, mayUnfreeze],
  );
  if (!workshop.sandbox)
    return (
      <Alert
        type="info"
        header="This workshop has no sandbox"
        action={
          state === "draft" || state === "registration" ? (
            <Button href={consolePaths.editWorkshop(id, "sandbox")}>Choose one</Button>
          ) : undefined
        }
      >
        Attendees get no account.
      </Alert>
    );
  const canLend = state === "draft" || state === "registration" || state === "open";
  const leased = rows.filter((row) => row.lease);
  const waiting = state === "open" ? rows.filter((row) => !row.lease && row.holder === "registration") : [];
  return (
    <SpaceBetween size="l">
      {waiting.length > 0 ? (
        <Alert
          type="warning"
          header={`${waiting.length} wait for an account`}
          action={<Button href={consolePaths.pool()}>Pool</Button>}
        >
          They are served in the order of confirmation as accounts return: {waiting.map((row) => row.name).join(", ")}
        </Alert>
      ) : null}
      <FailedStacks workshopId={id} rows={rows} />
      {canLend || mine.length > 0 ? (
        <MyAccount
          workshopId={id}
          leases={mine}
          whyNot={canLend ? workshop.poolProblem : "Accounts are lent only until a workshop closes."}
        />
      ) : null}
      <DataTable
        id="leases"
        title="Accounts lent"
        items={leased}
        columns={columns}
        rowId={(row) => row.lease?.id ?? ""}
        placeholder="Find by holder, account or state"
        empty={{
          title: "No account is lent now",
          text:
            state === "draft" || state === "registration"
              ? "When the workshop opens, each confirmed person and each presenter gets one."
              : state === "open"
                ? undefined
                : "All have been taken back.",
          action:
            state === "closing" || state === "closed" ? (
              <Button href={consolePaths.workshop(id, "closing")}>See the closing</Button>
            ) : undefined,
        }}
      />
    </SpaceBetween>
  );
}

function columnsFor(timeZone: string): Column<LiveRow>[] {
  return [
    {
      id: "name",
      personal: true,
      header: "Holder",
      rowHeader: true,
      minWidth: 160,
      value: (row) => row.name,
      filter: { label: "Holder" },
      cell: (row) => (
        <>
          {row.name}
          <Box fontSize="body-s" color="text-body-secondary">
            {row.company ?? holders[row.holder]}
          </Box>
        </>
      ),
    },
    {
      id: "account",
      header: "Account",
      minWidth: 140,
      value: (row) => row.lease?.awsAccountId ?? null,
      filter: { label: "Account" },
      cell: (row) => (row.lease ? <Box variant="code">{row.lease.awsAccountId}</Box> : "–"),
    },
    {
      id: "state",
      header: "State",
      minWidth: 140,
      value: (row) => (row.lease ? statusWord("lease", row.lease.state as StatusOf<"lease">) : null),
      filter: { label: "State" },
      cell: (row) => (row.lease ? <Status noun="lease" state={row.lease.state as StatusOf<"lease">} /> : null),
    },
    {
      id: "ready",
      header: "Ready since",
      minWidth: 130,
      value: (row) => row.lease?.readyAt ?? null,
      cell: (row) => (row.lease?.readyAt ? momentText(row.lease.readyAt, timeZone) : "–"),
    },
    {
      id: "trouble",
      header: "Trouble",
      minWidth: 190,
      value: (row) => row.lease?.lastError ?? null,
      cell: (row) => <Trouble row={row} />,
    },
  ];
}

/** Why an account is not ready, with the way out. */
export function Trouble({ row }: { row: LiveRow }) {
  const { run, pending } = useAction();
  const { lease } = row;
  if (!lease?.lastError && lease?.state !== "failed") return <>–</>;
  return (
    <SpaceBetween size="xs">
      <Box color="text-status-error">{lease.lastError ?? "It could not be made ready."}</Box>
      {lease.state === "failed" ? (
        <Button
          loading={pending}
          onClick={() => void run(() => retryVend({ leaseId: lease.id }), { done: "It is tried again." })}
          ariaLabel={`Try again for ${row.name}`}
        >
          Try again
        </Button>
      ) : null}
    </SpaceBetween>
  );
}
