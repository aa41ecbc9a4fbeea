"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import styles from "@/components/mail/mail.module.css";
import type { MessageJson } from "@/components/mail/message-json";
import { adviceFor } from "@/components/mail/problems";
import { SendAgain } from "@/components/mail/send-again";
import { Page } from "@/components/shell/page";
import { Status } from "@/components/status";
import { Moment } from "@/components/times";
import type { MessagePreview } from "@/server/mail/overview";
import { consolePaths } from "@/server/paths";

type Mail = NonNullable<MessagePreview["mail"]>;

/** One mail: what became of it, and how it looks. */
export function MessageScreen({ message, mail }: { message: MessageJson; mail: Mail | null }) {
  const advice = message.outlook === "problem" ? adviceFor(message.state) : null;
  return (
    <Page
      title={message.label}
      crumbs={[{ text: "Mail", href: consolePaths.mail() }]}
      actions={<SendAgain message={message} variant={message.outlook === "problem" ? "primary" : "normal"} />}
    >
      <SpaceBetween size="l">
        {advice ? (
          <Alert type="warning" header={`This mail ${advice.meaning}`}>
            {message.reason ? `${message.reason} ` : ""}
            {advice.todo}
          </Alert>
        ) : null}
        <Container>
          <KeyValuePairs columns={4} items={facts(message, mail)} />
        </Container>
        {mail ? <Looks mail={mail} /> : <Forgotten />}
      </SpaceBetween>
    </Page>
  );
}

function facts(message: MessageJson, mail: Mail | null) {
  const { recipient, registrationId, workshop } = message;
  const name =
    registrationId && workshop && recipient ? (
      <Link href={`${consolePaths.workshop(workshop.id, "registrations")}?row=${registrationId}`}>{recipient}</Link>
    ) : (
      (recipient ?? "Anonymized")
    );
  return [
    {
      label: "To",
      value: (
        <>
          {name}
          {mail ? (
            <Box color="text-body-secondary" fontSize="body-s">
              {mail.to}
            </Box>
          ) : null}
        </>
      ),
    },
    {
      label: "State",
      value: (
        <>
          <Status noun="message" state={message.state} />
          {message.reason && message.outlook === "dropped" ? (
            <Box color="text-body-secondary" fontSize="body-s">
              {message.reason}
            </Box>
          ) : null}
        </>
      ),
    },
    message.sentAt
      ? { label: "Sent", value: <Moment at={message.sentAt} /> }
      : { label: message.outlook === "waiting" ? "Goes" : "Was due", value: <Moment at={message.dueAt} /> },
    {
      label: "Workshop",
      value: workshop ? <Link href={consolePaths.workshop(workshop.id)}>{workshop.title}</Link> : "None",
    },
  ];
}

/** In a frame that runs no script, follows no link and sends no form: a mail is somebody's text. */
function Looks({ mail }: { mail: Mail }) {
  return (
    <SpaceBetween size="m">
      <Container>
        <KeyValuePairs columns={1} items={[{ label: "Subject", value: <Box variant="h3">{mail.subject}</Box> }]} />
      </Container>
      <Tabs
        tabs={[
          {
            id: "html",
            label: "As it looks",
            content: (
              <iframe
                className={styles.frame}
                sandbox=""
                referrerPolicy="no-referrer"
                srcDoc={mail.html}
                title={`The mail: ${mail.subject}`}
              />
            ),
          },
          { id: "text", label: "Plain text", content: <pre className={styles.text}>{mail.text}</pre> },
        ]}
      />
      <Box color="text-body-secondary">
        As it would look now. Links are shown as marks: each is made when the mail is sent and works for its reader
        alone.
      </Box>
    </SpaceBetween>
  );
}

function Forgotten() {
  return (
    <Container>
      <Box textAlign="center" padding="l">
        <Box variant="strong">This mail cannot be shown any more</Box>
        <Box color="text-body-secondary">
          What it needs was deleted, or it is no longer true. That it went stays in the figures.
        </Box>
      </Box>
    </Container>
  );
}
