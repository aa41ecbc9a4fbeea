"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import DatePicker from "@cloudscape-design/components/date-picker";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import Modal from "@cloudscape-design/components/modal";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useMemo, useState } from "react";
import { createInvite, revokeInvite } from "@/app/(console)/workshops/actions";
import { useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import { Status, type StatusOf, statusOptions, statusWord } from "@/components/status";
import { type Column, DataTable } from "@/components/table";
import { Moment, rangeText } from "@/components/times";
import "@/components/workshops/workshops.css";
import { consolePaths } from "@/server/paths";
import type { WorkshopView } from "@/server/workshops/views";

/** An invite as the screens show it: plain values. */
export type InviteView = {
  id: string;
  owner: string;
  customer: string | null;
  note: string;
  seatLimit: number | null;
  expiresAt: string | null;
  revokeReason: string | null;
  opened: number;
  registered: number;
  waitlisted: number;
  confirmed: number;
  state: StatusOf<"invite">;
  /** For its owner only. */
  link: string | null;
};

export type InvitedWorkshop = Pick<
  WorkshopView,
  "id" | "title" | "abstract" | "place" | "link" | "startsAt" | "endsAt" | "timeZone" | "state" | "accountManagers"
>;

/** A text that an account manager can paste into a mail of their own. */
export function readyText(workshop: Omit<InvitedWorkshop, "accountManagers" | "state" | "id">, link: string): string {
  const { title, abstract, place, startsAt, endsAt, timeZone } = workshop;
  const when = startsAt && endsAt ? rangeText(startsAt, endsAt, timeZone) : null;
  const facts = [when && `When: ${when}`, (place || workshop.link) && `Where: ${place || "online"}`].filter(Boolean);
  return [
    `I'd like to invite you to ${title}.`,
    abstract,
    facts.join("\n"),
    `See what it is about and register here:\n${link}`,
  ]
    .filter(Boolean)
    .join("\n\n");
}

export function CopyLink({ link, label }: { link: string; label: string }) {
  return (
    <CopyToClipboard
      textToCopy={link}
      copyButtonText="Copy link"
      copyButtonAriaLabel={label}
      copySuccessText="Link copied"
      copyErrorText="The link could not be copied: select it by hand"
    />
  );
}

type Props = { workshop: InvitedWorkshop; invites: InviteView[]; mine: { memberId: string; manager: boolean } };

/** The links of a workshop: whose, for whom, how far they carried. */
export function InvitationsTab({ workshop, invites, mine }: Props) {
  const { run, pending } = useAction();
  const [text, setText] = useState<InviteView | null>(null);
  const [revoking, setRevoking] = useState<InviteView | null>(null);
  const [reason, setReason] = useState("");
  const [adding, setAdding] = useState(false);
  const columns = useMemo(() => columnsFor(workshop, mine.manager, setText, setRevoking), [workshop, mine.manager]);
  const over = ["closing", "closed", "cancelled"].includes(workshop.state);
  const owners = workshop.accountManagers.filter((one) => !mine.manager || one.memberId === mine.memberId);
  const whyNot = over
    ? "Nobody can register for this workshop any more."
    : owners.length === 0
      ? "No account manager invites yet. Choose who invites first."
      : null;
  const add = (
    <Button
      onClick={() => setAdding(true)}
      disabled={whyNot !== null}
      disabledReason={whyNot ?? undefined}
      iconName="add-plus"
    >
      Add a link
    </Button>
  );
  return (
    <SpaceBetween size="l">
      {workshop.state === "draft" ? (
        <Alert type="info">
          The links work once registration is open. Then each account manager gets their own by mail, with a ready text
          to forward.
        </Alert>
      ) : null}
      <DataTable
        id="invites"
        title="Invitation links"
        description="Each is attributed to one account manager; who registers through it is theirs to look after."
        items={invites}
        columns={columns}
        rowId={(row) => row.id}
        sort={mine.manager ? "customer" : "owner"}
        placeholder="Find by account manager or customer"
        actions={add}
        empty={{
          title: "No link yet",
          text: owners.length > 0 ? "Links are made when registration opens." : "No account manager invites yet.",
          action:
            owners.length === 0 ? (
              <Link href={consolePaths.editWorkshop(workshop.id, "people")}>Choose who invites</Link>
            ) : (
              add
            ),
        }}
      />
      {text?.link ? <ReadyText text={readyText(workshop, text.link)} onDismiss={() => setText(null)} /> : null}
      {adding ? (
        <AddInvite workshopId={workshop.id} owners={owners} mine={mine} onDismiss={() => setAdding(false)} />
      ) : null}
      <Confirm
        visible={revoking !== null}
        title="Revoke this link?"
        loses={`Whoever opens it is told that it was revoked, and who has not confirmed yet cannot any more. ${revoking?.confirmed ?? 0} taken seats stay taken.`}
        label="Revoke the link"
        pending={pending}
        onConfirm={async () => {
          const invite = revoking;
          if (!invite) return;
          const answer = await run(() => revokeInvite({ inviteId: invite.id, reason }), {
            done: "The link is revoked.",
          });
          if (answer && !answer.ok && answer.code === "invalid") return;
          setRevoking(null);
          setReason("");
        }}
        onDismiss={() => setRevoking(null)}
      >
        <FormField label="Why" description="For the team, kept with the link. No names.">
          <Input value={reason} onChange={({ detail }) => setReason(detail.value)} />
        </FormField>
      </Confirm>
    </SpaceBetween>
  );
}

function columnsFor(
  workshop: InvitedWorkshop,
  ownOnly: boolean,
  onText: (row: InviteView) => void,
  onRevoke: (row: InviteView) => void,
): Column<InviteView>[] {
  const registrations = consolePaths.workshop(workshop.id, "registrations");
  const count = (id: "opened" | "registered" | "confirmed" | "waitlisted", header: string): Column<InviteView> => ({
    id,
    header,
    minWidth: 80,
    value: (row) => row[id],
    cell: (row) =>
      id === "opened" || row[id] === 0 ? (
        row[id]
      ) : (
        <Link
          href={`${registrations}?f=${encodeURIComponent(`invitedBy=${row.owner}`)}`}
          ariaLabel={`${row[id]} ${header.toLowerCase()}: see who`}
        >
          {row[id]}
        </Link>
      ),
  });
  return [
    {
      id: "owner",
      header: "Account manager",
      rowHeader: !ownOnly,
      hidden: ownOnly,
      minWidth: 130,
      value: (row) => row.owner,
      filter: { label: "Account manager" },
      cell: (row) => row.owner,
    },
    {
      id: "customer",
      header: "For",
      rowHeader: ownOnly,
      minWidth: 130,
      value: (row) => row.customer ?? "Everybody",
      filter: { label: "Customer" },
      cell: (row) => (
        <>
          {row.customer ?? "Everybody"}
          {row.note ? (
            <Box color="text-body-secondary" fontSize="body-s">
              {row.note}
            </Box>
          ) : null}
        </>
      ),
    },
    {
      id: "acts",
      header: "Link",
      minWidth: 190,
      cell: (row) => (
        <SpaceBetween direction="horizontal" size="xs" alignItems="center">
          {row.link ? (
            <CopyLink link={row.link} label={`Copy the link for ${row.customer ?? "everybody"}`} />
          ) : row.state === "revoked" ? null : (
            <Box color="text-body-secondary" fontSize="body-s">
              {row.owner} can copy it
            </Box>
          )}
          {row.state === "revoked" ? null : (
            <ButtonDropdown
              variant="inline-icon"
              expandToViewport
              ariaLabel={`Acts on the link of ${row.owner} for ${row.customer ?? "everybody"}`}
              items={[
                ...(row.link ? [{ id: "text", text: "Ready text to forward" }] : []),
                { id: "revoke", text: "Revoke" },
              ]}
              onItemClick={({ detail }) => (detail.id === "text" ? onText(row) : onRevoke(row))}
            />
          )}
        </SpaceBetween>
      ),
    },
    {
      id: "state",
      header: "State",
      minWidth: 120,
      value: (row) => statusWord("invite", row.state),
      filter: { label: "State", options: statusOptions("invite") },
      cell: (row) => (
        <>
          <Status noun="invite" state={row.state} />
          {row.revokeReason ? (
            <Box color="text-body-secondary" fontSize="body-s">
              {row.revokeReason}
            </Box>
          ) : null}
        </>
      ),
    },
    count("opened", "Opened"),
    count("registered", "Registered"),
    count("confirmed", "Seats"),
    {
      id: "limit",
      header: "Limit",
      minWidth: 80,
      value: (row) => row.seatLimit,
      cell: (row) => row.seatLimit ?? "None",
    },
    {
      id: "expires",
      header: "Expires",
      minWidth: 140,
      value: (row) => row.expiresAt,
      cell: (row) => (row.expiresAt ? <Moment at={row.expiresAt} timeZone={workshop.timeZone} /> : "With the workshop"),
    },
  ];
}

export function ReadyText({ text, onDismiss }: { text: string; onDismiss: () => void }) {
  return (
    <Dialog
      title="A text to forward"
      onDismiss={onDismiss}
      footer={
        <CopyToClipboard
          variant="button"
          textToCopy={text}
          copyButtonText="Copy the text"
          copySuccessText="Text copied"
          copyErrorText="The text could not be copied: select it by hand"
        />
      }
    >
      <pre className="invite-text">{text}</pre>
    </Dialog>
  );
}

function Dialog(props: { title: string; onDismiss: () => void; footer: ReactNode; children: ReactNode }) {
  return (
    <Modal
      visible
      onDismiss={props.onDismiss}
      header={props.title}
      closeAriaLabel="Close"
      footer={<Box float="right">{props.footer}</Box>}
    >
      {props.children}
    </Modal>
  );
}

function AddInvite(props: {
  workshopId: string;
  owners: { memberId: string; name: string }[];
  mine: Props["mine"];
  onDismiss: () => void;
}) {
  const { run, pending } = useAction();
  const { owners, mine, workshopId, onDismiss } = props;
  const [memberId, setMemberId] = useState(owners.length === 1 ? owners[0]?.memberId : undefined);
  const [customerName, setCustomerName] = useState("");
  const [seatLimit, setSeatLimit] = useState("");
  const [expires, setExpires] = useState("");
  const [note, setNote] = useState("");
  const [fields, setFields] = useState<Record<string, string>>({});
  const options = owners.map((one) => ({ value: one.memberId, label: one.name }));
  const make = async () => {
    const answer = await run(
      () =>
        createInvite({
          workshopId,
          memberId: mine.manager ? undefined : memberId,
          customerName: customerName.trim() || undefined,
          seatLimit: seatLimit.trim() === "" ? null : Number(seatLimit),
          expiresOn: expires || null,
          note: note.trim() || undefined,
        }),
      { done: "The link is made.", quiet: ["invalid", "conflict"] },
    );
    if (answer?.ok) return onDismiss();
    if (answer) setFields(Object.keys(answer.fields).length > 0 ? answer.fields : { customerName: answer.message });
  };
  return (
    <Dialog
      title="Add a link"
      onDismiss={onDismiss}
      footer={
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="link" onClick={onDismiss}>
            Back
          </Button>
          <Button variant="primary" onClick={make} loading={pending}>
            Make the link
          </Button>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="m">
        {mine.manager ? null : (
          <FormField label="Whose link" errorText={fields.memberId}>
            <Select
              selectedOption={options.find((one) => one.value === memberId) ?? null}
              options={options}
              placeholder="Choose an account manager"
              onChange={({ detail }) => setMemberId(detail.selectedOption.value)}
            />
          </FormField>
        )}
        <FormField
          label="Customer"
          description="A company, no person. Who registers through the link counts for it."
          errorText={fields.customerName}
        >
          <Input value={customerName} onChange={({ detail }) => setCustomerName(detail.value)} />
        </FormField>
        <FormField label="Seat limit" description="Empty for none" errorText={fields.seatLimit}>
          <Input value={seatLimit} inputMode="numeric" onChange={({ detail }) => setSeatLimit(detail.value)} />
        </FormField>
        <FormField
          label="Works until the end of"
          description="Empty for as long as people can register"
          errorText={fields.expiresAt ?? fields.expiresOn}
        >
          <DatePicker value={expires} placeholder="YYYY/MM/DD" onChange={({ detail }) => setExpires(detail.value)} />
        </FormField>
        <FormField label="Note" description="For the team. No names." errorText={fields.note}>
          <Input value={note} onChange={({ detail }) => setNote(detail.value)} />
        </FormField>
      </SpaceBetween>
    </Dialog>
  );
}
