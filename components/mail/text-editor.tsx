"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useEffect, useRef, useState } from "react";
import { previewMailText, resetMailText, saveMailText, sendTestMail } from "@/app/(console)/mail/texts/actions";
import { useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import styles from "@/components/mail/mail.module.css";
import { useUnsavedGuard } from "@/components/shell/links";
import { Page } from "@/components/shell/page";
import type { MailTextPreview } from "@/server/mail/text-preview";
import type { MailTextPage, OwnWords } from "@/server/mail/texts";
import { consolePaths } from "@/server/paths";

type Field = keyof OwnWords;
const fields: Field[] = ["subject", "headline", "body"];
const idOf = (field: Field) => `words-${field}`;

const languageNames: Record<string, string> = {
  en: "English",
  es: "Español",
  pt: "Português",
  it: "Italiano",
  fr: "Français",
};

const same = (a: OwnWords, b: OwnWords) => fields.every((field) => a[field] === b[field]);

/** How the mail would look with what is typed, a moment after the last key; and what is wrong with it, by field. */
function usePreview(kind: string, language: string, words: OwnWords) {
  const [mail, setMail] = useState<MailTextPreview | null>(null);
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const latest = useRef(0);
  useEffect(() => {
    latest.current += 1;
    const turn = latest.current;
    const timer = setTimeout(async () => {
      const answer = await previewMailText({ kind, language, ...words }).catch(() => null);
      if (!answer || turn !== latest.current) return;
      if (answer.ok) setMail(answer.value);
      setWrong(answer.ok ? {} : answer.fields);
    }, 400);
    return () => clearTimeout(timer);
  }, [kind, language, words]);
  return { mail, wrong };
}

/** Subject, headline and paragraphs of a mail, with how it looks beside them. */
export function TextEditor({ text }: { text: MailTextPage }) {
  const { kind, language, label, mayEdit } = text;
  const { run, pending } = useAction();
  const [typed, setTyped] = useState<OwnWords>(text.words);
  /** What was last read or saved: what typed words are compared with, and the version that a save replaces. */
  const [known, setKnown] = useState({ words: text.words, version: text.version });
  const [overtaken, setOvertaken] = useState(false);
  const [asking, setAsking] = useState(false);
  const { mail, wrong } = usePreview(kind, language, typed);
  const dirty = !same(typed, known.words);
  useUnsavedGuard(dirty && !pending);
  const theirs = overtaken && text.version !== known.version ? text : null;

  const save = async (version: number) => {
    const words = typed;
    const answer = await run(() => saveMailText({ kind, language, version, ...words }), {
      done: "Mails speak with these words from now on.",
      quiet: ["conflict", "invalid"],
    });
    if (answer?.ok) {
      setKnown({ words, version: answer.value.version });
      setOvertaken(false);
    } else if (answer?.code === "conflict") {
      setOvertaken(true);
    } else if (answer?.code === "invalid") {
      const first = fields.find((field) => answer.fields[field]);
      if (first) document.getElementById(idOf(first))?.focus();
    }
  };
  const reset = async () => {
    const version = known.version;
    const answer = await run(() => resetMailText({ kind, language, version }), {
      done: "Mails speak with the built-in words again.",
      quiet: ["conflict"],
    });
    setAsking(false);
    if (answer?.ok) {
      setTyped(text.builtIn);
      setKnown({ words: text.builtIn, version: 0 });
    } else if (answer?.code === "conflict") {
      setOvertaken(true);
    }
  };
  const test = () =>
    run(() => sendTestMail({ kind, language, ...typed }), {
      done: "A test mail with what is typed here is on its way to you.",
    });
  const set = (field: Field) => (value: string) => setTyped((before) => ({ ...before, [field]: value }));
  const blocked = Object.keys(wrong).length > 0;

  return (
    <Page
      title={`${label} in ${languageNames[language] ?? language}`}
      crumbs={[
        { text: "Mail", href: consolePaths.mail() },
        { text: "Words of mails", href: consolePaths.mailTexts() },
      ]}
      description={
        known.version === 0
          ? "The built-in words hold until you save others."
          : "The team's own words hold for this mail."
      }
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button
            disabled={known.version === 0 || !mayEdit}
            disabledReason="The built-in words hold already"
            onClick={() => setAsking(true)}
          >
            Back to the built-in words
          </Button>
          <Button
            disabled={blocked || pending}
            disabledReason="Put right what is marked first"
            onClick={() => void test()}
          >
            Send a test to me
          </Button>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        {overtaken ? (
          <Overtaken
            theirs={theirs}
            onKeepMine={() => void save(text.version)}
            onTakeTheirs={() => {
              setTyped(text.words);
              setKnown({ words: text.words, version: text.version });
              setOvertaken(false);
            }}
          />
        ) : null}
        <ColumnLayout columns={2}>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              if (!pending) void save(known.version);
            }}
          >
            <Form
              actions={
                <Button
                  variant="primary"
                  loading={pending}
                  disabled={!dirty || overtaken || !mayEdit}
                  disabledReason={overtaken ? "Choose above whose words hold" : "Nothing is changed yet"}
                >
                  Save
                </Button>
              }
            >
              <SpaceBetween size="m">
                <FormField label="Subject" errorText={wrong.subject}>
                  <Input
                    controlId={idOf("subject")}
                    value={typed.subject}
                    onChange={({ detail }) => set("subject")(detail.value)}
                  />
                </FormField>
                <FormField label="Headline" description="The first line of the mail, large." errorText={wrong.headline}>
                  <Input
                    controlId={idOf("headline")}
                    value={typed.headline}
                    onChange={({ detail }) => set("headline")(detail.value)}
                  />
                </FormField>
                <FormField
                  label="Paragraphs"
                  description="Under the button and the details. A blank line begins a new paragraph."
                  constraintText="**bold**, *italics*, [a link](https://example.com), and lists with - or 1. before each line."
                  errorText={wrong.body}
                >
                  <Textarea
                    controlId={idOf("body")}
                    rows={14}
                    value={typed.body}
                    onChange={({ detail }) => set("body")(detail.value)}
                  />
                </FormField>
                <Variables variables={text.variables} />
              </SpaceBetween>
            </Form>
          </form>
          <Look mail={mail} stale={blocked} />
        </ColumnLayout>
      </SpaceBetween>
      <Confirm
        visible={asking}
        title="Go back to the built-in words?"
        label="Back to the built-in words"
        loses="The team's own words for this mail in this language are lost."
        pending={pending}
        onConfirm={() => void reset()}
        onDismiss={() => setAsking(false)}
      />
    </Page>
  );
}

function Overtaken(props: { theirs: MailTextPage | null; onKeepMine: () => void; onTakeTheirs: () => void }) {
  const { theirs, onKeepMine, onTakeTheirs } = props;
  return (
    <Alert
      type="warning"
      header="Somebody else changed these words meanwhile"
      action={
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={onTakeTheirs}>Take theirs</Button>
          <Button onClick={onKeepMine}>Save mine over theirs</Button>
        </SpaceBetween>
      }
    >
      What you typed is still below. {theirs ? "These words hold now:" : "The built-in words hold now."}
      {theirs ? (
        <Box margin={{ top: "xs" }}>
          <b>{theirs.words.subject}</b>
          <div>{theirs.words.headline}</div>
          <div style={{ whiteSpace: "pre-wrap" }}>{theirs.words.body}</div>
        </Box>
      ) : null}
    </Alert>
  );
}

function Variables({ variables }: { variables: MailTextPage["variables"] }) {
  return (
    <SpaceBetween size="xs">
      <Box variant="awsui-key-label">Variables</Box>
      <Box color="text-body-secondary" fontSize="body-s">
        A paragraph whose variable is empty is left out. One that begins with {"{{if account}}"} is only there when that
        variable is not empty.
      </Box>
      <KeyValuePairs
        columns={2}
        items={variables.map(({ name, meaning }) => ({ label: `{{${name}}}`, value: meaning }))}
      />
    </SpaceBetween>
  );
}

function Look({ mail, stale }: { mail: MailTextPreview | null; stale: boolean }) {
  return (
    <Container
      header={
        <Header variant="h2" description={stale ? "As it was before what is marked." : "With a made-up workshop."}>
          How it looks
        </Header>
      }
    >
      {mail ? (
        <SpaceBetween size="s">
          <div>
            <Box variant="awsui-key-label">Subject</Box>
            <span dir="auto">{mail.subject}</span>
          </div>
          <iframe
            title="The mail as it would look"
            className={styles.frame}
            sandbox="allow-popups"
            srcDoc={mail.html}
            referrerPolicy="no-referrer"
          />
        </SpaceBetween>
      ) : (
        <Box color="text-body-secondary">Loading</Box>
      )}
    </Container>
  );
}
