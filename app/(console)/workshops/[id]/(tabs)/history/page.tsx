import { type HistoryEntry, HistoryTab } from "@/components/workshops/history-tab";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { consolePaths } from "@/server/paths";
import { history } from "@/server/workshops/views";
import { readWorkshop } from "../../read";

const words: Record<string, string> = {
  workshop: "Workshop",
  registration: "Registration",
  invite: "Link",
  lease: "Account lent",
  message: "Mail",
};

// Said by the sentence already.
const said = ["from", "to", "kind"];

/** The facts of an entry in a line: names and plain values; ids stay out. */
function facts(detail: unknown): string {
  if (typeof detail !== "object" || detail === null) return "";
  return Object.entries(detail)
    .filter(([name, value]) => !/Id$/.test(name) && !said.includes(name) && value !== "" && !emptyList(value))
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(", ") : String(value)}`)
    .join(" · ");
}
const emptyList = (value: unknown) => value === null || (Array.isArray(value) && value.length === 0);

export default async function HistoryPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const { timeZone } = await readWorkshop(id);
  const ctx = await memberContext(consolePaths.workshop(id, "history"));
  const rows = await pageOrNotFound(() => history(ctx, { workshopId: id }));
  const entries = rows.map(
    (row): HistoryEntry => ({
      ...{ id: row.id, at: row.at, who: row.who, what: row.what },
      entity: words[row.entity] ?? row.entity,
      detail: facts(row.detail),
    }),
  );
  return <HistoryTab entries={entries} timeZone={timeZone} />;
}
