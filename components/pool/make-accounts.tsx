"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { dismissAccountRequest, requestAccounts, retryAccountRequest } from "@/app/(console)/pool/actions";
import { useAction } from "@/components/action";
import { Moment } from "@/components/times";
import { consolePaths } from "@/server/paths";
import type { AccountRequestView, MakingView } from "@/server/sandboxes/sandboxes";
import { newAccounts } from "@/server/sandboxes/schemas";

type Typed = { count: string; prefix: string };

/** Asks how many accounts to make; says what their names and addresses will be, before anything is made. */
export function MakeAccounts({ making, onClose }: { making: MakingView; onClose: () => void }) {
  const { run, pending } = useAction();
  const [typed, setTyped] = useState<Typed>({ count: "1", prefix: "sandbox" });
  const [asked, setAsked] = useState(false);
  const parsed = newAccounts.safeParse(typed);
  const wrong = (field: keyof Typed) =>
    asked ? parsed.error?.issues.find((issue) => issue.path[0] === field)?.message : undefined;
  const submit = async () => {
    setAsked(true);
    if (!parsed.success || pending) return;
    const { count } = parsed.data;
    const answer = await run(() => requestAccounts(parsed.data), {
      done: `${count === 1 ? "1 account is" : `${count} accounts are`} being made; this page shows how far it is.`,
    });
    if (answer?.ok) onClose();
  };
  return (
    <Modal
      visible
      header="Make accounts"
      closeAriaLabel="Close without making any"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Back
            </Button>
            <Button
              variant="primary"
              loading={pending}
              disabled={!making.pattern}
              disabledReason="The team has no addresses for new accounts yet"
              onClick={() => void submit()}
            >
              Make accounts
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      {making.pattern ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <SpaceBetween size="m">
            <FormField label="How many" errorText={wrong("count")}>
              <Input
                type="number"
                inputMode="numeric"
                value={typed.count}
                onChange={({ detail }) => setTyped({ ...typed, count: detail.value })}
              />
            </FormField>
            <FormField label="Names begin with" errorText={wrong("prefix")}>
              <Input value={typed.prefix} onChange={({ detail }) => setTyped({ ...typed, prefix: detail.value })} />
            </FormField>
            {parsed.success ? <Preview making={{ ...making, pattern: making.pattern }} {...parsed.data} /> : null}
            <Alert type="info">
              An AWS account cannot be deleted at once: a closed one counts for 90 days. Each is emptied before it
              counts as available.
            </Alert>
          </SpaceBetween>
        </form>
      ) : (
        <Box>
          Each AWS account needs an address of its own.{" "}
          <Link href={consolePaths.settings()}>Set the addresses of new accounts</Link> in the team's settings first.
        </Box>
      )}
    </Modal>
  );
}

function Preview(props: { making: MakingView & { pattern: string }; count: number; prefix: string }) {
  const { making, count, prefix } = props;
  const named = (n: number) => `${prefix}-${String(n).padStart(3, "0")}, ${making.pattern.replace("{n}", String(n))}`;
  const last = making.next + count - 1;
  return (
    <Box>
      {named(making.next)}
      {count > 1 ? ` to ${named(last)}` : ""}. A number whose address is taken in the Organization is skipped.
    </Box>
  );
}

/** The accounts that are being made: how many, and each that needs somebody. */
export function MakingProgress({ making }: { making: MakingView }) {
  const failed = making.requests.filter(({ state }) => state === "failed");
  const open = making.requests.filter(({ state }) => state !== "failed");
  if (making.requests.length === 0) return null;
  return (
    <SpaceBetween size="m">
      {failed.length > 0 ? (
        <Alert
          type="error"
          header={failed.length === 1 ? "1 account was not made" : `${failed.length} accounts were not made`}
        >
          <SpaceBetween size="s">
            {failed.slice(0, 10).map((request) => (
              <Failed key={request.id} request={request} />
            ))}
            {failed.length > 10 ? <span>and {failed.length - 10} more</span> : null}
          </SpaceBetween>
        </Alert>
      ) : null}
      {open.length > 0 ? <Open requests={open} madeLately={making.madeLately} /> : null}
    </SpaceBetween>
  );
}

function Failed({ request }: { request: AccountRequestView }) {
  const { run, pending } = useAction();
  const requestId = request.id;
  return (
    <SpaceBetween size="xxs">
      <span>
        <strong>{request.name}</strong> ({request.email}
        {request.endedAt ? (
          <>
            , <Moment at={request.endedAt} />
          </>
        ) : null}
        ): {request.problem}
      </span>
      <SpaceBetween direction="horizontal" size="xs">
        <Button
          loading={pending}
          ariaLabel={`Try again: ${request.name}`}
          onClick={() =>
            void run(() => retryAccountRequest({ requestId }), { done: `${request.name} is tried again.` })
          }
        >
          Try again
        </Button>
        <Button
          variant="link"
          disabled={pending}
          ariaLabel={`Dismiss ${request.name}`}
          onClick={() => void run(() => dismissAccountRequest({ requestId }))}
        >
          Dismiss
        </Button>
      </SpaceBetween>
    </SpaceBetween>
  );
}

function Open({ requests, madeLately }: { requests: AccountRequestView[]; madeLately: number }) {
  const creating = requests.filter(({ state }) => state === "creating").length;
  const waiting = requests.length - creating;
  const slow = requests.filter(({ problem }) => problem !== null);
  const words = [
    `${creating} at AWS`,
    waiting > 0 ? `${waiting} waiting for their turn (AWS makes a few at a time)` : null,
    madeLately > 0 ? `${madeLately} made within the last day` : null,
  ];
  return (
    <Alert
      type="info"
      header={requests.length === 1 ? "1 account is being made" : `${requests.length} accounts are being made`}
    >
      <SpaceBetween size="xs">
        <span>
          {words.filter(Boolean).join(", ")}. Each joins the pool as soon as it is made, and is emptied first.
        </span>
        {slow.slice(0, 3).map(({ id, name, problem }) => (
          <StatusIndicator key={id} type="warning" wrapText>
            {name}: {problem}
          </StatusIndicator>
        ))}
        <ExpandableSection headerText="Each of them" variant="footer">
          <ul style={{ margin: 0, paddingInlineStart: "1.5em" }}>
            {requests.map(({ id, name, email, state, startedAt }) => (
              <li key={id}>
                {name}, {email}: {state === "creating" ? "at AWS" : "waiting"}
                {startedAt ? (
                  <>
                    {" "}
                    since <Moment at={startedAt} />
                  </>
                ) : null}
              </li>
            ))}
          </ul>
        </ExpandableSection>
      </SpaceBetween>
    </Alert>
  );
}
