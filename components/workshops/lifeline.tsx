"use client";

import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import { Status } from "@/components/status";
import { momentText, relativeText, useNow } from "@/components/times";
import "@/components/workshops/workshops.css";
import { consolePaths } from "@/server/paths";
import type { WorkshopView } from "@/server/workshops/views";

const doneWords = {
  draft: "Made",
  registration: "Since",
  open: "Opened",
  closing: "Since",
  closed: "Closed",
  cancelled: "Cancelled",
} as const;

/** The way of a workshop: what happened when, and what will happen by itself when. */
export function Lifeline({ workshop }: { workshop: WorkshopView }) {
  const { lifeline, timeZone, id, mayEdit } = workshop;
  const now = useNow();
  const current = lifeline.findIndex((step) => step.current);
  return (
    <ol className="lifeline" aria-label="Life line">
      {lifeline.map((step, index) => {
        const past = index < current;
        return (
          <li
            key={step.state}
            className={step.current ? "lifeline-current" : past ? "lifeline-past" : undefined}
            aria-current={step.current ? "step" : undefined}
          >
            <Box variant={step.current ? "strong" : "span"} color={step.current ? undefined : "text-body-secondary"}>
              {step.current && step.state === "registration" && workshop.pausedAt ? (
                <Status noun="workshop" state="paused" />
              ) : (
                stationWords[step.state]
              )}
            </Box>
            <Box fontSize="body-s" color="text-body-secondary">
              {step.at ? (
                <time dateTime={step.at}>
                  {doneWords[step.state]} {momentText(step.at, timeZone)}
                </time>
              ) : step.expectedAt && index === current + 1 ? (
                <>
                  {step.byItself ? "By itself " : "By hand, planned "}
                  <time dateTime={step.expectedAt}>{momentText(step.expectedAt, timeZone)}</time>
                  {now !== null ? `, ${relativeText(step.expectedAt, now)}` : null}
                  {mayEdit ? (
                    <>
                      {" · "}
                      <Link href={consolePaths.editWorkshop(id, "schedule")} fontSize="body-s">
                        change
                      </Link>
                    </>
                  ) : null}
                </>
              ) : step.expectedAt ? (
                <time dateTime={step.expectedAt}>Planned {momentText(step.expectedAt, timeZone)}</time>
              ) : null}
            </Box>
          </li>
        );
      })}
    </ol>
  );
}

const stationWords = {
  draft: "Draft",
  registration: "Registration",
  open: "Open",
  closing: "Closing",
  closed: "Closed",
  cancelled: "Cancelled",
} as const;
