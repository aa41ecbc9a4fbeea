"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useSearchParams } from "next/navigation";
import { Live } from "@/components/live";
import type { MessageJson } from "@/components/mail/message-json";
import { problemsOf } from "@/components/mail/problems";
import { SendAgain } from "@/components/mail/send-again";
import { Page } from "@/components/shell/page";
import { Status, statusWord } from "@/components/status";
import { type Column, DataTable } from "@/components/table";
import { Moment } from "@/components/times";
import { ViewLinks } from "@/components/view-links";
import { consolePaths } from "@/server/paths";

type Outlook = MessageJson["outlook"];

const views: { id: Outlook; word: string; nothing: string }[] = [
  { id: "problem", word: "with a problem", nothing: "No mail has a problem" },
  { id: "waiting", word: "to come", nothing: "No mail is waiting to be sent" },
  { id: "sent", word: "sent", nothing: "No mail was sent yet" },
  { id: "dropped", word: "not needed any more", nothing: "No mail was taken back" },
];

/** The team's mails on a time line, problems first. */
export function MailScreen({ messages, own, admin }: { messages: MessageJson[]; own: boolean; admin: boolean }) {
  const show = useSearchParams().get("show");
  const wanted = views.find((view) => view.id === show) ?? null;
  const rows = wanted ? messages.filter((message) => message.outlook === wanted.id) : messages;
  return (
    <Page
      title="Mail"
      description={
        own
          ? "What goes to you and to the people who came by your links. Codes to sign in never appear here."
          : "What goes to whom when. Codes to sign in never appear here."
      }
      status={<Live topic="mail" />}
      actions={own ? undefined : <MailRooms admin={admin} />}
    >
      <SpaceBetween size="l">
        <Problems messages={messages} />
        <DataTable
          key={wanted?.id ?? "all"}
          id="mail"
          title={wanted ? `Mails ${wanted.word}` : "Mails"}
          items={rows}
          columns={columns}
          rowId={(row) => row.id}
          sort={wanted?.id === "waiting" ? "when" : "-when"}
          placeholder="Find by person, mail or workshop"
          above={<Views messages={messages} wanted={wanted?.id ?? null} />}
          empty={{
            title: wanted?.nothing ?? "No mails yet",
            text: wanted ? undefined : "The first goes when registration for a workshop opens.",
            action: wanted ? (
              <Button href={consolePaths.mail()}>Show all mails</Button>
            ) : (
              <Button href={consolePaths.workshops()}>Go to workshops</Button>
            ),
          }}
        />
      </SpaceBetween>
    </Page>
  );
}

function MailRooms({ admin }: { admin: boolean }) {
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Button href={consolePaths.mailRules()}>Rules</Button>
      {admin ? <Button href={consolePaths.mailSetUp()}>Sender</Button> : null}
      <Button href={consolePaths.mailTexts()}>Words of mails</Button>
      <Button href={consolePaths.mailAddresses()}>Addresses held back</Button>
    </SpaceBetween>
  );
}

function Views({ messages, wanted }: { messages: MessageJson[]; wanted: Outlook | null }) {
  const count = (outlook: Outlook) => messages.filter((message) => message.outlook === outlook).length;
  const path = consolePaths.mail();
  return (
    <ViewLinks
      label="Mails by what became of them"
      views={[
        { id: "all", href: path, text: `${messages.length} in all`, current: !wanted },
        ...views.map(({ id, word }) => ({
          id,
          href: `${path}?show=${id}`,
          text: `${count(id)} ${word}`,
          current: wanted === id,
        })),
      ]}
    />
  );
}

function Problems({ messages }: { messages: MessageJson[] }) {
  const problems = problemsOf(messages);
  if (problems.length === 0) return null;
  const total = problems.reduce((sum, { count }) => sum + count, 0);
  return (
    <Alert
      type="warning"
      header={total === 1 ? "One mail has a problem" : `${total} mails have a problem`}
      action={<Button href={`${consolePaths.mail()}?show=problem`}>Show {total === 1 ? "it" : "them"}</Button>}
    >
      <Box margin={{ top: "xs" }} />
      <SpaceBetween size="xs">
        {problems.map(({ state, count, meaning, todo }) => (
          <div key={state}>
            <b>
              {count === 1 ? "One" : count} {meaning}.
            </b>{" "}
            {todo}
          </div>
        ))}
      </SpaceBetween>
    </Alert>
  );
}

const columns: Column<MessageJson>[] = [
  {
    id: "when",
    header: "When",
    minWidth: 180,
    value: (row) => row.sentAt ?? row.dueAt,
    cell: (row) => <Moment at={row.sentAt ?? row.dueAt} />,
  },
  {
    id: "kind",
    header: "Mail",
    rowHeader: true,
    minWidth: 170,
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
    cell: (row) =>
      row.recipient ? (
        row.registrationId && row.workshop ? (
          <Link href={`${consolePaths.workshop(row.workshop.id, "registrations")}?row=${row.registrationId}`}>
            {row.recipient}
          </Link>
        ) : (
          row.recipient
        )
      ) : (
        <Box color="text-body-secondary">Anonymized</Box>
      ),
  },
  {
    id: "workshop",
    header: "Workshop",
    minWidth: 170,
    value: (row) => row.workshop?.title ?? null,
    filter: { label: "Workshop" },
    cell: (row) =>
      row.workshop ? <Link href={consolePaths.workshop(row.workshop.id, "mail")}>{row.workshop.title}</Link> : "–",
  },
  {
    id: "state",
    header: "State",
    minWidth: 180,
    value: (row) => statusWord("message", row.state),
    filter: { label: "State" },
    cell: (row) => (
      <>
        <Status noun="message" state={row.state} />
        {row.outlook !== "sent" && row.reason ? (
          <Box color="text-body-secondary" fontSize="body-s">
            {row.reason}
          </Box>
        ) : null}
      </>
    ),
  },
  { id: "attempts", header: "Tries", value: (row) => row.attempts, cell: (row) => row.attempts, hidden: true },
  {
    id: "actions",
    header: "Actions",
    minWidth: 120,
    cell: (row) =>
      row.maySendAgain && row.outlook === "problem" ? <SendAgain message={row} variant="inline-link" /> : "–",
  },
];
