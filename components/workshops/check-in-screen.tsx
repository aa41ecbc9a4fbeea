"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Input from "@cloudscape-design/components/input";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useMemo, useRef, useState } from "react";
import { letIn } from "@/app/(console)/workshops/[id]/check-in/actions";
import { useAction } from "@/components/action";
import { Live } from "@/components/live";
import { useUnsavedGuard } from "@/components/shell/links";
import { Page } from "@/components/shell/page";
import { Status, statusWord } from "@/components/status";
import { momentText, timeText, WorkshopTime } from "@/components/times";
import { sendMark, useMarks } from "@/components/workshops/check-in-marks";
import type { MarkState } from "@/components/workshops/check-in-queue";
import { Scanner } from "@/components/workshops/check-in-scanner";
import { codeIn, matches, searchText } from "@/components/workshops/check-in-search";
import { WalkIn, type WalkInStart } from "@/components/workshops/check-in-walk-in";
import type { Language } from "@/server/languages/kinds";
import { consolePaths } from "@/server/paths";
import type { RegistrationState } from "@/server/registrations/lifecycle";
import type { QuestionDefinition } from "@/server/registrations/schemas";
import "@/components/workshops/workshops.css";
import "@/components/workshops/check-in.css";

type Person = {
  id: string;
  name: string;
  company: string | null;
  email: string | null;
  state: RegistrationState;
  checkedInAt: string | null;
  seen: boolean;
};

type Room = {
  workshop: {
    id: string;
    title: string;
    startsAt: string | null;
    endsAt: string | null;
    timeZone: string;
    seatsFree: number;
  };
  /** Whether the reader sees the other pages of the workshop. */
  whole: boolean;
  phase: "not_yet" | "now" | "over";
  opensAt: string | null;
  expected: number;
  people: Person[];
  hosts: { memberId: string; name: string }[];
  notices: Record<Language, string>;
  questions: QuestionDefinition[];
  mayHelp: boolean;
  publicUrl: string;
};

/** A person with what was pressed on this screen on top of what the server said. */
type Shown = Person & { present: boolean; at: string | null; waiting: boolean; refused: string | null };
type Said = { type: "success" | "error" | "info"; text: string };

/** Longer lists are for the search field, on a phone as on a desk. */
const mostRows = 150;
const doubleTapMilliseconds = 700;
const ended: readonly RegistrationState[] = ["rejected", "cancelled", "expired"];
const noOne: WalkInStart = { name: "", email: "", company: "" };

function overlay(person: Person, state: MarkState | undefined): Shown {
  const settled = person.state === "attended" || person.state === "no_show";
  const base = {
    ...person,
    ...{ present: person.checkedInAt !== null, at: person.checkedInAt, waiting: false, refused: null },
  };
  if (!state || settled) return base;
  if (state.state === "refused") return { ...base, refused: state.message };
  const { present } = state.mark;
  const at = state.state === "saved" ? state.checkedInAt : base.at;
  return { ...base, present, at: present ? at : null, waiting: state.state === "waiting" };
}

/** Everything at the door: who is here, who is expected, and what to do about the others. */
export function CheckInScreen({ room, person }: { room: Room; person: string | null }) {
  const { workshop, people, phase } = room;
  const shownAs = useMemo(() => new Map(people.map((one) => [one.id, one.checkedInAt !== null])), [people]);
  const { states, trouble, unsaved, mark, tryNow } = useMarks(workshop.id, shownAs);
  const { run, pending } = useAction();
  const [typed, setTyped] = useState("");
  const [filter, setFilter] = useState("all");
  const [scanning, setScanning] = useState(false);
  const [walkIn, setWalkIn] = useState<WalkInStart | null>(null);
  const [said, setSaid] = useState<Said | null>(null);
  const [chosen, setChosen] = useState(person);
  const pressed = useRef({ id: "", at: 0 });
  useUnsavedGuard(unsaved > 0);

  const texts = useMemo(() => new Map(people.map((one) => [one.id, searchText(one)])), [people]);
  const all = useMemo(() => people.map((one) => overlay(one, states.get(one.id))), [people, states]);
  const seated = all.filter((one) => one.state === "confirmed" || one.state === "attended" || one.state === "no_show");
  const here = seated.filter((one) => one.present).length;
  const words = typed.trim();
  const found = all.filter((one) => {
    if (chosen && !words) return one.id === chosen;
    if (words) return matches(texts.get(one.id) ?? "", words);
    if (filter === "here") return one.present;
    if (filter === "missing") return !one.present && one.state === "confirmed";
    return !ended.includes(one.state);
  });

  const press = (one: Shown, present: boolean, by: "list" | "scan" = "list") => {
    const now = performance.now();
    // "Undo" takes the place of the button: the second half of a double tap is not meant for it.
    if (!present && pressed.current.id === one.id && now - pressed.current.at < doubleTapMilliseconds) return;
    pressed.current = { id: one.id, at: now };
    mark({ registrationId: one.id, present, by });
    setSaid({
      type: "success",
      text: present ? `${one.name} is checked in.` : `${one.name} is not checked in any more.`,
    });
  };
  const admit = async (one: Shown) => {
    setSaid(null);
    const answer = await run(() => letIn({ registrationId: one.id }), { quiet: ["not_ready", "conflict"] });
    if (answer)
      setSaid(
        answer.ok
          ? { type: "success", text: `${one.name} has a seat and is checked in.` }
          : { type: "error", text: answer.message },
      );
  };
  const read = async (text: string) => {
    const id = codeIn(text);
    setTyped("");
    if (!id)
      return setSaid({ type: "error", text: "This is not the code of a registration. It stands in “my workshop”." });
    const known = all.find((one) => one.id === id);
    if (known?.state === "confirmed") {
      if (known.present) return setSaid({ type: "info", text: `${known.name} is checked in already.` });
      return press(known, true, "scan");
    }
    if (known) {
      setChosen(id);
      return setSaid({ type: "error", text: `${known.name}: ${statusWord("registration", known.state)}` });
    }
    setSaid({ type: "info", text: "Not in this list; asking Atelier." });
    const answer = await sendMark(workshop.id, { registrationId: id, present: true, by: "scan" }).catch(() => null);
    tryNow();
    if (!answer)
      return setSaid({
        type: "error",
        text: "This code is not in the list on this screen, and Atelier does not answer.",
      });
    setSaid(
      answer.ok
        ? { type: "success", text: "Checked in. The list shows who it was." }
        : { type: "error", text: answer.message },
    );
  };
  const enter = () => {
    if (phase !== "now") return;
    if (/\/check-in\//.test(typed)) return void read(typed);
    const open = found.filter((one) => one.state === "confirmed" && !one.present);
    if (words && found.length === 1 && open[0]) {
      press(open[0], true);
      setTyped("");
    }
  };

  const rowProps = {
    phase,
    stuck: trouble !== null,
    timeZone: workshop.timeZone,
    pending,
    press,
    admit,
    add: setWalkIn,
  };
  return (
    <Page
      title="Check-in"
      crumbs={
        room.whole
          ? [
              { text: "Workshops", href: consolePaths.workshops() },
              { text: workshop.title, href: consolePaths.workshop(workshop.id) },
            ]
          : []
      }
      description={
        <>
          {room.whole ? null : `${workshop.title} · `}
          <WorkshopTime {...workshop} />
        </>
      }
    >
      <SpaceBetween size="m">
        <Time room={room} />
        <div>
          <span className="check-in-count">{here}</span> of {room.expected} checked in
          {workshop.seatsFree > 0 ? ` · ${workshop.seatsFree} ${workshop.seatsFree === 1 ? "seat" : "seats"} free` : ""}
        </div>
        <Unsaved count={unsaved} trouble={trouble} tryNow={tryNow} />
        {scanning ? (
          <Scanner onRead={(text) => void read(text)} onClose={() => setScanning(false)} />
        ) : (
          <SpaceBetween direction="horizontal" size="xs">
            <Button iconName="video-camera-on" disabled={phase !== "now"} onClick={() => setScanning(true)}>
              Scan codes
            </Button>
            <Button iconName="add-plus" disabled={phase !== "now"} onClick={() => setWalkIn(noOne)}>
              Walk-in
            </Button>
          </SpaceBetween>
        )}
        <div role="status" aria-live="polite">
          {said ? (
            <StatusIndicator type={said.type} wrapText>
              {said.text}
            </StatusIndicator>
          ) : null}
        </div>
        <search>
          <Input
            type="search"
            value={typed}
            inputMode="search"
            autoFocus={!person}
            spellcheck={false}
            autoComplete={false}
            placeholder="Name, company or e-mail"
            ariaLabel="Find somebody by name, company or e-mail; Enter checks in the only one found"
            clearAriaLabel="Clear"
            onChange={({ detail }) => {
              setTyped(detail.value);
              setChosen(null);
            }}
            onKeyDown={({ detail }) => detail.key === "Enter" && !detail.isComposing && enter()}
          />
        </search>
        {words || chosen ? null : (
          <SegmentedControl
            label="Show"
            selectedId={filter}
            onChange={({ detail }) => setFilter(detail.selectedId)}
            options={[
              { id: "all", text: "Everybody" },
              { id: "missing", text: `Not here yet (${seated.length - here})` },
              { id: "here", text: `Here (${here})` },
            ]}
          />
        )}
        <People {...rowProps} rows={found} words={words} chosen={chosen} showAll={() => setChosen(null)} />
        <Live topic="room" id={workshop.id} />
      </SpaceBetween>
      {walkIn ? (
        <WalkIn
          {...room}
          workshopId={workshop.id}
          seatsFree={workshop.seatsFree}
          start={walkIn}
          onDismiss={() => setWalkIn(null)}
        />
      ) : null}
    </Page>
  );
}

/** Outside of the time for it: when it begins, or what there is to do instead. */
function Time({ room: { phase, opensAt, workshop, whole } }: { room: Room }) {
  if (phase === "now") return null;
  if (phase === "over")
    return (
      <Alert
        type="info"
        action={
          whole ? <Button href={consolePaths.workshop(workshop.id, "registrations")}>Registrations</Button> : undefined
        }
      >
        {whole
          ? "The workshop is over. Who came can still be put right in the list of registrations."
          : "The workshop is over."}
      </Alert>
    );
  return (
    <Alert type="info">
      {opensAt
        ? `People can be checked in from ${momentText(opensAt, workshop.timeZone, true)} on, the day of the workshop.`
        : "People can be checked in on the day of the workshop, once it has a date and registration is open."}
    </Alert>
  );
}

/** What was pressed here and has not reached the server: never silently. */
function Unsaved({ count, trouble, tryNow }: { count: number; trouble: string | null; tryNow: () => void }) {
  if (count === 0 || !trouble) return null;
  return (
    <Alert
      type="warning"
      header={count === 1 ? "1 check-in is not saved yet" : `${count} check-ins are not saved yet`}
      action={<Button onClick={tryNow}>Try now</Button>}
    >
      {trouble}. They are kept in this browser and sent as soon as it gets through; go on checking people in.
    </Alert>
  );
}

type RowProps = {
  phase: Room["phase"];
  /** Nothing gets through to the server at the moment. */
  stuck: boolean;
  timeZone: string;
  pending: boolean;
  press: (one: Shown, present: boolean) => void;
  admit: (one: Shown) => void;
  add: (start: WalkInStart) => void;
};

type PeopleProps = RowProps & { rows: Shown[]; words: string; chosen: string | null; showAll: () => void };

function People({ rows, words, chosen, showAll, ...row }: PeopleProps) {
  if (rows.length === 0)
    return (
      <SpaceBetween size="s">
        <Box color="text-body-secondary">
          {words
            ? `Nobody is found for “${words}”.`
            : chosen
              ? "The person of this code is not in the list of this workshop."
              : "Nobody is in this list."}
        </Box>
        {words && row.phase === "now" ? (
          <Button onClick={() => row.add(words.includes("@") ? { ...noOne, email: words } : { ...noOne, name: words })}>
            Add as a walk-in
          </Button>
        ) : null}
        {chosen ? <Button onClick={showAll}>Show everybody</Button> : null}
      </SpaceBetween>
    );
  return (
    <div>
      <ul className="check-in-list" aria-label="People">
        {rows.slice(0, mostRows).map((one) => (
          <PersonRow key={one.id} {...row} one={one} chosen={one.id === chosen} />
        ))}
      </ul>
      {rows.length > mostRows ? (
        <Box color="text-body-secondary" padding={{ top: "s" }}>
          {rows.length - mostRows} more: type a part of the name.
        </Box>
      ) : null}
      {chosen && !words ? (
        <Box padding={{ top: "s" }}>
          <Button onClick={showAll}>Show everybody</Button>
        </Box>
      ) : null}
    </div>
  );
}

function PersonRow({ one, chosen, ...props }: RowProps & { one: Shown; chosen: boolean }) {
  return (
    <li className="check-in-row" data-chosen={chosen || undefined}>
      <div>
        <span className="check-in-who" dir="auto">
          {one.name}
        </span>
        <Box color="text-body-secondary" fontSize="body-s">
          <span dir="auto">{[one.company, one.email].filter(Boolean).join(" · ")}</span>
        </Box>
        {one.state === "confirmed" ? null : <Status noun="registration" state={one.state} />}
        {one.seen && !one.present ? <Box fontSize="body-s">Has opened the console</Box> : null}
      </div>
      <PersonAct one={one} {...props} />
      {one.refused || (one.waiting && props.stuck) ? (
        <div className="check-in-note">
          <StatusIndicator type={one.refused ? "error" : "warning"} wrapText>
            {one.refused ?? "Not saved yet"}
          </StatusIndicator>
        </div>
      ) : null}
    </li>
  );
}

function PersonAct({ one, phase, timeZone, pending, press, admit, add }: Omit<RowProps, "stuck"> & { one: Shown }) {
  if (one.state === "attended" || one.state === "no_show") return <div />;
  if (one.present)
    return (
      <SpaceBetween size="xxs" alignItems="end">
        {one.waiting ? (
          <StatusIndicator type="in-progress">Saving</StatusIndicator>
        ) : (
          <StatusIndicator type="success">{one.at ? timeText(one.at, timeZone) : "Here"}</StatusIndicator>
        )}
        <Button
          variant="inline-link"
          ariaLabel={`Undo the check-in of ${one.name}`}
          disabled={phase !== "now"}
          onClick={() => press(one, false)}
        >
          Undo
        </Button>
      </SpaceBetween>
    );
  if (one.state === "confirmed")
    return (
      <Button
        variant="primary"
        ariaLabel={`Check in ${one.name}`}
        disabled={phase !== "now"}
        onClick={() => press(one, true)}
      >
        Check in
      </Button>
    );
  if (ended.includes(one.state))
    return (
      <Button
        ariaLabel={`Walk-in: add ${one.name}`}
        disabled={phase !== "now"}
        onClick={() => add({ name: one.name, email: one.email ?? "", company: one.company ?? "" })}
      >
        Walk-in
      </Button>
    );
  return (
    <Button ariaLabel={`Let in ${one.name}`} disabled={phase !== "now"} loading={pending} onClick={() => admit(one)}>
      Let in
    </Button>
  );
}
