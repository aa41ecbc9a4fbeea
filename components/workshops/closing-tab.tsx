"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { retryStep, setAside } from "@/app/(console)/workshops/actions";
import { useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import { Status, type StatusOf } from "@/components/status";
import { Moment, timeText } from "@/components/times";
import { consolePaths } from "@/server/paths";
import { type TakeBackStep, takeBackTitles } from "@/server/sandboxes/lifecycle";
import type { WorkshopState } from "@/server/workshops/lifecycle";
import type { closingTimeline } from "@/server/workshops/views";
import "@/components/workshops/workshops.css";

export type ClosingRow = Awaited<ReturnType<typeof closingTimeline>>[number];

type Props = { workshop: { id: string; state: WorkshopState; timeZone: string }; rows: ClosingRow[] };

const titleOf = (name: string) => takeBackTitles[name as TakeBackStep] ?? name;

/** The step that a lease stands at: the first one that is not over. */
function currentStep(row: ClosingRow) {
  return row.steps.find((step) => step.state !== "done" && step.state !== "set_aside");
}

/** Closing, account by account: what is done, what is being done, what failed and what to do about it. */
export function ClosingTab({ workshop, rows }: Props) {
  const ended = rows.filter((row) => row.endedAt !== null);
  const failed = rows.filter((row) => row.failed);
  const working = rows.filter((row) => row.endedAt === null && !row.failed);
  const proved = rows.filter((row) => row.provedAt !== null).length;
  const stepsDone = rows.reduce((sum, row) => sum + row.steps.filter((step) => isOver(step.state)).length, 0);
  const stepsAll = rows.reduce((sum, row) => sum + row.steps.length, 0);
  if (rows.length === 0)
    return (
      <Box textAlign="center" padding="l" color="text-body-secondary">
        No account was lent, so there was nothing to take back.
      </Box>
    );
  return (
    <SpaceBetween size="l">
      {failed.map((row) => (
        <FailedStep key={row.leaseId} row={row} />
      ))}
      <Container
        header={<Header variant="h2">{ended.length < rows.length ? "Taking accounts back" : "Taken back"}</Header>}
      >
        <ProgressBar
          value={stepsAll === 0 ? 0 : (100 * stepsDone) / stepsAll}
          label={`${ended.length} of ${rows.length === 1 ? "1 account" : `${rows.length} accounts`} ${ended.length === 1 ? "is" : "are"} over`}
          description={`Access proved to be gone for ${proved} of ${rows.length}`}
          additionalInfo={
            failed.length > 0
              ? `${failed.length} ${failed.length === 1 ? "needs" : "need"} you; the others go on`
              : working.length > 0
                ? "It goes on by itself, whether this page is open or not"
                : undefined
          }
          status={ended.length === rows.length ? "success" : "in-progress"}
          resultText="Every account is back in the pool or quarantined"
        />
      </Container>
      <Container
        header={
          <Header
            variant="h2"
            counter={`(${rows.length})`}
            description="One bar for each account, its steps from left to right."
          >
            Accounts
          </Header>
        }
      >
        <SpaceBetween size="l">
          {rows.map((row) => (
            <AccountBar key={row.leaseId} row={row} timeZone={workshop.timeZone} />
          ))}
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}

const isOver = (state: string) => state === "done" || state === "set_aside";

function FailedStep({ row }: { row: ClosingRow }) {
  const { run, pending } = useAction();
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState("");
  const step = row.steps.find((one) => one.state === "failed");
  const { leaseId } = row;
  const denied = row.provedAt !== null;
  return (
    <Alert
      type="error"
      header={`${row.account.name}: “${titleOf(step?.name ?? "")}” failed`}
      action={
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={() => setAsking(true)}>Set aside</Button>
          <Button
            variant="primary"
            loading={pending && !asking}
            onClick={() => void run(() => retryStep({ leaseId }), { done: "The step runs again." })}
          >
            Try again
          </Button>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="xs">
        <div>{step?.lastError ?? "No reason is known."}</div>
        <div>
          {denied
            ? "Nobody has access to this account any more."
            : "That access to this account is gone has not been proved yet."}
          {step && step.attempts > 1 ? ` Tried ${step.attempts} times.` : ""}
        </div>
        {row.cleanup ? <Link href={consolePaths.cleanup(row.cleanup.id)}>See what was found</Link> : null}
      </SpaceBetween>
      <Confirm
        visible={asking}
        title={`Set ${row.account.name} aside?`}
        loses="The account is quarantined, so it is not lent again until somebody has cleaned it. The workshop can close without it."
        label="Set aside"
        pending={pending}
        onConfirm={async () => {
          const answer = await run(() => setAside({ leaseId, reason }), { done: "The account is quarantined." });
          if (answer?.ok) setAsking(false);
        }}
        onDismiss={() => setAsking(false)}
      >
        <FormField label="Why" description="Stands with the account until it is clean. No names.">
          <Input value={reason} onChange={({ detail }) => setReason(detail.value)} />
        </FormField>
      </Confirm>
    </Alert>
  );
}

function AccountBar({ row, timeZone }: { row: ClosingRow; timeZone: string }) {
  const { account, steps, cleanup, provedAt, endedAt } = row;
  const current = currentStep(row);
  const started = steps[0]?.startedAt;
  const notes = steps.flatMap((step) => step.note ?? []);
  return (
    <SpaceBetween size="xs">
      <SpaceBetween direction="horizontal" size="m" alignItems="center">
        <Link href={consolePaths.account(account.id)} fontSize="body-m">
          {account.name}
        </Link>
        <Box variant="code">{account.awsAccountId}</Box>
        {endedAt && account.state === "quarantined" ? (
          <Status noun="account" state={account.state} />
        ) : endedAt ? (
          <StatusIndicator type="success">Back in the pool</StatusIndicator>
        ) : current ? (
          <Status noun="step" state={current.state as StatusOf<"step">} wrap>
            {current.state === "pending" ? `Waiting: ${titleOf(current.name)}` : titleOf(current.name)}
          </Status>
        ) : null}
        {provedAt ? (
          <StatusIndicator type="success">Access gone since {timeText(provedAt, timeZone)}</StatusIndicator>
        ) : null}
      </SpaceBetween>
      <ol className="step-bar" aria-label={`Steps of ${account.name}`}>
        {steps.map((step) => (
          <li key={step.id} data-state={step.state}>
            {titleOf(step.name)}
            {step.endedAt ? ` · ${timeText(step.endedAt, timeZone)}` : ""}
            <span className="visually-hidden">: {step.state.replace("_", " ")}</span>
          </li>
        ))}
      </ol>
      {notes.map((note) => (
        <StatusIndicator key={note} type="info" wrapText>
          {note}
        </StatusIndicator>
      ))}
      {cleanup ? (
        <Box fontSize="body-s" color="text-body-secondary">
          <Link href={consolePaths.cleanup(cleanup.id)} fontSize="body-s">
            Cleanup
          </Link>
          : pass {cleanup.pass} · {cleanup.found} found · {cleanup.removed} removed · {cleanup.remaining} left
          {cleanup.unknown > 0 ? ` · ${cleanup.unknown} unknown` : ""}
          {row.machine ? ` · ${row.machine}` : ""}
        </Box>
      ) : started && !endedAt ? (
        <Box fontSize="body-s" color="text-body-secondary">
          Since <Moment at={started} timeZone={timeZone} />
        </Box>
      ) : null}
      {account.quarantineReason && endedAt ? (
        <StatusIndicator type="error" wrapText>
          {account.quarantineReason}
        </StatusIndicator>
      ) : null}
    </SpaceBetween>
  );
}
