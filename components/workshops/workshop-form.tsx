"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Wizard from "@cloudscape-design/components/wizard";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { createWorkshop, updateWorkshop } from "@/app/(console)/workshops/actions";
import { useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import { useNavigation, useUnsavedGuard } from "@/components/shell/links";
import { Page } from "@/components/shell/page";
import { DatesInPool } from "@/components/workshops/dates-in-pool";
import {
  AgendaStep,
  BasicsStep,
  PeopleStep,
  ReviewStep,
  SandboxStep,
  ScheduleStep,
} from "@/components/workshops/form-steps";
import { RegistrationStep } from "@/components/workshops/registration-step";
import { consolePaths } from "@/server/paths";
import type { QuestionForm } from "@/server/registrations/schemas";
import { type WorkshopForm, workshopForm } from "@/server/workshops/schemas";

export type FormOptions = {
  timeZone: string;
  timeZones: string[];
  members: { id: string; role: string; name: string }[];
  profiles: { id: string; name: string; description: string; regions: string[] }[];
  /** People who are invited by name and have not registered, by the domain of their address. */
  invitedDomains?: { domain: string; count: number }[];
};

/** The form while it is typed: as the schema's output, but numbers may still be words. */
export type Draft = Omit<
  WorkshopForm,
  | "capacity"
  | "opensMinutesBefore"
  | "closesHoursAfter"
  | "spares"
  | "prewarmMinutes"
  | "offerHours"
  | "accountManagers"
  | "minimumNoticeHours"
  | "questions"
> & {
  minimumNoticeHours: string;
  questions: QuestionForm[];
  capacity: string;
  offerHours: string | null;
  opensMinutesBefore: string | null;
  closesHoursAfter: string | null;
  spares: string;
  prewarmMinutes: string | null;
  accountManagers: { memberId: string; seatLimit: string }[];
};

export type StepProps = {
  draft: Draft;
  set: <K extends keyof Draft>(name: K, value: Draft[K]) => void;
  /** What is wrong with a field, once it was left or the step was; the path as in the schema. */
  error: (path: string) => string | undefined;
  left: (path: string) => void;
  options: FormOptions;
};

export const stepNames = ["basics", "schedule", "agenda", "people", "registration", "sandbox", "review"] as const;
export type StepName = (typeof stepNames)[number];

const fieldsOf: Record<StepName, string[]> = {
  basics: ["title", "abstract", "outcomes", "bring", "languages", "capacity", "offerHours"],
  schedule: [
    ...["date", "startTime", "endTime", "endDate", "timeZone", "place", "link", "surveyUrl"],
    "materialsUrl",
    ...["opensMinutesBefore", "closesHoursAfter"],
  ],
  agenda: ["agenda", "calendarItems"],
  people: ["presenterIds", "accountManagers"],
  registration: [
    ...["registrationOpensDate", "registrationOpensTime", "registrationClosesDate", "registrationClosesTime"],
    ...["minimumNoticeHours", "approvalBy", "allowedDomains", "questions"],
  ],
  sandbox: ["sandboxProfileId", "spares", "prewarmMinutes"],
  review: [],
};

const number = (text: string) => (text.trim() === "" ? Number.NaN : Number(text));

function toInput(draft: Draft) {
  return {
    ...draft,
    capacity: number(draft.capacity),
    minimumNoticeHours: number(draft.minimumNoticeHours),
    allowedDomains: draft.allowedDomains.filter((domain) => domain.trim() !== ""),
    offerHours: draft.offerHours === null ? null : number(draft.offerHours),
    opensMinutesBefore: draft.opensMinutesBefore === null ? null : number(draft.opensMinutesBefore),
    closesHoursAfter: draft.closesHoursAfter === null ? null : number(draft.closesHoursAfter),
    // Without a sandbox the fields are not there to be mended.
    spares: draft.sandboxProfileId === null ? 0 : number(draft.spares),
    prewarmMinutes:
      draft.sandboxProfileId === null || draft.prewarmMinutes === null ? null : number(draft.prewarmMinutes),
    accountManagers: draft.accountManagers.map(({ memberId, seatLimit }) => ({
      memberId,
      seatLimit: seatLimit.trim() === "" ? null : number(seatLimit),
    })),
  };
}

/** Every problem of the form by its path; the words are the schema's. */
function problemsOf(draft: Draft): Record<string, string> {
  const parsed = workshopForm.safeParse(toInput(draft));
  const problems: Record<string, string> = {};
  for (const issue of parsed.error?.issues ?? [])
    problems[issue.path.join(".")] ??= /^Invalid input|^Too (small|big)/.test(issue.message)
      ? "Write a whole number"
      : issue.message;
  return problems;
}

const inStep = (step: StepName, path: string) =>
  fieldsOf[step].some((name) => path === name || path.startsWith(`${name}.`));

type Props = {
  /** Null for a new workshop. */
  workshop: { id: string; title: string; state: string; confirmed: number } | null;
  initial: Draft;
  options: FormOptions;
  step: StepName;
};

/** The wizard of a workshop: new, or changed. A draft can be kept at every step. */
export function WorkshopFormPage({ workshop, initial, options, step }: Props) {
  const { leave, go } = useNavigation();
  const { run, pending } = useAction();
  const [draft, setDraft] = useState(initial);
  const [active, setActive] = useState(stepNames.indexOf(step));
  const [leftFields, setLeftFields] = useState<ReadonlySet<string>>(new Set());
  const [checked, setChecked] = useState<ReadonlySet<StepName>>(new Set());
  const [refused, setRefused] = useState<Record<string, string>>({});
  const [saved, setSaved] = useState(false);
  const [tell, setTell] = useState(true);
  const [short, setShort] = useState<{ message: string; missing: number } | null>(null);
  const [focusWanted, setFocusWanted] = useState(0);
  const content = useRef<HTMLDivElement>(null);
  useUnsavedGuard(!saved && JSON.stringify(draft) !== JSON.stringify(initial));

  const problems = useMemo(() => ({ ...problemsOf(draft), ...refused }), [draft, refused]);
  const activeStep = stepNames[active] ?? "basics";

  const set: StepProps["set"] = useCallback((name, value) => {
    setDraft((before) => ({ ...before, [name]: value }));
    setRefused((before) => Object.fromEntries(Object.entries(before).filter(([path]) => !path.startsWith(name))));
  }, []);
  const left = useCallback((path: string) => setLeftFields((all) => new Set(all).add(path)), []);
  const error = (path: string) =>
    leftFields.has(path) || checked.has(activeStep) || refused[path] ? problems[path] : undefined;

  // After a check the first field that is wrong has the focus.
  useEffect(() => {
    if (focusWanted === 0) return;
    const field = content.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    field?.focus();
    field?.scrollIntoView({ block: "center" });
  }, [focusWanted]);

  const show = (index: number) => {
    setActive(index);
    const url = new URL(window.location.href);
    url.searchParams.set("step", stepNames[index] ?? "basics");
    window.history.replaceState(window.history.state, "", url);
  };
  const firstWrong = (all: Record<string, string>) =>
    stepNames.findIndex((name) => Object.keys(all).some((path) => inStep(name, path)));

  const save = async (acceptMissing?: number) => {
    const wrong = firstWrong(problems);
    if (wrong >= 0) {
      setChecked(new Set(stepNames));
      if (wrong !== active) show(wrong);
      return setFocusWanted((count) => count + 1);
    }
    const form = toInput(draft);
    const id = workshop?.id;
    const options = { done: id ? "Saved." : "The draft is saved.", quiet: id ? ["not_ready"] : [] };
    const answer = id
      ? await run(() => updateWorkshop({ workshopId: id, form, acceptMissing, tell }), options)
      : await run(() => createWorkshop(form), options);
    setShort(null);
    if (!answer) return;
    if (!answer.ok) {
      if (answer.reason === "overcommitted") return setShort({ message: answer.message, missing: answer.missing ?? 0 });
      const fields = Object.fromEntries(
        Object.entries(answer.fields).map(([path, message]) => [path.replace(/^form\./, ""), message]),
      );
      setRefused(fields);
      const where = firstWrong(fields);
      if (where >= 0 && where !== active) show(where);
      return setFocusWanted((count) => count + 1);
    }
    setSaved(true);
    const made = answer.value as { id: string } | undefined;
    leave(consolePaths.workshop(id ?? made?.id ?? ""));
  };

  const navigate = (requested: number, reason: string) => {
    const wrong = Object.keys(problems).some((path) => inStep(activeStep, path));
    if (wrong && (reason === "next" || reason === "skip")) {
      setChecked((all) => new Set(all).add(activeStep));
      return setFocusWanted((count) => count + 1);
    }
    show(requested);
  };

  const parts: StepProps = { draft, set, error, left, options };
  const title = workshop ? `Change ${workshop.title}` : "New workshop";
  const published = workshop && workshop.state !== "draft";
  const stepError = (name: StepName) =>
    checked.has(name) && Object.keys(problems).some((path) => inStep(name, path))
      ? "Some fields need a look"
      : undefined;
  return (
    <Page
      title={title}
      crumbs={[
        { text: "Workshops", href: consolePaths.workshops() },
        ...(workshop ? [{ text: workshop.title, href: consolePaths.workshop(workshop.id) }] : []),
      ]}
    >
      <div ref={content}>
        <SpaceBetween size="l">
          {published && workshop.confirmed > 0 ? (
            <Alert type="info" header="They know of this workshop">
              <Checkbox
                checked={tell}
                onChange={({ detail }) => setTell(detail.checked)}
                description="When date, place, title or agenda change: what changed, and a new calendar entry. Reminders that wait move with the date in any case."
              >
                Tell {workshop.confirmed === 1 ? "the confirmed person" : `the ${workshop.confirmed} confirmed people`}{" "}
                by mail
              </Checkbox>
            </Alert>
          ) : null}
          <Wizard
            i18nStrings={{
              stepNumberLabel: (count) => `Step ${count}`,
              collapsedStepsLabel: (count, all) => `Step ${count} of ${all}`,
              navigationAriaLabel: "Steps",
              cancelButton: "Cancel",
              previousButton: "Previous",
              nextButton: "Next",
              optional: "optional",
            }}
            allowSkipTo
            activeStepIndex={active}
            isLoadingNextStep={pending}
            submitButtonText={workshop ? "Save" : "Save draft"}
            secondaryActions={
              activeStep === "review" ? undefined : (
                <Button onClick={() => void save()} loading={pending}>
                  {published ? "Save now" : "Save draft"}
                </Button>
              )
            }
            onCancel={() => go(workshop ? consolePaths.workshop(workshop.id) : consolePaths.workshops())}
            onNavigate={({ detail }) => navigate(detail.requestedStepIndex, detail.reason)}
            onSubmit={() => void save()}
            steps={[
              {
                title: "Basics",
                description: "What it is, for the people who are invited.",
                errorText: stepError("basics"),
                content: <BasicsStep {...parts} />,
              },
              {
                title: "When and where",
                description: "On the clock of the place where it happens.",
                errorText: stepError("schedule"),
                content: <ScheduleStep {...parts} />,
              },
              {
                title: "Agenda",
                isOptional: true,
                errorText: stepError("agenda"),
                content: <AgendaStep {...parts} />,
              },
              {
                title: "People",
                description: "Who presents, and which account managers invite.",
                errorText: stepError("people"),
                content: <PeopleStep {...parts} />,
              },
              {
                title: "Registration",
                description: "Who can register, when, and what they are asked.",
                isOptional: true,
                errorText: stepError("registration"),
                content: <RegistrationStep {...parts} />,
              },
              {
                title: "Sandbox",
                description: "What each attendee gets to work in.",
                errorText: stepError("sandbox"),
                content: <SandboxStep {...parts} />,
              },
              {
                title: "Review",
                content: (
                  <SpaceBetween size="l">
                    {Object.keys(problems).length > 0 ? (
                      <Alert type="warning" header="Some fields need a look">
                        <ul>
                          {Object.entries(problems).map(([path, message]) => (
                            <li key={path}>{message}</li>
                          ))}
                        </ul>
                      </Alert>
                    ) : null}
                    {Object.keys(problems).length === 0 ? (
                      <DatesInPool workshopId={workshop?.id ?? null} form={toInput(draft)} />
                    ) : null}
                    <ReviewStep draft={draft} options={options} onEdit={(name) => show(stepNames.indexOf(name))} />
                    {workshop ? null : (
                      <Box color="text-body-secondary">
                        A draft is seen by the team only. Nobody is invited before you open registration.
                      </Box>
                    )}
                  </SpaceBetween>
                ),
              },
            ]}
          />
        </SpaceBetween>
      </div>
      <Confirm
        visible={short !== null}
        title="Too few accounts on these dates"
        loses={short?.message}
        label="Save all the same"
        pending={pending}
        onConfirm={() => void save(short?.missing)}
        onDismiss={() => setShort(null)}
      >
        <Link
          href={consolePaths.poolCalendar(draft.date?.slice(0, 7))}
          external
          externalIconAriaLabel="opens in a new tab"
        >
          See the calendar
        </Link>
      </Confirm>
    </Page>
  );
}
