"use client";

import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import { useState } from "react";
import { sendRuleNow } from "@/app/(console)/mail/rules/actions";
import { useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import { RuleEditor, useReset } from "@/components/mail/rule-editor";
import type { RuleJson } from "@/components/mail/rule-json";
import { RuleMailDialog } from "@/components/mail/rule-mail";

type Props = { rule: RuleJson; workshopId: string | null; timeZone: string };
type Open = "change" | "add" | "mail" | "send" | "reset" | null;

/** What one can do with a rule. */
export function RuleActs({ rule, workshopId, timeZone }: Props) {
  const [open, setOpen] = useState<Open>(null);
  const { reset, pending: resetting } = useReset(rule, workshopId);
  const { run, pending: sending } = useAction();
  const close = () => setOpen(null);
  const items = itemsOf(rule, workshopId);
  if (items.length === 0) return <>–</>;
  const send = async () => {
    if (!workshopId) return;
    const done = ({ sent }: { sent: number }) =>
      sent === 0 ? `Nobody was left to send “${rule.label}” to.` : `“${rule.label}” is on its way to ${people(sent)}.`;
    if (await run(() => sendRuleNow({ workshopId, key: rule.key }), { done })) close();
  };
  return (
    <>
      <ButtonDropdown
        variant="inline-icon"
        ariaLabel={`What to do with “${rule.label}”`}
        items={items}
        expandToViewport
        onItemClick={({ detail }) => setOpen(detail.id as Open)}
      />
      {open === "change" || open === "add" ? (
        <RuleEditor {...{ rule, workshopId, timeZone }} beside={open === "add"} onClose={close} />
      ) : null}
      {open === "mail" && workshopId ? <RuleMailDialog rule={rule} workshopId={workshopId} onClose={close} /> : null}
      <Confirm
        visible={open === "send"}
        title={`Send “${rule.label}” now?`}
        label="Send now"
        loses={sendWords(rule)}
        pending={sending}
        onConfirm={send}
        onDismiss={close}
      />
      <Confirm
        visible={open === "reset"}
        title={rule.own ? `Delete this rule for “${rule.label}”?` : `Put “${rule.label}” back to the default?`}
        label={rule.own ? "Delete" : "Put back"}
        loses={resetWords(rule)}
        pending={resetting}
        onConfirm={async () => {
          if (await reset()) close();
        }}
        onDismiss={close}
      />
    </>
  );
}

const people = (count: number) => (count === 1 ? "1 person" : `${count} people`);

function itemsOf(rule: RuleJson, workshopId: string | null) {
  const own = rule.source === (workshopId ? "workshop" : "team") && rule.version > 0;
  const all = [
    { id: "mail", text: "See it as it goes", may: workshopId !== null && !rule.byCause },
    { id: "change", text: "Change or turn off", may: rule.mayEdit },
    { id: "send", text: "Send now", may: rule.mayEdit && rule.maySend && workshopId !== null },
    { id: "add", text: "Add another time", may: rule.mayAdd },
    { id: "reset", text: rule.own ? "Delete" : "Put back to the default", may: rule.mayEdit && own },
  ];
  return all.filter(({ may }) => may).map(({ id, text }) => ({ id, text }));
}

function sendWords({ counts }: RuleJson): string {
  const waiting = counts.waiting > 0 ? `${people(counts.waiting)} for whom it waits get it now. ` : "";
  return `${waiting}Everybody it is for gets it, also who registered after its time; who had it does not get it again. It cannot be taken back.`;
}

function resetWords({ own, counts }: RuleJson): string {
  if (!own) return "Unsent mails move to the times of the default.";
  return counts.waiting > 0
    ? `${counts.waiting === 1 ? "1 mail that waits is" : `${counts.waiting} mails that wait are`} taken back.`
    : "Nothing waits to be sent by it.";
}
