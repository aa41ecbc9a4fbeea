"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input, { type InputProps } from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useState } from "react";
import { updateTeam } from "@/app/(console)/team/settings/actions";
import { useAction } from "@/components/action";
import { useUnsavedGuard } from "@/components/shell/links";
import { type TeamSettings, teamSettings } from "@/server/teams/schemas";

type Field = keyof TeamSettings;
type Typed = Record<Field, string>;

const languages = [
  { value: "en", label: "English" },
  { value: "es", label: "Español" },
  { value: "pt", label: "Português" },
  { value: "fr", label: "Français" },
  { value: "de", label: "Deutsch" },
  { value: "it", label: "Italiano" },
];

/** What is wrong with what was typed, by field; the same check as on the server. */
function check(typed: Typed): Partial<Typed> {
  const parsed = teamSettings.safeParse(typed);
  if (parsed.success) return {};
  return Object.fromEntries(parsed.error.issues.map((issue) => [issue.path.join("."), issue.message]).reverse());
}

const idOf = (field: Field) => `setting-${field}`;

type Props = { settings: TeamSettings; zones: string[]; mayEdit: boolean };

export function SettingsForm({ settings, zones, mayEdit }: Props) {
  const { run, pending } = useAction();
  const stored = Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, String(value ?? "")]),
  ) as Typed;
  const [typed, setTyped] = useState(stored);
  const [left, setLeft] = useState<ReadonlySet<Field>>(new Set());
  const [refused, setRefused] = useState<Record<string, string>>({});
  const dirty = Object.entries(stored).some(([name, value]) => typed[name as Field] !== value);
  useUnsavedGuard(dirty && !pending);
  const wrong = check(typed);

  const set = (field: Field, value: string) => {
    setTyped((before) => ({ ...before, [field]: value }));
    setRefused(({ [field]: _, ...others }) => others);
  };
  const error = (field: Field) => refused[field] ?? (left.has(field) ? wrong[field] : undefined);
  const focusFirst = (fields: Partial<Record<string, string>>) => {
    const first = (Object.keys(stored) as Field[]).find((field) => fields[field]);
    if (first) document.getElementById(idOf(first))?.focus();
  };
  const submit = async () => {
    setLeft(new Set(Object.keys(stored) as Field[]));
    const parsed = teamSettings.safeParse(typed);
    if (!parsed.success) return focusFirst(wrong);
    const answer = await run(() => updateTeam(parsed.data), { done: "The settings are saved." });
    if (answer && !answer.ok) {
      setRefused(answer.fields);
      focusFirst(answer.fields);
    }
  };

  const text = (field: Field, label: string, about: ReactNode, more: Partial<InputProps> = {}) => (
    <FormField label={label} constraintText={about} errorText={error(field)}>
      <Input
        controlId={idOf(field)}
        value={typed[field]}
        readOnly={!mayEdit}
        onChange={({ detail }) => set(field, detail.value)}
        onBlur={() => setLeft((before) => new Set(before).add(field))}
        {...more}
      />
    </FormField>
  );
  const number = (field: Field, label: string, unit: string, about: ReactNode) =>
    text(field, `${label} (${unit})`, about, { type: "number", inputMode: "numeric" });
  const choice = (
    field: Field,
    label: string,
    about: ReactNode,
    options: { value: string; label: string }[],
    find = false,
  ) => (
    <FormField label={label} constraintText={about} errorText={error(field)}>
      <Select
        controlId={idOf(field)}
        readOnly={!mayEdit}
        selectedOption={
          options.find((option) => option.value === typed[field]) ?? { value: typed[field], label: typed[field] }
        }
        options={options}
        filteringType={find ? "auto" : "none"}
        expandToViewport
        onChange={({ detail }) => set(field, detail.selectedOption.value ?? "")}
      />
    </FormField>
  );

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!pending && mayEdit) void submit();
      }}
    >
      <Form
        actions={
          mayEdit ? (
            <SpaceBetween direction="horizontal" size="xs">
              <Button
                variant="link"
                formAction="none"
                disabled={!dirty}
                onClick={() => {
                  setTyped(stored);
                  setLeft(new Set());
                  setRefused({});
                }}
              >
                Put back
              </Button>
              <Button variant="primary" loading={pending} disabled={!dirty} disabledReason="Nothing is changed yet">
                Save
              </Button>
            </SpaceBetween>
          ) : undefined
        }
      >
        <SpaceBetween size="l">
          <Container header={<Header variant="h2">Team</Header>}>
            <ColumnLayout columns={2}>
              {text("name", "Name", "How the team calls itself, here and in front of customers.")}
              {choice(
                "timeZone",
                "Time zone",
                "New workshops start with it; each workshop can have another.",
                zones.map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") })),
                true,
              )}
              {choice("locale", "Language", "In which dates and numbers are written.", languages)}
            </ColumnLayout>
          </Container>
          <Container
            header={
              <Header variant="h2" description="Customers answer to the account manager who invited them.">
                Mails and public pages
              </Header>
            }
          >
            <ColumnLayout columns={2}>
              {text("senderName", "Sender's name", "Stands before the address in every mail.")}
              {text(
                "senderEmail",
                "Sender's address",
                "Must be verified in Amazon SES, or mails are refused. Answers to calendar entries arrive there, so somebody should read it.",
                {
                  type: "email",
                  inputMode: "email",
                },
              )}
              <FormField
                label="Accent colour"
                constraintText="Of buttons and links that customers see. White text must be readable on it."
                errorText={error("accentColor")}
              >
                <SpaceBetween direction="horizontal" size="xs" alignItems="center">
                  <input
                    type="color"
                    aria-label="Choose the accent colour"
                    disabled={!mayEdit}
                    value={/^#[0-9a-f]{6}$/i.test(typed.accentColor) ? typed.accentColor : "#000000"}
                    onChange={(event) => set("accentColor", event.target.value)}
                    style={{ inlineSize: 44, blockSize: 32, padding: 2, border: 0, background: "none" }}
                  />
                  <Input
                    controlId={idOf("accentColor")}
                    value={typed.accentColor}
                    readOnly={!mayEdit}
                    onChange={({ detail }) => set("accentColor", detail.value)}
                    onBlur={() => setLeft((before) => new Set(before).add("accentColor"))}
                  />
                </SpaceBetween>
              </FormField>
            </ColumnLayout>
          </Container>
          <Container
            header={
              <Header
                variant="h2"
                description="Counts for workshops that close or are cancelled from now on; figures stay, people are forgotten."
              >
                Deleting personal data
              </Header>
            }
          >
            <ColumnLayout columns={3}>
              {number(
                "anonymizeAfterDays",
                "After a workshop closes",
                "days",
                "Until its attendees' names, addresses and companies are removed. Every invitation says this number.",
              )}
              {number(
                "cancelledAnonymizeDays",
                "After a workshop is cancelled",
                "days",
                "Until the people who had registered for it are forgotten.",
              )}
              {number(
                "unverifiedDeleteDays",
                "Never confirmed",
                "days",
                "Until a registration whose address was never confirmed is deleted.",
              )}
            </ColumnLayout>
          </Container>
          <Container header={<Header variant="h2">Sandboxes</Header>}>
            <ColumnLayout columns={2}>
              {number(
                "cooldownHours",
                "Cooldown after use",
                "hours",
                "How long after its use an emptied account waits before it is lent again, so that late charges show on the right bill. 0 = none.",
              )}
              {text(
                "accountEmailPattern",
                "Addresses of new accounts",
                "{n} counts up, e.g. aws+{n}@example.com. AWS wants an address of its own for each account; its mails go there. Empty = no accounts are made from the pool's page.",
                { placeholder: "aws+{n}@example.com", inputMode: "email" },
              )}
            </ColumnLayout>
          </Container>
          {mayEdit ? <Box color="text-body-secondary">Each change is written into the history.</Box> : null}
        </SpaceBetween>
      </Form>
    </form>
  );
}
