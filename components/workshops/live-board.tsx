"use client";

import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Toggle from "@cloudscape-design/components/toggle";
import { useRef, useState } from "react";
import { extendWorkshop, swapAccount } from "@/app/(console)/workshops/actions";
import { useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import { LeaseMarks } from "@/components/profiles/lease-marks";
import { Status, type StatusOf } from "@/components/status";
import { Moment, timeText } from "@/components/times";
import { LostAccess, usePeopleActs } from "@/components/workshops/people-acts";
import { Trouble } from "@/components/workshops/sandboxes-tab";
import { consolePaths } from "@/server/paths";
import { leaseStatesBeforeClosing } from "@/server/sandboxes/lifecycle";
import type { LiveRow, WorkshopView } from "@/server/workshops/views";
import "@/components/workshops/live-board.css";
import "@/components/workshops/workshops.css";

type Board = Pick<WorkshopView, "id" | "timeZone" | "startsAt" | "endsAt" | "nextAutomatic"> & { sandbox: boolean };
type Act = (name: string, person: { registrationId: string; name: string }) => void;
type Swap = (row: LiveRow) => void;

/** How far somebody has come, from 0 (registered) to 2 (opened the console). */
function progressOf(row: LiveRow): number {
  if (row.consoleOpenedAt) return 2;
  return row.enteredAt || row.checkedInAt ? 1 : 0;
}

const mayReplace = (row: LiveRow) => (leaseStatesBeforeClosing as readonly string[]).includes(row.lease?.state ?? "");

/** Somebody may be in the account, and cannot go on as they should. */
const held = ({ lease }: LiveRow) => lease?.stack?.state === "failed" || Boolean(lease?.frozenAt);
const failed = (row: LiveRow) => row.lease?.state === "failed" || Boolean(row.lease?.lastError);

/** One row for each attendee while a workshop is open; made to be seen from the back of a room and held in a hand. */
export function LiveBoard({ workshop, rows }: { workshop: Board; rows: LiveRow[] }) {
  const { act, dialogs } = usePeopleActs();
  const { run, pending } = useAction();
  const [stuckOnly, setStuckOnly] = useState(false);
  const [swapping, setSwapping] = useState<LiveRow | null>(null);
  const board = useRef<HTMLDivElement>(null);
  const attendees = rows.filter((row) => row.holder === "registration");
  const others = rows.filter((row) => row.holder !== "registration");
  const entered = attendees.filter((row) => progressOf(row) >= 1).length;
  const inConsole = attendees.filter((row) => progressOf(row) >= 2).length;
  const stuck = attendees.filter(
    (row) =>
      failed(row) || held(row) || row.lostAccess !== null || progressOf(row) === 0 || (workshop.sandbox && !row.lease),
  );
  const shown = stuckOnly ? stuck : attendees;
  return (
    <div ref={board} className="live-board">
      <SpaceBetween size="l">
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs" alignItems="center">
              <Toggle checked={stuckOnly} onChange={({ detail }) => setStuckOnly(detail.checked)}>
                Only who may need help ({stuck.length})
              </Toggle>
              <Button iconName="full-screen" onClick={() => void board.current?.requestFullscreen?.()}>
                Full screen
              </Button>
              <Button href={consolePaths.checkIn(workshop.id)}>Check-in and late-comers</Button>
              <Button
                loading={pending}
                onClick={() =>
                  void run(() => extendWorkshop({ workshopId: workshop.id, minutes: 30 }), {
                    done: "The end is 30 minutes later.",
                  })
                }
              >
                Extend by 30 minutes
              </Button>
            </SpaceBetween>
          }
          description={
            workshop.nextAutomatic ? (
              <>
                Closes by itself <Moment at={workshop.nextAutomatic.at} timeZone={workshop.timeZone} />. A late-comer is
                written down at check-in, or registers through a link, and gets an account at once.
              </>
            ) : (
              "Closes by hand only. A late-comer is written down at check-in, or registers through a link, and gets an account at once."
            )
          }
        >
          In the room
        </Header>
        <KeyValuePairs
          columns={4}
          items={[
            { label: "Confirmed", value: <Box fontSize="display-l">{attendees.length}</Box> },
            { label: "Entered", value: <Box fontSize="display-l">{entered}</Box> },
            ...(workshop.sandbox
              ? [
                  { label: "Opened the console", value: <Box fontSize="display-l">{inConsole}</Box> },
                  {
                    label: "Accounts ready",
                    value: (
                      <Box fontSize="display-l">
                        {attendees.filter((row) => row.lease?.state === "ready" && !held(row)).length}/
                        {attendees.length}
                      </Box>
                    ),
                  },
                ]
              : []),
          ]}
        />
        {attendees.length === 0 ? (
          <Box color="text-body-secondary">
            Nobody has confirmed. Whoever registers now gets an account at once and shows up here.
          </Box>
        ) : shown.length === 0 ? (
          <StatusIndicator type="success">Everybody is in, and every account works</StatusIndicator>
        ) : null}
        <ul className="live-rows">
          {shown.map((row) => (
            <Row key={row.registrationId} row={row} workshop={workshop} act={act} swap={setSwapping} />
          ))}
        </ul>
        {others.length > 0 && !stuckOnly ? (
          <SpaceBetween size="xs">
            <Header variant="h3">Presenters and rehearsals</Header>
            <ul className="live-rows">
              {others.map((row) => (
                <Row key={row.lease?.id ?? row.name} row={row} workshop={workshop} act={act} swap={setSwapping} />
              ))}
            </ul>
          </SpaceBetween>
        ) : null}
      </SpaceBetween>
      {dialogs}
      <SwapDialog row={swapping} onDone={() => setSwapping(null)} />
    </div>
  );
}

/** The second step before an account is replaced: everything in the old one is lost. */
function SwapDialog({ row, onDone }: { row: LiveRow | null; onDone: () => void }) {
  const { run, pending } = useAction();
  const account = row?.lease?.awsAccountId ?? "";
  const leaseId = row?.lease?.id;
  return (
    <Confirm
      visible={row !== null}
      title={`Replace the account of ${row?.name ?? ""}?`}
      loses={`Everything that ${row?.name ?? ""} made in account ${account} is deleted, and its sign-in and keys stop working.`}
      label="Replace the account"
      pending={pending}
      onConfirm={async () => {
        if (leaseId)
          await run(() => swapAccount({ leaseId }), {
            done: `${row?.name ?? ""} gets another account: it is made ready now, and a mail says when it is. Account ${account} is emptied.`,
          });
        onDone();
      }}
      onDismiss={onDone}
    >
      Another account of the pool takes its place. It is empty, and ready in about a minute.
    </Confirm>
  );
}

const stations = ["Registered", "Entered", "Console"] as const;

function Row({ row, workshop, act, swap }: { row: LiveRow; workshop: Board; act: Act; swap: Swap }) {
  const progress = progressOf(row);
  const { registrationId, name } = row;
  const times = [null, row.enteredAt ?? row.checkedInAt, row.consoleOpenedAt];
  return (
    <li className="live-row" data-trouble={failed(row) || held(row) || row.lostAccess !== null || undefined}>
      <div className="live-who">
        <span className="live-name">{name}</span>
        <Box color="text-body-secondary" fontSize="body-s">
          {row.company ?? (row.holder === "presenter" ? "Presenter" : row.holder === "rehearsal" ? "Rehearsal" : "")}
        </Box>
      </div>
      {row.holder === "registration" ? (
        <ol className="live-way" aria-label={`${name}: ${stations[progress]}`}>
          {stations.slice(0, workshop.sandbox ? 3 : 2).map((station, index) => (
            <li key={station} data-done={index <= progress || undefined}>
              {station}
              {times[index] && index <= progress ? (
                <span className="live-time"> {timeText(times[index], workshop.timeZone)}</span>
              ) : null}
            </li>
          ))}
        </ol>
      ) : (
        <div />
      )}
      <div className="live-account">
        {row.lease ? (
          <SpaceBetween size="xxs">
            <Box variant="code">{row.lease.awsAccountId}</Box>
            <Status noun="lease" state={row.lease.state as StatusOf<"lease">} />
            <LeaseMarks lease={row.lease} />
            {failed(row) ? <Trouble row={row} /> : null}
          </SpaceBetween>
        ) : workshop.sandbox ? (
          <Badge color="severity-medium">Waiting for an account</Badge>
        ) : null}
        {row.lostAccess ? <LostAccess lost={row.lostAccess} mayHelp /> : null}
      </div>
      <div className="live-acts">
        {registrationId ? (
          <ButtonDropdown
            expandToViewport
            variant="icon"
            ariaLabel={`Acts on ${name}`}
            onItemClick={({ detail }) => {
              if (detail.id === "swap") swap(row);
              else act(detail.id, { registrationId, name });
            }}
            items={[
              row.checkedInAt
                ? { id: "undo-check-in", text: "Take the check-in back" }
                : { id: "check-in", text: "Check in" },
              { id: "code", text: "Make a one-time code" },
              {
                id: "send-access",
                text: "Send access again",
                disabled: row.lease?.state !== "ready",
                disabledReason: "The account is not ready yet",
              },
              { id: "address", text: "Correct the address" },
              ...(workshop.sandbox
                ? [
                    {
                      id: "swap",
                      text: "Replace the account",
                      disabled: !mayReplace(row),
                      disabledReason: row.lease ? "It is being taken back" : "There is no account to replace yet",
                    },
                  ]
                : []),
            ]}
          />
        ) : null}
      </div>
    </li>
  );
}
