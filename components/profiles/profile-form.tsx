"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Form from "@cloudscape-design/components/form";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { createProfile, updateProfile } from "@/app/(console)/team/profiles/actions";
import { useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import {
  AccessFields,
  BudgetFields,
  type Fields,
  fieldId,
  GuardRailFields,
  NameFields,
} from "@/components/profiles/profile-fields";
import { StackFields } from "@/components/profiles/stack-fields";
import { useUnsavedGuard } from "@/components/shell/links";
import { consolePaths } from "@/server/paths";
import type { ProfileDetail } from "@/server/sandboxes/sandboxes";
import { amountText, currencies, type ProfileTyped, profileForm } from "@/server/sandboxes/schemas";

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
    setRefused((before) =>
      Object.fromEntries(Object.entries(before).filter(([name]) => !((name.split(".")[0] ?? "") in change))),
    );
  };
  const leave = (field: string) => setLeft((before) => new Set(before).add(field));
  const error = (field: string) => refused[field] ?? (left.has(field.split(".")[0] ?? "") ? wrong[field] : undefined);
  const focusFirst = (fields: Record<string, string>) => {
    const first = order.find((field) => Object.keys(fields).some((name) => name.split(".")[0] === field));
    if (first) document.getElementById(fieldId(first))?.focus();
  };

  const fields: Fields = { typed, mayEdit, error, set, leave };

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
    const named = Object.fromEntries(
      Object.entries(answer.fields).map(([name, text]) => [name.replace(/^values\./, ""), text]),
    );
    setRefused(named);
    focusFirst(named);
  };
  const submit = () => {
    setLeft(new Set(order));
    if (Object.keys(wrong).length > 0) return focusFirst(wrong);
    if (profile && profile.liveLeases > 0) return setAsked(true);
    void save();
  };

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
            <NameFields fields={fields} />
            <GuardRailFields fields={fields} />
            <AccessFields fields={fields} />
            <BudgetFields fields={fields} />
            <StackFields fields={fields} />
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
