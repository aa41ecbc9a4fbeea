import type { Metadata } from "next";
import type { ReactNode } from "react";
import { WorkshopFrame } from "@/components/workshops/workshop-frame";
import { memberContext } from "@/server/http/members";
import { consolePaths } from "@/server/paths";
import { mayDo } from "@/server/permissions";
import { checkInTime } from "@/server/registrations/registrations";
import { readWorkshop } from "../read";

type Props = { params: Promise<{ id: string }>; children: ReactNode };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await readWorkshop((await params).id)).title };
}

export default async function WorkshopLayout({ params, children }: Props) {
  const { id } = await params;
  const workshop = await readWorkshop(id);
  const { actor, clock } = await memberContext(consolePaths.workshop(id));
  const at = (text: string | null) => (text ? new Date(text) : null);
  const dated = { ...workshop, startsAt: at(workshop.startsAt), endsAt: at(workshop.endsAt) };
  return (
    <WorkshopFrame
      workshop={workshop}
      maySandbox={mayDo(actor.role, "sandbox.read")}
      mayHistory={mayDo(actor.role, "history.read")}
      checkIn={checkInTime(dated, clock.now()).phase === "now"}
    >
      {children}
    </WorkshopFrame>
  );
}
