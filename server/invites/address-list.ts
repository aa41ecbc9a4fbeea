import { DomainError } from "@/server/errors";
import { listLimits } from "@/server/invites/schemas";
import { cleanLine, readEmail } from "@/server/registrations/schemas";

/**
 * Reads a list of addresses as people paste or export it: comma, semicolon or tab; quoted or not (RFC 4180); with a header or
 * without; "Ana Ruiz <ana@acme.example>" too. A line that cannot be read is a problem of its own and of no other line. Pure.
 */

export type AddressLine = {
  /** Counted from 1 in the text, as an editor shows it. */
  line: number;
  email: string;
  name: string;
  company: string;
  problem: string | null;
  /** Left out by the one who sends the list. */
  skipped: boolean;
};

/** What somebody typed in place of a line, by its number; null to leave the line out. */
export type Corrections = Record<string, { email: string; name: string; company: string } | null>;

type Row = { line: number; cells: string[]; problem: string | null };

/** Longer than any address of a company; a quote that stays open longer was never meant as one. */
const quotedLines = 5;

/** One field from `at`: its text and where it ends; null for a quote that does not close as it should. */
function readField(text: string, at: number, delimiter: string): { value: string; end: number } | null {
  if (text[at] !== '"') {
    let end = at;
    while (end < text.length && text[end] !== delimiter && text[end] !== "\n") end += 1;
    return { value: text.slice(at, end), end };
  }
  let value = "";
  let breaks = 0;
  for (let i = at + 1; i < text.length; i += 1) {
    const letter = text[i];
    if (letter === '"' && text[i + 1] === '"') {
      value += '"';
      i += 1;
    } else if (letter === '"') {
      const next = text[i + 1];
      return next === undefined || next === delimiter || next === "\n" ? { value, end: i + 1 } : null;
    } else {
      if (letter === "\n" && ++breaks > quotedLines) return null;
      value += letter;
    }
  }
  return null;
}

function readRow(text: string, start: number, delimiter: string): { cells: string[]; end: number } | null {
  const cells: string[] = [];
  for (let at = start; ; ) {
    const field = readField(text, at, delimiter);
    if (!field) return null;
    cells.push(field.value);
    if (text[field.end] !== delimiter) return { cells, end: field.end };
    at = field.end + 1;
  }
}

function readRows(text: string, delimiter: string): Row[] {
  const rows: Row[] = [];
  let line = 1;
  for (let at = 0; at < text.length; ) {
    const lineEnd = text.indexOf("\n", at);
    const endOfLine = lineEnd < 0 ? text.length : lineEnd;
    const read = readRow(text, at, delimiter);
    const end = read?.end ?? endOfLine;
    const cells = (read?.cells ?? [text.slice(at, endOfLine)]).map(cleanLine);
    const problem = read ? null : "A quote in this line is opened and not closed.";
    if (cells.some((cell) => cell !== "")) rows.push({ line, cells, problem });
    // A loop, since a spread of a long match would not fit the stack.
    for (let i = at; i < end; i += 1) if (text[i] === "\n") line += 1;
    line += 1;
    at = end + 1;
  }
  return rows;
}

/** The separator that gives most lines the same number of cells. */
function delimiterOf(text: string): string {
  const lines = text.slice(0, 20_000).split("\n").slice(0, 50);
  let best = { delimiter: ",", score: 0 };
  for (const delimiter of ["\t", ";", ","]) {
    const counts = new Map<number, number>();
    for (const line of lines) {
      const count = line.replace(/"[^"]*"/g, "").split(delimiter).length - 1;
      if (count > 0) counts.set(count, (counts.get(count) ?? 0) + 1);
    }
    const score = Math.max(0, ...counts.values());
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

type Columns = { email: number; names: number[]; company: number };

const headers = {
  email:
    /^(e-?mail|mail|e-?mail[ -]?address|address|correo( electrónico)?|endereço( de e-?mail)?|indirizzo( e-?mail)?|courriel|adresse( e-?mail)?)$/i,
  name: /^(full )?name$|^(first|given|last|family) ?name$|^surname$|^nombre( completo)?$|^apellidos?$|^nome( completo)?$|^sobrenome$|^apelido$|^cognome$|^nom( complet)?$|^prénom$/i,
  company:
    /^(company( name)?|organi[sz]ation|customer|account|empresa|compañía|companhia|azienda|società|entreprise|société)$/i,
};

/** The columns that a first line names; null when it is no header. */
function headerOf(cells: readonly string[]): Columns | null {
  if (cells.some((cell) => cell.includes("@"))) return null;
  const find = (pattern: RegExp) => cells.flatMap((cell, index) => (pattern.test(cell) ? index : []));
  const [email] = find(headers.email);
  if (email === undefined) return null;
  return { email, names: find(headers.name), company: find(headers.company)[0] ?? -1 };
}

/** Without a header: the cell with an @ is the address, what follows is the name, then the company. */
function guessed(cells: readonly string[]): Columns {
  const found = cells.findIndex((cell) => cell.includes("@"));
  const email = Math.max(0, found);
  const [name = -1, company = -1] = cells.flatMap((_, index) => (index === email ? [] : index));
  return { email, names: [name], company };
}

const tooLong = (text: string) => [...text].length > 120;

function readLine({ line, cells, problem }: Row, columns: Columns): AddressLine {
  const at = (index: number) => cells[index] ?? "";
  const inBrackets = /^(.*)<([^<>]+)>$/.exec(at(columns.email));
  const address = readEmail((inBrackets?.[2] ?? at(columns.email)).replace(/^mailto:/i, ""));
  const typedName = cleanLine(columns.names.map(at).join(" "));
  const name = typedName || cleanLine((inBrackets?.[1] ?? "").replaceAll('"', ""));
  const company = at(columns.company);
  const wrong =
    problem ??
    ("problem" in address && (at(columns.email) === "" ? "There is no address in this line." : address.problem)) ??
    null;
  const long = tooLong(name)
    ? "Shorten the name to 120 letters."
    : tooLong(company)
      ? "Shorten the company to 120 letters."
      : null;
  return {
    line,
    email: "email" in address ? address.email : at(columns.email).slice(0, 254),
    name,
    company,
    problem: wrong || long,
    skipped: false,
  };
}

function corrected(line: number, typed: NonNullable<Corrections[string]>): AddressLine {
  const cells = [typed.email, typed.name, typed.company].map(cleanLine);
  return readLine({ line, cells, problem: null }, { email: 0, names: [1], company: 2 });
}

/**
 * The lines of a list, in order, each with its first problem; the second line with an address is one. What was typed in place
 * of a line is read like one. Throws `invalid` for a list without lines, and for one longer than listLimits.
 */
export function readAddressList(list: string, corrections: Corrections = {}): AddressLine[] {
  const text = list.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n");
  const rows = readRows(text, delimiterOf(text));
  const header = rows[0] ? headerOf(rows[0].cells) : null;
  const body = header ? rows.slice(1) : rows;
  const refuse = (message: string) => new DomainError("invalid", message, { fields: { list: message } });
  if (body.length === 0) throw refuse("Paste at least one address, or choose a file.");
  if (body.length > listLimits.lines) {
    const [has, most] = [body.length.toLocaleString("en"), listLimits.lines.toLocaleString("en")];
    throw refuse(`This list has ${has} lines. Send at most ${most} at once: split it.`);
  }
  const seen = new Map<string, number>();
  return body.map((row) => {
    const typed = corrections[row.line];
    const read = typed ? corrected(row.line, typed) : readLine(row, header ?? guessed(row.cells));
    if (typed === null) return { ...read, problem: null, skipped: true };
    if (read.problem) return read;
    const before = seen.get(read.email);
    if (before !== undefined) return { ...read, problem: `The same address as in line ${before}.` };
    seen.set(read.email, read.line);
    return read;
  });
}
