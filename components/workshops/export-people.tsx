"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Modal from "@cloudscape-design/components/modal";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { Answer } from "@/components/action";
import { consolePaths } from "@/server/paths";

type Choice = { kind: string; people: string; separator: string };

/** The file as the server makes it, kept by the browser under the name that it comes with. */
async function saveFile(workshopId: string, { people, separator }: Choice): Promise<string | null> {
  const response = await fetch(consolePaths.exportPeople(workshopId), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ people, separator }),
  });
  if (!response.ok) {
    const answer = (await response.json()) as Answer<unknown>;
    return answer.ok ? null : answer.message;
  }
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download =
    /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1] ?? "registrations.csv";
  link.click();
  URL.revokeObjectURL(url);
  return null;
}

/** People as a file or on paper: what it holds is said before it is made. */
export function ExportPeople({ workshopId, own }: { workshopId: string; own: boolean }) {
  const [visible, setVisible] = useState(false);
  return (
    <>
      <Button onClick={() => setVisible(true)}>Export</Button>
      {visible ? <Dialog workshopId={workshopId} own={own} onDismiss={() => setVisible(false)} /> : null}
    </>
  );
}

function Dialog({ workshopId, own, onDismiss }: { workshopId: string; own: boolean; onDismiss: () => void }) {
  const [choice, setChoice] = useState<Choice>({ kind: "file", people: "seated", separator: "comma" });
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const change = (part: Partial<Choice>) => setChoice({ ...choice, ...part });
  const file = choice.kind === "file";
  const save = async () => {
    setPending(true);
    const lost = "The file broke off. Look at your connection and try again.";
    const failed = await saveFile(workshopId, choice).catch(() => lost);
    setPending(false);
    setProblem(failed);
    if (!failed) onDismiss();
  };
  return (
    <Modal
      visible
      onDismiss={onDismiss}
      header="Export people"
      closeAriaLabel="Close"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onDismiss}>
              Back
            </Button>
            {file ? (
              <Button variant="primary" loading={pending} onClick={() => void save()}>
                Save the file
              </Button>
            ) : (
              <Button
                variant="primary"
                href={consolePaths.printPeople(workshopId, choice.people)}
                target="_blank"
                onClick={onDismiss}
              >
                Open the list
              </Button>
            )}
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="l">
        <FormField label="As">
          <RadioGroup
            value={choice.kind}
            onChange={({ detail }) => change({ kind: detail.value })}
            items={[
              {
                value: "file",
                label: "A file for a spreadsheet (CSV)",
                description: "Name, e-mail, company, role, state, times, and the answers to the workshop's questions",
              },
              { value: "paper", label: "A list to print", description: "Name, company and a place to sign; no e-mail" },
            ]}
          />
        </FormField>
        <FormField label="Who" description={own ? "Your own people only" : undefined}>
          <RadioGroup
            value={choice.people}
            onChange={({ detail }) => change({ people: detail.value })}
            items={[
              { value: "seated", label: "Those with a seat" },
              { value: "everybody", label: file ? "Everybody who registered, with their state" : "The waitlist too" },
            ]}
          />
        </FormField>
        {file ? (
          <FormField label="Columns parted by">
            <RadioGroup
              value={choice.separator}
              onChange={({ detail }) => change({ separator: detail.value })}
              items={[
                { value: "comma", label: "Commas", description: "Most programs; Excel in English" },
                {
                  value: "semicolon",
                  label: "Semicolons",
                  description: "Excel in Spanish, Portuguese, Italian or French",
                },
              ]}
            />
          </FormField>
        ) : null}
        <Alert type="info">
          Atelier deletes what it knows about these people on its date, and cannot delete your copy: do that yourself
          once you do not need it. That you made it, and of how many people, stands in the history of the workshop.
        </Alert>
        {problem ? <Alert type="error">{problem}</Alert> : null}
      </SpaceBetween>
    </Modal>
  );
}
