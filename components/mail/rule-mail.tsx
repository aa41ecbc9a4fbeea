"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Modal from "@cloudscape-design/components/modal";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useEffect, useState } from "react";
import { previewRule, previewRuleMail } from "@/app/(console)/mail/rules/actions";
import styles from "@/components/mail/mail.module.css";
import type { RecipientJson, RuleJson } from "@/components/mail/rule-json";
import { languages } from "@/server/workshops/schemas";

type Mail = { to: string; subject: string; html: string; locale: string };
type State = { mail: Mail | null; problem: string | null } | null;

const wordOf = (locale: string) => Object.entries(languages).find(([tag]) => tag === locale)?.[1] ?? locale;

/** A rule's mail as one of those who get it would read it, in their language. */
export function RuleMailDialog({
  rule,
  workshopId,
  onClose,
}: {
  rule: RuleJson;
  workshopId: string;
  onClose: () => void;
}) {
  const [people, setPeople] = useState<RecipientJson[]>([]);
  const [chosen, setChosen] = useState<string | null>(null);
  const [state, setState] = useState<State>(null);
  const { key } = rule;
  useEffect(() => {
    previewRule({ workshopId, key, settings: { on: true } })
      .then((answer) => answer.ok && setPeople(answer.value.after))
      .catch(() => undefined);
  }, [workshopId, key]);
  useEffect(() => {
    setState(null);
    previewRuleMail({ workshopId, key, recipientId: chosen })
      .then((answer) =>
        setState(answer.ok ? { mail: answer.value, problem: null } : { mail: null, problem: answer.message }),
      )
      .catch(() => setState({ mail: null, problem: "Atelier did not answer. Try again." }));
  }, [workshopId, key, chosen]);
  const options = people.map(({ id, name, locale }) => ({ value: id, label: name, description: wordOf(locale) }));
  return (
    <Modal
      visible
      size="large"
      onDismiss={onClose}
      header={`“${rule.label}” as it goes`}
      closeAriaLabel="Close"
      footer={
        <Box float="right">
          <Button onClick={onClose}>Close</Button>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {options.length > 1 ? (
          <Select
            ariaLabel="As who gets it"
            filteringType="auto"
            options={options}
            selectedOption={options.find(({ value }) => value === chosen) ?? options[0] ?? null}
            onChange={({ detail }) => setChosen(detail.selectedOption.value ?? null)}
          />
        ) : null}
        <Shown state={state} label={rule.label} />
      </SpaceBetween>
    </Modal>
  );
}

/** In a frame that runs no script, follows no link and sends no form: a mail is somebody's text. */
function Shown({ state, label }: { state: State; label: string }) {
  if (!state) return <Spinner />;
  if (state.problem) return <Box>{state.problem}</Box>;
  if (!state.mail)
    return (
      <Box color="text-body-secondary">
        As things stand nobody gets this mail, so there is nothing to show it with. It can be seen here once somebody
        does.
      </Box>
    );
  const { to, subject, html, locale } = state.mail;
  return (
    <>
      <KeyValuePairs
        columns={3}
        items={[
          { label: "To", value: to },
          { label: "Subject", value: subject },
          { label: "Language", value: wordOf(locale) },
        ]}
      />
      <iframe
        className={styles.frame}
        sandbox=""
        referrerPolicy="no-referrer"
        srcDoc={html}
        title={`The mail: ${label}`}
      />
    </>
  );
}
