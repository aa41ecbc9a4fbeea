"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Tabs from "@cloudscape-design/components/tabs";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { Live } from "@/components/live";
import { useNavigation } from "@/components/shell/links";
import { Page } from "@/components/shell/page";
import { WorkshopStatus } from "@/components/status";
import { WorkshopTime } from "@/components/times";
import { Lifeline } from "@/components/workshops/lifeline";
import { NextObstacle, WorkshopMoves } from "@/components/workshops/workshop-moves";
import { consolePaths, type WorkshopTab } from "@/server/paths";
import type { WorkshopView } from "@/server/workshops/views";

type Props = {
  workshop: WorkshopView;
  maySandbox: boolean;
  mayHistory: boolean;
  /** Whether people can be checked in now. */
  checkIn: boolean;
  children: ReactNode;
};

function tabsOf({ workshop, maySandbox, mayHistory }: Pick<Props, "workshop" | "maySandbox" | "mayHistory">) {
  const { state, counts, id } = workshop;
  const people = counts.confirmed + counts.attended + counts.noShow + counts.waitlisted + counts.offered;
  const over = state === "closing" || state === "closed";
  const tabs: { tab: WorkshopTab; label: string; shown: boolean }[] = [
    { tab: "live", label: "Live board", shown: maySandbox && state === "open" },
    {
      tab: "closing",
      label: over ? "Closing" : "Taken back",
      shown: maySandbox && (workshop.takingBack || (workshop.sandboxProfile !== null && over)),
    },
    { tab: "registrations", label: `Registrations (${people})`, shown: true },
    { tab: "invitations", label: "Invitations", shown: true },
    { tab: "sandboxes", label: "Sandboxes", shown: maySandbox },
    { tab: "mail", label: "Mail", shown: true },
    { tab: "history", label: "History", shown: mayHistory },
  ];
  return [
    { id: "overview", label: "Overview", href: consolePaths.workshop(id) },
    ...tabs
      .filter((one) => one.shown)
      .map(({ tab, label }) => ({ id: tab, label, href: consolePaths.workshop(id, tab) })),
  ];
}

/** The frame of a workshop's screens: what, when and where; the next action; the life line; a tab for each question. */
export function WorkshopFrame(props: Props) {
  const { workshop, children } = props;
  const { go } = useNavigation();
  const pathname = usePathname();
  const tabs = tabsOf(props);
  const last = pathname.split("/").at(-1) ?? "";
  const active = tabs.find((tab) => tab.id === last)?.id ?? "overview";
  const { place, link } = workshop;
  return (
    <Page
      title={workshop.title}
      crumbs={[{ text: "Workshops", href: consolePaths.workshops() }]}
      status={<WorkshopStatus state={workshop.state} pausedAt={workshop.pausedAt} />}
      description={
        <>
          <WorkshopTime startsAt={workshop.startsAt} endsAt={workshop.endsAt} timeZone={workshop.timeZone} />
          {" · "}
          {place || (link ? "Online" : "No place yet")}
          {link ? (
            <>
              {" · "}
              <Link href={link} external externalIconAriaLabel="opens in a new tab" fontSize="inherit">
                {place ? "Map or link" : "Online room"}
              </Link>
            </>
          ) : null}
        </>
      }
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          {props.checkIn ? <Button href={consolePaths.checkIn(workshop.id)}>Check-in</Button> : null}
          <WorkshopMoves workshop={workshop} maySandbox={props.maySandbox} />
        </SpaceBetween>
      }
      below={
        <SpaceBetween size="m">
          <NextObstacle workshop={workshop} />
          {workshop.trouble.map((text) => (
            <StatusIndicator type="error" key={text} wrapText>
              {text}
            </StatusIndicator>
          ))}
          <Lifeline workshop={workshop} />
        </SpaceBetween>
      }
    >
      <Tabs
        ariaLabel="Workshop"
        activeTabId={active}
        onChange={({ detail }) => detail.activeTabHref && go(detail.activeTabHref)}
        tabs={tabs.map((tab) => ({ ...tab, content: tab.id === active ? children : null }))}
      />
      <Box padding={{ top: "m" }}>
        <Live topic="workshop" id={workshop.id} quiet={workshop.state !== "open" && workshop.state !== "closing"} />
      </Box>
    </Page>
  );
}
