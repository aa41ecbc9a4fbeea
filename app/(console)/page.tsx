import { memberContext } from "@/server/http/members";

export default async function HomePage() {
  await memberContext("/");
  return <p>Home</p>;
}
