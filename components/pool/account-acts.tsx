"use client";

import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { cleanAccount, releaseAccount, retireAccount } from "@/app/(console)/pool/actions";
import { useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import type { AccountRow } from "@/server/sandboxes/sandboxes";

export type AccountAct = "clean" | "release" | "retire";

export const accountActWords: Record<AccountAct, string> = {
  clean: "Clean again",
  release: "Release by hand",
  retire: "Retire",
};

type Account = Pick<AccountRow, "id" | "awsAccountId" | "state" | "lease" | "acts" | "lastCleanedAt">;

/** Why an act cannot be done with the account now, or null when it can. */
export function whyNot(account: Account, act: AccountAct, mayEdit: boolean): string | null {
  if (account.acts[act]) return null;
  if (account.lease) return "It is lent: it is emptied when its workshop closes";
  if (account.state === "cleaning") return "It is being cleaned: wait for the end";
  if (act !== "clean" && !mayEdit) return "Only an admin does this";
  if (act === "release") return "Only a quarantined or cooling account is released";
  return account.state === "retired" ? "It is retired already" : "Not in its present state";
}

type Props = { account: Account; act: AccountAct; onClose: () => void };

/** The second step before an account is changed by hand. */
export function ConfirmAccountAct({ account, act, onClose }: Props) {
  const { run, pending } = useAction();
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const accountId = account.id;
  const id = account.awsAccountId;

  const confirm = async () => {
    if (act !== "clean" && !reason.trim()) return setMissing(true);
    const answer = await {
      clean: () => run(() => cleanAccount({ accountId }), { done: `${id} is being cleaned.` }),
      release: () => run(() => releaseAccount({ accountId, reason }), { done: `${id} is available again.` }),
      retire: () => run(() => retireAccount({ accountId, reason }), { done: `${id} is out of the pool.` }),
    }[act]();
    if (answer?.ok) onClose();
  };

  const questions: Record<AccountAct, string> = {
    clean: `Clean account ${id}?`,
    release: `Release account ${id} by hand?`,
    retire: `Retire account ${id}?`,
  };
  return (
    <Confirm
      visible
      title={questions[act]}
      label={accountActWords[act]}
      pending={pending}
      onConfirm={() => void confirm()}
      onDismiss={onClose}
      loses={losses[act]}
    >
      {act === "clean" ? (
        <Box>It returns to the pool once two passes find nothing and every list has answered.</Box>
      ) : (
        <SpaceBetween size="s">
          <FormField
            label="Reason"
            description="Stands in the account's history with your name; no names of customers, no addresses."
            errorText={missing && !reason.trim() ? "Say why." : undefined}
          >
            <Textarea
              value={reason}
              rows={3}
              autoFocus
              onChange={({ detail }) => setReason(detail.value.slice(0, 500))}
            />
          </FormField>
        </SpaceBetween>
      )}
    </Confirm>
  );
}

const losses: Record<AccountAct, string> = {
  clean:
    "Everything in the account is deleted for good, in all its regions. What stays by a rule is listed in the cleanup.",
  release:
    "The account goes to the next attendee without a new proof that it is empty. What was left in it can be seen by them, and goes on costing money.",
  retire: "The account leaves the pool and is lent to nobody. It stays in AWS as it is; cleaning it brings it back.",
};
