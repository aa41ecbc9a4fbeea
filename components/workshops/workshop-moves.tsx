"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown, { type ButtonDropdownProps } from "@cloudscape-design/components/button-dropdown";
import DatePicker from "@cloudscape-design/components/date-picker";
import FormField from "@cloudscape-design/components/form-field";
import Link from "@cloudscape-design/components/link";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import * as acts from "@/app/(console)/workshops/actions";
import { type Answer, useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import { useFlash } from "@/components/flash";
import { useNavigation } from "@/components/shell/links";
import { consolePaths } from "@/server/paths";
import type { MoveName } from "@/server/workshops/lifecycle";
import type { MoveView, WorkshopView } from "@/server/workshops/views";

const moveActs: Record<MoveName, (input: { workshopId: string; acceptMissing?: number }) => Promise<Answer<unknown>>> =
  {
    openRegistration: acts.openRegistration,
    pause: acts.pauseRegistration,
    resume: acts.resumeRegistration,
    open: acts.openWorkshop,
    close: acts.closeWorkshop,
    cancel: acts.cancelWorkshop,
  };

const doneTexts: Record<MoveName, string> = {
  openRegistration: "Registration is open. The account managers get their links by mail.",
  pause: "Registration is paused.",
  resume: "Registration goes on.",
  open: "The workshop is open. Accounts are being prepared.",
  close: "Closing has started: access goes first, then each account is emptied.",
  cancel: "The workshop is cancelled.",
};

/** Where a move leads: the screen on which one watches what it started. */
const leadsTo: Partial<Record<MoveName, "live" | "closing">> = { open: "live", close: "closing" };

/** The one next action, the rest in a menu, and the second step of each that needs one. */
export function WorkshopMoves({ workshop, maySandbox }: { workshop: WorkshopView; maySandbox: boolean }) {
  const { run, pending } = useAction();
  const { leave } = useNavigation();
  const flash = useFlash();
  const [asked, setAsked] = useState<MoveView | null>(null);
  const [fewer, setFewer] = useState<string | null>(null);
  const [short, setShort] = useState<{ message: string; missing: number } | null>(null);
  const [duplicating, setDuplicating] = useState(false);
  const workshopId = workshop.id;
  const { next } = workshop;

  const follow = (name: MoveName) => {
    const tab = leadsTo[name];
    if (tab && maySandbox && workshop.sandboxProfile) leave(consolePaths.workshop(workshopId, tab));
  };
  const make = async (move: MoveView, accepted?: number) => {
    // The points that are open stood in the question: so many missing accounts were seen, and no more.
    const seen = move.guards.find((guard) => guard.missing)?.missing;
    const input = move.name === "openRegistration" ? { workshopId, acceptMissing: accepted ?? seen } : { workshopId };
    const asks = move.name === "open" || move.name === "openRegistration";
    const answer = await run(() => moveActs[move.name](input), {
      done: doneTexts[move.name],
      quiet: asks ? ["not_ready"] : [],
    });
    setShort(null);
    if (answer && !answer.ok && answer.reason === "too_few_accounts") setFewer(answer.message);
    else if (answer && !answer.ok && answer.reason === "overcommitted")
      setShort({ message: answer.message, missing: answer.missing ?? 0 });
    else if (answer && !answer.ok && asks && answer.code === "not_ready")
      flash.add({ type: "error", content: answer.message });
    setAsked(null);
    if (answer?.ok) follow(move.name);
  };
  const choose = (move: MoveView) => (move.loses ? setAsked(move) : void make(move));

  const others = workshop.moves.filter((move) => move.name !== next?.name);
  const items: ButtonDropdownProps.Items = [
    ...others.map((move) => ({
      id: move.name,
      text: move.label,
      disabled: !move.allowed,
      disabledReason: move.reason ?? undefined,
    })),
    ...(workshop.state === "open" && workshop.mayMove ? [{ id: "extend", text: "Extend by 30 minutes" }] : []),
    ...(workshop.mayEdit ? [{ id: "edit", text: "Change", href: consolePaths.editWorkshop(workshopId) }] : []),
    ...(workshop.mayMove ? [{ id: "duplicate", text: "Duplicate" }] : []),
    { id: "preview", text: "View as attendee", href: consolePaths.previewAttendee(workshopId) },
  ];
  const onItem = (id: string) => {
    const move = others.find((one) => one.name === id);
    if (move) choose(move);
    if (id === "duplicate") setDuplicating(true);
    if (id === "extend")
      void run(() => acts.extendWorkshop({ workshopId, minutes: 30 }), { done: "The end is 30 minutes later." });
  };

  const people = workshop.counts.confirmed + workshop.counts.waitlisted;
  return (
    <>
      <SpaceBetween direction="horizontal" size="xs">
        <ButtonDropdown items={items} onItemClick={({ detail }) => onItem(detail.id)}>
          More
        </ButtonDropdown>
        {next ? (
          <Button
            variant="primary"
            disabled={!next.allowed}
            disabledReason={next.reason ?? undefined}
            loading={pending}
            onClick={() => choose(next)}
          >
            {next.label}
          </Button>
        ) : null}
      </SpaceBetween>
      <Confirm
        visible={asked !== null}
        title={asked ? `${asked.label}: ${workshop.title}` : ""}
        loses={asked?.loses}
        label={asked?.label ?? ""}
        typed={asked?.name === "cancel" && people > 0 ? workshop.title : undefined}
        pending={pending}
        onConfirm={() => asked && void make(asked)}
        onDismiss={() => setAsked(null)}
      >
        {asked ? <Open checklist={asked} /> : null}
      </Confirm>
      <Confirm
        visible={fewer !== null}
        title="Too few accounts for everybody"
        loses={fewer}
        label="Open with fewer"
        pending={pending}
        onConfirm={async () => {
          const answer = await run(() => acts.openWorkshop({ workshopId, acceptFewer: true }), {
            done: doneTexts.open,
          });
          setFewer(null);
          if (answer?.ok) follow("open");
        }}
        onDismiss={() => setFewer(null)}
      >
        <Link href={consolePaths.pool()}>See the pool</Link>
      </Confirm>
      <Confirm
        visible={short !== null}
        title="Too few accounts on these dates"
        loses={short?.message}
        label="Open registration all the same"
        pending={pending}
        onConfirm={() => next && void make(next, short?.missing)}
        onDismiss={() => setShort(null)}
      >
        <Link href={calendarOf(next)}>See the calendar</Link>
      </Confirm>
      {duplicating ? <Duplicate workshop={workshop} onDismiss={() => setDuplicating(false)} /> : null}
    </>
  );
}

/** Where the calendar of the pool shows the dates that a move is about. */
function calendarOf(move: MoveView | null): string {
  return move?.guards.find((guard) => guard.missing)?.fix?.href ?? consolePaths.poolCalendar();
}

/** The points of a checklist that are open, in a confirmation. */
function Open({ checklist }: { checklist: MoveView }) {
  const open = checklist.guards.filter((guard) => !guard.ok);
  if (open.length === 0) return null;
  return (
    <SpaceBetween size="xs">
      {open.map((guard) => (
        <StatusIndicator type="warning" key={guard.id} wrapText>
          {guard.text}
          {guard.fix && guard.missing ? (
            <>
              {" · "}
              <Link href={guard.fix.href}>{guard.fix.label}</Link>
            </>
          ) : null}
        </StatusIndicator>
      ))}
    </SpaceBetween>
  );
}

function Duplicate({ workshop, onDismiss }: { workshop: WorkshopView; onDismiss: () => void }) {
  const { run, pending } = useAction();
  const { leave } = useNavigation();
  const [date, setDate] = useState("");
  const [problem, setProblem] = useState<string>();
  const make = async () => {
    const answer = await run(() => acts.duplicateWorkshop({ workshopId: workshop.id, startsOn: date || null }), {
      done: "The draft is made, with everything but the people who registered.",
      quiet: ["invalid"],
    });
    if (answer?.ok) {
      onDismiss();
      leave(consolePaths.workshop(answer.value.id));
    } else if (answer?.code === "invalid") setProblem(answer.message);
  };
  return (
    <Modal
      visible
      onDismiss={onDismiss}
      header={`Duplicate ${workshop.title}`}
      closeAriaLabel="Close"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onDismiss}>
              Back
            </Button>
            <Button variant="primary" loading={pending} onClick={make}>
              Make a draft
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <FormField
        label="First day of the new one"
        description="The times stay as they are on the workshop's clock. It can be left open."
        errorText={problem}
      >
        <DatePicker value={date} placeholder="YYYY/MM/DD" onChange={({ detail }) => setDate(detail.value)} />
      </FormField>
    </Modal>
  );
}

/** Why the next action cannot be done yet, with the link that helps; nothing when it can. */
export function NextObstacle({ workshop }: { workshop: WorkshopView }) {
  const { next } = workshop;
  if (!next || next.allowed) return null;
  const missing = next.guards.filter((guard) => guard.blocking && !guard.ok);
  const fix = missing.find((guard) => guard.fix)?.fix;
  return (
    <StatusIndicator type="warning" wrapText>
      {next.label}: {missing.length > 0 ? missing.map((guard) => guard.text).join(", ") : next.reason}
      {fix ? (
        <>
          {" · "}
          <Link href={fix.href}>{fix.label}</Link>
        </>
      ) : null}
    </StatusIndicator>
  );
}
