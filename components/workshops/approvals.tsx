"use client";

import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { acceptMissingAccounts, decideRegistrations } from "@/app/(console)/workshops/actions";
import { useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";

export type Awaiting = { registrationId: string; name: string };

const counted = (count: number) => (count === 1 ? "1 registration" : `${count} registrations`);

/** What a yes came to: a limit may have put some of them on the waitlist. */
function outcome({ confirmed, waitlisted }: { confirmed: number; waitlisted: number }): string {
  if (waitlisted === 0) return `${counted(confirmed)} approved; they are told by mail.`;
  return `${confirmed} got a seat, ${waitlisted} went on the waitlist: a limit of seats is reached. They are told by mail.`;
}

/** Saying yes or no to registrations that await it; `dialogs` stands once on the page. */
export function useDecisions(workshopId: string, onDone: () => void) {
  const { run, pending } = useAction();
  const [refusing, setRefusing] = useState<Awaiting[]>([]);
  const [reason, setReason] = useState("");
  const [wrong, setWrong] = useState<string | undefined>();

  const approve = async (people: Awaiting[]) => {
    const registrationIds = people.map((one) => one.registrationId);
    const answer = await run(() => decideRegistrations({ workshopId, registrationIds, approve: true }), {
      done: (value) => outcome(value),
    });
    if (answer?.ok) onDone();
  };
  const refuse = async () => {
    const registrationIds = refusing.map((one) => one.registrationId);
    const answer = await run(() => decideRegistrations({ workshopId, registrationIds, approve: false, reason }), {
      done: `${counted(refusing.length)} turned down; they are told by mail.`,
    });
    if (answer && !answer.ok && answer.fields.reason) return setWrong(answer.fields.reason);
    setRefusing([]);
    if (answer?.ok) onDone();
  };
  const dialogs = (
    <Confirm
      visible={refusing.length > 0}
      title={
        refusing.length === 1
          ? `Turn down the registration of ${refusing[0]?.name ?? ""}?`
          : `Turn down ${counted(refusing.length)}?`
      }
      loses={`${refusing.length === 1 ? "Their place in the order is lost, and they are" : "Their places in the order are lost, and each of them is"} told by mail. This cannot be undone; they can register again.`}
      label="Turn down"
      pending={pending}
      onConfirm={() => void refuse()}
      onDismiss={() => setRefusing([])}
    >
      <FormField
        label="Reason"
        description="Stands in the mail, in your words; can stay empty"
        constraintText="Up to 300 characters"
        errorText={wrong}
        stretch
      >
        <Textarea
          value={reason}
          rows={3}
          invalid={Boolean(wrong)}
          onChange={({ detail }) => {
            setReason(detail.value);
            setWrong(undefined);
          }}
        />
      </FormField>
    </Confirm>
  );
  const startRefusing = (people: Awaiting[]) => {
    setReason("");
    setWrong(undefined);
    setRefusing(people);
  };
  return { approve: (people: Awaiting[]) => void approve(people), refuse: startRefusing, pending, dialogs };
}

/** The buttons for what is selected in the table. */
export function DecideButtons(props: {
  selected: Awaiting[];
  pending: boolean;
  onApprove: (people: Awaiting[]) => void;
  onRefuse: (people: Awaiting[]) => void;
}) {
  const { selected, pending, onApprove, onRefuse } = props;
  const none = selected.length === 0;
  const why = none ? { disabled: true, disabledReason: "Select registrations that await approval first" } : {};
  const count = none ? "" : ` ${selected.length}`;
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Button onClick={() => onRefuse(selected)} {...why}>
        {`Turn down${count}`}
      </Button>
      <Button variant="primary" loading={pending} onClick={() => onApprove(selected)} {...why}>
        {`Approve${count}`}
      </Button>
    </SpaceBetween>
  );
}

/** The pool has an account for fewer seats than there are: what that means, and the way to give them all the same. */
export function ShortPool(props: {
  workshopId: string;
  short: { seats: number; capacity: number; missing: number; mayAccept: boolean };
}) {
  const { workshopId, short } = props;
  const { run, pending } = useAction();
  const accept = () =>
    run(() => acceptMissingAccounts({ workshopId, missing: short.missing }), {
      done: "Seats are given all the same. Whoever confirms last may wait for an account.",
    });
  return (
    <Alert
      type="warning"
      header={`The pool has an account for ${short.seats} of ${short.capacity} seats`}
      action={
        short.mayAccept ? (
          <Button loading={pending} onClick={() => void accept()}>
            Give seats all the same
          </Button>
        ) : null
      }
    >
      Further people go on the waitlist, and get a seat as accounts return to the pool.
    </Alert>
  );
}
