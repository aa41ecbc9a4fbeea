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

const values: Record<string, string> = {
  registration: "for an attendee",
  presenter: "for a presenter",
  rehearsal: "for a rehearsal",
  list: "from the list",
  scan: "by the code on their screen",
  walk_in: "as a walk-in",
  let_in: "as they were let in",
  everybody: "everybody who registered",
  seated: "those with a seat",
  mail: "by a code from a mail",
  facilitator: "by a facilitator's code",
  account_manager: "the account manager's seats are taken",
  customer: "the customer's seats are taken",
  invite: "the link's seats are taken",
  capacity: "all seats are taken",
  too_few_accounts: "there were too few accounts",
  seen_allowed: "a call that had been allowed is denied",
  successor: "a newer session of the same role is denied",
  role_gone: "the role itself is gone",
  never_vended: "it had never been given",
};

const counts: Record<string, (count: string) => string> = {
  userKeys: (count) => `keys of IAM users refused: ${count}`,
  minutes: (count) => `by ${count} minutes`,
  rows: (count) => (count === "1" ? "1 person" : `${count} people`),
  registrations: (count) => `registrations emptied: ${count}`,
  persons: (count) => `people forgotten: ${count}`,
  personsKept: (count) => `people kept, in another workshop: ${count}`,
};

const plain = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replaceAll("_", " ");

function fact([name, value]: [string, unknown]): string {
  if (Array.isArray(value)) return value.map((one) => plain(String(one))).join(", ");
  const text = String(value);
  return counts[name]?.(text) ?? values[text] ?? (name === "reason" ? text : `${plain(name)}: ${plain(text)}`);
}

/** The facts of an entry in a line, in words; ids and noughts stay out. */
function facts(detail: unknown): string {
  if (typeof detail !== "object" || detail === null) return "";
  return Object.entries(detail)
    .filter(([name, value]) => !/Id$/.test(name) && !said.includes(name) && value !== "" && value !== 0)
    .filter(([, value]) => !emptyList(value))
    .map(fact)
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
