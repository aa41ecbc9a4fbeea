/** Finding people at the door: what is typed with one thumb, and what a scanner reads. Pure. */

/** Letters that Unicode does not take apart into a base and an accent, as people type them without. */
const plainLetters: Record<string, string> = {
  ...{ ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", þ: "th", ł: "l", ħ: "h", ı: "i" },
};

/** A text for comparing: lower case, without accents, full-width letters as plain ones, single spaces. */
export function foldText(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[ßæœøđðþłħı]/g, (letter) => plainLetters[letter] ?? letter)
    .replace(/\s+/g, " ")
    .trim();
}

type Findable = { name: string; company: string | null; email: string | null };

/** What a person is looked for in; made once for each, and compared with every letter that is typed. */
export function searchText({ name, company, email }: Findable): string {
  return foldText(`${name} ${company ?? ""} ${email ?? ""}`);
}

/** Whether every word that was typed begins or stands within what is known of a person, in any order. */
export function matches(text: string, typed: string): boolean {
  return foldText(typed)
    .split(" ")
    .every((word) => text.includes(word));
}

/** The registration in what a camera or a hand-held scanner read: the address of a check-in code; null for anything else. */
export function codeIn(read: string): string | null {
  return /\/check-in\/(reg_[0-9a-z]{26})\s*$/.exec(read)?.[1] ?? null;
}
