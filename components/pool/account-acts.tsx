"use client";

import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import {
  bringBackAccount,
  cleanAccount,
  cleanAccounts,
  endCooldown,
  releaseAccount,
  retireAccount,
  retireAccounts,
} from "@/app/(console)/pool/actions";
import { type Answer, useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import { type AccountAct, actReasons, type ReleaseReason, type RetireReason } from "@/server/sandboxes/lifecycle";
import type { AccountRow, ActedOnMany } from "@/server/sandboxes/sandboxes";

export const accountActWords: Record<AccountAct, string> = {
  clean: "Clean again",
  release: "Release by hand",
  endCooldown: "End cooldown",
  retire: "Retire",
  bringBack: "Bring back",
};

export type ActedAccount = Pick<AccountRow, "id" | "awsAccountId" | "state" | "lease" | "acts" | "problem">;

/** Why an act cannot be done with the account now, or null when it can. */
export function whyNot(account: ActedAccount, act: AccountAct, mayEdit: boolean): string | null {
  if (account.acts[act]) return null;
  if (account.lease) return "It is lent: it is emptied when its workshop closes";
  if (account.state === "cleaning") return "It is being cleaned: wait for the end";
  if (act !== "clean" && !mayEdit) return "Only an admin does this";
  if (act === "release") return "Only a quarantined account is released";
  if (account.state === "retired") return "It is retired: bring it back first";
  return "Not in its present state";
}

/** The acts that make sense for an account of this state, the usual one first. */
export function actsFor(state: AccountRow["state"]): AccountAct[] {
  if (state === "retired") return ["bringBack"];
  if (state === "cooling") return ["endCooldown", "clean", "retire"];
  if (state === "quarantined") return ["clean", "release", "retire"];
  return ["clean", "retire"];
}

type Reasoned = "release" | "retire";
const needsReason = (act: AccountAct): act is Reasoned => act in actReasons;

const questions: Record<AccountAct, (which: string) => string> = {
  clean: (which) => `Clean ${which}?`,
  release: (which) => `Release ${which} by hand?`,
  endCooldown: (which) => `End the cooldown of ${which}?`,
  retire: (which) => `Retire ${which}?`,
  bringBack: (which) => `Bring ${which} back?`,
};

const losses: Partial<Record<AccountAct, string>> = {
  clean:
    "Everything in it is deleted for good, in all its regions. What stays by a rule is listed in the cleanup. It returns to the pool once two passes find nothing and every list has answered.",
  release:
    "It goes to the next attendee without a new proof that it is empty. What was left in it can be seen by them, and goes on costing money.",
  retire:
    "It leaves the pool and is lent to nobody. It stays in AWS as it is, and what is left in it goes on costing money.",
  bringBack: "Everything in it is deleted for good, in all its regions, before it counts as part of the pool again.",
};

type Props = { account: ActedAccount; act: AccountAct; onClose: () => void };

/** The second step before an account is changed by hand. */
export function ConfirmAccountAct({ account, act, onClose }: Props) {
  const { run, pending } = useAction();
  const [reason, setReason] = useState<Reason>({ why: "", note: "" });
  const [asked, setAsked] = useState(false);
  const { id: accountId, awsAccountId: id } = account;
  const confirm = async () => {
    if (needsReason(act) && missing(reason)) return setAsked(true);
    const answer = await {
      clean: () => run(() => cleanAccount({ accountId }), { done: `${id} is being cleaned.` }),
      release: () =>
        run(() => releaseAccount({ accountId, ...(reason as Given<ReleaseReason>) }), {
          done: `${id} is available again.`,
        }),
      endCooldown: () => run(() => endCooldown({ accountId }), { done: `${id} is available again.` }),
      retire: () =>
        run(() => retireAccount({ accountId, ...(reason as Given<RetireReason>) }), {
          done: `${id} is out of the pool.`,
        }),
      bringBack: () => run(() => bringBackAccount({ accountId }), { done: `${id} is back and being cleaned.` }),
    }[act]();
    if (answer?.ok) onClose();
  };
  return (
    <Confirm
      visible
      title={questions[act](`account ${id}`)}
      label={accountActWords[act]}
      pending={pending}
      onConfirm={() => void confirm()}
      onDismiss={onClose}
      loses={losses[act]}
    >
      {act === "endCooldown" ? (
        <Box>It was found to be empty, and is lent from now on. Charges of its last use may still come in.</Box>
      ) : null}
      {needsReason(act) ? <ReasonFields act={act} value={reason} onChange={setReason} asked={asked} /> : null}
    </Confirm>
  );
}

type ManyProps = { accounts: ActedAccount[]; act: "clean" | "retire"; onClose: (done: boolean) => void };

/** The second step before several accounts are changed: says which of them it leaves out. */
export function ConfirmForMany({ accounts, act, onClose }: ManyProps) {
  const { run, pending } = useAction();
  const [reason, setReason] = useState<Reason>({ why: "", note: "" });
  const [asked, setAsked] = useState(false);
  const wanted = accounts.filter((account) => account.acts[act]);
  const left = accounts.length - wanted.length;
  const accountIds = wanted.map(({ id }) => id);
  const say = ({ done, refused }: ActedOnMany) => {
    const words = act === "clean" ? `${counted(done)} being cleaned.` : `${counted(done)} out of the pool.`;
    return refused[0] ? `${words} ${refused.length} refused: ${refused[0].message}` : words;
  };
  const confirm = async () => {
    if (act === "retire" && missing(reason)) return setAsked(true);
    const doIt: () => Promise<Answer<ActedOnMany>> =
      act === "clean"
        ? () => cleanAccounts({ accountIds })
        : () => retireAccounts({ accountIds, ...(reason as Given<RetireReason>) });
    const answer = await run(doIt, { done: say });
    if (answer?.ok) onClose(true);
  };
  return (
    <Confirm
      visible
      title={questions[act](wanted.length === 1 ? "1 account" : `${wanted.length} accounts`)}
      label={accountActWords[act]}
      pending={pending}
      onConfirm={() => void confirm()}
      onDismiss={() => onClose(false)}
      loses={losses[act]
        ?.replace(/^It leaves/, "Each leaves")
        .replace(/^Everything in it/, "Everything in each")
        .replace("It returns", "Each returns")}
    >
      <Box>{wanted.map(({ awsAccountId }) => awsAccountId).join(", ")}</Box>
      {left > 0 ? <Box>{left} of the chosen ones are left out: they are lent, or not in a state for it.</Box> : null}
      {act === "retire" ? <ReasonFields act="retire" value={reason} onChange={setReason} asked={asked} /> : null}
    </Confirm>
  );
}

const counted = (count: number) => (count === 1 ? "1 account is" : `${count} accounts are`);

type Reason = { why: string; note: string };
type Given<R> = { why: R; note?: string };
const missing = ({ why, note }: Reason) => !why || (why === "other" && !note.trim());

type ReasonProps = { act: Reasoned; value: Reason; onChange: (reason: Reason) => void; asked: boolean };

function ReasonFields({ act, value, onChange, asked }: ReasonProps) {
  const other = value.why === "other";
  return (
    <SpaceBetween size="s">
      <FormField label="Reason" errorText={asked && !value.why ? "Choose a reason." : undefined}>
        <RadioGroup
          value={value.why || null}
          items={Object.entries(actReasons[act]).map(([why, label]) => ({ value: why, label }))}
          onChange={({ detail }) => onChange({ ...value, why: detail.value })}
        />
      </FormField>
      <FormField
        label={other ? "Which" : "Note (optional)"}
        description="Stands in the history with your name, for good: no names of attendees, no addresses."
        errorText={asked && other && !value.note.trim() ? "Say why." : undefined}
      >
        <Input value={value.note} onChange={({ detail }) => onChange({ ...value, note: detail.value.slice(0, 200) })} />
      </FormField>
    </SpaceBetween>
  );
}
