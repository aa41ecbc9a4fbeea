"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useSearchParams } from "next/navigation";
import { useMemo, useState } from "react";
import { resendInvite, revokeInvite } from "@/app/(console)/workshops/invite-actions";
import { useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import { Status, statusOptions, statusWord } from "@/components/status";
import { type Column, DataTable } from "@/components/table";
import { Moment } from "@/components/times";
import { ViewLinks } from "@/components/view-links";
import { AddInvite, EditInvite } from "@/components/workshops/invitations-tab-forms";
import { forWhom, type InviteView, kindWords, languageWords } from "@/components/workshops/invite-view";
import { QrDialog, ReadyTextDialog } from "@/components/workshops/invite-view-dialogs";
import { QuotasDialog, QuotasLine } from "@/components/workshops/quotas";
import "@/components/workshops/workshops.css";
import { inviteStates } from "@/server/invites/lifecycle";
import type { Quotas } from "@/server/invites/quotas";
import { consolePaths } from "@/server/paths";
import type { WorkshopView } from "@/server/workshops/views";

export type InvitedWorkshop = Pick<
  WorkshopView,
  "id" | "title" | "startsAt" | "endsAt" | "timeZone" | "state" | "languages"
> & {
  accountManagers: { memberId: string; name: string }[];
};

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

type Props = {
  workshop: InvitedWorkshop;
  invites: InviteView[];
  quotas: Quotas;
  mine: { memberId: string; manager: boolean };
};
type Act = "text" | "qr" | "edit" | "resend" | "revoke";
type Shown = { act: Act; invite: InviteView };

/** The links of a workshop: whose, for whom, how far they carried. */
export function InvitationsTab({ workshop, invites, quotas, mine }: Props) {
  const { run } = useAction();
  const asked = useSearchParams().get("state");
  const wanted = inviteStates.find((state) => state === asked) ?? null;
  const [shown, setShown] = useState<Shown | null>(null);
  const [open, setOpen] = useState<"add" | "quotas" | null>(null);
  const columns = useMemo(
    () =>
      columnsFor(workshop, mine.manager, (act, invite) =>
        act === "resend"
          ? run(() => resendInvite({ inviteId: invite.id }), {
              done: `The invitation for ${forWhom(invite)} is being mailed again.`,
            })
          : setShown({ act, invite }),
      ),
    [workshop, mine.manager, run],
  );
  const over = ["closing", "closed", "cancelled"].includes(workshop.state);
  const owners = workshop.accountManagers.filter((one) => !mine.manager || one.memberId === mine.memberId);
  const whyNot = over
    ? "Nobody can register for this workshop any more."
    : owners.length === 0
      ? "No account manager invites yet. Choose who invites first."
      : null;
  const why = { disabled: whyNot !== null, disabledReason: whyNot ?? undefined };
  const close = () => setShown(null);
  return (
    <SpaceBetween size="l">
      {workshop.state === "draft" ? (
        <Alert type="info">
          The links work once registration is open. Then each account manager gets their own by mail, with a ready text
          to forward.
        </Alert>
      ) : null}
      <QuotasLine quotas={quotas} onChange={() => setOpen("quotas")} />
      <Mailing invites={invites} />
      <DataTable
        id="invites"
        title="Invitation links"
        description="Each is attributed to one account manager; who registers through it is theirs to look after."
        items={wanted ? invites.filter((invite) => invite.state === wanted) : invites}
        columns={columns}
        rowId={(row) => row.id}
        sort="-made"
        placeholder="Find by address, customer, state or account manager"
        above={<StateLinks workshopId={workshop.id} invites={invites} wanted={wanted} />}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button href={consolePaths.inviteList(workshop.id)} {...why}>
              Invite a list
            </Button>
            <Button variant="primary" onClick={() => setOpen("add")} iconName="add-plus" {...why}>
              Add a link
            </Button>
          </SpaceBetween>
        }
        empty={{
          title: wanted ? "No link in this state" : "No link yet",
          text: wanted
            ? "The figures above lead to the others."
            : owners.length > 0
              ? "Links are made when registration opens."
              : "No account manager invites yet.",
          action:
            owners.length === 0 && !mine.manager ? (
              <Link href={consolePaths.editWorkshop(workshop.id, "people")}>Choose who invites</Link>
            ) : (
              <Button onClick={() => setOpen("add")} {...why}>
                Add a link
              </Button>
            ),
        }}
      />
      {shown?.act === "text" ? <ReadyTextDialog invite={shown.invite} onDismiss={close} /> : null}
      {shown?.act === "qr" && shown.invite.link ? (
        <QrDialog workshop={workshop} invite={shown.invite} link={shown.invite.link} onDismiss={close} />
      ) : null}
      {shown?.act === "edit" ? <EditInvite workshop={workshop} invite={shown.invite} onDismiss={close} /> : null}
      <Revoke invite={shown?.act === "revoke" ? shown.invite : null} onDismiss={close} />
      {open === "add" ? (
        <AddInvite
          workshop={workshop}
          owners={owners}
          mine={mine}
          shared={
            new Set(invites.flatMap((one) => (one.kind === "shared" && one.state !== "revoked" ? one.ownerId : [])))
          }
          onDismiss={() => setOpen(null)}
        />
      ) : null}
      {open === "quotas" ? (
        <QuotasDialog workshopId={workshop.id} quotas={quotas} onDismiss={() => setOpen(null)} />
      ) : null}
    </SpaceBetween>
  );
}

/** How many links are in each state; each leads to them. */
function StateLinks(props: { workshopId: string; invites: InviteView[]; wanted: string | null }) {
  const here = consolePaths.workshop(props.workshopId, "invitations");
  const counts = Map.groupBy(props.invites, (invite) => invite.state);
  const states = inviteStates.filter((state) => counts.has(state) || state === props.wanted);
  if (states.length < 2 && !props.wanted) return null;
  return (
    <ViewLinks
      label="Links by state"
      views={[
        { id: "all", href: here, text: `${props.invites.length} in all`, current: !props.wanted },
        ...states.map((state) => ({
          id: state,
          href: `${here}?state=${state}`,
          text: (
            <Status noun="invite" state={state}>
              {counts.get(state)?.length ?? 0} {statusWord("invite", state).toLowerCase()}
            </Status>
          ),
          current: state === props.wanted,
        })),
      ]}
    />
  );
}

/** While the mails of a list go out: how many have gone, and how many did not arrive. */
function Mailing({ invites }: { invites: InviteView[] }) {
  const personal = invites.filter((invite) => invite.kind === "personal" && invite.state !== "revoked");
  const waiting = personal.filter((invite) => invite.mailing).length;
  const failed = personal.filter((invite) => invite.mailProblem).length;
  const outside = personal.filter((invite) => invite.domainProblem).length;
  const total = personal.length;
  return (
    <>
      {waiting > 0 && total > 1 ? (
        <ProgressBar
          label="Invitations being mailed"
          value={(100 * (total - waiting)) / total}
          additionalInfo={`${total - waiting} of ${total} gone. They go at the pace that the mail service allows; this page need not stay open.`}
        />
      ) : null}
      {failed > 0 ? (
        <Alert type="warning" header={`${failed} ${failed === 1 ? "invitation" : "invitations"} did not arrive`}>
          Each says why under its state. Look at the address, revoke the link, and invite the right one.
        </Alert>
      ) : null}
      {outside > 0 ? (
        <Alert
          type="warning"
          header={outside === 1 ? "1 invited address cannot register" : `${outside} invited addresses cannot register`}
        >
          The workshop’s e-mail domains were narrowed after they were invited. Each says so under its state; their form
          is refused until their domain is allowed again.
        </Alert>
      ) : null}
    </>
  );
}

function Revoke({ invite, onDismiss }: { invite: InviteView | null; onDismiss: () => void }) {
  const { run, pending } = useAction();
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState("");
  const revoke = async () => {
    if (!invite) return;
    const answer = await run(() => revokeInvite({ inviteId: invite.id, reason }), {
      done: "The link is revoked.",
      quiet: ["invalid"],
    });
    if (answer && !answer.ok && answer.code === "invalid") return setProblem(answer.fields.reason ?? answer.message);
    setReason("");
    setProblem("");
    onDismiss();
  };
  return (
    <Confirm
      visible={invite !== null}
      title={`Revoke the link for ${invite ? forWhom(invite) : ""}?`}
      loses={`Whoever opens it is told that it was revoked, and who has not confirmed yet cannot any more. ${invite?.confirmed ?? 0} taken ${invite?.confirmed === 1 ? "seat stays" : "seats stay"} taken.`}
      label="Revoke the link"
      pending={pending}
      onConfirm={revoke}
      onDismiss={onDismiss}
    >
      <FormField label="Why" description="For the team, kept with the link. No names." errorText={problem}>
        <Input value={reason} onChange={({ detail }) => setReason(detail.value)} />
      </FormField>
    </Confirm>
  );
}

function columnsFor(
  workshop: InvitedWorkshop,
  ownOnly: boolean,
  onAct: (act: Act, row: InviteView) => void,
): Column<InviteView>[] {
  const registrations = consolePaths.workshop(workshop.id, "registrations");
  const count = (id: "opened" | "registered" | "confirmed" | "waitlisted", header: string): Column<InviteView> => ({
    id,
    header,
    minWidth: 80,
    hidden: id === "waitlisted",
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
      id: "for",
      header: "For",
      rowHeader: true,
      personal: true,
      minWidth: 170,
      value: (row) => [row.email, row.name, row.customer].filter(Boolean).join(" ") || forWhom(row),
      cell: (row) => <For row={row} />,
    },
    {
      id: "acts",
      header: "Link",
      minWidth: 170,
      cell: (row) => <Acts row={row} workshop={workshop} onAct={onAct} />,
    },
    {
      id: "state",
      header: "State",
      minWidth: 150,
      value: (row) => statusWord("invite", row.state),
      filter: { label: "State", options: statusOptions("invite") },
      cell: (row) => (
        <>
          <Status noun="invite" state={row.state} />
          {row.mailProblem ? (
            <StatusIndicator type="error" wrapText>
              {row.mailProblem}
            </StatusIndicator>
          ) : null}
          {row.domainProblem ? (
            <StatusIndicator type="warning" wrapText>
              {row.domainProblem}
            </StatusIndicator>
          ) : null}
          <Small>{row.mailing ? "Being mailed" : row.revokeReason}</Small>
        </>
      ),
    },
    {
      id: "kind",
      header: "Kind",
      minWidth: 110,
      value: (row) => kindWords[row.kind],
      filter: { label: "Kind" },
      cell: (row) => kindWords[row.kind],
    },
    {
      id: "customer",
      header: "Customer",
      minWidth: 120,
      hidden: true,
      value: (row) => row.customer,
      filter: { label: "Customer" },
      cell: (row) => (row.customerId ? <Link href={consolePaths.customer(row.customerId)}>{row.customer}</Link> : "–"),
    },
    {
      id: "owner",
      header: "Account manager",
      hidden: ownOnly,
      minWidth: 130,
      value: (row) => row.owner,
      filter: { label: "Account manager" },
      cell: (row) => row.owner,
    },
    count("opened", "Opened"),
    count("registered", "Registered"),
    count("confirmed", "Seats"),
    count("waitlisted", "Waiting"),
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
    {
      id: "language",
      header: "Language",
      minWidth: 100,
      hidden: true,
      value: (row) => languageWords[row.locale] ?? row.locale,
      filter: { label: "Language" },
      cell: (row) => languageWords[row.locale] ?? row.locale,
    },
    {
      id: "made",
      header: "Made",
      minWidth: 130,
      hidden: true,
      value: (row) => row.createdAt,
      cell: (row) => <Moment at={row.createdAt} timeZone={workshop.timeZone} />,
    },
  ];
}

function Small({ children }: { children: string | null }) {
  return children ? (
    <Box color="text-body-secondary" fontSize="body-s">
      {children}
    </Box>
  ) : null;
}

function For({ row }: { row: InviteView }) {
  const first = row.kind === "personal" ? (row.name ?? row.email ?? "Address deleted") : (row.customer ?? "Everybody");
  return (
    <div className="any-word">
      {first}
      <Small>{row.kind === "personal" && row.name ? row.email : null}</Small>
      <Small>{row.kind === "personal" ? row.customer : null}</Small>
      <Small>{row.note}</Small>
    </div>
  );
}

function Acts(props: { row: InviteView; workshop: InvitedWorkshop; onAct: (act: Act, row: InviteView) => void }) {
  const { row, workshop, onAct } = props;
  const whom = forWhom(row);
  if (row.state === "revoked") return <Small>Works no more</Small>;
  const unsendable =
    workshop.state === "draft"
      ? "Open registration first: the link in the mail would lead nowhere"
      : row.state === "registered"
        ? "They have registered already"
        : row.state === "declined"
          ? "They said that it is not for them"
          : row.state === "expired"
            ? "It has expired: choose a later date first"
            : row.domainProblem;
  const expired = row.state === "expired" ? "It has expired: choose a later date first" : null;
  const item = (id: Act, text: string, why: string | null = null) =>
    why ? { id, text, disabled: true, disabledReason: why } : { id, text };
  return (
    <SpaceBetween direction="horizontal" size="xs" alignItems="center">
      {row.link ? <CopyLink link={row.link} label={`Copy link for ${whom}`} /> : null}
      <ButtonDropdown
        variant="inline-icon"
        expandToViewport
        ariaLabel={`Acts on the link of ${row.owner} for ${whom}`}
        items={[
          ...(row.link ? [item("text", "Ready text to forward", expired), item("qr", "QR code", expired)] : []),
          ...(row.kind === "personal" && row.email ? [item("resend", "Mail it again", unsendable)] : []),
          item(
            "edit",
            row.kind === "personal" ? "Change expiry, language, note" : "Change expiry, limit, language, note",
          ),
          item("revoke", "Revoke"),
        ]}
        onItemClick={({ detail }) => onAct(detail.id as Act, row)}
      />
    </SpaceBetween>
  );
}
