import { expect, test } from "vitest";
import { DomainError } from "@/server/errors";
import { failureIn } from "@/server/http/failures";
import { languages } from "@/server/languages/kinds";
import { registrationForm } from "@/server/registrations/schemas";

/** What the form of an invitation answers in a language to what was typed. */
function refused(language: (typeof languages)[number], typed: Record<string, string>) {
  const checked = registrationForm.safeParse({ ...typed, locale: language });
  const answer = failureIn(language, checked.error, typed);
  if (answer.ok) throw new Error("the form was taken");
  return answer;
}

const empty = { name: "", email: "", company: "" };

test("what is wrong with a form is said in the reader's language, beside each field, and what was typed stays", () => {
  expect(refused("fr", { ...empty, company: "Océane" })).toMatchObject({
    ok: false,
    message: "Vérifiez les 2 champs ci-dessous.",
    fields: { name: "Saisissez votre nom.", email: "Saisissez votre adresse e-mail." },
    values: { company: "Océane" },
  });
  expect(refused("es", { name: "x".repeat(121), email: "josé@acme.es", company: "Acme" }).fields).toEqual({
    name: "Acórtalo a 120 caracteres; tiene 121.",
    email: "Antes de la @ solo valen letras sin acentos y del alfabeto latino.",
  });
  expect(refused("en", { ...empty, name: "Ana", company: "Acme" })).toMatchObject({
    message: "Look at the field below.",
    fields: { email: "Enter your e-mail address." },
  });
});

test("no language answers a form in the words of another", () => {
  const answers = languages.map((language) => Object.values(refused(language, { ...empty, email: "x" }).fields));
  expect(new Set(answers.flat()).size).toBe(languages.length * 3);
});

test("a refusal is said by its key, else by its code, and never in English to other readers", () => {
  const gone = new DomainError("gone", "This link has expired.", { say: { key: "link.expired" } });
  expect(failureIn("it", gone)).toMatchObject({ code: "gone", message: "Questo link è scaduto." });
  const plain = new DomainError("conflict", "Somebody changed it.", { fields: { name: "Taken." } });
  expect(failureIn("pt", plain)).toMatchObject({
    message: "Isto mudou entretanto. Carregue a página de novo.",
    fields: { name: "Verifique este campo." },
  });
  expect(failureIn("en", plain)).toMatchObject({ message: "Somebody changed it.", fields: { name: "Taken." } });
  const often = new DomainError("too_many", "Too many tries.", { retryAfterSeconds: 180 });
  expect(failureIn("es", often)).toMatchObject({
    message: "Demasiados intentos. Vuelve a intentarlo dentro de 3 minutos.",
  });
});
