"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useId, useState } from "react";
import { addMember, changeRole } from "@/app/(console)/team/members/actions";
import { useAction } from "@/components/action";
import { roleWords } from "@/components/status";
import type { MemberRow } from "@/components/team/members-screen";
import { newMember } from "@/server/teams/schemas";

type Role = keyof typeof roleWords;
type Fields = Record<string, string>;

const roleMeaning: Record<Role, string> = {
  account_manager: "Invites customers with links of their own; sees the people who came by them.",
  solutions_architect: "Prepares, opens and closes workshops; sees everybody who registered, and the sandboxes.",
  admin: "All of that, and the pool, the members and the settings of the team.",
};

function RoleChoice({ role, onChange, error }: { role: Role; onChange: (role: Role) => void; error?: string }) {
  return (
    <FormField label="Role" errorText={error} stretch>
      <RadioGroup
        value={role}
        onChange={({ detail }) => onChange(detail.value as Role)}
        items={Object.entries(roleWords).map(([value, label]) => ({
          value,
          label,
          description: roleMeaning[value as Role],
        }))}
      />
    </FormField>
  );
}

type DialogProps = {
  title: string;
  label: string;
  pending: boolean;
  onClose: () => void;
  onSubmit: () => void;
  children: ReactNode;
};

function FormDialog({ title, label, pending, onClose, onSubmit, children }: DialogProps) {
  const id = useId();
  return (
    <Modal
      visible
      onDismiss={onClose}
      header={title}
      closeAriaLabel="Close without saving"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Back
            </Button>
            <Button variant="primary" loading={pending} form={id} formAction="submit">
              {label}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        id={id}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!pending) onSubmit();
        }}
      >
        <SpaceBetween size="l">{children}</SpaceBetween>
      </form>
    </Modal>
  );
}

/** What is wrong with what was typed so far, by field. */
function check(input: Fields): Fields {
  const parsed = newMember.safeParse(input);
  if (parsed.success) return {};
  return Object.fromEntries(parsed.error.issues.map((issue) => [issue.path.join("."), issue.message]).reverse());
}

export function AddMember({ onClose }: { onClose: () => void }) {
  const { run, pending } = useAction();
  const [typed, setTyped] = useState({ email: "", name: "" });
  const [role, setRole] = useState<Role>("account_manager");
  const [left, setLeft] = useState<Record<string, boolean>>({});
  const [refused, setRefused] = useState<Fields>({});
  const ids = { email: useId(), name: useId() };
  const wrong = check({ ...typed, role });
  const error = (field: "email" | "name") => refused[field] ?? (left[field] ? wrong[field] : undefined);
  const change = (field: "email" | "name", value: string) => {
    setTyped({ ...typed, [field]: value });
    setRefused({});
  };

  const submit = async () => {
    setLeft({ email: true, name: true });
    const first = (["email", "name"] as const).find((field) => wrong[field]);
    if (first) return document.getElementById(ids[first])?.focus();
    const done = `${typed.name.trim()} is a member now. They sign in with ${typed.email.trim()}; no password is needed.`;
    const answer = await run(() => addMember({ ...typed, role }), { done, quiet: ["conflict", "invalid"] });
    if (answer?.ok) return onClose();
    if (answer) {
      setRefused(Object.keys(answer.fields).length > 0 ? answer.fields : { email: answer.message });
      document.getElementById(ids.email)?.focus();
    }
  };

  return (
    <FormDialog title="Add member" label="Add member" pending={pending} onClose={onClose} onSubmit={submit}>
      <FormField label="E-mail" errorText={error("email")} description="Their sign-in codes go there.">
        <Input
          controlId={ids.email}
          type="email"
          inputMode="email"
          value={typed.email}
          autoComplete={false}
          autoFocus
          onChange={({ detail }) => change("email", detail.value)}
          onBlur={() => setLeft((before) => ({ ...before, email: typed.email !== "" }))}
        />
      </FormField>
      <FormField
        label="Name"
        errorText={error("name")}
        description="As customers will read it. Somebody who signs in with this address already keeps their name."
      >
        <Input
          controlId={ids.name}
          value={typed.name}
          autoComplete={false}
          onChange={({ detail }) => change("name", detail.value)}
          onBlur={() => setLeft((before) => ({ ...before, name: typed.name !== "" }))}
        />
      </FormField>
      <RoleChoice role={role} onChange={setRole} error={refused.role} />
    </FormDialog>
  );
}

export function ChangeRole({ member, onClose }: { member: MemberRow; onClose: () => void }) {
  const { run, pending } = useAction();
  const [role, setRole] = useState<Role>(member.role);
  const submit = async () => {
    if (role === member.role) return onClose();
    const done = `${member.name} is ${role === "solutions_architect" ? "a" : "an"} ${roleWords[role].toLowerCase()} now.`;
    if ((await run(() => changeRole({ memberId: member.memberId, role }), { done }))?.ok) onClose();
  };
  return (
    <FormDialog
      title={`Role of ${member.name}`}
      label="Change role"
      pending={pending}
      onClose={onClose}
      onSubmit={submit}
    >
      <Box>It counts from their next click on.</Box>
      <RoleChoice role={role} onChange={setRole} />
    </FormDialog>
  );
}
