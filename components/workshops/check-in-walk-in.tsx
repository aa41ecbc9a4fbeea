"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { addWalkIn, walkInLink } from "@/app/(console)/workshops/[id]/check-in/actions";
import { useAction } from "@/components/action";
import { Qr } from "@/components/qr";
import { usePeopleActs } from "@/components/workshops/people-acts";
import { type Language, languageNames, languages } from "@/server/languages/kinds";
import { consolePaths, publicPaths } from "@/server/paths";
import { answerField } from "@/server/registrations/answer-fields";
import type { QuestionDefinition } from "@/server/registrations/schemas";

export type WalkInStart = { name: string; email: string; company: string };

type Props = {
  workshopId: string;
  seatsFree: number;
  hosts: { memberId: string; name: string }[];
  /** What they read and agree to, in each language. */
  notices: Record<Language, string>;
  /** What the workshop asks at the door. */
  questions: QuestionDefinition[];
  mayHelp: boolean;
  publicUrl: string;
  start: WalkInStart;
  onDismiss(): void;
};

const languageOptions = languages.map((value) => ({ value, label: languageNames[value] }));
const nobody = { value: "", label: "Nobody" };

/** Somebody who came without a registration: written down here, or on their own phone. */
export function WalkIn(props: Props) {
  const [way, setWay] = useState("here");
  const [added, setAdded] = useState<{ registrationId: string; name: string } | null>(null);
  return (
    <Modal visible onDismiss={props.onDismiss} header={added ? "They are in" : "Walk-in"} closeAriaLabel="Close">
      {added ? (
        <Added {...props} person={added} />
      ) : (
        <SpaceBetween size="m">
          <SegmentedControl
            label="Who writes"
            selectedId={way}
            onChange={({ detail }) => setWay(detail.selectedId)}
            options={[
              { id: "here", text: "I write them down" },
              { id: "own", text: "They register themselves" },
            ]}
          />
          {props.seatsFree === 0 ? (
            <Alert
              type="warning"
              action={
                props.mayHelp ? (
                  <Button href={consolePaths.editWorkshop(props.workshopId, "basics")}>Raise the capacity</Button>
                ) : undefined
              }
            >
              Every seat is taken. {props.mayHelp ? "" : "Ask who presents the workshop to raise its capacity."}
            </Alert>
          ) : null}
          {way === "here" ? <Form {...props} onAdded={setAdded} /> : <OwnPhone {...props} />}
        </SpaceBetween>
      )}
    </Modal>
  );
}

/** Whose guest it is: asked only where there is a choice. */
function hostsOf(hosts: Props["hosts"], orNobody: boolean) {
  const options = hosts.map(({ memberId, name }) => ({ value: memberId, label: name }));
  return orNobody ? [nobody, ...options] : options;
}

function Form(props: Props & { onAdded: (person: { registrationId: string; name: string }) => void }) {
  const { run, pending } = useAction();
  const [name, setName] = useState(props.start.name);
  const [email, setEmail] = useState(props.start.email);
  const [company, setCompany] = useState(props.start.company);
  const [locale, setLocale] = useState<Language>("en");
  const [memberId, setMemberId] = useState("");
  const [agreed, setAgreed] = useState(false);
  const [answers, setAnswers] = useState<Answers>({});
  const [fields, setFields] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<string | null>(null);
  const hosts = hostsOf(props.hosts, true);

  const add = async () => {
    if (!agreed) return setFields({ noticeAccepted: "Show them the notice, and tick the box once they agree." });
    const { workshopId } = props;
    const form = {
      workshopId,
      name,
      email,
      company,
      locale,
      memberId: memberId || null,
      noticeAccepted: true,
      answers,
    } as const;
    const answer = await run(() => addWalkIn(form), { quiet: ["invalid", "conflict", "not_ready"] });
    setFields(answer && !answer.ok ? answer.fields : {});
    setProblem(answer && !answer.ok && Object.keys(answer.fields).length === 0 ? answer.message : null);
    if (answer?.ok) props.onAdded({ registrationId: answer.value.registrationId, name });
  };

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <SpaceBetween size="m">
        <FormField label="Name" errorText={fields.name}>
          <Input value={name} autoComplete={false} onChange={({ detail }) => setName(detail.value)} />
        </FormField>
        <FormField label="E-mail" description="Where the way into their account is sent" errorText={fields.email}>
          <Input
            value={email}
            type="email"
            inputMode="email"
            autoComplete={false}
            spellcheck={false}
            onChange={({ detail }) => setEmail(detail.value)}
          />
        </FormField>
        <FormField label="Company" errorText={fields.company}>
          <Input value={company} autoComplete={false} onChange={({ detail }) => setCompany(detail.value)} />
        </FormField>
        <FormField label="Language" description="Of the notice below and of their mails">
          <Select
            selectedOption={languageOptions.find((option) => option.value === locale) ?? null}
            options={languageOptions}
            onChange={({ detail }) => setLocale(detail.selectedOption.value as Language)}
          />
        </FormField>
        {props.hosts.length > 1 ? (
          <FormField label="Guest of" description="Whose seats they count against" errorText={fields.memberId}>
            <Select
              selectedOption={hosts.find((option) => option.value === memberId) ?? null}
              options={hosts}
              onChange={({ detail }) => setMemberId(detail.selectedOption.value ?? "")}
            />
          </FormField>
        ) : null}
        {props.questions.map((question) => (
          <Question
            key={question.id}
            question={question}
            value={answers[question.id] ?? null}
            error={fields[answerField(question.id)]}
            onChange={(value) => setAnswers((all) => ({ ...all, [question.id]: value }))}
          />
        ))}
        <FormField errorText={fields.noticeAccepted}>
          <Checkbox
            checked={agreed}
            description="Turn the screen to them: this box is theirs to answer"
            onChange={({ detail }) => setAgreed(detail.checked)}
          >
            <span lang={locale}>{props.notices[locale]}</span>
          </Checkbox>
        </FormField>
        {problem ? <Alert type="error">{problem}</Alert> : null}
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" formAction="none" onClick={props.onDismiss}>
              Back
            </Button>
            <Button variant="primary" loading={pending}>
              Give a seat and check in
            </Button>
          </SpaceBetween>
        </Box>
      </SpaceBetween>
    </form>
  );
}

type Answers = Record<string, string | boolean | null>;
const unanswered = { value: "", label: "Not answered" };

/** One question of the workshop. None has to be answered at the door; the rest waits for them in "my workshop". */
function Question(props: {
  question: QuestionDefinition;
  value: string | boolean | null;
  error: string | undefined;
  onChange: (value: string | boolean | null) => void;
}) {
  const { question, value, error, onChange } = props;
  const { kind, label, help, options } = question;
  if (kind === "consent")
    return (
      <FormField errorText={error}>
        <Checkbox
          checked={value === true}
          description={[help, "Theirs alone to tick; may stay open."].filter(Boolean).join(" ")}
          onChange={({ detail }) => onChange(detail.checked)}
        >
          {label}
        </Checkbox>
      </FormField>
    );
  const typed = typeof value === "string" ? value : "";
  const choices = [unanswered, ...options.map((option) => ({ value: option, label: option }))];
  return (
    <FormField
      label={
        <>
          {label} <i>- optional</i>
        </>
      }
      description={help || undefined}
      errorText={error}
    >
      {kind === "choice" ? (
        <Select
          selectedOption={choices.find((one) => one.value === typed) ?? unanswered}
          options={choices}
          onChange={({ detail }) => onChange(detail.selectedOption.value || null)}
        />
      ) : (
        <Input
          value={typed}
          inputMode={kind === "number" ? "decimal" : "text"}
          autoComplete={false}
          onChange={({ detail }) => onChange(detail.value)}
        />
      )}
    </FormField>
  );
}

/** After somebody was written down: their page on their phone, and the code that makes it theirs. */
function Added({
  person,
  mayHelp,
  publicUrl,
  onDismiss,
}: Props & { person: { registrationId: string; name: string } }) {
  const { act, pending, dialogs } = usePeopleActs();
  return (
    <SpaceBetween size="m">
      <div>
        {person.name} has a seat and is checked in. A mail with the link to “my workshop” is on its way to them.
      </div>
      {mayHelp ? (
        <>
          <div>Or without the mail: they scan this with their phone and type the code that you read out.</div>
          <div className="check-in-code">
            <Qr
              text={`${publicUrl}${publicPaths.my(person.registrationId)}`}
              label={`Code that leads ${person.name} to “my workshop”`}
            />
          </div>
          <Button loading={pending} onClick={() => void act("code", person)}>
            Make a one-time code
          </Button>
        </>
      ) : null}
      <Box float="right">
        <Button variant="primary" onClick={onDismiss}>
          Done
        </Button>
      </Box>
      {dialogs}
    </SpaceBetween>
  );
}

function OwnPhone({ workshopId, hosts }: Props) {
  const { run, pending } = useAction();
  const [memberId, setMemberId] = useState(hosts[0]?.memberId ?? "");
  const [link, setLink] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const options = hostsOf(hosts, false);
  if (hosts.length === 0)
    return (
      <Alert type="info">No account manager invites to this workshop, so there is no link. Write them down here.</Alert>
    );
  const show = async () => {
    const answer = await run(() => walkInLink({ workshopId, memberId }), { quiet: ["not_ready"] });
    setLink(answer?.ok ? answer.value.link : null);
    setProblem(answer && !answer.ok ? answer.message : null);
  };
  return (
    <SpaceBetween size="m">
      {hosts.length > 1 ? (
        <FormField label="Guest of" description="Whose link it is, and whose seats they count against">
          <Select
            selectedOption={options.find((option) => option.value === memberId) ?? null}
            options={options}
            onChange={({ detail }) => {
              setMemberId(detail.selectedOption.value ?? "");
              setLink(null);
            }}
          />
        </FormField>
      ) : null}
      {link ? (
        <>
          <div className="check-in-code">
            <Qr text={link} label="Code that leads to the form of the invitation" size={288} />
          </div>
          <div>
            They scan it, fill in the form, and press the button in the mail that they get. Then they are in the list,
            ready to be checked in.
          </div>
        </>
      ) : (
        <Button loading={pending} onClick={() => void show()}>
          Show the code
        </Button>
      )}
      {problem ? <Alert type="error">{problem}</Alert> : null}
    </SpaceBetween>
  );
}
