"use client";

import Button, { type ButtonProps } from "@cloudscape-design/components/button";
import { useState } from "react";
import { resendMessage } from "@/app/(console)/mail/actions";
import { useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import type { MessageJson } from "@/components/mail/message-json";

type Props = { message: MessageJson; variant?: ButtonProps.Variant };

/** Sends a mail again; one that went already asks first, since its reader gets it twice. */
export function SendAgain({ message, variant = "normal" }: Props) {
  const { run, pending } = useAction();
  const [asking, setAsking] = useState(false);
  const whom = message.recipient ?? "the reader";
  const twice = message.outlook === "sent" || message.state === "in_doubt";
  const send = async () => {
    const done = `“${message.label}” goes to ${whom} again.`;
    const answer = await run(() => resendMessage({ messageId: message.id }), { done });
    if (answer?.ok) setAsking(false);
  };
  return (
    <>
      <Button
        variant={variant}
        loading={pending && !asking}
        disabled={!message.maySendAgain}
        disabledReason={whyNot(message)}
        ariaLabel={`Send again: “${message.label}” to ${whom}`}
        onClick={() => (twice ? setAsking(true) : void send())}
      >
        Send again
      </Button>
      {asking ? (
        <Confirm
          visible
          title={`Send “${message.label}” again?`}
          label="Send again"
          pending={pending}
          onConfirm={() => void send()}
          onDismiss={() => setAsking(false)}
        >
          {message.outlook === "sent"
            ? `It went already: ${whom} gets it a second time.`
            : `It may have gone already: ${whom} may get it twice.`}
        </Confirm>
      ) : null}
    </>
  );
}

function whyNot(message: MessageJson): string {
  if (message.outlook === "waiting") return "It goes by itself at its time";
  if (message.outlook === "dropped") return "It is no longer true, or its time has passed";
  if (message.state === "complained" || message.state === "suppressed") return "This address does not want our mail";
  return "Its time has passed";
}
