import type { Metadata } from "next";
import { WorkshopFormPage } from "@/components/workshops/workshop-form";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { consolePaths } from "@/server/paths";
import { formOptions } from "@/server/workshops/views";

export const metadata: Metadata = { title: "New workshop" };

export default async function NewWorkshopPage() {
  const ctx = await memberContext(consolePaths.newWorkshop());
  const options = await pageOrNotFound(() => formOptions(ctx));
  const own = ctx.actor.role === "solutions_architect" ? [ctx.actor.memberId] : [];
  return (
    <WorkshopFormPage
      workshop={null}
      step="basics"
      options={options}
      initial={{
        title: "",
        abstract: "",
        outcomes: [],
        bring: [],
        agenda: [],
        place: "",
        link: "",
        date: null,
        startTime: null,
        endTime: null,
        endDate: null,
        timeZone: options.timeZone,
        capacity: "20",
        offerHours: "24",
        registrationOpensDate: null,
        registrationOpensTime: null,
        registrationClosesDate: null,
        registrationClosesTime: null,
        minimumNoticeHours: "0",
        approvalBy: null,
        allowedDomains: [],
        questions: [],
        languages: ["en"],
        sandboxProfileId: options.profiles[0]?.id ?? null,
        presenterIds: own,
        accountManagers: [],
        opensMinutesBefore: "30",
        closesHoursAfter: "2",
        spares: "0",
        prewarmMinutes: null,
        calendarItems: false,
        surveyUrl: "",
        materialsUrl: "",
      }}
    />
  );
}
