"use client";

import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import Table from "@cloudscape-design/components/table";
import { momentText } from "@/components/times";
import { consolePaths } from "@/server/paths";

export type WaitlistRow = {
  id: string;
  name: string | null;
  /** Null for whom a seat is offered to. */
  position: number | null;
  since: string | null;
  /** Until when the seat is offered; null for who waits. */
  endsAt: string | null;
  why: { code: string; whose: string | null; limit: number | null } | null;
};

type Props = {
  workshopId: string;
  timeZone: string;
  rows: WaitlistRow[];
  /** Seats held by offers to anybody. */
  seatsOffered: number;
  offerHours: number | null;
  before: { unverified: number; awaitingApproval: number };
};

const count = (number: number, one: string, many: string) => `${number} ${number === 1 ? one : many}`;

/** Why somebody is still on the list, in one sentence. */
function whyText({ why, endsAt }: WaitlistRow, { seatsOffered, timeZone }: Props): string {
  if (endsAt) return `A seat is held for them until ${momentText(endsAt, timeZone, true)}`;
  const limit = why?.limit ?? 0;
  switch (why?.code) {
    case "capacity":
      return seatsOffered > 0
        ? `All ${limit} seats are taken, ${seatsOffered} of them offered to others who have not answered yet`
        : `All ${limit} seats are taken`;
    case "pool":
      return "The pool has no account for one more person on these dates";
    case "account_manager":
      return `${why.whose ?? "The account manager"} has used all ${limit} of their seats`;
    case "customer":
      return `${why.whose ?? "The customer"} has used all ${limit} of its seats`;
    case "invite":
      return `The ${limit === 1 ? "only seat" : `${limit} seats`} of their link ${limit === 1 ? "is" : "are"} taken`;
    case "over":
      return "Nobody moves up any more: registration is not open, or the workshop is over";
    default:
      return "Nothing: they move up with the next change";
  }
}

function summary({ before, offerHours }: Props): string {
  const parts = [
    offerHours === null
      ? "A seat that becomes free goes to the first who may have it, at once."
      : `A seat that becomes free is offered to the first who may have it, for ${offerHours} hours, at most until the start.`,
    before.unverified > 0
      ? `${count(before.unverified, "person has", "people have")} not confirmed their address, so they are not on the list.`
      : "",
    before.awaitingApproval > 0
      ? `${count(before.awaitingApproval, "person awaits", "people await")} approval; their place in the order is kept.`
      : "",
  ];
  return parts.filter(Boolean).join(" ");
}

/** The waitlist in its order, with what stands between each person and a seat. */
export function WaitlistPanel(props: Props) {
  const { workshopId, timeZone, rows } = props;
  return (
    <Box margin={{ top: "l" }}>
      <Table
        variant="container"
        wrapLines
        items={rows}
        trackBy="id"
        header={
          <Header
            variant="h2"
            counter={`(${rows.length})`}
            description={summary(props)}
            info={<Link href={consolePaths.workshop(workshopId, "invitations")}>Change limits</Link>}
          >
            Waitlist
          </Header>
        }
        columnDefinitions={[
          {
            id: "position",
            header: "Place",
            width: 90,
            cell: (row: WaitlistRow) => row.position ?? "Offered",
          },
          {
            id: "name",
            header: "Name",
            isRowHeader: true,
            minWidth: 150,
            cell: (row: WaitlistRow) => row.name ?? <Box color="text-body-secondary">Anonymous</Box>,
          },
          {
            id: "why",
            header: "Why no seat yet",
            minWidth: 260,
            cell: (row: WaitlistRow) => whyText(row, props),
          },
          {
            id: "since",
            header: "On the list since",
            minWidth: 150,
            cell: (row: WaitlistRow) =>
              row.since ? <time dateTime={row.since}>{momentText(row.since, timeZone)}</time> : "–",
          },
        ]}
      />
    </Box>
  );
}
