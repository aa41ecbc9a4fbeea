import type { Metadata } from "next";
import { DomainError } from "@/server/errors";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound, type SearchParams, searchParam } from "@/server/http/pages";
import { consolePaths } from "@/server/paths";
import { printedList } from "@/server/registrations/registrations";
import { formatMoment, formatRange } from "@/server/times";

export const metadata: Metadata = { title: "List of people" };

type Props = { params: Promise<{ id: string }>; searchParams: SearchParams };

/** The words of the one refusal that a reader can wait for. */
function tooMany(error: unknown): string {
  if (error instanceof DomainError && error.code === "too_many") return error.message;
  throw error;
}

/** The list for the door, on paper: name, company, and a place to sign. */
export default async function PrintPage({ params, searchParams }: Props) {
  const { id } = await params;
  const people = (await searchParam(searchParams, "people")) === "everybody" ? "everybody" : "seated";
  const ctx = await memberContext(consolePaths.printPeople(id, people));
  const list = await pageOrNotFound(() => printedList(ctx, { workshopId: id, people })).catch(tooMany);
  if (typeof list === "string")
    return (
      <main>
        <h1>Not now</h1>
        <p>{list}</p>
        <p>
          <a href={consolePaths.workshop(id, "registrations")}>Back to the registrations</a>
        </p>
      </main>
    );
  const { workshop, people: rows, left } = list;
  const { startsAt, endsAt, timeZone, place } = workshop;
  const now = ctx.clock.now();
  return (
    <main>
      <p className="on-screen">
        Print this page with your browser (Ctrl P or ⌘ P). That it was opened is in the history of the workshop; shred
        the paper when it is no longer needed. <a href={consolePaths.workshop(id, "registrations")}>Back</a>
      </p>
      <h1 dir="auto">{workshop.title}</h1>
      <p>
        {startsAt && endsAt ? formatRange(startsAt, endsAt, timeZone, "en", now) : "No date yet"}
        {place ? ` · ${place}` : ""}
        <br />
        {rows.length === 1 ? "1 person" : `${rows.length} people`} · as of {formatMoment(now, timeZone)}
      </p>
      {rows.length > 0 ? (
        <table>
          <thead>
            <tr>
              <th scope="col">
                <abbr title="Number">No.</abbr>
              </th>
              <th scope="col">Name</th>
              <th scope="col">Company</th>
              <th scope="col">Signature</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <tr key={row.id}>
                <td className="number">{index + 1}</td>
                <td dir="auto">
                  {row.name}
                  {row.seat ? "" : " (no seat yet)"}
                </td>
                <td dir="auto">{row.company}</td>
                <td className="signature" />
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <p>Nobody is on this list yet.</p>
      )}
      {left > 0 ? <p>{left} more do not fit on paper: use the file instead.</p> : null}
    </main>
  );
}
