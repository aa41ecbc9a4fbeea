"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import DatePicker from "@cloudscape-design/components/date-picker";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import TimeInput from "@cloudscape-design/components/time-input";
import Toggle from "@cloudscape-design/components/toggle";
import { useRef } from "react";
import { placeOf } from "@/components/times";
import type { Draft, StepProps } from "@/components/workshops/workshop-form";
import {
  type DataClass,
  domainAllowed,
  type QuestionForm,
  type QuestionKind,
  questionLimit,
  readDomain,
} from "@/server/registrations/schemas";

/** Who can register for a workshop, when, and what they are asked. */
export function RegistrationStep(props: StepProps) {
  const { draft, set, error, left } = props;
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header variant="h2" description={`On the clock of ${placeOf(draft.timeZone)}. Both can stay empty.`}>
            When people can register
          </Header>
        }
      >
        <SpaceBetween size="l">
          <Moment {...props} which="registrationOpens" label="From" empty="From the moment you open registration" />
          <Moment {...props} which="registrationCloses" label="Until" empty="Until the workshop is over" />
          <FormField
            label="Minimum notice, in hours"
            description="Registration ends so long before the start; 0 for none"
            constraintText="Who sent the form in time can confirm the address for another hour, or for 24 hours after a closing date."
            errorText={error("minimumNoticeHours")}
          >
            <Input
              value={draft.minimumNoticeHours}
              inputMode="numeric"
              invalid={Boolean(error("minimumNoticeHours"))}
              onChange={({ detail }) => set("minimumNoticeHours", detail.value)}
              onBlur={() => left("minimumNoticeHours")}
            />
          </FormField>
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">Who can register</Header>}>
        <ColumnLayout columns={2}>
          <FormField
            label="Who says yes"
            description="A seat is taken once they have; people are told by mail either way"
            errorText={error("approvalBy")}
          >
            <Select
              selectedOption={approvalOptions.find(({ value }) => value === (draft.approvalBy ?? "")) ?? null}
              options={approvalOptions}
              onChange={({ detail }) => set("approvalBy", (detail.selectedOption.value || null) as Draft["approvalBy"])}
            />
          </FormField>
          <FormField
            label="E-mail domains"
            description="One on each line, such as acme.com; domains below it, such as eu.acme.com, may register too. Empty for all."
            errorText={error("allowedDomains") ?? firstOf(error, "allowedDomains", draft.allowedDomains.length)}
            warningText={shutOut(draft.allowedDomains, props.options.invitedDomains)}
            stretch
          >
            <Textarea
              value={draft.allowedDomains.join("\n")}
              rows={3}
              placeholder="acme.com"
              onChange={({ detail }) => set("allowedDomains", detail.value === "" ? [] : detail.value.split("\n"))}
              onBlur={() => left("allowedDomains")}
            />
          </FormField>
        </ColumnLayout>
      </Container>
      <Questions {...props} />
    </SpaceBetween>
  );
}

/** Who is invited by name and could no longer register with these domains. */
function shutOut(domains: string[], invited: { domain: string; count: number }[] = []): string | undefined {
  const allowed = domains.flatMap((typed) => readDomain(typed) ?? []);
  const outside = invited.filter(({ domain }) => !domainAllowed(allowed, `@${domain}`));
  const count = outside.reduce((sum, one) => sum + one.count, 0);
  if (count === 0) return undefined;
  const [named, more] = [outside.slice(0, 5).map(({ domain }) => domain), outside.length - 5];
  const of = new Intl.ListFormat("en").format(more > 0 ? [...named, `${more} more`] : named);
  return `${count} invited by name ${count === 1 ? "has an address" : "have addresses"} of ${of}: they could not register.`;
}

const approvalOptions = [
  { value: "", label: "Nobody has to", description: "The address confirmed, the seat is theirs" },
  { value: "account_manager", label: "The account manager who invited", description: "Solutions architects can too" },
  { value: "solutions_architect", label: "A solutions architect" },
];

/** The first error of a list, which has one for each line. */
function firstOf(error: StepProps["error"], name: string, length: number): string | undefined {
  return Array.from({ length }, (_, index) => error(`${name}.${index}`)).find((one) => one !== undefined);
}

function Moment(
  props: StepProps & { which: "registrationOpens" | "registrationCloses"; label: string; empty: string },
) {
  const { draft, set, error, left, which, label, empty } = props;
  const [date, time] = [`${which}Date`, `${which}Time`] as const;
  return (
    <ColumnLayout columns={2}>
      <FormField label={`${label}: day`} description={empty} errorText={error(date)}>
        <DatePicker
          value={draft[date] ?? ""}
          placeholder="YYYY/MM/DD"
          invalid={Boolean(error(date))}
          onChange={({ detail }) => set(date, detail.value || null)}
          onBlur={() => left(date)}
        />
      </FormField>
      <FormField label={`${label}: time`} errorText={error(time)} constraintText="24-hour clock, 09:30">
        <TimeInput
          value={draft[time] ?? ""}
          format="hh:mm"
          placeholder="hh:mm"
          invalid={Boolean(error(time))}
          onChange={({ detail }) => set(time, detail.value || null)}
          onBlur={() => left(time)}
        />
      </FormField>
    </ColumnLayout>
  );
}

// --- Questions -------------------------------------------------------------------------------------------------------

const kinds: Record<QuestionKind, { label: string; description: string }> = {
  text: { label: "Text", description: "One line" },
  choice: { label: "Choice", description: "One of several options" },
  number: { label: "Number", description: "Whole or with decimals" },
  consent: { label: "Consent", description: "A box to tick; kept with its time" },
};

const classes: Record<DataClass, { label: string; description: string }> = {
  none: { label: "Not personal", description: "Stays as a figure once the attendees are forgotten" },
  personal: { label: "Personal", description: "Deleted with the attendees' data" },
  sensitive: {
    label: "Sensitive",
    description: "Health, belief, allergies: always optional, not for account managers, deleted with their data",
  },
};

const optionsOf = <K extends string>(words: Record<K, { label: string; description: string }>) =>
  (Object.keys(words) as K[]).map((value) => ({ value, ...words[value] }));

const empty: QuestionForm = {
  id: null,
  kind: "text",
  label: "",
  help: "",
  options: [],
  required: false,
  dataClass: "personal",
};

function Questions({ draft, set, error, left }: StepProps) {
  const list = useRef<HTMLDivElement>(null);
  const { questions } = draft;
  const change = (index: number, part: Partial<QuestionForm>) =>
    set(
      "questions",
      questions.map((question, at) => (at === index ? { ...question, ...part } : question)),
    );
  const move = (from: number, to: number) => {
    const moved = questions.toSpliced(from, 1);
    const question = questions[from];
    if (question) set("questions", moved.toSpliced(to, 0, question));
  };
  const add = () => {
    set("questions", [...questions, empty]);
    // The new question is there with the next picture; its first field is where typing goes on.
    requestAnimationFrame(() =>
      list.current?.querySelector<HTMLElement>(`[data-question="${questions.length}"] input`)?.focus(),
    );
  };
  return (
    <Container
      header={
        <Header
          variant="h2"
          counter={`(${questions.length})`}
          description="Besides name, address, company and role. A question that was answered stays with its answers when you remove it; it is only asked no more."
        >
          Questions
        </Header>
      }
    >
      <div ref={list}>
        <SpaceBetween size="l">
          {questions.length === 0 ? (
            <Box color="text-body-secondary">Nothing more is asked. Few questions make short forms.</Box>
          ) : null}
          {questions.map((question, index) => (
            <div key={question.id ?? `new-${index}`} data-question={index}>
              <Question
                question={question}
                index={index}
                count={questions.length}
                error={(field) =>
                  error(`questions.${index}.${field}`) ??
                  firstOf(error, `questions.${index}.${field}`, question.options.length)
                }
                left={(field) => left(`questions.${index}.${field}`)}
                change={(part) => change(index, part)}
                move={(to) => move(index, to)}
                remove={() => set("questions", questions.toSpliced(index, 1))}
              />
            </div>
          ))}
          <Button
            iconName="add-plus"
            onClick={add}
            disabled={questions.length >= questionLimit}
            disabledReason={`No more than ${questionLimit} questions`}
          >
            Add a question
          </Button>
        </SpaceBetween>
      </div>
    </Container>
  );
}

type QuestionProps = {
  question: QuestionForm;
  index: number;
  count: number;
  error: (field: string) => string | undefined;
  left: (field: string) => void;
  change: (part: Partial<QuestionForm>) => void;
  move: (to: number) => void;
  remove: () => void;
};

function Question({ question, index, count, error, left, change, move, remove }: QuestionProps) {
  const name = question.label || `question ${index + 1}`;
  return (
    <SpaceBetween size="s">
      <Header
        variant="h3"
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button
              variant="icon"
              iconName="angle-up"
              ariaLabel={`Move ${name} up`}
              disabled={index === 0}
              onClick={() => move(index - 1)}
            />
            <Button
              variant="icon"
              iconName="angle-down"
              ariaLabel={`Move ${name} down`}
              disabled={index === count - 1}
              onClick={() => move(index + 1)}
            />
            <Button variant="icon" iconName="remove" ariaLabel={`Remove ${name}`} onClick={remove} />
          </SpaceBetween>
        }
      >
        {`Question ${index + 1}`}
      </Header>
      <ColumnLayout columns={2}>
        <FormField
          label={question.kind === "consent" ? "What they agree to" : "Question"}
          errorText={error("label")}
          stretch
        >
          <Input
            value={question.label}
            invalid={Boolean(error("label"))}
            placeholder={question.kind === "consent" ? "I agree to …" : ""}
            onChange={({ detail }) => change({ label: detail.value })}
            onBlur={() => left("label")}
            ariaRequired
          />
        </FormField>
        <FormField label="Explanation" description="Small under it; can stay empty" errorText={error("help")} stretch>
          <Input
            value={question.help}
            onChange={({ detail }) => change({ help: detail.value })}
            onBlur={() => left("help")}
          />
        </FormField>
        <FormField label="Kind of answer" errorText={error("kind")}>
          <Select
            selectedOption={{ value: question.kind, ...kinds[question.kind] }}
            options={optionsOf(kinds)}
            onChange={({ detail }) => {
              const kind = detail.selectedOption.value as QuestionKind;
              const dataClass = kind === "text" && question.dataClass === "none" ? "personal" : question.dataClass;
              change({ kind, dataClass });
            }}
            onBlur={() => left("kind")}
          />
        </FormField>
        <FormField label="Data protection" errorText={error("dataClass")}>
          <Select
            selectedOption={{ value: question.dataClass, ...classes[question.dataClass] }}
            options={optionsOf(classes).filter(({ value }) => value !== "none" || question.kind !== "text")}
            onChange={({ detail }) => {
              const dataClass = detail.selectedOption.value as DataClass;
              change({ dataClass, required: dataClass === "sensitive" ? false : question.required });
            }}
            onBlur={() => left("dataClass")}
          />
        </FormField>
      </ColumnLayout>
      {question.kind === "choice" ? (
        <FormField label="Options" description="One on each line" errorText={error("options")} stretch>
          <Textarea
            value={question.options.join("\n")}
            rows={4}
            invalid={Boolean(error("options"))}
            onChange={({ detail }) => change({ options: detail.value === "" ? [] : detail.value.split("\n") })}
            onBlur={() => left("options")}
          />
        </FormField>
      ) : null}
      <FormField errorText={error("required")}>
        <Toggle
          checked={question.required}
          disabled={question.dataClass === "sensitive"}
          onChange={({ detail }) => change({ required: detail.checked })}
        >
          {question.kind === "consent" ? "Nobody can register without it" : "Has to be answered"}
        </Toggle>
      </FormField>
    </SpaceBetween>
  );
}
