import { redirect } from "next/navigation";
import { consolePaths } from "@/server/paths";

/** The room itself is its first page. */
export default function Team() {
  redirect(consolePaths.members());
}
