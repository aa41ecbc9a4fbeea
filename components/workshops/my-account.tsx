"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import Header from "@cloudscape-design/components/header";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useEffect, useState } from "react";
import { consoleLink, leaseForMe, retryVend, returnMyLease, temporaryKeys } from "@/app/(console)/workshops/actions";
import { useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import { OwnOutputs } from "@/components/profiles/own-outputs";
import { Status, type StatusOf } from "@/components/status";
import type { StackOutput } from "@/server/aws/cloudformation";
import type { TemporaryKeys } from "@/server/sandboxes/access";

export type MyLease = {
  id: string;
  holder: "presenter" | "rehearsal";
  state: StatusOf<"lease">;
  awsAccountId: string;
  lastError: string | null;
  /** Of its start-up stack. */
  outputs: StackOutput[];
};

type Props = {
  workshopId: string;
  leases: MyLease[];
  /** Why no account can be lent, or null. */
  whyNot: string | null;
};

/** The reader's own account in a workshop: to present with, or to rehearse before. */
export function MyAccount({ workshopId, leases, whyNot }: Props) {
  const { run, pending } = useAction();
  const take = (holder: "presenter" | "rehearsal") =>
    run(() => leaseForMe({ workshopId, holder }), { done: "An account is being prepared for you." });
  const has = (holder: string) => leases.some((lease) => lease.holder === holder);
  const button = (holder: "presenter" | "rehearsal", label: string) =>
    has(holder) ? null : (
      <Button
        onClick={() => void take(holder)}
        loading={pending}
        disabled={whyNot !== null}
        disabledReason={whyNot ?? undefined}
      >
        {label}
      </Button>
    );
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="To walk through the workshop before, or to show it in the room. It is emptied like all others."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {button("rehearsal", "Rehearse")}
              {button("presenter", "Take one to present")}
            </SpaceBetween>
          }
        >
          Your own account
        </Header>
      }
    >
      <SpaceBetween size="m">
        {leases.length === 0 ? <Box color="text-body-secondary">You hold no account of this workshop.</Box> : null}
        {leases.map((lease) => (
          <OwnLease key={lease.id} lease={lease} />
        ))}
      </SpaceBetween>
    </Container>
  );
}

function OwnLease({ lease }: { lease: MyLease }) {
  const { run, pending } = useAction();
  const [keys, setKeys] = useState<TemporaryKeys | null>(null);
  const [returning, setReturning] = useState(false);
  const leaseId = lease.id;
  const ready = lease.state === "ready";
  const why = ready ? {} : { disabled: true, disabledReason: "The account is not ready yet" };
  const open = async () => {
    // Opened at the click, since browsers block windows that come later; the link itself is in no page of ours.
    const tab = window.open("about:blank", "_blank");
    const answer = await run(() => consoleLink({ leaseId }));
    if (answer?.ok && tab) {
      tab.opener = null;
      tab.location.replace(answer.value.url);
    } else tab?.close();
  };
  const makeKeys = async () => {
    const answer = await run(() => temporaryKeys({ leaseId }));
    if (answer?.ok) setKeys(answer.value);
  };
  return (
    <SpaceBetween size="s">
      <SpaceBetween direction="horizontal" size="m" alignItems="center">
        <Box variant="strong">{lease.holder === "presenter" ? "To present" : "To rehearse"}</Box>
        <Box variant="code">{lease.awsAccountId}</Box>
        <Status noun="lease" state={lease.state} />
      </SpaceBetween>
      {lease.lastError ? <Alert type="error">{lease.lastError}</Alert> : null}
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="primary" iconName="external" iconAlign="right" onClick={open} loading={pending} {...why}>
          Open the console
        </Button>
        <Button onClick={makeKeys} {...why}>
          Keys
        </Button>
        {lease.state === "failed" ? (
          <Button onClick={() => void run(() => retryVend({ leaseId }), { done: "It is tried again." })}>
            Try again
          </Button>
        ) : null}
        <Button
          onClick={() => setReturning(true)}
          disabled={lease.state === "closing" || lease.state === "revoked"}
          disabledReason="It is being taken back already"
        >
          Give it back
        </Button>
      </SpaceBetween>
      <OwnOutputs outputs={lease.outputs} />
      {keys ? <Keys keys={keys} onRenew={makeKeys} onDismiss={() => setKeys(null)} /> : null}
      <Confirm
        visible={returning}
        title="Give this account back?"
        loses="Your access ends at once, and everything in the account is deleted."
        label="Give it back"
        pending={pending}
        onConfirm={async () => {
          await run(() => returnMyLease({ leaseId }), { done: "The account is being taken back." });
          setReturning(false);
        }}
        onDismiss={() => setReturning(false)}
      />
    </SpaceBetween>
  );
}

/** The keys as each kind of shell takes them. */
function shellsOf(keys: TemporaryKeys) {
  const values: [string, string][] = [
    ["AWS_ACCESS_KEY_ID", keys.accessKeyId],
    ["AWS_SECRET_ACCESS_KEY", keys.secretAccessKey],
    ["AWS_SESSION_TOKEN", keys.sessionToken],
    ["AWS_REGION", keys.region],
    ...(keys.endpointUrl ? [["AWS_ENDPOINT_URL", keys.endpointUrl] as [string, string]] : []),
  ];
  return [
    {
      id: "sh",
      label: "Linux and macOS",
      text: values.map(([name, value]) => `export ${name}="${value}"`).join("\n"),
    },
    {
      id: "ps",
      label: "PowerShell",
      text: values.map(([name, value]) => `$Env:${name}="${value}"`).join("\n"),
    },
    {
      id: "file",
      label: "Config file",
      text: [
        "[default]",
        ...values.map(([name, value]) => `${name.replace("AWS_REGION", "region").toLowerCase()} = ${value}`),
      ].join("\n"),
    },
  ];
}

function Keys(props: { keys: TemporaryKeys; onRenew: () => void; onDismiss: () => void }) {
  const [left, setLeft] = useState<number | null>(null);
  useEffect(() => {
    const count = () => setLeft(Math.max(0, Math.round((Date.parse(props.keys.expiresAt) - Date.now()) / 60_000)));
    count();
    const timer = window.setInterval(count, 10_000);
    return () => window.clearInterval(timer);
  }, [props.keys.expiresAt]);
  return (
    <Modal
      visible
      size="large"
      onDismiss={props.onDismiss}
      header={`Keys of ${props.keys.awsAccountId}`}
      closeAriaLabel="Close"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={props.onRenew}>Make new ones</Button>
            <Button variant="primary" onClick={props.onDismiss}>
              Done
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Box color={left === 0 ? "text-status-error" : "text-body-secondary"}>
          {left === 0
            ? "These keys have expired."
            : `They work for another ${left ?? 60} minutes and are stored nowhere.`}
        </Box>
        <Tabs
          ariaLabel="Shells"
          tabs={shellsOf(props.keys).map(({ id, label, text }) => ({
            id,
            label,
            content: (
              <SpaceBetween size="s">
                <Box variant="code">
                  <pre className="invite-text">{text}</pre>
                </Box>
                <CopyToClipboard
                  variant="button"
                  textToCopy={text}
                  copyButtonText="Copy"
                  copySuccessText="Keys copied"
                  copyErrorText="They could not be copied: select them by hand"
                />
              </SpaceBetween>
            ),
          }))}
        />
      </SpaceBetween>
    </Modal>
  );
}
