import { cache } from "react";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { consolePaths } from "@/server/paths";
import { getWorkshop } from "@/server/workshops/views";

/** The workshop of the address, once for a request; or the page that says that it is not there. */
export const readWorkshop = cache(async (workshopId: string) => {
  const ctx = await memberContext(consolePaths.workshop(workshopId));
  return pageOrNotFound(() => getWorkshop(ctx, { workshopId }));
});
