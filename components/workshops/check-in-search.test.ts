import { expect, test } from "vitest";
import { codeIn, matches, searchText } from "@/components/workshops/check-in-search";

const find = (person: { name: string; company?: string; email?: string }, typed: string) =>
  matches(searchText({ company: null, email: null, ...person }), typed);

test("people are found by parts of name, company and address in any order, accents and case aside", () => {
  const lucia = { name: "Lucía Gómez-Peña", company: "Øresund Ærø", email: "lucia@acme.example" };
  for (const typed of ["lucia", "GÓMEZ", "pena luc", "oresund", "aero", "acme.ex", " ", "lucia  gomez"])
    expect([typed, find(lucia, typed)]).toEqual([typed, true]);
  for (const typed of ["lucia sanz", "gomes"]) expect([typed, find(lucia, typed)]).toEqual([typed, false]);
  expect(find({ name: "Łukasz Weiß" }, "lukasz weiss")).toBe(true);
  // Typed with the accent apart from its letter, as some keyboards do, and in full-width letters.
  expect(find(lucia, "Go\u0301mez")).toBe(true);
  expect(find(lucia, "Ｌｕｃｉａ")).toBe(true);
  expect(find({ name: "Иван Йованович" }, "иован")).toBe(true);
});

test("only the address of a check-in code is taken for one", () => {
  const id = `reg_${"0".repeat(26)}`;
  expect(codeIn(`https://atelier.example/check-in/${id}`)).toBe(id);
  expect(codeIn(`https://atelier.example/check-in/${id}\n`)).toBe(id);
  for (const other of [id, `https://atelier.example/my/${id}`, `/check-in/${id}/x`, "https://example.org", "Lucía"])
    expect(codeIn(other)).toBeNull();
});
