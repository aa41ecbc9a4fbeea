"use client";

import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Multiselect from "@cloudscape-design/components/multiselect";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { RuleJson } from "@/components/mail/rule-json";
import {
  type Anchor,
  anchors,
  type MailCondition,
  type MailLate,
  type MailWhen,
  mailConditions,
  type RuleSettings,
  wordsOfAnchor,
  wordsOfAudience,
  wordsOfCondition,
  wordsOfState,
} from "@/server/mail/schemas";
import { languages } from "@/server/workshops/schemas";

/** A rule's settings as they stand in the form; all of them, whatever level they come from. */
export type Draft = Required<RuleSettings>;

export function draftOf({ on, when, audience, conditions, late }: RuleJson): Draft {
  return { on, when, audience, conditions, late };
}

type Part = { draft: Draft; onChange: (draft: Draft) => void; errors: Record<string, string> };
type Option = { value: string; label: string };
const optionOf = (options: Option[], value: string) => options.find((one) => one.value === value) ?? null;

/** Everything that can be chosen for a rule. */
export function RuleFields({ rule, ...part }: Part & { rule: RuleJson }) {
  const { choices } = rule;
  return (
    <SpaceBetween size="l">
      {choices.when === "fixed" ? null : <WhenField kind={choices.when} {...part} />}
      <AudienceFields rule={rule} {...part} />
      {choices.when === "relative" ? (
        <>
          <ConditionField {...part} />
          <LateField {...part} />
        </>
      ) : null}
    </SpaceBetween>
  );
}

// --- When ------------------------------------------------------------------------------------------------------------

const units: Option[] = [
  { value: "days", label: "days, at a time of day" },
  { value: "minutes", label: "minutes" },
];
const sides: Option[] = [
  { value: "-1", label: "before" },
  { value: "1", label: "after" },
];
const weekdays: Option[] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"].map(
  (label, index) => ({ value: String(index + 1), label }),
);
const anchorOptions: Option[] = anchors.map((value) => ({ value, label: wordsOfAnchor(value) }));

function WhenField({ kind, draft, onChange, errors }: Part & { kind: RuleJson["choices"]["when"] }) {
  const set = (when: MailWhen) => onChange({ ...draft, when });
  const { when } = draft;
  if (when.at === "weekly")
    return (
      <FormField label="When" description="On the team's clock." errorText={errors.when}>
        <SpaceBetween direction="horizontal" size="xs">
          <Select
            ariaLabel="Day of the week"
            selectedOption={optionOf(weekdays, String(when.weekday))}
            options={weekdays}
            onChange={({ detail }) => set({ ...when, weekday: Number(detail.selectedOption.value) })}
          />
          <TimeInput value={when.time} onChange={(time) => set({ ...when, time })} />
        </SpaceBetween>
      </FormField>
    );
  if (kind === "after_end")
    return (
      <FormField label="When" errorText={errors.when}>
        <SpaceBetween size="s">
          <RadioGroup
            value={when.at}
            onChange={({ detail }) =>
              set(detail.value === "cause" ? { at: "cause" } : { at: "days", anchor: "end", days: 1, time: "10:00" })
            }
            items={[
              { value: "cause", label: "At once, when the workshop is closed" },
              { value: "days", label: "Some days after its end, once it is closed" },
            ]}
          />
          {when.at === "cause" ? null : <RelativeWhen when={when} set={set} fixed />}
        </SpaceBetween>
      </FormField>
    );
  return (
    <FormField
      label="When"
      description="On the workshop's clock. It moves with the workshop's dates."
      errorText={errors.when}
      stretch
    >
      {when.at === "cause" ? null : <RelativeWhen when={when} set={set} />}
    </FormField>
  );
}

type Relative = Extract<MailWhen, { at: "days" | "minutes" }>;

/** "2 days before the start, at 09:00". `fixed`: days after the end only. */
function RelativeWhen({
  when,
  set,
  fixed = false,
}: {
  when: Relative;
  set: (when: MailWhen) => void;
  fixed?: boolean;
}) {
  const amount = when.at === "days" ? when.days : when.minutes;
  const sign = amount > 0 ? 1 : -1;
  const build = (unit: string, count: number, side: number, anchor: Anchor): MailWhen =>
    unit === "days"
      ? { at: "days", anchor, days: count * side, time: when.at === "days" ? when.time : "09:00" }
      : { at: "minutes", anchor, minutes: count * side };
  const change = (over: { unit?: string; count?: number; side?: number; anchor?: Anchor }) =>
    set(build(over.unit ?? when.at, over.count ?? Math.abs(amount), over.side ?? sign, over.anchor ?? when.anchor));
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Input
        ariaLabel="How many"
        type="number"
        inputMode="numeric"
        value={String(Math.abs(amount))}
        onChange={({ detail }) =>
          change({ count: Math.max(0, Math.trunc(Number(detail.value) || 0)), side: fixed ? 1 : sign })
        }
      />
      {fixed ? (
        <span>days after the end, at</span>
      ) : (
        <>
          <Select
            ariaLabel="Unit"
            selectedOption={optionOf(units, when.at)}
            options={units}
            onChange={({ detail }) => change({ unit: detail.selectedOption.value ?? "days" })}
          />
          <Select
            ariaLabel="Before or after"
            selectedOption={optionOf(sides, String(sign))}
            options={sides}
            onChange={({ detail }) => change({ side: Number(detail.selectedOption.value) })}
          />
          <Select
            ariaLabel="Counted from"
            selectedOption={optionOf(anchorOptions, when.anchor)}
            options={anchorOptions}
            onChange={({ detail }) => change({ anchor: detail.selectedOption.value as Anchor })}
          />
        </>
      )}
      {when.at === "days" ? <TimeInput value={when.time} onChange={(time) => set({ ...when, time })} /> : null}
    </SpaceBetween>
  );
}

function TimeInput({ value, onChange }: { value: string; onChange: (time: string) => void }) {
  return (
    <Input
      ariaLabel="Time of day, e.g. 09:00"
      value={value}
      placeholder="09:00"
      inputMode="numeric"
      onChange={({ detail }) => onChange(detail.value)}
    />
  );
}

// --- To whom ---------------------------------------------------------------------------------------------------------

const languageOptions: Option[] = Object.entries(languages).map(([value, label]) => ({ value, label }));

function AudienceFields({ rule, draft, onChange, errors }: Part & { rule: RuleJson }) {
  const { states, roles, members } = rule.choices;
  const { audience } = draft;
  const set = (over: Partial<Draft["audience"]>) => onChange({ ...draft, audience: { ...audience, ...over } });
  const roleOptions = roles.map((role) => ({
    value: role,
    label: wordsOfAudience({ role, states: [], memberIds: [], locales: [] }, {}, {}),
  }));
  const stateOptions = states.map((value) => ({ value, label: `Attendees ${wordsOfState(value)}` }));
  const memberOptions = members.map(({ id, name }) => ({ value: id, label: name }));
  const attendee = audience.role === "attendee";
  return (
    <>
      {roles.length > 1 ? (
        <FormField label="To" errorText={errors.audience}>
          <Select
            selectedOption={optionOf(roleOptions, audience.role)}
            options={roleOptions}
            onChange={({ detail }) =>
              set({ role: roles.find((role) => role === detail.selectedOption.value) ?? roles[0] })
            }
          />
        </FormField>
      ) : null}
      {states.length > 1 ? (
        <Many
          label="To"
          options={stateOptions}
          chosen={audience.states}
          error={errors.audience}
          set={(all) => set({ states: all })}
        />
      ) : null}
      {members.length > 0 && (attendee || audience.role === "account_manager") && rule.choices.when !== "weekly" ? (
        <Many
          label={attendee ? "Of account managers" : "Account managers"}
          none="Nobody chosen: all of them"
          options={memberOptions}
          chosen={audience.memberIds}
          error={states.length > 1 ? undefined : errors.audience}
          set={(memberIds) => set({ memberIds })}
        />
      ) : null}
      {attendee ? (
        <Many
          label="Languages"
          none="None chosen: everybody, each in their language"
          options={languageOptions}
          chosen={audience.locales}
          set={(locales) => set({ locales })}
        />
      ) : null}
    </>
  );
}

type ManyProps = {
  label: string;
  none?: string;
  options: Option[];
  chosen: readonly string[];
  error?: string;
  set: (chosen: string[]) => void;
};

function Many({ label, none, options, chosen, error, set }: ManyProps) {
  return (
    <FormField label={label} description={chosen.length === 0 ? none : undefined} errorText={error}>
      <Multiselect
        options={options}
        selectedOptions={options.filter(({ value }) => chosen.includes(value))}
        placeholder="Choose"
        onChange={({ detail }) => set(detail.selectedOptions.flatMap(({ value }) => value ?? []))}
      />
    </FormField>
  );
}

function ConditionField({ draft, onChange }: Part) {
  const attendee = draft.audience.role === "attendee";
  const options = mailConditions
    .filter((condition) => !attendee || !["seats_left", "someone_waits"].includes(condition))
    .map((value) => ({ value, label: wordsOfCondition(value) }));
  return (
    <Many
      label="Only if"
      none="Nothing chosen: always"
      options={options}
      chosen={draft.conditions}
      set={(chosen) => onChange({ ...draft, conditions: chosen as MailCondition[] })}
    />
  );
}

// --- Too late --------------------------------------------------------------------------------------------------------

const lateOptions: Option[] = [
  ...anchors.map((value) => ({
    value,
    label: `After ${wordsOfAnchor(value)}`.replace("After registration", "Once registration"),
  })),
  { value: "60", label: "An hour after its time" },
  { value: "720", label: "12 hours after its time" },
  { value: "1440", label: "A day after its time" },
];

const lateValue = (late: MailLate | null) =>
  late === null ? "" : late.by === "anchor" ? late.anchor : String(late.minutes);

function lateOf(value: string): MailLate {
  const anchor = anchors.find((one) => one === value);
  return anchor ? { by: "anchor", anchor } : { by: "minutes", minutes: Number(value) };
}

function LateField({ draft, onChange, errors }: Part) {
  const value = lateValue(draft.late);
  const known = optionOf(lateOptions, value);
  const own = { value, label: `${value} minutes after its time` };
  return (
    <FormField
      label="Too late"
      description="If it could not be sent in time, it is not sent later than this, and its line says so."
      errorText={errors.late}
    >
      <Select
        selectedOption={value === "" ? null : (known ?? own)}
        options={known || value === "" ? lateOptions : [...lateOptions, own]}
        onChange={({ detail }) => onChange({ ...draft, late: lateOf(detail.selectedOption.value ?? "start") })}
      />
    </FormField>
  );
}
