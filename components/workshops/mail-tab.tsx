"use client";

import Box from "@cloudscape-design/components/box";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useMemo } from "react";
import type { MessageJson } from "@/components/mail/message-json";
import { RuleActs } from "@/components/mail/rule-acts";
import type { RuleJson } from "@/components/mail/rule-json";
import { RuleName, RuleTo, RuleWhen } from "@/components/mail/rules-screen";
import { SendAgain } from "@/components/mail/send-again";
import { SendAllAgain } from "@/components/mail/send-all-again";
import { Status, statusOptions, statusWord } from "@/components/status";
import { type Column, DataTable } from "@/components/table";
import { momentText } from "@/components/times";
import type { AgainGroup } from "@/server/mail/overview";
import { consolePaths } from "@/server/paths";

type Props = { workshopId: string; timeZone: string; rules: RuleJson[]; messages: MessageJson[]; again: AgainGroup[] };

/** What was sent in a workshop and what will be; each mail opens as it looks, each rule can be seen and changed. */
export function MailTab({ workshopId, timeZone, rules, messages, again }: Props) {
  const columns = useMemo(() => columnsFor(timeZone), [timeZone]);
  const timed = rules.filter((rule) => !rule.byCause);
  const byCause = rules.filter((rule) => rule.byCause);
  return (
    <SpaceBetween size="l">
      <TimeLine
        title="What goes when"
        description="Each mail with a time of its own, in the order of its time. Times follow the workshop's dates."
        {...{ workshopId, timeZone, rules: timed }}
      />
      <ExpandableSection variant="container" headerText={`At once, by what happens (${byCause.length})`}>
        <TimeLine embedded title="At once, by what happens" {...{ workshopId, timeZone, rules: byCause }} />
      </ExpandableSection>
      <DataTable
        id="workshop-mail"
        title="Mails"
        items={messages}
        columns={columns}
        rowId={(row) => row.id}
        sort="-due"
        actions={<SendAllAgain workshopId={workshopId} groups={again} />}
        placeholder="Find by mail, recipient or state"
        empty={{ title: "No mail yet", text: "Mails are written when registration opens and when people register." }}
      />
    </SpaceBetween>
  );
}

type LineProps = {
  title: string;
  description?: string;
  embedded?: boolean;
  workshopId: string;
  timeZone: string;
  rules: RuleJson[];
};

function TimeLine({ title, description, embedded = false, workshopId, timeZone, rules }: LineProps) {
  return (
    <Table
      variant={embedded ? "embedded" : "container"}
      items={rules}
      trackBy="key"
      wrapLines
      ariaLabels={{ tableLabel: title }}
      header={
        embedded ? undefined : (
          <Header variant="h2" description={description}>
            {title}
          </Header>
        )
      }
      empty={<Box color="text-body-secondary">No mail goes out of this workshop any more.</Box>}
      columnDefinitions={[
        { id: "label", header: "Mail", isRowHeader: true, minWidth: 150, cell: (rule) => <RuleName rule={rule} /> },
        {
          id: "when",
          header: "When",
          minWidth: 190,
          cell: (rule) => <RuleWhen rule={rule} timeZone={timeZone} />,
        },
        { id: "to", header: "To", minWidth: 150, cell: (rule) => <RuleTo rule={rule} /> },
        { id: "sent", header: "Sent", minWidth: 70, cell: (rule) => <Count rule={rule} count={rule.counts.sent} /> },
        {
          id: "waiting",
          header: "To come",
          minWidth: 80,
          cell: ({ on, counts }) =>
            on && counts.expected + counts.waiting > 0 ? counts.expected + counts.waiting : "–",
        },
        {
          id: "problems",
          header: "Problems",
          minWidth: 90,
          cell: ({ counts }) =>
            counts.problems > 0 ? (
              <Status noun="message" state="failed">
                {counts.problems}
              </Status>
            ) : (
              "–"
            ),
        },
        {
          id: "acts",
          header: "Acts",
          minWidth: 70,
          cell: (rule) => <RuleActs rule={rule} workshopId={workshopId} timeZone={timeZone} />,
        },
      ]}
    />
  );
}

/** A number leads to the mails behind it. */
function Count({ rule, count }: { rule: RuleJson; count: number }) {
  if (count === 0) return <>–</>;
  return <Link href={`?f=${encodeURIComponent(`kind=${rule.label}`)}`}>{count}</Link>;
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
