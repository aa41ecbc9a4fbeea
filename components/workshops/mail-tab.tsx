"use client";

import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useMemo } from "react";
import type { MessageJson } from "@/components/mail/message-json";
import { SendAgain } from "@/components/mail/send-again";
import { Status, statusOptions, statusWord } from "@/components/status";
import { type Column, DataTable } from "@/components/table";
import { Moment, momentText } from "@/components/times";
import { consolePaths } from "@/server/paths";

export type PlannedMail = {
  kind: string;
  label: string;
  rule: string;
  at: string | null;
  sent: number;
  waiting: number;
  problems: number;
  dropped: number;
  expected: number;
};

type Props = { timeZone: string; planned: PlannedMail[]; messages: MessageJson[] };

/** What was sent in a workshop and what will be; each mail opens as it looks. */
export function MailTab({ timeZone, planned, messages }: Props) {
  const columns = useMemo(() => columnsFor(timeZone), [timeZone]);
  return (
    <SpaceBetween size="l">
      <Planned planned={planned} timeZone={timeZone} />
      <DataTable
        id="workshop-mail"
        title="Mails"
        items={messages}
        columns={columns}
        rowId={(row) => row.id}
        sort="-due"
        placeholder="Find by mail, recipient or state"
        empty={{ title: "No mail yet", text: "Mails are written when registration opens and when people register." }}
      />
    </SpaceBetween>
  );
}

function Planned({ planned, timeZone }: { planned: PlannedMail[]; timeZone: string }) {
  return (
    <Table
      variant="container"
      items={planned}
      trackBy="kind"
      ariaLabels={{ tableLabel: "What goes when" }}
      header={
        <Header variant="h2" description="Each kind of mail of this workshop, by the time it goes.">
          What goes when
        </Header>
      }
      empty={<Box color="text-body-secondary">No mail goes out of this workshop any more.</Box>}
      columnDefinitions={[
        {
          id: "label",
          header: "Mail",
          isRowHeader: true,
          cell: (row) => <Link href={`?f=${encodeURIComponent(`kind=${row.label}`)}`}>{row.label}</Link>,
        },
        {
          id: "rule",
          header: "When",
          cell: (row) => (
            <>
              {row.rule}
              {row.at ? (
                <Box color="text-body-secondary" fontSize="body-s">
                  <Moment at={row.at} timeZone={timeZone} />
                </Box>
              ) : null}
            </>
          ),
        },
        { id: "sent", header: "Sent", cell: (row) => row.sent },
        {
          id: "waiting",
          header: "To come",
          cell: (row) => (row.expected + row.waiting > 0 ? row.expected + row.waiting : "–"),
        },
        {
          id: "problems",
          header: "Problems",
          cell: (row) =>
            row.problems > 0 ? (
              <Status noun="message" state="failed">
                {row.problems}
              </Status>
            ) : (
              "–"
            ),
        },
      ]}
    />
  );
}

function columnsFor(timeZone: string): Column<MessageJson>[] {
  return [
    {
      id: "kind",
      header: "Mail",
      rowHeader: true,
      minWidth: 160,
      value: (row) => row.label,
      filter: { label: "Mail" },
      cell: (row) => <Link href={consolePaths.message(row.id)}>{row.label}</Link>,
    },
    {
      id: "to",
      personal: true,
      header: "To",
      minWidth: 150,
      value: (row) => row.recipient,
      filter: { label: "To" },
      cell: (row) => row.recipient ?? <Box color="text-body-secondary">Anonymous</Box>,
    },
    {
      id: "state",
      header: "State",
      minWidth: 140,
      value: (row) => statusWord("message", row.state),
      filter: { label: "State", options: statusOptions("message") },
      cell: (row) => (
        <>
          <Status noun="message" state={row.state} />
          {row.reason ? (
            <Box color="text-body-secondary" fontSize="body-s">
              {row.reason}
            </Box>
          ) : null}
        </>
      ),
    },
    {
      id: "due",
      header: "When",
      minWidth: 130,
      value: (row) => row.sentAt ?? row.dueAt,
      cell: (row) => momentText(row.sentAt ?? row.dueAt, timeZone),
    },
    {
      id: "again",
      header: "Acts",
      minWidth: 130,
      cell: (row) => <SendAgain message={row} variant="inline-link" />,
    },
  ];
}
