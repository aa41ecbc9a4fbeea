"use client";

import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { resendMessages } from "@/app/(console)/mail/actions";
import { useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import type { AgainGroup } from "@/server/mail/overview";

const mails = (count: number) => (count === 1 ? "1 mail" : `${count.toLocaleString("en")} mails`);
const sum = (groups: AgainGroup[]) => groups.reduce((total, group) => total + group.count, 0);
const words = { failed: "that failed", in_doubt: "in doubt" } as const;

/** Sends again everything that failed or is in doubt, or one kind or state of it, once it was said how many that are. */
export function SendAllAgain({ workshopId, groups }: { workshopId: string; groups: AgainGroup[] }) {
  const [asking, setAsking] = useState(false);
  if (groups.length === 0) return null;
  return (
    <>
      <Button onClick={() => setAsking(true)}>Send {mails(sum(groups))} again</Button>
      {asking ? <Ask {...{ workshopId, groups }} onDismiss={() => setAsking(false)} /> : null}
    </>
  );
}

function Ask(props: { workshopId: string; groups: AgainGroup[]; onDismiss: () => void }) {
  const { workshopId, groups, onDismiss } = props;
  const { run, pending } = useAction();
  const [kind, setKind] = useState("");
  const [state, setState] = useState("");
  const chosen = groups.filter((group) => (!kind || group.kind === kind) && (!state || group.state === state));
  const count = sum(chosen);
  const doubtful = sum(chosen.filter((group) => group.state === "in_doubt"));
  const kinds = [...Map.groupBy(groups, (group) => group.kind)].map(([value, same]) => ({
    value,
    label: `${same[0]?.label ?? value} (${sum(same)})`,
  }));
  const states = (["failed", "in_doubt"] as const).map((value) => ({
    value,
    label: `Those ${words[value]} (${sum(groups.filter((group) => group.state === value))})`,
  }));
  const send = async () => {
    const wish = { workshopId, kind: kind || null, seen: count, states: chosen.map((group) => group.state) };
    const answer = await run(() => resendMessages({ ...wish, states: [...new Set(wish.states)] }), {
      done: ({ sent }) => (sent === 0 ? "Somebody sent them again a moment ago." : `${mails(sent)} on the way again.`),
    });
    if (answer) onDismiss();
  };
  const choose = (
    label: string,
    value: string,
    options: { value: string; label: string }[],
    set: (to: string) => void,
  ) => (
    <FormField label={label}>
      <Select
        selectedOption={options.find((option) => option.value === value) ?? null}
        options={options}
        onChange={({ detail }) => set(detail.selectedOption.value ?? "")}
      />
    </FormField>
  );
  return (
    <Confirm
      visible
      title={count === 0 ? "Send mails again?" : `Send ${mails(count)} again?`}
      label={count === 0 ? "Nothing to send" : `Send ${mails(count)} again`}
      loses={
        doubtful > 0
          ? `${mails(doubtful)} of these may have gone already: ${doubtful === 1 ? "its reader" : "their readers"} may get ${doubtful === 1 ? "it" : "them"} twice.`
          : undefined
      }
      pending={pending}
      onConfirm={() => (count === 0 ? onDismiss() : void send())}
      onDismiss={onDismiss}
    >
      <SpaceBetween size="m">
        {choose("Which mails", kind, [{ value: "", label: `All of them (${sum(groups)})` }, ...kinds], setKind)}
        {choose("Which of them", state, [{ value: "", label: "Failed or in doubt" }, ...states], setState)}
        <div>
          What is no longer true is not sent, and addresses that do not want our mail stay out. They go at the pace that
          the mail service allows.
        </div>
      </SpaceBetween>
    </Confirm>
  );
}
