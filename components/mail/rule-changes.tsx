"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import type { PreviewJson } from "@/components/mail/rule-json";
import { momentText } from "@/components/times";
import { consolePaths } from "@/server/paths";

/** Who gets a mail when, before and after a change, person by person. */

type Line = { id: string; name: string; before: string | null; after: string | null };

const few = 10;

function linesOf(preview: PreviewJson, timeZone: string): Line[] {
  const time = (at: string | null) => (at ? momentText(at, timeZone) : "When the workshop is closed");
  const lines = new Map<string, Line>();
  for (const { id, name, at } of preview.before) lines.set(id, { id, name, before: time(at), after: null });
  for (const { id, name, at } of preview.after) {
    const before = lines.get(id)?.before ?? null;
    lines.set(id, { id, name, before, after: time(at) });
  }
  const changed = (line: Line) => Number(line.before === line.after);
  return [...lines.values()].sort((a, b) => changed(a) - changed(b));
}

const people = (count: number) => (count === 1 ? "1 person" : `${count} people`);

function summary(lines: Line[], preview: PreviewJson): string {
  const count = (is: (line: Line) => boolean) => lines.filter(is).length;
  const parts = [
    [count(({ before, after }) => before !== null && after !== null && before !== after), "get it at another time"],
    [count(({ before, after }) => before === null && after !== null), "get it who did not"],
    [count(({ before, after }) => before !== null && after === null), "do not get it any more"],
    [count(({ before, after }) => before !== null && before === after), "get it as before"],
  ] as const;
  const said = parts.filter(([number]) => number > 0).map(([number, words]) => `${people(number)} ${words}`);
  const others = preview.hidden.after > 0 ? [`${people(preview.hidden.after)} of other account managers too`] : [];
  const already = preview.already > 0 ? [`${people(preview.already)} had it and do not get it again`] : [];
  const all = [...said, ...others, ...already];
  return all.length === 0 ? "As things stand, nobody gets it." : `${all.join("; ")}.`;
}

export function RuleChanges({ preview, timeZone }: { preview: PreviewJson; timeZone: string }) {
  const [all, setAll] = useState(false);
  const lines = linesOf(preview, timeZone);
  const shown = all ? lines : lines.slice(0, few);
  return (
    <SpaceBetween size="s">
      <div role="status">
        <Box variant="strong">{summary(lines, preview)}</Box>
      </div>
      {lines.length > 0 ? (
        <Table
          variant="embedded"
          items={shown}
          trackBy="id"
          ariaLabels={{ tableLabel: "Who gets it when, before and after" }}
          columnDefinitions={[
            { id: "name", header: "To", isRowHeader: true, cell: (line) => line.name },
            { id: "before", header: "Until now", cell: (line) => line.before ?? "–" },
            {
              id: "after",
              header: "After the change",
              cell: (line) =>
                line.before === line.after ? (line.after ?? "–") : <b>{line.after ?? "Does not get it"}</b>,
            },
          ]}
          footer={
            lines.length > shown.length ? (
              <Button variant="inline-link" onClick={() => setAll(true)}>
                Show all {lines.length}
              </Button>
            ) : undefined
          }
        />
      ) : null}
    </SpaceBetween>
  );
}

/** What a team's default changes, workshop by workshop. */
export function DefaultChanges({ preview }: { preview: PreviewJson }) {
  const { workshops } = preview;
  if (workshops.length === 0)
    return <Alert type="info">No mail that waits now changes. It holds for what is planned from now on.</Alert>;
  return (
    <Table
      variant="embedded"
      items={workshops}
      trackBy="id"
      ariaLabels={{ tableLabel: "What changes in which workshop" }}
      columnDefinitions={[
        {
          id: "title",
          header: "Workshop",
          isRowHeader: true,
          cell: ({ id, title }) => <Link href={consolePaths.workshop(id, "mail")}>{title}</Link>,
        },
        { id: "moved", header: "Move", cell: ({ moved }) => moved || "–" },
        { id: "added", header: "Are added", cell: ({ added }) => added || "–" },
        { id: "dropped", header: "Are taken back", cell: ({ dropped }) => dropped || "–" },
      ]}
    />
  );
}
