import { notFound } from "next/navigation";

/** Every address that no page answers: with two root layouts, Next has no page of its own for them. */
export default function Missing() {
  notFound();
}
