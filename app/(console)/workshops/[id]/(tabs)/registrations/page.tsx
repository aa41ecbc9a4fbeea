import { type PersonRow, RegistrationsTab } from "@/components/workshops/registrations-tab";
import { WaitlistPanel, type WaitlistRow } from "@/components/workshops/waitlist-panel";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { consolePaths } from "@/server/paths";
import { mayDo } from "@/server/permissions";
import { type WaitlistOrder, waitlistOrder } from "@/server/registrations/offers";
import { listRegistrations, type RegistrationRow } from "@/server/registrations/read";
import { answersOf, questionColumns } from "@/server/registrations/registrations";
import { listMembers } from "@/server/teams/teams";
import { readWorkshop } from "../../read";

function plain(row: RegistrationRow, names: Map<string, string>, answers: PersonRow["answers"] = {}): PersonRow {
  const { id, state, name, email, company, jobTitle, position, ordinal, lease, lostAccess } = row;
  return {
    ...{ id, state, name, email, company, jobTitle, position, ordinal, lostAccess },
    customer: row.customer?.name ?? null,
    answers,
    invitedBy: row.memberId ? (names.get(row.memberId) ?? null) : null,
    createdAt: row.createdAt.toISOString(),
    confirmedAt: row.confirmedAt?.toISOString() ?? null,
    checkedInAt: row.checkedInAt?.toISOString() ?? null,
    consoleOpenedAt: row.consoleOpenedAt?.toISOString() ?? null,
    followUp: row.followUpAt !== null,
    lease: lease && { id: lease.id, state: lease.state, account: lease.account },
  };
}

/** Whom a seat is offered to first, then who waits, in order. */
function waitlistRows({ offered, waiting }: WaitlistOrder): WaitlistRow[] {
  return [
    ...offered.map(({ registrationId: id, name, endsAt }) => ({
      ...{ id, name, position: null, since: null, endsAt: endsAt.toISOString(), why: null },
    })),
    ...waiting.map(({ registrationId: id, name, position, since, why }) => ({
      ...{ id, name, position, since: since?.toISOString() ?? null, endsAt: null, why },
    })),
  ];
}

export default async function RegistrationsPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const workshop = await readWorkshop(id);
  const ctx = await memberContext(consolePaths.workshop(id, "registrations"));
  const [{ rows }, members, list, questions, answers] = await pageOrNotFound(() =>
    Promise.all([
      listRegistrations(ctx, { workshopId: id, limit: 5000 }),
      listMembers(ctx),
      waitlistOrder(ctx, { workshopId: id }),
      questionColumns(ctx, { workshopId: id }),
      answersOf(ctx, { workshopId: id }),
    ]),
  );
  const waitlist = waitlistRows(list);
  const names = new Map(members.map((member) => [member.memberId, member.name]));
  const { title, state, timeZone, poolSeats, capacity } = workshop;
  const { role } = ctx.actor;
  const limited = state === "registration" && poolSeats !== null && poolSeats < capacity;
  return (
    <>
      <RegistrationsTab
        workshop={{ id, title, state, timeZone }}
        rows={rows.map((row) => plain(row, names, answers.get(row.id)))}
        questions={questions}
        mayDecide={role !== "account_manager" || workshop.approvalBy !== "solutions_architect"}
        short={
          limited
            ? { seats: poolSeats, capacity, missing: workshop.pool?.onDate?.missing ?? 0, mayAccept: workshop.mayEdit }
            : null
        }
        mayHelp={mayDo(ctx.actor.role, "registration.help")}
        manyInvite={workshop.accountManagers.length > 1}
      />
      {waitlist.length > 0 ? (
        <WaitlistPanel
          workshopId={id}
          timeZone={timeZone}
          rows={waitlist}
          seatsOffered={list.seatsOffered}
          offerHours={list.offerHours}
          before={list.before}
        />
      ) : null}
    </>
  );
}
