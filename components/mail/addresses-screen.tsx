"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useMemo, useState } from "react";
import { writeToAddressAgain } from "@/app/(console)/mail/actions";
import { useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import { Live } from "@/components/live";
import { Page } from "@/components/shell/page";
import { type Column, DataTable } from "@/components/table";
import { Moment } from "@/components/times";
import type { SuppressedRow } from "@/server/mail/suppression";
import { consolePaths } from "@/server/paths";

export type AddressRow = Omit<SuppressedRow, "since"> & { since: string };
type Reason = AddressRow["reason"];

/** For each reason: what happened, what helps, and what is at stake when the team writes again. */
const words: Record<Reason, { short: string; happened: string; todo: string; risk: string }> = {
  bounced: {
    short: "Came back",
    happened: "A mail came back for good.",
    todo: "Ask the person for another address. If this one works again, write to it again.",
    risk: "If mails come back again, the address is held back again, and Amazon SES trusts the sender less.",
  },
  complained: {
    short: "Marked as unwanted",
    happened: "The reader marked a mail as unwanted.",
    todo: "Call them. Write again only if they ask for it.",
    risk: "Write again only if the reader asked for it. A second complaint hurts all mails of this sender.",
  },
  unsubscribed: {
    short: "Unsubscribed",
    happened: "The reader wants no mails that are not necessary. Confirmations, changes and access still go.",
    todo: "Nothing. They can take it back themselves by the link in an earlier mail.",
    risk: "The reader asked for no such mails. Write again only if they ask for it.",
  },
};

/** Whom the team does not write to, and why. */
export function AddressesScreen({ rows, mayRemove }: { rows: AddressRow[]; mayRemove: boolean }) {
  const [asked, setAsked] = useState<AddressRow | null>(null);
  const columns = useMemo(() => columnsOf(mayRemove, setAsked), [mayRemove]);
  return (
    <Page
      title="Addresses held back"
      crumbs={[{ text: "Mail", href: consolePaths.mail() }]}
      description="Mails to these addresses came back, or their reader does not want them. Codes that somebody asks for go to any address."
      status={<Live topic="mail" />}
    >
      <DataTable
        id="held-back"
        title="Addresses"
        items={rows}
        columns={columns}
        rowId={(row) => row.id}
        sort="-since"
        placeholder="Find by address or reason"
        empty={{
          title: "No address is held back",
          text: "An address comes here by itself when a mail comes back, is marked as unwanted, or its reader unsubscribes.",
          action: <Button href={consolePaths.mail()}>Go to mail</Button>,
        }}
      />
      {asked ? <WriteAgain row={asked} onClose={() => setAsked(null)} /> : null}
    </Page>
  );
}

function columnsOf(mayRemove: boolean, ask: (row: AddressRow) => void): Column<AddressRow>[] {
  return [
    {
      id: "email",
      personal: true,
      header: "Address",
      rowHeader: true,
      minWidth: 200,
      value: (row) => row.email,
      cell: (row) => row.email,
    },
    {
      id: "reason",
      header: "Why",
      minWidth: 220,
      value: (row) => words[row.reason].short,
      filter: { label: "Why" },
      cell: (row) => (
        <>
          <StatusIndicator type={row.reason === "unsubscribed" ? "stopped" : "warning"}>
            {words[row.reason].short}
          </StatusIndicator>
          <Box color="text-body-secondary" fontSize="body-s">
            {row.detail || words[row.reason].happened}
          </Box>
        </>
      ),
    },
    {
      id: "since",
      header: "Since",
      minWidth: 170,
      value: (row) => row.since,
      cell: (row) => <Moment at={row.since} />,
    },
    { id: "todo", header: "What to do", minWidth: 220, cell: (row) => words[row.reason].todo },
    {
      id: "actions",
      header: "Actions",
      minWidth: 160,
      cell: (row) =>
        row.leaving ? (
          <StatusIndicator type="in-progress">Taken off the list</StatusIndicator>
        ) : (
          <Button
            variant="inline-link"
            ariaLabel={`Write to it again: ${row.email}`}
            disabled={!mayRemove}
            disabledReason="Only an admin of the team lets mails go to an address again"
            onClick={() => ask(row)}
          >
            Write to it again
          </Button>
        ),
    },
  ];
}

function WriteAgain({ row, onClose }: { row: AddressRow; onClose: () => void }) {
  const { run, pending } = useAction();
  const confirm = async () => {
    const done = `Mails go to ${row.email} again. What was held back can be sent again from the list of mails.`;
    const answer = await run(() => writeToAddressAgain({ id: row.id }), { done });
    if (answer?.ok) onClose();
  };
  return (
    <Confirm
      visible
      title={`Write to ${row.email} again?`}
      label="Write to it again"
      loses={words[row.reason].risk}
      pending={pending}
      onConfirm={() => void confirm()}
      onDismiss={onClose}
    >
      {row.reason === "unsubscribed"
        ? null
        : "The address also leaves the suppression list of the account in Amazon SES. Nothing is sent by this."}
    </Confirm>
  );
}
