import { statusWord } from "@/components/status";
import { dayText } from "@/components/times";
import type { SearchAnswer } from "@/server/insights/search";
import { consolePaths } from "@/server/paths";

/** One row of the dialog: where it leads and what it says. */
export type SearchOption = { key: string; href: string; title: string; detail: string };
export type SearchGroup = { label: string; options: SearchOption[] };

/** The answer as groups of rows, in the order that the arrow keys walk. */
export function searchGroups({ workshops, people, customers }: SearchAnswer): SearchGroup[] {
  const groups: SearchGroup[] = [
    {
      label: "Workshops",
      options: workshops.map((workshop) => ({
        key: workshop.id,
        href: consolePaths.workshop(workshop.id),
        title: workshop.title,
        detail: `${statusWord("workshop", workshop.state)} · ${workshop.startsAt ? dayText(workshop.startsAt, workshop.timeZone) : "no date yet"}`,
      })),
    },
    {
      label: "People",
      options: people.map((person) => ({
        key: person.registrationId,
        href: `${consolePaths.workshop(person.workshopId, "registrations")}?row=${person.registrationId}`,
        title: person.name ?? person.email ?? "No name yet",
        detail: [person.name ? person.email : null, statusWord("registration", person.state), person.workshopTitle]
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
