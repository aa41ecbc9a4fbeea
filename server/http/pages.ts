import { notFound, redirect } from "next/navigation";
import { DomainError } from "@/server/errors";
import { consolePaths } from "@/server/paths";

/**
 * What a page reads, or the page that says it is not there: `not_found` and `forbidden` look the same to a reader. Other
 * expected failures pass through to the error page.
 */
export async function pageOrNotFound<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DomainError && (error.code === "not_found" || error.code === "forbidden")) notFound();
    if (error instanceof DomainError && error.code === "unauthenticated") redirect(consolePaths.signIn());
    throw error;
  }
}

/** The query of a page as Next hands it over; a name given several times counts once, the first. */
export type SearchParams = Promise<Record<string, string | string[] | undefined>>;

/** One value of the query, or null; longer ones than a filter can be are cut. */
export async function searchParam(params: SearchParams, name: string): Promise<string | null> {
  const value = (await params)[name];
  const first = Array.isArray(value) ? value[0] : value;
  return first === undefined ? null : first.slice(0, 200);
}
