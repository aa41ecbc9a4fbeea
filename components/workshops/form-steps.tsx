"use client";

import Alert from "@cloudscape-design/components/alert";
import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import DatePicker from "@cloudscape-design/components/date-picker";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Multiselect from "@cloudscape-design/components/multiselect";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import Tiles from "@cloudscape-design/components/tiles";
import TimeInput from "@cloudscape-design/components/time-input";
import Toggle from "@cloudscape-design/components/toggle";
import { roleWords } from "@/components/status";
import { placeOf } from "@/components/times";
import type { Draft, FormOptions, StepName, StepProps } from "@/components/workshops/workshop-form";
import { languages } from "@/server/workshops/schemas";

const lines = (text: string) => text.split("\n");

export function BasicsStep({ draft, set, error, left }: StepProps) {
  const languageOptions = Object.entries(languages).map(([value, label]) => ({ value, label }));
  return (
    <Container>
      <SpaceBetween size="l">
        <FormField label="Title" errorText={error("title")} constraintText="Up to 120 characters">
          <Input
            value={draft.title}
            invalid={Boolean(error("title"))}
            onChange={({ detail }) => set("title", detail.value)}
            onBlur={() => left("title")}
            ariaRequired
          />
        </FormField>
        <FormField
          label="Abstract"
          description="What happens, in two or three sentences. It stands at the top of the invitation."
          errorText={error("abstract")}
          stretch
        >
          <Textarea
            value={draft.abstract}
            rows={5}
            onChange={({ detail }) => set("abstract", detail.value)}
            onBlur={() => left("abstract")}
          />
        </FormField>
        <ColumnLayout columns={2}>
          <FormField
            label="Afterwards people can"
            description="One line each"
            errorText={error("outcomes") ?? error("outcomes.0")}
            stretch
          >
            <Textarea
              value={draft.outcomes.join("\n")}
              rows={4}
              placeholder="Build an event-driven application"
              onChange={({ detail }) => set("outcomes", lines(detail.value))}
              onBlur={() => left("outcomes")}
            />
          </FormField>
          <FormField
            label="What to bring"
            description="One line each"
            errorText={error("bring") ?? error("bring.0")}
            stretch
          >
            <Textarea
              value={draft.bring.join("\n")}
              rows={4}
              placeholder="A laptop with a browser"
              onChange={({ detail }) => set("bring", lines(detail.value))}
              onBlur={() => left("bring")}
            />
          </FormField>
        </ColumnLayout>
        <ColumnLayout columns={2}>
          <FormField label="Seats" description="Further people go on the waitlist" errorText={error("capacity")}>
            <Input
              value={draft.capacity}
              inputMode="numeric"
              invalid={Boolean(error("capacity"))}
              onChange={({ detail }) => set("capacity", detail.value)}
              onBlur={() => left("capacity")}
            />
          </FormField>
          <FormField label="Languages" description="Spoken in the room" errorText={error("languages")}>
            <Multiselect
              selectedOptions={languageOptions.filter((one) => (draft.languages as string[]).includes(one.value))}
              options={languageOptions}
              onChange={({ detail }) =>
                set("languages", detail.selectedOptions.map((one) => one.value) as Draft["languages"])
              }
              onBlur={() => left("languages")}
              invalid={Boolean(error("languages"))}
              placeholder="Choose"
              deselectAriaLabel={(option) => `Remove ${option.label}`}
            />
          </FormField>
        </ColumnLayout>
        <OfferField draft={draft} set={set} error={error} left={left} />
      </SpaceBetween>
    </Container>
  );
}

/** Whether a freed seat is offered to the next on the waitlist, and how long. */
function OfferField({ draft, set, error, left }: Pick<StepProps, "draft" | "set" | "error" | "left">) {
  const hours = draft.offerHours;
  return (
    <SpaceBetween size="s">
      <Toggle checked={hours !== null} onChange={({ detail }) => set("offerHours", detail.checked ? "24" : null)}>
        Ask the next on the waitlist whether they want a seat that became free
      </Toggle>
      {hours !== null ? (
        <FormField
          label="Hours to answer"
          description="At most until the start; with less than 2 hours left, or once the workshop is open, the seat is theirs at once"
          errorText={error("offerHours")}
        >
          <Input
            value={hours}
            inputMode="numeric"
            invalid={Boolean(error("offerHours"))}
            onChange={({ detail }) => set("offerHours", detail.value)}
            onBlur={() => left("offerHours")}
          />
        </FormField>
      ) : (
        <Box color="text-body-secondary">The seat is theirs at once</Box>
      )}
    </SpaceBetween>
  );
}

export function ScheduleStep(props: StepProps) {
  const { draft, set, error, left, options } = props;
  const severalDays = draft.endDate !== null;
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">When</Header>}>
        <SpaceBetween size="l">
          <FormField
            label="Time zone"
            description="Times are on this clock, and stay so over a change of the clock"
            errorText={error("timeZone")}
          >
            <Select
              selectedOption={{ value: draft.timeZone, label: draft.timeZone.replaceAll("_", " ") }}
              options={options.timeZones.map((value) => ({ value, label: value.replaceAll("_", " ") }))}
              filteringType="auto"
              virtualScroll
              filteringPlaceholder="Find a city"
              onChange={({ detail }) => set("timeZone", detail.selectedOption.value ?? options.timeZone)}
              onBlur={() => left("timeZone")}
            />
          </FormField>
          <ColumnLayout columns={3}>
            <FormField label={severalDays ? "First day" : "Day"} errorText={error("date")}>
              <DatePicker
                value={draft.date ?? ""}
                placeholder="YYYY/MM/DD"
                invalid={Boolean(error("date"))}
                onChange={({ detail }) => set("date", detail.value || null)}
                onBlur={() => left("date")}
              />
            </FormField>
            <TimeField {...props} name="startTime" label="Starts at" />
            <TimeField {...props} name="endTime" label="Ends at" />
          </ColumnLayout>
          <Checkbox checked={severalDays} onChange={({ detail }) => set("endDate", detail.checked ? draft.date : null)}>
            It lasts several days
          </Checkbox>
          {severalDays ? (
            <FormField label="Last day" errorText={error("endDate")}>
              <DatePicker
                value={draft.endDate ?? ""}
                placeholder="YYYY/MM/DD"
                invalid={Boolean(error("endDate"))}
                onChange={({ detail }) => set("endDate", detail.value || draft.date)}
                onBlur={() => left("endDate")}
              />
            </FormField>
          ) : null}
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">Where</Header>}>
        <ColumnLayout columns={2}>
          <FormField label="Place" description="Address and room" errorText={error("place")} stretch>
            <Input
              value={draft.place}
              placeholder="Calle de Alcalá 1, Madrid, room 2"
              invalid={Boolean(error("place"))}
              onChange={({ detail }) => set("place", detail.value)}
              onBlur={() => left("place")}
            />
          </FormField>
          <FormField label="Link" description="Of the map, or of the online room" errorText={error("link")} stretch>
            <Input
              type="url"
              value={draft.link}
              placeholder="https://"
              invalid={Boolean(error("link"))}
              onChange={({ detail }) => set("link", detail.value)}
              onBlur={() => left("link")}
            />
          </FormField>
        </ColumnLayout>
      </Container>
      <Container
        header={
          <Header variant="h2" description="On the page of those who were there, and in the mail when it is closed.">
            Afterwards
          </Header>
        }
      >
        <ColumnLayout columns={2}>
          <FormField label="Survey" errorText={error("surveyUrl")} stretch>
            <Input
              type="url"
              value={draft.surveyUrl}
              placeholder="https://"
              invalid={Boolean(error("surveyUrl"))}
              onChange={({ detail }) => set("surveyUrl", detail.value)}
              onBlur={() => left("surveyUrl")}
            />
          </FormField>
          <FormField label="Materials" errorText={error("materialsUrl")} stretch>
            <Input
              type="url"
              value={draft.materialsUrl}
              placeholder="https://"
              invalid={Boolean(error("materialsUrl"))}
              onChange={({ detail }) => set("materialsUrl", detail.value)}
              onBlur={() => left("materialsUrl")}
            />
          </FormField>
        </ColumnLayout>
      </Container>
      <Container
        header={
          <Header variant="h2" description="Both can be done by hand at any time too.">
            By itself
          </Header>
        }
      >
        <ColumnLayout columns={2}>
          <ClockField
            {...props}
            name="opensMinutesBefore"
            toggle="Opens before the start"
            label="Minutes before the start"
            usual="30"
          />
          <ClockField
            {...props}
            name="closesHoursAfter"
            toggle="Closes after the end"
            label="Hours after the end"
            usual="2"
          />
        </ColumnLayout>
      </Container>
    </SpaceBetween>
  );
}

function TimeField(props: StepProps & { name: "startTime" | "endTime"; label: string }) {
  const { draft, set, error, left, name, label } = props;
  return (
    <FormField label={label} errorText={error(name)} constraintText="24-hour clock, 09:30">
      <TimeInput
        value={draft[name] ?? ""}
        format="hh:mm"
        placeholder="hh:mm"
        invalid={Boolean(error(name))}
        onChange={({ detail }) => set(name, detail.value || null)}
        onBlur={() => left(name)}
      />
    </FormField>
  );
}

function ClockField(
  props: StepProps & {
    name: "opensMinutesBefore" | "closesHoursAfter";
    toggle: string;
    label: string;
    usual: string;
  },
) {
  const { draft, set, error, left, name, toggle, label, usual } = props;
  const value = draft[name];
  return (
    <SpaceBetween size="s">
      <Toggle checked={value !== null} onChange={({ detail }) => set(name, detail.checked ? usual : null)}>
        {toggle}
      </Toggle>
      {value !== null ? (
        <FormField label={label} errorText={error(name)}>
          <Input
            value={value}
            inputMode="numeric"
            invalid={Boolean(error(name))}
            onChange={({ detail }) => set(name, detail.value)}
            onBlur={() => left(name)}
          />
        </FormField>
      ) : (
        <Box color="text-body-secondary">By hand only</Box>
      )}
    </SpaceBetween>
  );
}

export function AgendaStep({ draft, set, error, left }: StepProps) {
  const change = (index: number, part: Partial<Draft["agenda"][number]>) =>
    set(
      "agenda",
      draft.agenda.map((item, at) => (at === index ? { ...item, ...part } : item)),
    );
  return (
    <Container
      header={
        <Header variant="h2" description="Attendees see it in the invitation, and now and next while it runs.">
          Agenda
        </Header>
      }
    >
      <AttributeEditor
        items={draft.agenda}
        empty="No points yet. An agenda can be added later too."
        addButtonText="Add a point"
        removeButtonText="Remove"
        removeButtonAriaLabel={(item) => `Remove ${item.title || "this point"}`}
        onAddButtonClick={() =>
          set("agenda", [
            ...draft.agenda,
            { startsAt: draft.agenda.length === 0 ? (draft.startTime ?? "") : "", title: "", description: "" },
          ])
        }
        onRemoveButtonClick={({ detail }) =>
          set(
            "agenda",
            draft.agenda.filter((_, at) => at !== detail.itemIndex),
          )
        }
        disableAddButton={draft.agenda.length >= 40}
        gridLayout={[{ breakpoint: "s", rows: [[2, 4, 6]] }, { rows: [[1], [1], [1]] }]}
        definition={[
          {
            label: "From",
            errorText: (_, index) => error(`agenda.${index}.startsAt`),
            control: (item, index) => (
              <TimeInput
                value={item.startsAt}
                format="hh:mm"
                placeholder="hh:mm"
                invalid={Boolean(error(`agenda.${index}.startsAt`))}
                onChange={({ detail }) => change(index, { startsAt: detail.value })}
                onBlur={() => left(`agenda.${index}.startsAt`)}
              />
            ),
          },
          {
            label: "Title",
            errorText: (_, index) => error(`agenda.${index}.title`),
            control: (item, index) => (
              <Input
                value={item.title}
                invalid={Boolean(error(`agenda.${index}.title`))}
                onChange={({ detail }) => change(index, { title: detail.value })}
                onBlur={() => left(`agenda.${index}.title`)}
              />
            ),
          },
          {
            label: "Description",
            errorText: (_, index) => error(`agenda.${index}.description`),
            control: (item, index) => (
              <Input
                value={item.description}
                onChange={({ detail }) => change(index, { description: detail.value })}
                onBlur={() => left(`agenda.${index}.description`)}
              />
            ),
          },
        ]}
      />
      <Toggle
        checked={draft.calendarItems}
        onChange={({ detail }) => set("calendarItems", detail.checked)}
        description="Off: one entry with the agenda in it, which every calendar takes up by itself. On: most mail programs add the first point and leave the others as files to open. A workshop over several days stays one entry."
      >
        A calendar entry for each point
      </Toggle>
    </Container>
  );
}

export function PeopleStep({ draft, set, error, left, options }: StepProps) {
  const nameOf = new Map(options.members.map((member) => [member.id, member.name]));
  const presenters = options.members.map((member) => ({
    value: member.id,
    label: member.name,
    description: roleWords[member.role as keyof typeof roleWords],
  }));
  const invited = new Set(draft.accountManagers.map((one) => one.memberId));
  const managers = presenters.filter((one) => !invited.has(one.value));
  const firstManagers = [...managers].sort(
    (a, b) => Number(b.description === roleWords.account_manager) - Number(a.description === roleWords.account_manager),
  );
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Presenters</Header>}>
        <FormField
          label="Who presents"
          description="Each presenter can take a sandbox account of their own to show things in"
          errorText={error("presenterIds")}
        >
          <Multiselect
            selectedOptions={presenters.filter((one) => draft.presenterIds.includes(one.value))}
            options={presenters}
            filteringType="auto"
            placeholder="Choose"
            deselectAriaLabel={(option) => `Remove ${option.label}`}
            onChange={({ detail }) =>
              set(
                "presenterIds",
                detail.selectedOptions.flatMap((one) => one.value ?? []),
              )
            }
            onBlur={() => left("presenterIds")}
          />
        </FormField>
      </Container>
      <Container
        header={
          <Header
            variant="h2"
            description="Each gets a link of their own by mail when registration opens, and sees the people who came through it."
          >
            Who invites
          </Header>
        }
      >
        <SpaceBetween size="m">
          <AttributeEditor
            items={draft.accountManagers}
            hideAddButton
            empty="Nobody invites yet."
            addButtonText="Add"
            removeButtonText="Remove"
            removeButtonAriaLabel={(item) => `Remove ${nameOf.get(item.memberId) ?? "this person"}`}
            onRemoveButtonClick={({ detail }) =>
              set(
                "accountManagers",
                draft.accountManagers.filter((_, at) => at !== detail.itemIndex),
              )
            }
            gridLayout={[{ breakpoint: "xs", rows: [[3, 2]] }, { rows: [[1], [1]] }]}
            definition={[
              {
                label: "Account manager",
                control: (item) => <Input value={nameOf.get(item.memberId) ?? "A former member"} readOnly />,
              },
              {
                label: "Seat limit",
                constraintText: "Empty for none",
                errorText: (_, index) => error(`accountManagers.${index}.seatLimit`),
                control: (item, index) => (
                  <Input
                    value={item.seatLimit}
                    inputMode="numeric"
                    placeholder="No limit"
                    ariaLabel={`Seat limit of ${nameOf.get(item.memberId) ?? "this person"}`}
                    invalid={Boolean(error(`accountManagers.${index}.seatLimit`))}
                    onChange={({ detail }) =>
                      set(
                        "accountManagers",
                        draft.accountManagers.map((one, at) =>
                          at === index ? { ...one, seatLimit: detail.value } : one,
                        ),
                      )
                    }
                    onBlur={() => left(`accountManagers.${index}.seatLimit`)}
                  />
                ),
              },
            ]}
          />
          {managers.length > 0 ? (
            <FormField label="Add somebody who invites">
              <Select
                selectedOption={null}
                options={firstManagers}
                filteringType="auto"
                placeholder="Choose"
                onChange={({ detail }) =>
                  set("accountManagers", [
                    ...draft.accountManagers,
                    { memberId: detail.selectedOption.value ?? "", seatLimit: "" },
                  ])
                }
              />
            </FormField>
          ) : null}
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}

const noSandbox = "none";

export function SandboxStep(props: StepProps) {
  const { draft, set, options } = props;
  return (
    <SpaceBetween size="l">
      <SandboxChoice draft={draft} set={set} options={options} />
      {draft.sandboxProfileId === null ? null : <SandboxReserve {...props} />}
    </SpaceBetween>
  );
}

/** Accounts beyond one for each seat and presenter, and when they are made ready. */
function SandboxReserve({ draft, set, error, left }: StepProps) {
  const prewarm = draft.prewarmMinutes;
  const opens = draft.opensMinutesBefore === null ? null : Number(draft.opensMinutesBefore);
  const late = prewarm !== null && opens !== null && Number(prewarm) <= opens;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="From the opening of registration on the pool keeps an account for each seat, each presenter and each spare."
        >
          In the pool
        </Header>
      }
    >
      <ColumnLayout columns={2}>
        <FormField
          label="Spare accounts"
          description="Kept free while the workshop is open, to swap a broken one at once"
          errorText={error("spares")}
        >
          <Input
            value={draft.spares}
            inputMode="numeric"
            invalid={Boolean(error("spares"))}
            onChange={({ detail }) => set("spares", detail.value)}
            onBlur={() => left("spares")}
          />
        </FormField>
        <SpaceBetween size="s">
          <Toggle
            checked={prewarm !== null}
            onChange={({ detail }) => set("prewarmMinutes", detail.checked ? "120" : null)}
          >
            Accounts are made ready before the opening
          </Toggle>
          {prewarm !== null ? (
            <FormField
              label="Minutes before the start, for the accounts"
              description="Attendees see theirs at the opening and not before"
              errorText={error("prewarmMinutes")}
              warningText={
                late ? `The workshop opens ${opens} minutes before the start, so this makes no difference.` : undefined
              }
            >
              <Input
                value={prewarm}
                inputMode="numeric"
                invalid={Boolean(error("prewarmMinutes"))}
                onChange={({ detail }) => set("prewarmMinutes", detail.value)}
                onBlur={() => left("prewarmMinutes")}
              />
            </FormField>
          ) : (
            <Box color="text-body-secondary">At the opening</Box>
          )}
        </SpaceBetween>
      </ColumnLayout>
    </Container>
  );
}

function SandboxChoice({ draft, set, options }: Pick<StepProps, "draft" | "set" | "options">) {
  return (
    <Container>
      <SpaceBetween size="m">
        {options.profiles.length === 0 ? (
          <Alert type="info">This team has no sandbox profile yet, so attendees get no account.</Alert>
        ) : null}
        <FormField label="What each attendee gets" stretch>
          <Tiles
            value={draft.sandboxProfileId ?? noSandbox}
            onChange={({ detail }) => set("sandboxProfileId", detail.value === noSandbox ? null : detail.value)}
            items={[
              ...options.profiles.map((profile) => ({
                value: profile.id,
                label: profile.name,
                description: [profile.description, profile.regions.join(", ")].filter(Boolean).join(" · "),
              })),
              { value: noSandbox, label: "No sandbox", description: "A workshop without accounts" },
            ]}
          />
        </FormField>
      </SpaceBetween>
    </Container>
  );
}

function Part(props: { title: string; name: StepName; onEdit: (name: StepName) => void; items: [string, string][] }) {
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <Button onClick={() => props.onEdit(props.name)} ariaLabel={`Change ${props.title.toLowerCase()}`}>
              Change
            </Button>
          }
        >
          {props.title}
        </Header>
      }
    >
      <KeyValuePairs columns={3} items={props.items.map(([label, value]) => ({ label, value: value || "–" }))} />
    </Container>
  );
}

const approvers = { account_manager: "The account manager", solutions_architect: "A solutions architect" } as const;

function registrationItems(draft: Draft): [string, string][] {
  const moment = (date: string | null, time: string | null, otherwise: string) =>
    date && time ? `${date} ${time} ${placeOf(draft.timeZone)}` : otherwise;
  return [
    ["Opens", moment(draft.registrationOpensDate, draft.registrationOpensTime, "When you open it")],
    ["Ends", moment(draft.registrationClosesDate, draft.registrationClosesTime, "With the workshop")],
    [
      "Minimum notice",
      draft.minimumNoticeHours === "0" ? "None" : `${draft.minimumNoticeHours} hours before the start`,
    ],
    ["Who says yes", draft.approvalBy ? approvers[draft.approvalBy] : "Nobody has to"],
    ["E-mail domains", draft.allowedDomains.join(", ") || "All"],
    ["Questions", draft.questions.map((question) => question.label).join(" · ") || "None"],
  ];
}

export function ReviewStep(props: { draft: Draft; options: FormOptions; onEdit: (name: StepName) => void }) {
  const { draft, options, onEdit } = props;
  const nameOf = (memberId: string) => options.members.find((one) => one.id === memberId)?.name ?? "A former member";
  const day = draft.endDate && draft.endDate !== draft.date ? `${draft.date} to ${draft.endDate}` : (draft.date ?? "");
  const time = draft.startTime && draft.endTime ? `${draft.startTime}–${draft.endTime} ${placeOf(draft.timeZone)}` : "";
  const profile = options.profiles.find((one) => one.id === draft.sandboxProfileId);
  return (
    <SpaceBetween size="l">
      <Part
        title="Basics"
        name="basics"
        onEdit={onEdit}
        items={[
          ["Title", draft.title],
          ["Seats", draft.capacity],
          ["Freed seats", draft.offerHours === null ? "Given to the next" : `Offered for ${draft.offerHours} hours`],
          ["Languages", draft.languages.map((code) => languages[code]).join(", ")],
        ]}
      />
      <Part
        title="When and where"
        name="schedule"
        onEdit={onEdit}
        items={[
          ["Day", day],
          ["Time", time],
          ["Place", draft.place || draft.link],
          [
            "Opens",
            draft.opensMinutesBefore === null ? "By hand" : `By itself ${draft.opensMinutesBefore} minutes before`,
          ],
          ["Closes", draft.closesHoursAfter === null ? "By hand" : `By itself ${draft.closesHoursAfter} hours after`],
        ]}
      />
      <Part
        title="Agenda"
        name="agenda"
        onEdit={onEdit}
        items={[
          ["Points", draft.agenda.map((item) => `${item.startsAt} ${item.title}`).join(" · ")],
          ["Calendar entry", draft.calendarItems ? "One for each point" : "One for the whole"],
        ]}
      />
      <Part
        title="People"
        name="people"
        onEdit={onEdit}
        items={[
          ["Presenters", draft.presenterIds.map(nameOf).join(", ")],
          [
            "Who invites",
            draft.accountManagers
              .map((one) => `${nameOf(one.memberId)}${one.seatLimit ? ` (up to ${one.seatLimit})` : ""}`)
              .join(", "),
          ],
        ]}
      />
      <Part title="Registration" name="registration" onEdit={onEdit} items={registrationItems(draft)} />
      <Part
        title="Sandbox"
        name="sandbox"
        onEdit={onEdit}
        items={[
          ["Each attendee gets", profile ? `An account, ${profile.name}` : "No sandbox"],
          ...(profile
            ? ([
                ["Spare accounts", draft.spares],
                [
                  "Accounts are made ready",
                  draft.prewarmMinutes === null ? "At the opening" : `${draft.prewarmMinutes} minutes before the start`,
                ],
              ] satisfies [string, string][])
            : []),
        ]}
      />
    </SpaceBetween>
  );
}
