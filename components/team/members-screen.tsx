"use client";

import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo, useState } from "react";
import { removeMember } from "@/app/(console)/team/members/actions";
import { useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import { Page } from "@/components/shell/page";
import { roleWords } from "@/components/status";
import { type Column, DataTable } from "@/components/table";
import { AddMember, ChangeRole } from "@/components/team/member-forms";
import { dayText, useReaderZone } from "@/components/times";
import { consolePaths } from "@/server/paths";
import type { TeamMember } from "@/server/teams/teams";

export type MemberRow = Omit<TeamMember, "since"> & { since: string };
type Act = "add" | "role" | "remove";

const lastAdmin = "The team's last admin: make somebody else an admin first";

/** Members with their roles; an admin adds, changes and removes them. */
export function MembersScreen({ members, mayEdit }: { members: MemberRow[]; mayEdit: boolean }) {
  const [asked, setAsked] = useState<{ act: Act; member: MemberRow | null } | null>(null);
  const adminNames = members.filter((member) => member.role === "admin").map((member) => member.name);
  const admins = adminNames.length;
  const close = () => setAsked(null);

  const columns = useMemo(
    () => columnsOf(mayEdit ? { lone: admins === 1, choose: (member, act) => setAsked({ act, member }) } : null),
    [mayEdit, admins],
  );

  return (
    <Page title="Members" crumbs={[{ text: "Team", href: consolePaths.members() }]} description={<Roles />}>
      <DataTable
        id="members"
        title="Members"
        items={members}
        columns={columns}
        rowId={(row) => row.memberId}
        sort="name"
        placeholder="Find by name, address or role"
        empty={{ title: "Nobody is a member yet" }}
        actions={
          <Button
            variant="primary"
            disabled={!mayEdit}
            disabledReason={`Only an admin adds members: ask ${adminNames.join(" or ")}.`}
            onClick={() => setAsked({ act: "add", member: null })}
          >
            Add member
          </Button>
        }
      />
      {asked?.act === "add" ? <AddMember onClose={close} /> : null}
      {asked?.act === "role" && asked.member ? <ChangeRole member={asked.member} onClose={close} /> : null}
      {asked?.act === "remove" && asked.member ? <RemoveMember member={asked.member} onClose={close} /> : null}
    </Page>
  );
}

type Acts = {
  /** Whether the team has one admin only. */ lone: boolean;
  choose: (member: MemberRow, act: Act) => void;
};

function columnsOf(acts: Acts | null): Column<MemberRow>[] {
  const columns: Column<MemberRow>[] = [
    {
      id: "name",
      personal: true,
      header: "Name",
      rowHeader: true,
      value: (row) => row.name,
      cell: (row) => (
        <>
          {row.name} {row.isYou ? <Badge color="blue">You</Badge> : null}
        </>
      ),
    },
    {
      id: "email",
      personal: true,
      header: "E-mail",
      value: (row) => row.email,
      cell: (row) => <Link href={`mailto:${row.email}`}>{row.email}</Link>,
    },
    {
      id: "role",
      header: "Role",
      value: (row) => roleWords[row.role],
      filter: {
        label: "Role",
        options: Object.entries(roleWords).map(([value, label]) => ({ value, label })),
      },
      cell: (row) => roleWords[row.role],
    },
    {
      id: "workshops",
      header: "Workshops not over",
      value: (row) => row.liveWorkshops,
      cell: (row) => row.liveWorkshops || "None",
    },
    { id: "since", header: "Member since", value: (row) => row.since, cell: (row) => <Since at={row.since} /> },
  ];
  if (acts)
    columns.push({
      id: "actions",
      header: "Actions",
      cell: (row) => (
        <MemberActions
          member={row}
          last={row.role === "admin" && acts.lone}
          onChoose={(act) => acts.choose(row, act)}
        />
      ),
    });
  return columns;
}

/** The day on the reader's clock. */
function Since({ at }: { at: string }) {
  return dayText(at, useReaderZone() ?? "UTC");
}

function Roles() {
  return (
    <>
      An <b>account manager</b> invites customers and sees their own people. A <b>solutions architect</b> prepares and
      runs workshops. An <b>admin</b> does that too, and keeps the pool, the members and the settings.
    </>
  );
}

type ActionsProps = { member: MemberRow; last: boolean; onChoose: (act: Act) => void };

function MemberActions({ member, last, onChoose }: ActionsProps) {
  const reason = last ? { disabled: true, disabledReason: lastAdmin } : {};
  return (
    <ButtonDropdown
      variant="icon"
      ariaLabel={`Actions for ${member.name}`}
      expandToViewport
      items={[
        { id: "role", text: "Change role", ...reason },
        { id: "remove", text: "Remove from the team", ...reason },
      ]}
      onItemClick={({ detail }) => onChoose(detail.id as Act)}
    />
  );
}

function RemoveMember({ member, onClose }: { member: MemberRow; onClose: () => void }) {
  const { run, pending } = useAction();
  const { liveWorkshops } = member;
  const workshops = liveWorkshops === 1 ? "one workshop" : `${liveWorkshops} workshops`;
  return (
    <Confirm
      visible
      title={member.isYou ? "Leave the team?" : `Remove ${member.name} from the team?`}
      label={member.isYou ? "Leave the team" : "Remove"}
      pending={pending}
      onDismiss={onClose}
      onConfirm={async () => {
        const done = `${member.name} is no longer a member of the team.`;
        if ((await run(() => removeMember({ memberId: member.memberId }), { done }))?.ok) onClose();
      }}
      loses={
        <SpaceBetween size="xs">
          <Box>
            {member.isYou ? "You lose" : `${member.name} loses`} access to this team at once. Their links keep working,
            and what they did stays in the history.
          </Box>
          {liveWorkshops > 0 ? (
            <Box variant="strong">
              They present or invite to {workshops} that {liveWorkshops === 1 ? "is" : "are"} not over: give{" "}
              {liveWorkshops === 1 ? "it" : "them"} to somebody else.
            </Box>
          ) : null}
        </SpaceBetween>
      }
    >
      Adding them again with the same address brings the same member back.
    </Confirm>
  );
}
