"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Tabs from "@cloudscape-design/components/tabs";
import { useSearchParams } from "next/navigation";
import { useMemo, useState } from "react";
import { useFlash } from "@/components/flash";
import { useNavigation } from "@/components/shell/links";
import { Page } from "@/components/shell/page";
import { statusOptions, WorkshopStatus } from "@/components/status";
import { type Column, DataTable } from "@/components/table";
import { momentText, placeOf, WorkshopTime } from "@/components/times";
import { SeatBar } from "@/components/workshops/seat-bar";
import { consolePaths } from "@/server/paths";
import type { WorkshopSummary } from "@/server/workshops/views";

const states = ["draft", "registration", "open", "closing", "closed", "cancelled"] as const;
const stateLabels = new Map(statusOptions("workshop").map((option) => [option.value as string, option.label]));

/** "Opens by itself Tue 12 May, 09:00": what the clock does next. */
export function automaticText({ nextAutomatic, timeZone }: Pick<WorkshopSummary, "nextAutomatic" | "timeZone">) {
  if (!nextAutomatic) return null;
  const verb = nextAutomatic.move === "open" ? "Opens" : "Closes";
  return `${verb} by itself ${momentText(nextAutomatic.at, timeZone)} ${placeOf(timeZone)}`;
}

function NextAction({ workshop }: { workshop: WorkshopSummary }) {
  const { next, trouble, state } = workshop;
  const missing = next?.guards.filter((guard) => guard.blocking && !guard.ok) ?? [];
  const automatic = automaticText(workshop);
  return (
    <SpaceBetween size="xxs">
      {trouble.map((text) => (
        <StatusIndicator type="error" key={text} wrapText>
          {text}
        </StatusIndicator>
      ))}
      {missing[0] ? (
        <StatusIndicator type="warning" wrapText>
          {missing[0].fix ? <Link href={missing[0].fix.href}>{missing[0].text}</Link> : missing[0].text}
          {missing.length > 1 ? ` and ${missing.length - 1} more` : ""}
        </StatusIndicator>
      ) : next && state === "draft" ? (
        <Link href={consolePaths.workshop(workshop.id)}>Ready: {next.label.toLowerCase()}</Link>
      ) : null}
      {automatic ? <Box color="text-body-secondary">{automatic}</Box> : null}
    </SpaceBetween>
  );
}

function columnsFor(): Column<WorkshopSummary>[] {
  return [
    {
      id: "title",
      header: "Workshop",
      rowHeader: true,
      minWidth: 170,
      value: (row) => row.title,
      filter: { label: "Title" },
      cell: (row) => (
        <Link href={consolePaths.workshop(row.id)} fontSize="body-m">
          {row.title}
        </Link>
      ),
    },
    {
      id: "state",
      header: "State",
      minWidth: 135,
      value: (row) => states.indexOf(row.state as (typeof states)[number]),
      filter: {
        label: "State",
        text: (row) => stateLabels.get(row.state === "registration" && row.pausedAt ? "paused" : row.state) ?? "",
      },
      cell: (row) => <WorkshopStatus state={row.state} pausedAt={row.pausedAt} />,
    },
    {
      id: "when",
      header: "When",
      minWidth: 160,
      value: (row) => (row.startsAt ? Date.parse(row.startsAt) : null),
      cell: (row) => <WorkshopTime startsAt={row.startsAt} endsAt={row.endsAt} timeZone={row.timeZone} />,
    },
    {
      id: "where",
      header: "Where",
      minWidth: 120,
      value: (row) => row.place || (row.link ? "Online" : null),
      filter: { label: "Place", text: (row) => row.place || (row.link ? "Online" : "") },
      cell: (row) => row.place || (row.link ? "Online" : <Box color="text-body-secondary">No place yet</Box>),
    },
    {
      id: "seats",
      header: "Seats",
      minWidth: 160,
      value: (row) => row.seatsTaken / row.capacity,
      cell: (row) => (
        <Link href={consolePaths.workshop(row.id, "registrations")} variant="secondary">
          <SeatBar
            capacity={row.capacity}
            taken={row.seatsTaken}
            offered={row.counts.offered}
            waiting={row.counts.waitlisted}
          />
        </Link>
      ),
    },
    { id: "next", header: "Next", minWidth: 180, cell: (row) => <NextAction workshop={row} /> },
  ];
}

const viewKey = "atelier:view:workshops";

/** All workshops that the member may see, by state; the view is in the address, and one view can be kept. */
export function WorkshopList({ workshops, mayEdit }: { workshops: WorkshopSummary[]; mayEdit: boolean }) {
  const query = useSearchParams();
  const flash = useFlash();
  const { leave } = useNavigation();
  const [opened, setOpened] = useState(0);
  const columns = useMemo(columnsFor, []);
  const state = query.get("state") ?? "all";
  const make = mayEdit ? (
    <Button variant="primary" href={consolePaths.newWorkshop()} iconName="add-plus">
      New workshop
    </Button>
  ) : null;

  const open = (search: string) => {
    leave(`${consolePaths.workshops()}${search}`);
    // The table reads its address when it is made.
    window.setTimeout(() => setOpened((count) => count + 1), 250);
  };
  const chooseView = (id: string) => {
    if (id === "keep") {
      window.localStorage.setItem(viewKey, window.location.search);
      flash.add({ type: "success", content: "This view is kept in this browser: open it from the menu “View”." });
    }
    if (id === "mine") open(window.localStorage.getItem(viewKey) ?? "");
    if (id === "all") open("");
  };
  const chooseState = (id: string) => {
    const url = new URL(window.location.href);
    url.searchParams.delete("page");
    if (id === "all") url.searchParams.delete("state");
    else url.searchParams.set("state", id);
    window.history.replaceState(window.history.state, "", url);
  };

  const shown = state === "all" ? workshops : workshops.filter((row) => row.state === state);
  const table = (
    <DataTable
      key={`${state}-${opened}`}
      id="workshops"
      title={state === "all" ? "All workshops" : (stateLabels.get(state) ?? "Workshops")}
      items={shown}
      columns={columns}
      rowId={(row) => row.id}
      sort="-when"
      placeholder="Find by title, place or state"
      empty={
        workshops.length === 0
          ? {
              title: "No workshop yet",
              text: mayEdit
                ? "A workshop is one delivery: a date, a place, its people and their sandbox accounts."
                : "Workshops that you may invite to will be here.",
              action: make,
            }
          : { title: "No workshop in this state" }
      }
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <ButtonDropdown
            items={[
              { id: "keep", text: "Keep this view" },
              { id: "mine", text: "Open the kept view" },
              { id: "all", text: "Show everything" },
            ]}
            onItemClick={({ detail }) => chooseView(detail.id)}
          >
            View
          </ButtonDropdown>
        </SpaceBetween>
      }
    />
  );
  const tabs = [
    { id: "all", label: `All (${workshops.length})` },
    ...states
      .map((id) => ({ id, count: workshops.filter((row) => row.state === id).length }))
      .filter(({ id, count }) => count > 0 || id === state)
      .map(({ id, count }) => ({ id, label: `${stateLabels.get(id)} (${count})` })),
  ];
  return (
    <Page title="Workshops" actions={make}>
      <Tabs
        ariaLabel="States"
        activeTabId={state}
        onChange={({ detail }) => chooseState(detail.activeTabId)}
        tabs={tabs.map((tab) => ({ ...tab, content: tab.id === state ? table : null }))}
      />
    </Page>
  );
}
