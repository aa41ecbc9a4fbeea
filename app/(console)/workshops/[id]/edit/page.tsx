import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { type Draft, type StepName, WorkshopFormPage } from "@/components/workshops/workshop-form";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound, type SearchParams, searchParam } from "@/server/http/pages";
import { invitedDomains } from "@/server/invites/invites";
import { consolePaths } from "@/server/paths";
import { toLocal } from "@/server/times";
import { languages } from "@/server/workshops/schemas";
import { formOptions, type WorkshopView } from "@/server/workshops/views";
import { readWorkshop } from "../read";

export const metadata: Metadata = { title: "Change a workshop" };

const steps: StepName[] = ["basics", "schedule", "agenda", "people", "registration", "sandbox", "review"];

/** The form as the workshop is now, on the workshop's own clock. */
function draftOf(view: WorkshopView): Draft {
  const [date = null, startTime = null] = view.startsAt
    ? toLocal(new Date(view.startsAt), view.timeZone).split("T")
    : [];
  const [lastDay = null, endTime = null] = view.endsAt ? toLocal(new Date(view.endsAt), view.timeZone).split("T") : [];
  const { title, abstract, outcomes, bring, agenda, place, link, timeZone, allowedDomains, questions } = view;
  const local = (at: string | null) => (at ? toLocal(new Date(at), timeZone).split("T") : []);
  const [registrationOpensDate = null, registrationOpensTime = null] = local(view.registrationOpensAt);
  const [registrationClosesDate = null, registrationClosesTime = null] = local(view.registrationClosesAt);
  return {
    ...{ title, abstract, outcomes, bring, agenda, place, link, timeZone, date, startTime, endTime },
    ...{ registrationOpensDate, registrationOpensTime, registrationClosesDate, registrationClosesTime },
    ...{ allowedDomains, questions, minimumNoticeHours: String(view.minimumNoticeHours) },
    approvalBy: view.approvalBy as Draft["approvalBy"],
    endDate: lastDay !== date ? lastDay : null,
    capacity: String(view.capacity),
    offerHours: view.offerHours === null ? null : String(view.offerHours),
    languages: view.languages.filter((code): code is keyof typeof languages => code in languages),
    sandboxProfileId: view.sandboxProfile?.id ?? null,
    presenterIds: view.presenters.map((one) => one.memberId),
    accountManagers: view.accountManagers.map(({ memberId, seatLimit }) => ({
      memberId,
      seatLimit: seatLimit === null ? "" : String(seatLimit),
    })),
    opensMinutesBefore: view.opensMinutesBefore === null ? null : String(view.opensMinutesBefore),
    closesHoursAfter: view.closesHoursAfter === null ? null : String(view.closesHoursAfter),
    spares: String(view.spares),
    calendarItems: view.calendarItems,
    surveyUrl: view.surveyUrl,
    materialsUrl: view.materialsUrl,
    prewarmMinutes: view.prewarmMinutes === null ? null : String(view.prewarmMinutes),
  };
}

export default async function EditWorkshopPage(props: { params: Promise<{ id: string }>; searchParams: SearchParams }) {
  const { id } = await props.params;
  const view = await readWorkshop(id);
  if (!view.mayEdit) redirect(consolePaths.workshop(id));
  const ctx = await memberContext(consolePaths.editWorkshop(id));
  const [options, invited] = await pageOrNotFound(() =>
    Promise.all([formOptions(ctx), invitedDomains(ctx, { workshopId: id })]),
  );
  const wanted = await searchParam(props.searchParams, "step");
  return (
    <WorkshopFormPage
      workshop={{ id, title: view.title, state: view.state, confirmed: view.counts.confirmed }}
      step={steps.find((step) => step === wanted) ?? "basics"}
      options={{ ...options, invitedDomains: invited }}
      initial={draftOf(view)}
    />
  );
}
