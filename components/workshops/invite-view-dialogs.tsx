"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useCallback, useEffect, useRef, useState } from "react";
import { readyText } from "@/app/(console)/workshops/invite-actions";
import { Qr } from "@/components/qr";
import { rangeText } from "@/components/times";
import { Choose, languageChoices } from "@/components/workshops/invitations-tab-forms";
import { forWhom, type InviteView } from "@/components/workshops/invite-view";
import type { ReadyText } from "@/server/invites/ready-text";
import type { Language } from "@/server/languages/kinds";
import "@/components/workshops/workshops.css";

/** The text to forward with a link: subject and body, in the link's language or another. */
export function ReadyTextDialog({ invite, onDismiss }: { invite: InviteView; onDismiss: () => void }) {
  const [text, setText] = useState<ReadyText | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const load = useCallback(
    async (language?: Language) => {
      try {
        const answer = await readyText({ inviteId: invite.id, language });
        if (answer.ok) setText(answer.value);
        else setProblem(answer.message);
      } catch {
        setProblem("Atelier did not answer. Look at your connection and try again.");
      }
    },
    [invite.id],
  );
  useEffect(() => void load(), [load]);
  const to = invite.email ? encodeURIComponent(invite.email) : "";
  const mail =
    text &&
    `mailto:${to}?subject=${encodeURIComponent(text.subject)}&body=${encodeURIComponent(text.body.replaceAll("\n", "\r\n"))}`;
  return (
    <Modal
      visible
      size="large"
      onDismiss={onDismiss}
      header={`A text to forward, for ${forWhom(invite)}`}
      closeAriaLabel="Close"
      footer={
        text && mail ? (
          <Box float="right">
            <SpaceBetween direction="horizontal" size="xs">
              <Copy text={text.subject} what="subject" />
              <Copy text={text.body} what="text" />
              <Button variant="primary" href={mail} iconName="envelope">
                Open in my mail program
              </Button>
            </SpaceBetween>
          </Box>
        ) : undefined
      }
    >
      {text ? (
        <SpaceBetween size="m">
          <Choose
            label="Language"
            value={text.language}
            options={languageChoices}
            onChange={(language) => load(language as Language)}
          />
          <div lang={text.language}>
            <Box variant="h3">{text.subject}</Box>
            <pre className="invite-text">{text.body}</pre>
          </div>
        </SpaceBetween>
      ) : problem ? (
        <Box>{problem}</Box>
      ) : (
        <Box>
          <Spinner /> Writing it
        </Box>
      )}
    </Modal>
  );
}

function Copy({ text, what }: { text: string; what: string }) {
  return (
    <CopyToClipboard
      variant="button"
      textToCopy={text}
      copyButtonText={`Copy the ${what}`}
      copySuccessText="Copied"
      copyErrorText="It could not be copied: select it by hand"
    />
  );
}

type QrProps = {
  workshop: { title: string; startsAt: string | null; endsAt: string | null; timeZone: string };
  invite: InviteView;
  link: string;
  onDismiss: () => void;
};

/** The link as a QR code: as large as the window allows, to be shown, saved or printed. */
export function QrDialog({ workshop, invite, link, onDismiss }: QrProps) {
  const { title, startsAt, endsAt, timeZone } = workshop;
  const sheet = useRef<HTMLDivElement>(null);
  const save = () => {
    const svg = sheet.current?.querySelector("svg")?.cloneNode(true);
    if (!(svg instanceof SVGElement)) return;
    svg.removeAttribute("style");
    svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    const file = URL.createObjectURL(new Blob([svg.outerHTML], { type: "image/svg+xml" }));
    const anchor = document.createElement("a");
    anchor.href = file;
    anchor.download = "invitation.svg";
    anchor.click();
    URL.revokeObjectURL(file);
  };
  return (
    <Modal
      visible
      size="max"
      onDismiss={onDismiss}
      header={`QR code of the link for ${forWhom(invite)}`}
      closeAriaLabel="Close"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={save} iconName="download">
              Save as SVG
            </Button>
            <Button onClick={() => window.print()} iconName="file">
              Print
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <div className="qr-sheet" ref={sheet}>
        <Box variant="h1" tagOverride="p">
          {title}
        </Box>
        {startsAt && endsAt ? <Box fontSize="heading-m">{rangeText(startsAt, endsAt, timeZone)}</Box> : null}
        <Qr text={link} label={`Invitation to ${title}`} size={720} />
        <Box fontSize="heading-s">
          <span className="any-word">{link}</span>
        </Box>
      </div>
    </Modal>
  );
}
