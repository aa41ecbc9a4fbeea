"use client";

import Alert from "@cloudscape-design/components/alert";
import Link from "@cloudscape-design/components/link";
import { useEffect, useState } from "react";
import { previewDates } from "@/app/(console)/workshops/actions";
import { consolePaths } from "@/server/paths";
import type { WorkshopFormInput } from "@/server/workshops/schemas";

type Found = { missing: number; text: string; month: string };

/** What a form's dates mean for the pool, before it is saved; nothing where they mean nothing or nobody answers. */
export function DatesInPool({ workshopId, form }: { workshopId: string | null; form: WorkshopFormInput }) {
  const [found, setFound] = useState<Found | null>(null);
  const asked = JSON.stringify({ workshopId, form });
  useEffect(() => {
    let current = true;
    const ask = async () => {
      const answer = await previewDates(JSON.parse(asked)).catch(() => null);
      if (current) setFound(answer?.ok ? answer.value : null);
    };
    void ask();
    return () => {
      current = false;
    };
  }, [asked]);
  if (!found) return null;
  const short = found.missing > 0;
  return (
    <Alert type={short ? "warning" : "info"} header={short ? "Too few accounts on these dates" : undefined}>
      {found.text}.{" "}
      <Link href={consolePaths.poolCalendar(found.month)} external externalIconAriaLabel="opens in a new tab">
        See the calendar
      </Link>
    </Alert>
  );
}
