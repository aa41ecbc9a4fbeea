/**
 * Tables as CSV (RFC 4180): comma or semicolon, CRLF, quotes where needed, UTF-8 with the mark by which spreadsheets know it.
 * What people typed cannot run as a formula: a spreadsheet takes a cell for one by its first character, so an apostrophe goes
 * before it, also where a program that splits at the other separator would begin a cell. Pure.
 */

export const byteOrderMark = "\ufeff";

export const separators = { comma: ",", semicolon: ";" } as const;
export type Separator = keyof typeof separators;

/** = + - @ and their full-width and small forms, which some spreadsheets read alike, the minus sign, tab and line breaks. */
const starts = "=+\\-@\\t\\r\\n\\uff1d\\uff0b\\uff0d\\uff20\\ufe66\\ufe62\\ufe63\\ufe6b\\u2212";
const atStart = new RegExp(`^["]*(?=[${starts}])`);
const afterBreak = new RegExp(`([;,\\t\\r\\n]["]*)(?=[${starts.replace("\\t\\r\\n", "")}])`, "g");

/** A text that somebody typed, as no spreadsheet takes it for a formula. Says the same to a reader. */
export function defuse(text: string): string {
  return text.replace(atStart, "$&'").replace(afterBreak, "$1'");
}

function quoted(text: string): string {
  return /[",;\t\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What stands in a cell: typed text is defused, a number is written as it is; null is empty. `plain` was made by us. */
export type Cell = string | number | null | { plain: string | null };

/** One row, with its line break. */
export function csvLine(cells: readonly Cell[], separator: Separator): string {
  const texts = cells.map((cell) => {
    if (cell === null) return "";
    if (typeof cell === "number") return String(cell);
    return quoted(typeof cell === "string" ? defuse(cell) : (cell.plain ?? ""));
  });
  return `${texts.join(separators[separator])}\r\n`;
}
