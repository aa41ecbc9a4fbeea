"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { checkSender } from "@/app/(console)/mail/set-up/actions";
import { useAction } from "@/components/action";
import { Page } from "@/components/shell/page";
import type { SenderCheck, SenderRecord, SenderSettings } from "@/server/mail/identity-check";
import { consolePaths } from "@/server/paths";

type Mark = { type: StatusIndicatorProps.Type; text: string };

const ses: Record<SenderCheck["status"], Mark> = {
  verified: { type: "success", text: "Verified" },
  pending: { type: "pending", text: "Waits for the DNS records" },
  failed: { type: "error", text: "Failed: the DNS records were not found in time" },
  unknown: { type: "warning", text: "Not set up in Amazon SES" },
};

const dns: Record<SenderRecord["state"], Mark> = {
  right: { type: "success", text: "There" },
  missing: { type: "error", text: "Missing" },
  other: { type: "warning", text: "Something else is there" },
  unknown: { type: "stopped", text: "Could not be looked up" },
};

/** What SES and DNS say about the sender, on click. */
export function SetUpScreen({ sender }: { sender: SenderSettings }) {
  const { run, pending } = useAction();
  const [check, setCheck] = useState<SenderCheck | null>(null);
  const look = async () => {
    const answer = await run(() => checkSender({}));
    if (answer?.ok) setCheck(answer.value);
  };
  return (
    <Page
      title="Sender of mails"
      crumbs={[{ text: "Mail", href: consolePaths.mail() }]}
      description="Mails arrive, and not among the unwanted ones, when Amazon SES and the DNS of the sender's domain agree."
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button href={consolePaths.settings()}>Change the sender</Button>
          <Button variant="primary" loading={pending} onClick={() => void look()}>
            {check ? "Check again" : "Check now"}
          </Button>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        <Sender sender={sender} check={check} />
        {check ? <Records check={check} /> : null}
      </SpaceBetween>
    </Page>
  );
}

function Sender({ sender, check }: { sender: SenderSettings; check: SenderCheck | null }) {
  const unasked = <Box color="text-body-secondary">Not checked yet</Box>;
  const status = (mark: Mark) => <StatusIndicator type={mark.type}>{mark.text}</StatusIndicator>;
  return (
    <Container header={<Header variant="h2">{sender.address}</Header>}>
      <SpaceBetween size="m">
        {sender.local ? (
          <Alert type="info">
            Mails go to the local mailbox here: there is nothing to set up, and nobody gets them.
          </Alert>
        ) : null}
        {check?.problem ? <Alert type="warning">{check.problem}</Alert> : null}
        {check?.sandbox ? (
          <Alert type="warning" header="Amazon SES is in its sandbox">
            Mails go to verified addresses only. Ask for production access in the SES console, under "Account
            dashboard".
          </Alert>
        ) : null}
        <KeyValuePairs
          columns={4}
          items={[
            { label: "Sender in Amazon SES", value: check ? status(ses[check.status]) : unasked },
            { label: "DKIM in Amazon SES", value: check ? status(ses[check.dkim]) : unasked },
            {
              label: "Return path",
              value: check ? (check.mailFrom ?? "Amazon SES's own; DKIM answers for the sender") : unasked,
            },
            {
              label: "What became of mails",
              value: sender.feedback
                ? status({ type: "success", text: `Told by ${sender.configurationSet ?? "Amazon SES"}` })
                : sender.local
                  ? "–"
                  : status({ type: "warning", text: "Not told: an operator runs npm run admin -- mail set-up" }),
            },
          ]}
        />
      </SpaceBetween>
    </Container>
  );
}

function Copied({ text }: { text: string }) {
  return (
    <SpaceBetween direction="horizontal" size="xxs" alignItems="center">
      <CopyToClipboard
        variant="icon"
        textToCopy={text}
        copyButtonAriaLabel={`Copy ${text}`}
        copySuccessText="Copied"
        copyErrorText="Could not be copied"
      />
      <span style={{ overflowWrap: "anywhere" }}>{text}</span>
    </SpaceBetween>
  );
}

function Records({ check }: { check: SenderCheck }) {
  return (
    <Table
      variant="container"
      wrapLines
      items={check.records}
      trackBy="name"
      header={
        <Header
          variant="h2"
          description={`Whoever keeps the DNS of ${check.domain} puts these records there. A change can take an hour until it is seen.`}
        >
          DNS records
        </Header>
      }
      columnDefinitions={[
        { id: "purpose", header: "For", cell: (row) => row.purpose, isRowHeader: true, width: 110 },
        { id: "type", header: "Type", cell: (row) => row.type, width: 90 },
        { id: "name", header: "Name", cell: (row) => <Copied text={row.name} />, minWidth: 220 },
        { id: "value", header: "Value", cell: (row) => <Copied text={row.value} />, minWidth: 220 },
        {
          id: "state",
          header: "In DNS now",
          minWidth: 180,
          cell: (row) => (
            <>
              <StatusIndicator type={dns[row.state].type}>{dns[row.state].text}</StatusIndicator>
              {row.state === "other" ? (
                <Box color="text-body-secondary" fontSize="body-s">
                  {row.seen.join(", ")}
                </Box>
              ) : null}
            </>
          ),
        },
      ]}
      empty={<Box>Amazon SES has no records for this domain yet.</Box>}
    />
  );
}
