"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect, useState } from "react";
import { correctAttendance, undoCheckIn } from "@/app/(console)/workshops/[id]/check-in/actions";
import { cancelRegistration, checkIn, makeFacilitatorCode, resendAccess } from "@/app/(console)/workshops/actions";
import { useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import "@/components/workshops/workshops.css";

type Person = { registrationId: string; name: string };
type Code = Person & { code: string; expiresAt: string };

/** The acts on one person, with the dialogs that some of them need: `dialogs` stands once on the page. */
export function usePeopleActs() {
  const { run, pending } = useAction();
  const [cancelling, setCancelling] = useState<Person | null>(null);
  const [code, setCode] = useState<Code | null>(null);

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
    </>
  );
  return { act, pending, dialogs };
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
