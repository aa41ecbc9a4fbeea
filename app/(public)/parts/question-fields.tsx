import { Field, type FormAnswer } from "@/app/(public)/parts/form";
import type { Messages } from "@/server/languages/languages";
import { answerField } from "@/server/registrations/answer-fields";
import type { AnswerValue, QuestionDefinition } from "@/server/registrations/schemas";

type Props = {
  questions: readonly (QuestionDefinition & { value?: AnswerValue })[];
  words: Messages["rules"] & { optional: string };
  answer: FormAnswer | null;
  /** The field with the first error of the form. */
  first: string | undefined;
};

/** A workshop's own questions as fields of a form; without script too. Their check is server/registrations/schemas.ts. */
export function QuestionFields({ questions, ...rest }: Props) {
  return questions.map((question) => <QuestionField key={question.id} question={question} {...rest} />);
}

function hintOf({ help, dataClass }: QuestionDefinition, words: Props["words"]): string {
  const kept = dataClass === "sensitive" ? words.sensitiveHint : dataClass === "none" ? words.figuresHint : "";
  return [help, kept].filter(Boolean).join(" ");
}

type OneProps = Omit<Props, "questions"> & { question: Props["questions"][number] };

function QuestionField({ question, words, answer, first }: OneProps) {
  const { id, kind, label, required, value } = question;
  const name = answerField(id);
  const hint = hintOf(question, words);
  if (kind === "choice") return <ChoiceField {...{ question, words, answer, first, hint }} />;
  if (kind === "consent") return <ConsentField {...{ question, words, answer, first, hint }} />;
  return (
    <Field
      name={name}
      label={label}
      required={required}
      optional={required ? undefined : words.optional}
      hint={hint || undefined}
      inputMode={kind === "number" ? "decimal" : undefined}
      maxLength={500}
      autoComplete="off"
      defaultValue={value === null || value === undefined ? undefined : String(value)}
      answer={answer}
      first={first === name}
    />
  );
}

/** What a field says beside itself, and the attributes that lead there. */
function about(question: QuestionDefinition, answer: FormAnswer | null, hint: string) {
  const name = answerField(question.id);
  const failed = answer && !answer.ok ? answer : null;
  const error = failed?.fields[name];
  const described = [error ? `${name}-error` : "", hint ? `${name}-hint` : ""].filter(Boolean).join(" ");
  return {
    name,
    typed: failed?.values,
    attributes: {
      ...{ id: name, name, required: question.required },
      "aria-invalid": error ? true : undefined,
      "aria-describedby": described || undefined,
    },
    notes: (
      <>
        {hint ? (
          <p id={`${name}-hint`} className="hint" dir="auto">
            {hint}
          </p>
        ) : null}
        {error ? (
          <p id={`${name}-error`} className="error">
            {error}
          </p>
        ) : null}
      </>
    ),
  };
}

function ChoiceField({ question, words, answer, first, hint }: OneProps & { hint: string }) {
  const { name, typed, attributes, notes } = about(question, answer, hint);
  const value = typed ? (typed[name] ?? "") : String(question.value ?? "");
  return (
    <div className="field">
      <label htmlFor={name} dir="auto">
        {question.label} {question.required ? null : <span className="optional">{words.optional}</span>}
      </label>
      {/* biome-ignore lint/a11y/noAutofocus: after a refused form, so that the focus is on the first error without script */}
      <select key={value} {...attributes} defaultValue={value} autoFocus={first === name}>
        <option value="">{words.choose}</option>
        {question.options.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
      {notes}
    </div>
  );
}

function ConsentField({ question, words, answer, first, hint }: OneProps & { hint: string }) {
  const { name, typed, attributes, notes } = about(question, answer, hint);
  const ticked = typed ? typed[name] === "on" : question.value === true;
  return (
    <div className="field">
      <div className="check">
        {/* biome-ignore lint/a11y/noAutofocus: after a refused form, so that the focus is on the first error without script */}
        <input type="checkbox" {...attributes} defaultChecked={ticked} autoFocus={first === name} />
        <label htmlFor={name} dir="auto">
          {question.label} {question.required ? null : <span className="muted">{words.optional}</span>}
        </label>
      </div>
      {notes}
    </div>
  );
}
