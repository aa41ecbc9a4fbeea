import type { Metadata } from "next";
import type { ReactNode } from "react";
import { WorkshopFrame } from "@/components/workshops/workshop-frame";
import { memberContext } from "@/server/http/members";
import { consolePaths } from "@/server/paths";
import { mayDo } from "@/server/permissions";
import { readWorkshop } from "../read";

type Props = { params: Promise<{ id: string }>; children: ReactNode };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await readWorkshop((await params).id)).title };
}

export default async function WorkshopLayout({ params, children }: Props) {
  const { id } = await params;
  const workshop = await readWorkshop(id);
  const { role } = (await memberContext(consolePaths.workshop(id))).actor;
  return (
    <WorkshopFrame
      workshop={workshop}
      maySandbox={mayDo(role, "sandbox.read")}
      mayHistory={mayDo(role, "history.read")}
    >
      {children}
    </WorkshopFrame>
  );
}
