"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Multiselect from "@cloudscape-design/components/multiselect";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { createProfile, updateProfile } from "@/app/(console)/team/profiles/actions";
import { useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import { StackFields } from "@/components/profiles/stack-fields";
import { useUnsavedGuard } from "@/components/shell/links";
import { consolePaths } from "@/server/paths";
import type { ProfileDetail } from "@/server/sandboxes/sandboxes";
import { amountText, currencies, knownRegions, type ProfileTyped, profileForm } from "@/server/sandboxes/schemas";

type Props = { profile: ProfileDetail | null; region: string; mayEdit: boolean };

const everything = JSON.stringify(
  { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] },
  null,
  2,
);

/** The form's values for a stored profile, or for a new one. */
function typedOf(profile: ProfileDetail | null, region: string): ProfileTyped {
  if (!profile)
    return {
      ...{ name: "", description: "", regions: [region], services: "", policy: everything, credentialKind: "role" },
      ...{ budget: "", budgetCurrency: "USD", budgetFreeze: false, stackTemplate: "", stackParameters: [] },
    };
  const { name, description, regions, credentialKind, budgetMinor, budgetFreeze } = profile;
  const budgetCurrency = currencies.find((one) => one === profile.budgetCurrency) ?? "USD";
  return {
    ...{ name, description, regions, credentialKind, budgetFreeze, budgetCurrency },
    services: profile.services.join(", "),
    policy: profile.policyText,
    budget: budgetMinor === null ? "" : amountText(budgetMinor, budgetCurrency),
    stackTemplate: profile.stackTemplate,
    stackParameters: profile.stackParameters,
  };
}

/** What is wrong, by the path of its field; the same check as on the server. */
function check(typed: ProfileTyped): Record<string, string> {
  const parsed = profileForm.safeParse(typed);
  if (parsed.success) return {};
  return Object.fromEntries(parsed.error.issues.map((issue) => [issue.path.join("."), issue.message]).reverse());
}

const idOf = (field: string) => `profile-${field}`;
const order = ["name", "description", "regions", "services", "policy", "budget", "stackTemplate", "stackParameters"];

export function ProfileForm({ profile, region, mayEdit }: Props) {
  const { run, pending } = useAction();
  const router = useRouter();
  const stored = typedOf(profile, region);
  const [typed, setTyped] = useState(stored);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [refused, setRefused] = useState<Record<string, string>>({});
  const [asked, setAsked] = useState(false);
  const [saved, setSaved] = useState(false);
  const dirty = JSON.stringify(stored) !== JSON.stringify(typed);
  useUnsavedGuard(dirty && !pending && !saved);
  const wrong = check(typed);

  const set = (change: Partial<ProfileTyped>) => {
    setTyped((before) => ({ ...before, ...change }));
    setRefused((before) => Object.fromEntries(Object.entries(before).filter(([name]) => !(name in change))));
  };
  const leave = (field: string) => setLeft((before) => new Set(before).add(field));
  const error = (field: string) => refused[field] ?? (left.has(field.split(".")[0] ?? "") ? wrong[field] : undefined);
  const focusFirst = (fields: Record<string, string>) => {
    const first = order.find((field) => Object.keys(fields).some((name) => name.split(".")[0] === field));
    if (first) document.getElementById(idOf(first))?.focus();
  };

  const save = async () => {
    setAsked(false);
    const answer = profile
      ? await run(() => updateProfile({ profileId: profile.id, values: typed }), { done: "The profile is saved." })
      : await run(() => createProfile(typed), { done: "The profile is made. Workshops can use it now." });
    if (answer?.ok && !profile) {
      setSaved(true);
      router.push(consolePaths.profiles());
    }
    if (!answer || answer.ok) return;
    const fields = Object.fromEntries(
      Object.entries(answer.fields).map(([name, text]) => [name.replace(/^values\./, ""), text]),
    );
    setRefused(fields);
    focusFirst(fields);
  };
  const submit = () => {
    setLeft(new Set(order));
    if (Object.keys(wrong).length > 0) return focusFirst(wrong);
    if (profile && profile.liveLeases > 0) return setAsked(true);
    void save();
  };

  const field = (name: string, label: string, about: ReactNode, control: ReactNode, stretch = false) => (
    <FormField label={label} constraintText={about} errorText={error(name)} stretch={stretch}>
      {control}
    </FormField>
  );
  const text = (name: "name" | "description" | "services" | "budget", label: string, about: ReactNode) =>
    field(
      name,
      label,
      about,
      <Input
        controlId={idOf(name)}
        value={typed[name]}
        readOnly={!mayEdit}
        inputMode={name === "budget" ? "decimal" : "text"}
        onChange={({ detail }) => set({ [name]: detail.value })}
        onBlur={() => leave(name)}
      />,
    );

  return (
    <>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!pending && mayEdit) submit();
        }}
      >
        <Form
          actions={
            mayEdit ? (
              <SpaceBetween direction="horizontal" size="xs">
                <Button variant="link" formAction="none" href={consolePaths.profiles()}>
                  Back to the list
                </Button>
                <Button
                  variant="primary"
                  loading={pending}
                  disabled={profile !== null && !dirty}
                  disabledReason="Nothing is changed yet"
                >
                  {profile ? "Save" : "Make the profile"}
                </Button>
              </SpaceBetween>
            ) : undefined
          }
        >
          <SpaceBetween size="l">
            <Container header={<Header variant="h2">What it is</Header>}>
              <ColumnLayout columns={2}>
                {text("name", "Name", "Whoever prepares a workshop chooses by it.")}
                {text("description", "Description", "What it is good for, in a sentence.")}
              </ColumnLayout>
            </Container>
            <Container
              header={
                <Header
                  variant="h2"
                  description="Guard rails hold for everybody in the account, whatever they are allowed."
                >
                  Guard rails
                </Header>
              }
            >
              <ColumnLayout columns={2}>
                {field(
                  "regions",
                  "Regions",
                  "The console opens in the first one, and the start-up stack is made there. Nothing can be made elsewhere.",
                  <Multiselect
                    controlId={idOf("regions")}
                    readOnly={!mayEdit}
                    selectedOptions={typed.regions.map((value) => ({ value, label: value }))}
                    options={[...new Set([...knownRegions, ...typed.regions])].map((value) => ({
                      value,
                      label: value,
                    }))}
                    filteringType="auto"
                    placeholder="Choose regions"
                    deselectAriaLabel={({ label }) => `Remove ${label}`}
                    expandToViewport
                    onChange={({ detail }) =>
                      set({ regions: detail.selectedOptions.flatMap(({ value }) => value ?? []) })
                    }
                    onBlur={() => leave("regions")}
                  />,
                )}
                {text(
                  "services",
                  "Services",
                  "Prefixes as in IAM actions, with commas: s3, lambda, dynamodb. Empty = all. Who needs roles needs iam too.",
                )}
              </ColumnLayout>
            </Container>
            <Container header={<Header variant="h2">Access</Header>}>
              <SpaceBetween size="l">
                {field(
                  "credentialKind",
                  "Way in",
                  null,
                  <RadioGroup
                    value={typed.credentialKind}
                    readOnly={!mayEdit}
                    onChange={({ detail }) =>
                      set({ credentialKind: detail.value === "iam_user" ? "iam_user" : "role" })
                    }
                    items={[
                      {
                        value: "role",
                        label: "Console link and temporary keys",
                        description:
                          "One click opens the console; keys last an hour and are renewed on the page. For nearly all workshops.",
                      },
                      {
                        value: "iam_user",
                        label: "IAM user",
                        description:
                          "A console user with a password, shown once, and keys that last as long as the workshop. For tools that cannot renew keys. The policy below then takes less than 2,048 characters.",
                      },
                    ]}
                  />,
                )}
                {field(
                  "policy",
                  "Permissions",
                  "An IAM policy in JSON. Atelier adds that its own roles and user cannot be touched.",
                  <Textarea
                    controlId={idOf("policy")}
                    value={typed.policy}
                    readOnly={!mayEdit}
                    rows={14}
                    spellcheck={false}
                    onChange={({ detail }) => set({ policy: detail.value })}
                    onBlur={() => leave("policy")}
                  />,
                  true,
                )}
              </SpaceBetween>
            </Container>
            <Container
              header={
                <Header
                  variant="h2"
                  description="AWS reports costs up to a day late and by whole days, so this is a brake and not a limit."
                >
                  Budget
                </Header>
              }
            >
              <SpaceBetween size="l">
                <ColumnLayout columns={2}>
                  {text(
                    "budget",
                    "What one account may cost while it is lent",
                    "At 80 % and at the whole, architects and admins get a mail. Empty = no budget.",
                  )}
                  {field(
                    "budgetCurrency",
                    "Currency",
                    "The one in which AWS bills you; in another, nothing is compared.",
                    <Select
                      controlId={idOf("budgetCurrency")}
                      readOnly={!mayEdit}
                      selectedOption={{ value: typed.budgetCurrency, label: typed.budgetCurrency }}
                      options={currencies.map((value) => ({ value, label: value }))}
                      expandToViewport
                      onChange={({ detail }) =>
                        set({ budgetCurrency: currencies.find((one) => one === detail.selectedOption.value) ?? "USD" })
                      }
                    />,
                  )}
                </ColumnLayout>
                <Checkbox
                  checked={typed.budgetFreeze}
                  readOnly={!mayEdit}
                  disabled={typed.budget.trim() === ""}
                  onChange={({ detail }) => set({ budgetFreeze: detail.checked })}
                  description="Nobody can act in it until an admin unfreezes it. What already runs there keeps running, and costing."
                >
                  Freeze an account that reaches its budget
                </Checkbox>
              </SpaceBetween>
            </Container>
            <StackFields typed={typed} mayEdit={mayEdit} error={error} onChange={set} onLeave={leave} id={idOf} />
            {mayEdit ? <Box color="text-body-secondary">Each change is written into the history.</Box> : null}
          </SpaceBetween>
        </Form>
      </form>
      <Confirm
        visible={asked}
        title={`Save ${typed.name}?`}
        loses={meaning(stored, typed, profile?.liveLeases ?? 0)}
        label="Save"
        pending={pending}
        onDismiss={() => setAsked(false)}
        onConfirm={() => void save()}
      />
    </>
  );
}

/** What saving means for the accounts that are lent now. */
function meaning(before: ProfileTyped, after: ProfileTyped, liveLeases: number): ReactNode {
  const changed = (...names: (keyof ProfileTyped)[]) =>
    names.some((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  const lent = liveLeases === 1 ? "the account that is lent now" : `the ${liveLeases} accounts that are lent now`;
  const sentences = [
    ...(changed("regions", "services")
      ? [
          `Within some minutes ${lent} can use the new regions and services only; what is elsewhere stays there, out of reach.`,
        ]
      : []),
    ...(changed("policy", "credentialKind", "stackTemplate", "stackParameters")
      ? [`Permissions, way in and start-up stack of ${lent} stay as they are; those lent from now on get the new ones.`]
      : []),
    ...(changed("budget", "budgetCurrency", "budgetFreeze")
      ? [`The new budget counts for ${lent}, too, from the next look at the costs (once an hour).`]
      : []),
    ...(changed("name", "description") ? ["The name and the description change everywhere at once."] : []),
  ];
  return sentences.join(" ");
}
