"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { Status, statusOptions, statusWord } from "@/components/status";
import { type Column, DataTable } from "@/components/table";
import { momentText } from "@/components/times";
import { type Awaiting, DecideButtons, ShortPool, useDecisions } from "@/components/workshops/approvals";
import { ExportPeople } from "@/components/workshops/export-people";
import { LostAccess, usePeopleActs } from "@/components/workshops/people-acts";
import { consolePaths } from "@/server/paths";
import type { RegistrationState } from "@/server/registrations/lifecycle";
import type { LostAccessMail } from "@/server/registrations/read";
import type { WorkshopState } from "@/server/workshops/lifecycle";

/** A registration as the table shows it: plain values. */
export type PersonRow = {
  id: string;
  state: RegistrationState;
  name: string | null;
  email: string | null;
  company: string | null;
  customer: string | null;
  jobTitle: string | null;
  invitedBy: string | null;
  position: number | null;
  ordinal: number | null;
  createdAt: string;
  confirmedAt: string | null;
  checkedInAt: string | null;
  consoleOpenedAt: string | null;
  followUp: boolean;
  /** By the id of the question. */
  answers: Record<string, string | number | true>;
  lease: { id: string; state: string; account: { id: string; name: string } } | null;
  lostAccess: LostAccessMail | null;
};

type Props = {
  workshop: { id: string; title: string; state: WorkshopState; timeZone: string };
  rows: PersonRow[];
  mayHelp: boolean;
  manyInvite: boolean;
  /** What the workshop asks, as far as the member may read the answers. */
  questions: { id: string; label: string; removed: boolean }[];
  /** Whether the member may say yes or no here. */
  mayDecide: boolean;
  /** Where the pool has too few accounts for the seats: how many it has, and how many are missing. */
  short: { seats: number; capacity: number; missing: number; mayAccept: boolean } | null;
};

const live = ["unverified", "awaiting_approval", "waitlisted", "offered", "confirmed"];

/** Everybody who registered, with what became of it. */
export function RegistrationsTab(props: Props) {
  const { workshop, rows, mayHelp, manyInvite, questions, mayDecide, short } = props;
  const { act, dialogs } = usePeopleActs();
  const [selected, setSelected] = useState<PersonRow[]>([]);
  const decisions = useDecisions(workshop.id, () => setSelected([]));
  const decide = mayDecide
    ? (name: string, person: Awaiting) =>
        name === "approve" ? decisions.approve([person]) : decisions.refuse([person])
    : null;
  const columns = columnsFor(workshop, mayHelp, manyInvite, questions, (name, person) =>
    decide && (name === "approve" || name === "refuse") ? decide(name, person) : act(name, person),
  );
  const awaiting = mayDecide && rows.some((row) => row.state === "awaiting_approval");
  const canRegister = workshop.state === "registration" || workshop.state === "open";
  return (
    <>
      {short ? <ShortPool workshopId={workshop.id} short={short} /> : null}
      <DataTable
        id="registrations"
        title="Registrations"
        items={rows}
        columns={columns}
        rowId={(row) => row.id}
        sort="place"
        selection={
          awaiting
            ? { selected, onChange: setSelected, label: (row) => `Select ${row.name ?? "an anonymous registration"}` }
            : undefined
        }
        placeholder="Find by name, address, company or state"
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            {awaiting ? (
              <DecideButtons
                selected={selected.flatMap(({ id, name, state }) =>
                  state === "awaiting_approval" ? [{ registrationId: id, name: name ?? "" }] : [],
                )}
                pending={decisions.pending}
                onApprove={decisions.approve}
                onRefuse={decisions.refuse}
              />
            ) : null}
            {rows.length > 0 ? <ExportPeople workshopId={workshop.id} own={!mayHelp} /> : null}
            <Button href={consolePaths.workshop(workshop.id, "invitations")}>Invitations</Button>
          </SpaceBetween>
        }
        empty={{
          title: "Nobody has registered yet",
          text: canRegister
            ? "People register through an invitation link."
            : workshop.state === "draft"
              ? "Open registration first; then account managers get their links."
              : undefined,
          action: canRegister ? (
            <Button href={consolePaths.workshop(workshop.id, "invitations")}>See the links</Button>
          ) : undefined,
        }}
      />
      {dialogs}
      {decisions.dialogs}
    </>
  );
}

const answerText = (value: string | number | true | undefined) => (value === true ? "Yes" : (value ?? null));

/** A question as a column; what people answer is theirs, so it stays out of the address. */
function answerColumn({ id, label, removed }: Props["questions"][number]): Column<PersonRow> {
  return {
    id: `answer-${id}`,
    header: removed ? `${label} (no longer asked)` : label,
    personal: true,
    hidden: true,
    minWidth: 130,
    value: (row) => answerText(row.answers[id]),
    filter: { label },
    cell: (row) => answerText(row.answers[id]) ?? "–",
  };
}

function columnsFor(
  workshop: Props["workshop"],
  mayHelp: boolean,
  manyInvite: boolean,
  questions: Props["questions"],
  act: (name: string, person: { registrationId: string; name: string }) => void,
): Column<PersonRow>[] {
  const { timeZone } = workshop;
  const when = (at: string | null) => (at ? momentText(at, timeZone) : "–");
  return [
    {
      id: "name",
      personal: true,
      header: "Name",
      rowHeader: true,
      minWidth: 160,
      value: (row) => row.name,
      filter: { label: "Name" },
      cell: (row) => row.name ?? <Box color="text-body-secondary">Anonymous</Box>,
    },
    {
      id: "email",
      personal: true,
      header: "E-mail",
      minWidth: 190,
      value: (row) => row.email,
      filter: { label: "E-mail" },
      cell: (row) => (row.email ? <Link href={`mailto:${row.email}`}>{row.email}</Link> : "–"),
    },
    {
      id: "company",
      personal: true,
      header: "Company",
      minWidth: 130,
      value: (row) => row.customer ?? row.company,
      filter: { label: "Company" },
      cell: (row) =>
        row.customer ??
        (row.company ? <span title="As typed, not matched to a customer yet">{row.company}</span> : "–"),
    },
    {
      id: "role",
      header: "Role",
      minWidth: 110,
      value: (row) => row.jobTitle,
      filter: { label: "Role" },
      cell: (row) => row.jobTitle ?? "–",
    },
    {
      id: "state",
      header: "State",
      minWidth: 150,
      value: (row) => statusWord("registration", row.state),
      filter: { label: "State", options: statusOptions("registration") },
      cell: (row) => (
        <>
          <Status noun="registration" state={row.state} wrap>
            {row.position ? `Number ${row.position} on the waitlist` : undefined}
          </Status>
          {row.lostAccess ? <LostAccess lost={row.lostAccess} mayHelp={mayHelp} /> : null}
        </>
      ),
    },
    {
      id: "place",
      header: "Order",
      minWidth: 90,
      value: (row) => row.ordinal,
      cell: (row) => row.ordinal ?? "–",
    },
    {
      id: "invitedBy",
      header: "Invited by",
      minWidth: 120,
      hidden: !manyInvite,
      value: (row) => row.invitedBy,
      filter: { label: "Invited by" },
      cell: (row) => row.invitedBy ?? "–",
    },
    {
      id: "confirmed",
      header: "Confirmed",
      minWidth: 130,
      hidden: true,
      value: (row) => row.confirmedAt,
      cell: (row) => when(row.confirmedAt),
    },
    {
      id: "registered",
      header: "Registered",
      minWidth: 130,
      hidden: true,
      value: (row) => row.createdAt,
      cell: (row) => when(row.createdAt),
    },
    {
      id: "there",
      header: "In the room",
      minWidth: 120,
      hidden: workshop.state === "draft" || workshop.state === "registration",
      value: (row) => row.checkedInAt ?? row.consoleOpenedAt,
      cell: (row) =>
        row.checkedInAt || row.consoleOpenedAt ? (
          <StatusIndicator type="success">{when(row.checkedInAt ?? row.consoleOpenedAt)}</StatusIndicator>
        ) : (
          "–"
        ),
    },
    {
      id: "followUp",
      header: "May be followed up",
      minWidth: 110,
      hidden: true,
      value: (row) => (row.followUp ? "Yes" : "No"),
      filter: { label: "May be followed up" },
      cell: (row) => (row.followUp ? "Yes" : "No"),
    },
    ...questions.map(answerColumn),
    {
      id: "acts",
      header: "Acts",
      minWidth: 80,
      cell: (row) => <PersonActs row={row} workshop={workshop} mayHelp={mayHelp} act={act} />,
    },
  ];
}

/** Who is here while it lasts, and who came once it is over. */
function attendanceActs(row: PersonRow, state: WorkshopState) {
  if (state === "closing" || state === "closed") {
    if (!["confirmed", "attended", "no_show"].includes(row.state)) return [];
    return [
      { id: "came", text: "Came", disabled: row.state === "attended", disabledReason: "Counts as attended already" },
      {
        id: "did-not-come",
        text: "Did not come",
        disabled: row.state === "no_show",
        disabledReason: "Counts as somebody who did not come already",
      },
    ];
  }
  if (row.checkedInAt) return [{ id: "undo-check-in", text: "Take the check-in back" }];
  const disabledReason =
    state === "cancelled" ? "The workshop is cancelled" : "Only somebody with a seat can be checked in";
  return [
    { id: "check-in", text: "Check in", disabled: state === "cancelled" || row.state !== "confirmed", disabledReason },
  ];
}

function PersonActs(props: {
  row: PersonRow;
  workshop: Props["workshop"];
  mayHelp: boolean;
  act: (name: string, person: { registrationId: string; name: string }) => void;
}) {
  const { row, workshop, mayHelp, act } = props;
  const isLive = live.includes(row.state);
  const over = workshop.state === "closing" || workshop.state === "closed" || workshop.state === "cancelled";
  const why = (text: string | false) => (text ? { disabled: true, disabledReason: text } : {});
  if (row.name === null) return null;
  const name = row.name;
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <ButtonDropdown
        variant="inline-icon"
        ariaLabel={`Acts on ${name}`}
        expandToViewport
        onItemClick={({ detail }) => act(detail.id, { registrationId: row.id, name })}
        items={[
          ...(row.state === "awaiting_approval" && !over
            ? [
                { id: "approve", text: "Approve" },
                { id: "refuse", text: "Turn down" },
              ]
            : []),
          ...attendanceActs(row, workshop.state),
          ...(mayHelp
            ? [
                {
                  id: "code",
                  text: "Make a one-time code",
                  ...why(over ? "The workshop is over" : !isLive && "This registration has ended"),
                },
                {
                  id: "send-access",
                  text: "Send access again",
                  ...why(
                    workshop.state !== "open" ? "The workshop is not open" : !row.lease && "No account is lent yet",
                  ),
                },
                {
                  id: "address",
                  text: "Correct the address",
                  ...why(
                    over
                      ? "The workshop is over"
                      : !isLive
                        ? "This registration has ended"
                        : row.state === "unverified" && "They register again with the right address, by the same link",
                  ),
                },
              ]
            : []),
          {
            id: "cancel",
            text: "Cancel the registration",
            ...why(
              over
                ? "The workshop is over"
                : !isLive
                  ? "This registration has ended"
                  : row.lease !== null && "An account is lent; it is taken back when the workshop closes",
            ),
          },
        ]}
      />
    </SpaceBetween>
  );
}
