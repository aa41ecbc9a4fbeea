import type { SearchAnswer } from "@/server/insights/search";
import { consolePaths } from "@/server/paths";

/** One row of the dialog: where it leads and what it says. */
export type SearchOption = { key: string; href: string; title: string; detail: string };
export type SearchGroup = { label: string; options: SearchOption[] };

const stateWords: Record<string, string> = {
  draft: "Draft",
  registration: "Registration",
  open: "Open",
  closing: "Closing",
  closed: "Closed",
  cancelled: "Cancelled",
  unverified: "Not confirmed yet",
  awaiting_approval: "Awaiting approval",
  rejected: "Rejected",
  waitlisted: "On the waitlist",
  offered: "Offered a seat",
  confirmed: "Confirmed",
  attended: "Attended",
  no_show: "Did not come",
  expired: "Expired",
};

function day(iso: string | null, timeZone: string): string {
  if (!iso) return "no date yet";
  const options = { timeZone, weekday: "short", day: "numeric", month: "short", year: "numeric" } as const;
  return new Intl.DateTimeFormat("en-GB", options).format(new Date(iso));
}

/** The answer as groups of rows, in the order that the arrow keys walk. */
export function searchGroups({ workshops, people, customers }: SearchAnswer): SearchGroup[] {
  const groups: SearchGroup[] = [
    {
      label: "Workshops",
      options: workshops.map((workshop) => ({
        key: workshop.id,
        href: consolePaths.workshop(workshop.id),
        title: workshop.title,
        detail: `${stateWords[workshop.state]} · ${day(workshop.startsAt, workshop.timeZone)}`,
      })),
    },
    {
      label: "People",
      options: people.map((person) => ({
        key: person.registrationId,
        href: `${consolePaths.workshop(person.workshopId, "registrations")}?row=${person.registrationId}`,
        title: person.name ?? person.email ?? "No name yet",
        detail: [person.name ? person.email : null, stateWords[person.state], person.workshopTitle]
          .filter(Boolean)
          .join(" · "),
      })),
    },
    {
      label: "Customers",
      options: customers.map((customer) => ({
        key: customer.id,
        href: consolePaths.customer(customer.id),
        title: customer.name,
        detail: "Customer",
      })),
    },
  ];
  return groups.filter((group) => group.options.length > 0);
}
