"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import DatePicker from "@cloudscape-design/components/date-picker";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useState } from "react";
import { createInvite, editInvite, invitePerson } from "@/app/(console)/workshops/invite-actions";
import { type Answer, useAction } from "@/components/action";
import { dayText, placeOf } from "@/components/times";
import type { InvitedWorkshop } from "@/components/workshops/invitations-tab";
import { forWhom, type InviteView, languageWords } from "@/components/workshops/invite-view";
import { type Language, languageOf, languages } from "@/server/languages/kinds";

/** A dialog with a form: the key that ends it is in its foot, and Enter does the same. */
export function FormDialog(props: {
  title: string;
  label: string;
  pending: boolean;
  disabled?: string | null;
  size?: "medium" | "large";
  onSubmit: () => void;
  onDismiss: () => void;
  children: ReactNode;
}) {
  return (
    <Modal
      visible
      size={props.size ?? "medium"}
      onDismiss={props.onDismiss}
      header={props.title}
      closeAriaLabel="Close without doing it"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={props.onDismiss}>
              Back
            </Button>
            <Button
              variant="primary"
              onClick={props.onSubmit}
              loading={props.pending}
              disabled={Boolean(props.disabled)}
              disabledReason={props.disabled ?? undefined}
            >
              {props.label}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!props.pending && !props.disabled) props.onSubmit();
        }}
      >
        {props.children}
      </form>
    </Modal>
  );
}

/** A whole number as typed: null for nothing, NaN for what is none, which the server answers with a sentence. */
export function seatsTyped(text: string): number | null {
  const digits = text.trim();
  if (digits === "") return null;
  return /^\d+$/.test(digits) ? Number(digits) : Number.NaN;
}

type Choice = { value: string; label: string };

export function Choose(props: {
  label: string;
  value: string | undefined;
  options: Choice[];
  placeholder?: string;
  description?: string;
  error?: string;
  onChange: (value: string) => void;
}) {
  return (
    <FormField label={props.label} description={props.description} errorText={props.error}>
      <Select
        selectedOption={props.options.find((one) => one.value === props.value) ?? null}
        options={props.options}
        placeholder={props.placeholder}
        onChange={({ detail }) => detail.selectedOption.value && props.onChange(detail.selectedOption.value)}
      />
    </FormField>
  );
}

export const languageChoices = languages.map((value) => ({ value, label: languageWords[value] ?? value }));

/** The language that a workshop is held in, where it is one of ours. */
export function likelyLanguage(held: readonly string[]): Language {
  return held.map(languageOf).find((language) => language !== null) ?? "en";
}

export function WorksUntil(props: {
  value: string;
  timeZone: string;
  error?: string;
  onChange: (day: string) => void;
}) {
  return (
    <FormField
      label="Works until the end of"
      description={`Empty for as long as people can register. Days are those of ${placeOf(props.timeZone)}.`}
      errorText={props.error}
    >
      <DatePicker
        value={props.value}
        placeholder="YYYY/MM/DD"
        openCalendarAriaLabel={(day) => (day ? `Choose a day, ${day} is chosen` : "Choose a day")}
        onChange={({ detail }) => props.onChange(detail.value)}
      />
    </FormField>
  );
}

type Typed = { text: (label: string, key: string, more?: { description?: string; numeric?: boolean }) => ReactNode };

/** Fields of a form by name, with what the server said of each. */
function useTyped(initial: Record<string, string>) {
  const [values, setValues] = useState(initial);
  const [fields, setFields] = useState<Record<string, string>>({});
  const set = (key: string) => (value: string) => setValues((all) => ({ ...all, [key]: value }));
  const text: Typed["text"] = (label, key, more = {}) => (
    <FormField label={label} description={more.description} errorText={fields[key]}>
      <Input
        value={values[key] ?? ""}
        inputMode={more.numeric ? "numeric" : undefined}
        onChange={({ detail }) => set(key)(detail.value)}
      />
    </FormField>
  );
  /** Puts what the server said beside its fields; true where all went well. */
  const settle = (answer: Answer<unknown> | null, otherwise: string): boolean => {
    if (answer && !answer.ok)
      setFields(Object.keys(answer.fields).length > 0 ? answer.fields : { [otherwise]: answer.message });
    return answer?.ok === true;
  };
  const value = (key: string) => values[key] ?? "";
  return { value, set, text, fields, settle };
}

type AddProps = {
  workshop: InvitedWorkshop;
  owners: { memberId: string; name: string }[];
  mine: { memberId: string; manager: boolean };
  /** Account managers who have their link for everybody. */
  shared: ReadonlySet<string>;
  onDismiss: () => void;
};
type Kind = InviteView["kind"];

/** Makes a link of one of the three kinds. */
export function AddInvite({ workshop, owners, mine, shared, onDismiss }: AddProps) {
  const { run, pending } = useAction();
  const [memberId, setMemberId] = useState(owners.length === 1 ? owners[0]?.memberId : undefined);
  const hasShared = memberId !== undefined && shared.has(memberId);
  const [kind, setKind] = useState<Kind>("customer");
  const [send, setSend] = useState(workshop.state !== "draft");
  const [language, setLanguage] = useState<Language>(likelyLanguage(workshop.languages));
  const { value, set, text, fields, settle } = useTyped({});
  const mails = kind === "personal" && send;
  const make = async () => {
    const base = {
      workshopId: workshop.id,
      memberId: mine.manager ? undefined : memberId,
      customerName: kind === "shared" ? undefined : value("customerName").trim() || undefined,
      expiresOn: value("expiresAt") || null,
      note: value("note").trim() || undefined,
      locale: language,
    };
    if (kind === "customer" && !base.customerName)
      return settle({ ok: false, code: "invalid", message: "Name the customer.", fields: {} }, "customerName");
    const quiet = ["invalid", "conflict", "not_ready"];
    const answer =
      kind === "personal"
        ? await run(() => invitePerson({ ...base, email: value("email"), name: value("name"), send }), {
            done: send ? "The invitation is on its way." : "The link is made, and not mailed.",
            quiet,
          })
        : await run(() => createInvite({ ...base, seatLimit: seatsTyped(value("seatLimit")) }), {
            done: "The link is made.",
            quiet,
          });
    if (settle(answer, kind === "personal" ? "email" : "customerName")) onDismiss();
  };
  return (
    <FormDialog
      title="Add a link"
      label={mails ? "Send the invitation" : "Make the link"}
      pending={pending}
      onSubmit={make}
      onDismiss={onDismiss}
    >
      <SpaceBetween size="m">
        {mine.manager ? null : (
          <Choose
            label="Whose link"
            value={memberId}
            options={owners.map((one) => ({ value: one.memberId, label: one.name }))}
            placeholder="Choose an account manager"
            error={fields.memberId}
            onChange={setMemberId}
          />
        )}
        <FormField label="For whom">
          <RadioGroup
            value={kind}
            onChange={({ detail }) => setKind(detail.value as Kind)}
            items={[
              { value: "customer", label: "A customer", description: "For everybody of one company." },
              {
                value: "personal",
                label: "One person",
                description: "For one address: filled in already, used once, mailed by us if you like.",
              },
              {
                value: "shared",
                label: "Everybody",
                description: hasShared ? "There is one already." : "One for each account manager.",
                disabled: hasShared,
              },
            ]}
          />
        </FormField>
        {kind === "personal" ? (
          <>
            {text("E-mail", "email")}
            {text("Name", "name", { description: "May be empty. They can correct it." })}
          </>
        ) : null}
        {kind === "shared"
          ? null
          : text("Customer", "customerName", {
              description:
                kind === "personal"
                  ? "The company that they count for; may be empty."
                  : "A company, no person. Who registers through the link counts for it.",
            })}
        {kind === "personal" ? null : text("Seat limit", "seatLimit", { description: "Empty for none", numeric: true })}
        <Choose
          label="Language"
          description="Of the text to forward, and of a mail with the link."
          value={language}
          options={languageChoices}
          onChange={(chosen) => setLanguage(chosen as Language)}
        />
        <WorksUntil
          value={value("expiresAt")}
          timeZone={workshop.timeZone}
          error={fields.expiresAt ?? fields.expiresOn}
          onChange={set("expiresAt")}
        />
        {text("Note", "note", { description: "For the team. No names." })}
        {kind === "personal" ? (
          <Checkbox
            checked={send}
            disabled={workshop.state === "draft"}
            description={
              workshop.state === "draft"
                ? "Once registration is open: until then the link would lead nowhere."
                : "Answers to it go to the account manager."
            }
            onChange={({ detail }) => setSend(detail.checked)}
          >
            Mail it now
          </Checkbox>
        ) : null}
      </SpaceBetween>
    </FormDialog>
  );
}

/** A day of the workshop's calendar, for the field: the day on which a link ends there. */
function dayOf(at: string | null, timeZone: string): string {
  return at ? new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" }).format(new Date(at)) : "";
}

export function EditInvite(props: { workshop: InvitedWorkshop; invite: InviteView; onDismiss: () => void }) {
  const { workshop, invite, onDismiss } = props;
  const { run, pending } = useAction();
  const { value, set, text, fields, settle } = useTyped({
    expiresAt: dayOf(invite.expiresAt, workshop.timeZone),
    seatLimit: invite.seatLimit === null ? "" : String(invite.seatLimit),
    note: invite.note,
  });
  const [language, setLanguage] = useState<Language>(languageOf(invite.locale) ?? "en");
  const limit = seatsTyped(value("seatLimit"));
  const lower = limit !== null && invite.confirmed > limit;
  const save = async () => {
    const seatLimit = invite.kind === "personal" ? undefined : limit;
    const input = { inviteId: invite.id, workshopId: workshop.id, note: value("note").trim(), locale: language };
    const answer = await run(() => editInvite({ ...input, expiresOn: value("expiresAt") || null, seatLimit }), {
      done: ({ moves }) =>
        moves > 0 ? `The link is changed; ${moves} from its waitlist moved up.` : "The link is changed.",
      quiet: ["invalid"],
    });
    if (settle(answer, "note")) onDismiss();
  };
  return (
    <FormDialog
      title={`Change the link for ${forWhom(invite)}`}
      label="Save"
      pending={pending}
      onSubmit={save}
      onDismiss={onDismiss}
    >
      <SpaceBetween size="m">
        <WorksUntil
          value={value("expiresAt")}
          timeZone={workshop.timeZone}
          error={fields.expiresAt ?? fields.expiresOn}
          onChange={set("expiresAt")}
        />
        {invite.state === "expired" && invite.expiresAt ? (
          <Box color="text-body-secondary">
            It ended on {dayText(invite.expiresAt, workshop.timeZone)}; with a later date it works again.
          </Box>
        ) : null}
        {invite.kind === "personal"
          ? null
          : text("Seat limit", "seatLimit", { description: "Empty for none", numeric: true })}
        {lower ? (
          <Box color="text-body-secondary">
            {invite.confirmed} seats are taken through it and stay taken; nobody new gets one until{" "}
            {invite.confirmed - limit + 1} cancel.
          </Box>
        ) : null}
        {invite.waitlisted > 0 && invite.kind !== "personal" ? (
          <Box color="text-body-secondary">
            {invite.waitlisted} wait through it. With a higher limit they move up as far as there are seats, and are
            told by mail.
          </Box>
        ) : null}
        <Choose
          label="Language"
          description="Of its page, of the text to forward, and of the next mail with it."
          value={language}
          options={languageChoices}
          onChange={(chosen) => setLanguage(chosen as Language)}
        />
        {text("Note", "note", { description: "For the team. No names." })}
      </SpaceBetween>
    </FormDialog>
  );
}
