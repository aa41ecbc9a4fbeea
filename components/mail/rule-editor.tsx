"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Toggle from "@cloudscape-design/components/toggle";
import { useRouter } from "next/navigation";
import { useEffect, useId, useState } from "react";
import { addRule, previewRule, resetRule, saveRule } from "@/app/(console)/mail/rules/actions";
import { useAction } from "@/components/action";
import { DefaultChanges, RuleChanges } from "@/components/mail/rule-changes";
import { type Draft, draftOf, RuleFields } from "@/components/mail/rule-fields";
import type { PreviewJson, RuleJson } from "@/components/mail/rule-json";
import { Moment } from "@/components/times";

type Props = {
  rule: RuleJson;
  /** Null for the team's defaults. */
  workshopId: string | null;
  timeZone: string;
  /** Makes another rule beside this one. */
  beside?: boolean;
  onClose: () => void;
};

type Looked = { of: string; preview: PreviewJson | null; errors: Record<string, string>; problem: string | null };

const settleMilliseconds = 400;

/** What a draft would mean, asked once the typing rests. */
function useChanges(workshopId: string | null, key: string, draft: Draft): Looked | null {
  const [looked, setLooked] = useState<Looked | null>(null);
  const of = JSON.stringify(draft);
  useEffect(() => {
    let current = true;
    const timer = setTimeout(async () => {
      const answer = await previewRule({ workshopId, key, settings: JSON.parse(of) }).catch(() => null);
      if (!current) return;
      if (answer?.ok) setLooked({ of, preview: answer.value, errors: {}, problem: null });
      else setLooked({ of, preview: null, ...problemsOf(answer) });
    }, settleMilliseconds);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [workshopId, key, of]);
  return looked?.of === of ? looked : null;
}

function problemsOf(answer: { message: string; fields: Record<string, string> } | null) {
  if (!answer) return { errors: {}, problem: "Atelier did not answer. Look at your connection and try again." };
  // Errors of zod name the part of a field ("settings.when.days"); the form has a field for the whole.
  const errors = Object.entries(answer.fields).map(([path, text]) => [
    ["when", "audience", "late", "on"].find((field) => path.split(".").includes(field)) ?? path,
    text,
  ]);
  return { errors: Object.fromEntries(errors), problem: errors.length === 0 ? answer.message : null };
}

/** Changes a rule: what it would mean stands under the form before it is saved, and somebody else's change beside it. */
export function RuleEditor({ rule, workshopId, timeZone, beside = false, onClose }: Props) {
  const id = useId();
  const router = useRouter();
  const { run, pending } = useAction();
  const [draft, setDraft] = useState<Draft>({ ...draftOf(rule), on: beside ? true : rule.on });
  const [version, setVersion] = useState(rule.version);
  const key = beside ? `${rule.key.split(".")[0]}.new` : rule.key;
  const looked = useChanges(workshopId, key, draft);
  const overtaken = !beside && rule.version !== version;

  const save = async () => {
    const settings = draft;
    const done = beside ? `A second rule for “${rule.label}” is there.` : `“${rule.label}” is changed.`;
    const answer = beside
      ? await run(() => addRule({ workshopId, base: rule.key.split(".")[0] ?? rule.key, settings }), { done })
      : await run(() => saveRule({ workshopId, key, settings, version }), { done, quiet: ["conflict"] });
    if (answer?.ok) onClose();
    // Read again, the other's change stands above the form, and what was typed stays.
    if (answer && !answer.ok && answer.code === "conflict") {
      router.refresh();
      document.getElementById(id)?.scrollIntoView();
    }
  };

  const ready = looked?.preview && !overtaken;
  const why = overtaken ? "Decide about the other change first" : "What it would mean is being looked up";
  return (
    <Modal
      visible
      size="large"
      onDismiss={onClose}
      header={beside ? `Another rule for “${rule.label}”` : `Change “${rule.label}”`}
      closeAriaLabel="Close without saving"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Back
            </Button>
            <Button variant="primary" loading={pending} disabled={!ready} disabledReason={why} onClick={save}>
              {beside ? "Add the rule" : "Save"}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <div id={id}>
        <SpaceBetween size="l">
          {overtaken ? (
            <Overtaken
              rule={rule}
              onMine={() => setVersion(rule.version)}
              onTheirs={() => {
                setDraft(draftOf(rule));
                setVersion(rule.version);
              }}
            />
          ) : null}
          {beside ? null : (
            <FormField label="Is it sent" errorText={looked?.errors.on}>
              <Toggle checked={draft.on} onChange={({ detail }) => setDraft({ ...draft, on: detail.checked })}>
                {draft.on ? "On" : "Off: nobody gets it, what waits is taken back"}
              </Toggle>
            </FormField>
          )}
          {draft.on ? <RuleFields rule={rule} draft={draft} onChange={setDraft} errors={looked?.errors ?? {}} /> : null}
          <Meaning looked={looked} ofTeam={workshopId === null} timeZone={timeZone} />
        </SpaceBetween>
      </div>
    </Modal>
  );
}

function Meaning({ looked, ofTeam, timeZone }: { looked: Looked | null; ofTeam: boolean; timeZone: string }) {
  return (
    <SpaceBetween size="xs">
      <Box variant="h3">What it would mean</Box>
      {!looked ? (
        <Box color="text-body-secondary">
          <Spinner /> Looking up who gets it when
        </Box>
      ) : looked.preview && ofTeam ? (
        <DefaultChanges preview={looked.preview} />
      ) : looked.preview ? (
        <RuleChanges preview={looked.preview} timeZone={timeZone} />
      ) : (
        <Alert type="warning">{looked.problem ?? "Correct what is marked above first."}</Alert>
      )}
    </SpaceBetween>
  );
}

/** Somebody else saved meanwhile: how the rule is now, and what to do with what was typed. */
function Overtaken({ rule, onMine, onTheirs }: { rule: RuleJson; onMine: () => void; onTheirs: () => void }) {
  const { changed, words, on } = rule;
  return (
    <Alert
      type="warning"
      header={`${changed?.by ?? "Somebody else"} changed this rule meanwhile`}
      action={
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={onTheirs}>Take theirs</Button>
          <Button onClick={onMine}>Go on with mine</Button>
        </SpaceBetween>
      }
    >
      {changed ? (
        <>
          <Moment at={changed.at} />.{" "}
        </>
      ) : null}
      It is now: {on ? `${words.audience}, ${words.when}` : "turned off"}
      {on && words.conditions.length > 0 ? `, only if ${words.conditions.join(" and ")}` : ""}
      {on && words.late ? `, ${words.late}` : ""}. What you typed is still below.
    </Alert>
  );
}

/** Back to what the level above says, or deleted where it was made beside another; what waits follows. */
export function useReset(rule: RuleJson, workshopId: string | null) {
  const { run, pending } = useAction();
  const reset = () =>
    run(() => resetRule({ workshopId, key: rule.key, version: rule.version }), {
      done: rule.own ? `The rule for “${rule.label}” is deleted.` : `“${rule.label}” is as the default again.`,
    });
  return { reset, pending };
}
