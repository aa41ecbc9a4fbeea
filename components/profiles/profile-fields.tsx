"use client";

import Checkbox from "@cloudscape-design/components/checkbox";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Multiselect from "@cloudscape-design/components/multiselect";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import type { ReactNode } from "react";
import "@/components/profiles/profiles.css";
import { currencies, knownRegions, type ProfileTyped } from "@/server/sandboxes/schemas";

/** What each part of a profile's form gets. */
export type Fields = {
  typed: ProfileTyped;
  mayEdit: boolean;
  /** What is wrong with a field, by its path. */
  error: (field: string) => string | undefined;
  set: (change: Partial<ProfileTyped>) => void;
  /** The reader has left a field: from now on its mistakes are shown. */
  leave: (field: string) => void;
};

export const fieldId = (field: string) => `profile-${field}`;

type TextProps = {
  fields: Fields;
  name: "name" | "description" | "services" | "budget";
  label: string;
  about: ReactNode;
};

function Text({ fields: { typed, mayEdit, error, set, leave }, name, label, about }: TextProps) {
  return (
    <FormField label={label} constraintText={about} errorText={error(name)}>
      <Input
        controlId={fieldId(name)}
        value={typed[name]}
        readOnly={!mayEdit}
        inputMode={name === "budget" ? "decimal" : "text"}
        onChange={({ detail }) => set({ [name]: detail.value })}
        onBlur={() => leave(name)}
      />
    </FormField>
  );
}

export function NameFields({ fields }: { fields: Fields }) {
  return (
    <Container header={<Header variant="h2">What it is</Header>}>
      <ColumnLayout columns={2}>
        <Text fields={fields} name="name" label="Name" about="Whoever prepares a workshop chooses by it." />
        <Text fields={fields} name="description" label="Description" about="What it is good for, in a sentence." />
      </ColumnLayout>
    </Container>
  );
}

export function GuardRailFields({ fields }: { fields: Fields }) {
  const { typed, mayEdit, error, set, leave } = fields;
  return (
    <Container
      header={
        <Header variant="h2" description="They hold for everybody in the account, whatever the permissions allow.">
          Guard rails
        </Header>
      }
    >
      <ColumnLayout columns={2}>
        <FormField
          label="Regions"
          constraintText="The console opens in the first one, and the start-up stack is made there. Nothing can be made elsewhere."
          errorText={error("regions")}
        >
          <Multiselect
            controlId={fieldId("regions")}
            readOnly={!mayEdit}
            selectedOptions={typed.regions.map((value) => ({ value, label: value }))}
            options={[...new Set([...knownRegions, ...typed.regions])].map((value) => ({ value, label: value }))}
            filteringType="auto"
            placeholder="Choose regions"
            deselectAriaLabel={({ label }) => `Remove ${label}`}
            expandToViewport
            onChange={({ detail }) => set({ regions: detail.selectedOptions.flatMap(({ value }) => value ?? []) })}
            onBlur={() => leave("regions")}
          />
        </FormField>
        <Text
          fields={fields}
          name="services"
          label="Services"
          about="Prefixes as in IAM actions, with commas: s3, lambda, dynamodb. Empty = all. Who needs roles needs iam too."
        />
      </ColumnLayout>
    </Container>
  );
}

const kinds = [
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
      "A console user with a password, shown once, and keys that last as long as the workshop. For tools that cannot renew keys. The permissions below then have room for less than 2,048 characters.",
  },
];

export function AccessFields({ fields: { typed, mayEdit, error, set, leave } }: { fields: Fields }) {
  return (
    <Container header={<Header variant="h2">Access</Header>}>
      <SpaceBetween size="l">
        <FormField label="Way in">
          <RadioGroup
            value={typed.credentialKind}
            readOnly={!mayEdit}
            onChange={({ detail }) => set({ credentialKind: detail.value === "iam_user" ? "iam_user" : "role" })}
            items={kinds}
          />
        </FormField>
        <FormField
          label="Permissions"
          constraintText="An IAM policy in JSON. Atelier adds that its own roles and user cannot be touched."
          errorText={error("policy")}
          stretch
        >
          <div className="code-field">
            <Textarea
              controlId={fieldId("policy")}
              value={typed.policy}
              readOnly={!mayEdit}
              rows={14}
              spellcheck={false}
              onChange={({ detail }) => set({ policy: detail.value })}
              onBlur={() => leave("policy")}
            />
          </div>
        </FormField>
      </SpaceBetween>
    </Container>
  );
}

export function BudgetFields({ fields }: { fields: Fields }) {
  const { typed, mayEdit, set } = fields;
  return (
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
          <Text
            fields={fields}
            name="budget"
            label="What one account may cost while it is lent"
            about="At 80 % and at the whole, architects and admins get a mail. Empty = no budget."
          />
          <FormField label="Currency" constraintText="The one in which AWS bills you; in another, nothing is compared.">
            <Select
              controlId={fieldId("budgetCurrency")}
              readOnly={!mayEdit}
              selectedOption={{ value: typed.budgetCurrency, label: typed.budgetCurrency }}
              options={currencies.map((value) => ({ value, label: value }))}
              expandToViewport
              onChange={({ detail }) =>
                set({ budgetCurrency: currencies.find((one) => one === detail.selectedOption.value) ?? "USD" })
              }
            />
          </FormField>
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
  );
}
