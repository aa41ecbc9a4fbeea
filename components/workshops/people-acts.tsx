"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useEffect, useState } from "react";
import { correctAttendance, undoCheckIn } from "@/app/(console)/workshops/[id]/check-in/actions";
import {
  cancelRegistration,
  checkIn,
  correctAddress,
  makeFacilitatorCode,
  resendAccess,
} from "@/app/(console)/workshops/actions";
import { useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import { statusWord } from "@/components/status";
import "@/components/workshops/workshops.css";
import { consolePaths } from "@/server/paths";
import type { LostAccessMail } from "@/server/registrations/read";

type Person = { registrationId: string; name: string };
type Code = Person & { code: string; expiresAt: string };

/** The acts on one person, with the dialogs that some of them need: `dialogs` stands once on the page. */
export function usePeopleActs() {
  const { run, pending } = useAction();
  const [cancelling, setCancelling] = useState<Person | null>(null);
  const [code, setCode] = useState<Code | null>(null);
  const [correcting, setCorrecting] = useState<Person | null>(null);

  const act = async (name: string, person: Person) => {
    const { registrationId } = person;
    if (name === "check-in") await run(() => checkIn({ registrationId }), { done: `${person.name} is checked in.` });
    if (name === "undo-check-in")
      await run(() => undoCheckIn({ registrationId }), { done: `${person.name} is not checked in any more.` });
    if (name === "came" || name === "did-not-come")
      await run(() => correctAttendance({ registrationId, came: name === "came" }), {
        done:
          name === "came"
            ? `${person.name} counts as attended.`
            : `${person.name} counts as somebody who did not come.`,
      });
    if (name === "send-access")
      await run(() => resendAccess({ registrationId }), { done: `${person.name} gets the access mail again.` });
    if (name === "cancel") setCancelling(person);
    if (name === "address") setCorrecting(person);
    if (name === "code") {
      const answer = await run(() => makeFacilitatorCode({ registrationId }));
      if (answer?.ok) setCode({ ...person, ...answer.value });
    }
  };

  const dialogs = (
    <>
      <Confirm
        visible={cancelling !== null}
        title={`Cancel the registration of ${cancelling?.name ?? ""}?`}
        loses="The seat goes to the first on the waitlist, who is told by mail. So is the person whose registration ends."
        label="Cancel the registration"
        pending={pending}
        onConfirm={async () => {
          const person = cancelling;
          if (person)
            await run(() => cancelRegistration({ registrationId: person.registrationId }), {
              done: `The registration of ${person.name} is cancelled.`,
            });
          setCancelling(null);
        }}
        onDismiss={() => setCancelling(null)}
      />
      {code ? <CodeDialog code={code} onDismiss={() => setCode(null)} /> : null}
      {correcting ? <AddressDialog person={correcting} onDismiss={() => setCorrecting(null)} /> : null}
    </>
  );
  return { act, pending, dialogs };
}

/** Another address for somebody whose mails do not arrive, as they say it. */
function AddressDialog({ person, onDismiss }: { person: Person; onDismiss: () => void }) {
  const { run, pending } = useAction();
  const [email, setEmail] = useState("");
  const [problem, setProblem] = useState("");
  const save = async () => {
    const { registrationId } = person;
    const answer = await run(() => correctAddress({ registrationId, email }), {
      done: ({ mails }) =>
        `${person.name} has another address; ${mails === 1 ? "1 mail goes" : `${mails} mails go`} to it.`,
      quiet: ["invalid", "conflict", "not_ready"],
    });
    if (answer?.ok) onDismiss();
    else if (answer) setProblem(answer.fields.email ?? answer.message);
  };
  return (
    <Confirm
      visible
      title={`Correct the address of ${person.name}`}
      loses="Links and browsers that came by the old address stop working. Whoever reads the new one gets the seat."
      label="Correct the address"
      pending={pending}
      onConfirm={() => void save()}
      onDismiss={onDismiss}
    >
      <FormField
        label="E-mail"
        description="As they say it. What did not arrive at the old address goes there at once."
        errorText={problem}
      >
        <Input
          value={email}
          type="email"
          inputMode="email"
          autoComplete={false}
          spellcheck={false}
          onChange={({ detail }) => setEmail(detail.value)}
        />
      </FormField>
    </Confirm>
  );
}

/** The mark on somebody whom the mail with the way in did not reach, with what helps. */
export function LostAccess({ lost, mayHelp }: { lost: LostAccessMail; mayHelp: boolean }) {
  return (
    <SpaceBetween size="xxs">
      <StatusIndicator type="error" wrapText>
        Access mail: {statusWord("message", lost.state).toLowerCase()}
      </StatusIndicator>
      <Box color="text-body-secondary" fontSize="body-s">
        {lost.reason}{" "}
        {mayHelp
          ? "Correct the address, send access again, or make a one-time code. "
          : "Ask who presents the workshop to correct the address or send it again. "}
        <Link href={consolePaths.message(lost.messageId)} fontSize="body-s">
          See the mail
        </Link>
      </Box>
    </SpaceBetween>
  );
}

/** A code to read out: shown once, and gone when the dialog closes. */
function CodeDialog({ code, onDismiss }: { code: Code; onDismiss: () => void }) {
  const [left, setLeft] = useState<number | null>(null);
  useEffect(() => {
    const count = () => setLeft(Math.max(0, Math.round((Date.parse(code.expiresAt) - Date.now()) / 1000)));
    count();
    const timer = window.setInterval(count, 1000);
    return () => window.clearInterval(timer);
  }, [code.expiresAt]);
  const clock = left === null ? "" : `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  return (
    <Modal
      visible
      onDismiss={onDismiss}
      header={`Code for ${code.name}`}
      closeAriaLabel="Close"
      footer={
        <Box float="right">
          <Button variant="primary" onClick={onDismiss}>
            Done
          </Button>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Box textAlign="center">
          <span className="facilitator-code">{code.code.replace(/(\d{3})(?=\d)/g, "$1 ")}</span>
        </Box>
        <div>
          Read it out in the room. {code.name} types it in “my workshop” on the browser that shall open the console. It
          works once and ends the code made before.
        </div>
        <Box color={left === 0 ? "text-status-error" : "text-body-secondary"}>
          {left === 0 ? "This code has expired. Make another one." : `Works for another ${clock}`}
        </Box>
      </SpaceBetween>
    </Modal>
  );
}
