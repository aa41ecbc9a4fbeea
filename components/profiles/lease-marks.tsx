"use client";

import Alert from "@cloudscape-design/components/alert";
import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { retryStacks, unfreezeLease } from "@/app/(console)/team/profiles/actions";
import { useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import type { Column } from "@/components/table";
import { momentText } from "@/components/times";
import { moneyText } from "@/server/sandboxes/schemas";
import type { LiveRow } from "@/server/workshops/views";

/** What staff see of a lease's start-up stack and budget, on the live board and in the tab of accounts. */

type Lease = NonNullable<LiveRow["lease"]>;
type Stack = NonNullable<Lease["stack"]>;

const stackWords: Record<Stack["state"], { type: StatusIndicatorProps.Type; text: string }> = {
  pending: { type: "pending", text: "About to start" },
  creating: { type: "in-progress", text: "Being made" },
  done: { type: "success", text: "Made" },
  failed: { type: "error", text: "Failed" },
};

/** The marks that need somebody's eye, for a small place; nothing where all is well. */
export function LeaseMarks({ lease }: { lease: Lease | null }) {
  if (!lease) return null;
  const { stack, budget, frozenAt } = lease;
  return (
    <>
      {stack?.state === "failed" ? <Badge color="severity-high">Start-up stack failed</Badge> : null}
      {stack?.state === "creating" || stack?.state === "pending" ? <Badge>Environment being made</Badge> : null}
      {frozenAt ? (
        <Badge color="severity-high">Frozen: budget used up</Badge>
      ) : budget && budget.level > 0 ? (
        <Badge color={budget.level === 100 ? "severity-high" : "severity-medium"}>{budget.level} % of the budget</Badge>
      ) : null}
    </>
  );
}

/** Above the accounts: how many start-up stacks failed, and one button for all. */
export function FailedStacks({ workshopId, rows }: { workshopId: string; rows: readonly LiveRow[] }) {
  const { run, pending } = useAction();
  const failed = rows.filter((row) => row.lease?.stack?.state === "failed" && row.lease.state === "ready");
  if (failed.length === 0) return null;
  return (
    <Alert
      type="error"
      header={failed.length === 1 ? "1 start-up stack failed" : `${failed.length} start-up stacks failed`}
      action={
        <Button
          loading={pending}
          onClick={() => void run(() => retryStacks({ workshopId }), { done: "They are made again, from nothing." })}
        >
          {failed.length === 1 ? "Try again" : "Try all again"}
        </Button>
      }
    >
      The reason stands beside each account. What is left of a failed stack is deleted before the next try.
    </Alert>
  );
}

/** The columns of stack and budget, where the workshop's profile has them. */
export function markColumns(
  rows: readonly LiveRow[],
  workshop: { id: string; timeZone: string; mayUnfreeze: boolean },
): Column<LiveRow>[] {
  const columns: Column<LiveRow>[] = [];
  if (rows.some((row) => row.lease?.stack))
    columns.push({
      id: "stack",
      header: "Start-up stack",
      minWidth: 160,
      value: (row) => (row.lease?.stack ? stackWords[row.lease.stack.state].text : null),
      filter: { label: "Start-up stack" },
      cell: (row) => <StackCell row={row} workshopId={workshop.id} />,
    });
  if (rows.some((row) => row.lease?.budget))
    columns.push({
      id: "spent",
      header: "Spent",
      minWidth: 150,
      value: (row) => row.lease?.budget?.spentMinor ?? null,
      cell: (row) => <SpentCell row={row} workshop={workshop} />,
    });
  return columns;
}

function StackCell({ row, workshopId }: { row: LiveRow; workshopId: string }) {
  const { run, pending } = useAction();
  const { lease } = row;
  if (!lease?.stack) return <>–</>;
  const { type, text } = stackWords[lease.stack.state];
  const failed = lease.stack.state === "failed";
  return (
    <SpaceBetween size="xs">
      <StatusIndicator type={type}>{text}</StatusIndicator>
      {lease.stack.error ? <Box color="text-status-error">{lease.stack.error}</Box> : null}
      {failed && lease.state === "ready" ? (
        <Button
          loading={pending}
          ariaLabel={`Make the start-up stack of ${row.name} again`}
          onClick={() =>
            void run(() => retryStacks({ workshopId, leaseId: lease.id }), { done: "It is made again, from nothing." })
          }
        >
          Try again
        </Button>
      ) : null}
    </SpaceBetween>
  );
}

type SpentProps = { row: LiveRow; workshop: { timeZone: string; mayUnfreeze: boolean } };

function SpentCell({ row, workshop }: SpentProps) {
  const { lease } = row;
  if (!lease?.budget) return <>–</>;
  const { spentMinor, spentAt, minor, currency, level } = lease.budget;
  const of = `of ${moneyText(minor, currency)}`;
  if (spentMinor === null || !spentAt)
    return <Box color="text-body-secondary">Not known yet, {of}; AWS is up to a day late</Box>;
  const sum = `${moneyText(spentMinor, currency)} ${of}`;
  return (
    <SpaceBetween size="xs">
      {level === 0 ? (
        sum
      ) : (
        <StatusIndicator type={level === 100 ? "error" : "warning"}>
          {sum}
          {lease.frozenAt ? ", frozen" : ""}
        </StatusIndicator>
      )}
      <Box fontSize="body-s" color="text-body-secondary">
        As of {momentText(spentAt, workshop.timeZone)}; AWS is up to a day late
      </Box>
      {lease.frozenAt ? <Unfreeze row={row} mayUnfreeze={workshop.mayUnfreeze} /> : null}
    </SpaceBetween>
  );
}

function Unfreeze({ row, mayUnfreeze }: { row: LiveRow; mayUnfreeze: boolean }) {
  const [asked, setAsked] = useState(false);
  const { run, pending } = useAction();
  const leaseId = row.lease?.id;
  return (
    <>
      <Button
        disabled={!mayUnfreeze}
        disabledReason="Only an admin unfreezes an account"
        ariaLabel={`Unfreeze the account of ${row.name}`}
        onClick={() => setAsked(true)}
      >
        Unfreeze
      </Button>
      <Confirm
        visible={asked}
        title={`Unfreeze the account of ${row.name}?`}
        label="Unfreeze"
        pending={pending}
        onDismiss={() => setAsked(false)}
        onConfirm={async () => {
          if (leaseId)
            await run(() => unfreezeLease({ leaseId }), { done: `${row.name} can work again in about a minute.` });
          setAsked(false);
        }}
      >
        What it costs from now on comes on top, and it is not frozen again for this budget.
      </Confirm>
    </>
  );
}
