import { WorkshopOverview } from "@/components/workshops/overview";
import { memberContext } from "@/server/http/members";
import { consolePaths } from "@/server/paths";
import { mayDo } from "@/server/permissions";
import { readWorkshop } from "../read";

export default async function OverviewPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const { role } = (await memberContext(consolePaths.workshop(id))).actor;
  return (
    <WorkshopOverview
      workshop={await readWorkshop(id)}
      mayAnonymize={mayDo(role, "privacy.anonymize")}
      maySeePool={mayDo(role, "sandbox.read")}
    />
  );
}
