import { UnknownLink } from "@/app/(public)/parts/unknown-link";

export default function NotFound() {
  return <UnknownLink />;
}
