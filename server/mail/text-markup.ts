import MarkdownIt, { type Token } from "markdown-it";

/**
 * The safe markup in which a team writes paragraphs of mails: a little of Markdown (bold, italics, links, lists), no HTML, with
 * variables such as {{title}}. Variables are put in after the markup was read, so what they hold is only ever text. A paragraph
 * whose variable is empty is left out; one that begins with {{if x}} is there only while x is not empty.
 */

export type Inline = { text: string; strong?: boolean; em?: boolean; href?: string };
export type Block = { kind: "paragraph"; lines: Inline[] } | { kind: "list"; ordered: boolean; items: Inline[][] };
export type Values = Readonly<Record<string, string>>;

const variable = /\{\{([^{}]*)\}\}/g;
const condition = /^\s*\{\{\s*if\s+(\w+)\s*\}\}\s*/;
const allowedLink = /^(https:\/\/|mailto:)\S/i;

const reader = new MarkdownIt("zero", { html: false }).enable(["emphasis", "link", "list", "escape", "newline"]);
reader.validateLink = () => true;

/** What is wrong with a source, in words; null when nothing is. `known` are the variables of this kind of mail. */
export function problemIn(source: string, known: readonly string[]): string | null {
  const list = known.map((name) => `{{${name}}}`).join(", ");
  for (const [whole, inner = ""] of source.matchAll(variable)) {
    const name = inner.trim().replace(/^if\s+/, "");
    if (!known.includes(name)) return `There is no ${whole}. There are ${list}.`;
  }
  const rest = source.replace(variable, "");
  if (rest.includes("{{") || rest.includes("}}")) return "A variable is not closed: write it like {{title}}.";
  for (const { href } of inlinesOf(read(source))) {
    if (href === undefined) continue;
    if (/%7B%7B|\{\{/i.test(href)) return "The address of a link cannot hold a variable.";
    if (!allowedLink.test(href)) return "The address of a link begins with https:// or mailto:.";
  }
  return null;
}

function inlinesOf(blocks: readonly Block[]): Inline[] {
  return blocks.flatMap((block) => (block.kind === "paragraph" ? block.lines : block.items.flat()));
}

/** Paragraphs and lists of a source, with variables as they stand. */
function read(source: string): Block[] {
  const blocks: Block[] = [];
  let list: Extract<Block, { kind: "list" }> | null = null;
  let depth = 0;
  for (const token of reader.parse(source, {})) {
    if (token.type === "bullet_list_open" || token.type === "ordered_list_open") {
      if (depth === 0) {
        list = { kind: "list", ordered: token.type === "ordered_list_open", items: [] };
        blocks.push(list);
      }
      depth += 1;
    }
    if (token.type === "bullet_list_close" || token.type === "ordered_list_close") {
      depth -= 1;
      if (depth === 0) list = null;
    }
    if (token.type !== "inline") continue;
    const lines = inline(token.children ?? []);
    if (list) list.items.push(lines);
    else blocks.push({ kind: "paragraph", lines });
  }
  return blocks;
}

function inline(tokens: readonly Token[]): Inline[] {
  const found: Inline[] = [];
  let strong = false;
  let em = false;
  let href: string | undefined;
  for (const token of tokens) {
    if (token.type === "strong_open" || token.type === "strong_close") strong = token.type === "strong_open";
    if (token.type === "em_open" || token.type === "em_close") em = token.type === "em_open";
    if (token.type === "link_open") href = String(token.attrGet("href") ?? "");
    if (token.type === "link_close") href = undefined;
    const text = token.type === "softbreak" || token.type === "hardbreak" ? "\n" : token.content;
    if (!text) continue;
    found.push({ text, ...(strong ? { strong } : {}), ...(em ? { em } : {}), ...(href === undefined ? {} : { href }) });
  }
  return found;
}

/** Puts values in; null where a condition or an empty value leaves the paragraph out. */
function fillParagraph(lines: readonly Inline[], values: Values): Inline[] | null {
  const [, name] = condition.exec(lines[0]?.text ?? "") ?? [];
  if (name && !values[name]) return null;
  let empty = false;
  const filled = lines.map((one, n) => ({
    ...one,
    text: (n === 0 ? one.text.replace(condition, "") : one.text).replace(variable, (_, inner: string) => {
      const value = values[inner.trim()] ?? "";
      if (!value) empty = true;
      return value;
    }),
  }));
  const said = filled.filter(({ text }) => text !== "");
  return empty || said.length === 0 ? null : said;
}

/** The paragraphs of a source with its values; links that are not allowed are plain text. */
export function writeBlocks(source: string, values: Values): Block[] {
  return read(source).flatMap((block): Block[] => {
    if (block.kind === "paragraph") {
      const lines = fillParagraph(block.lines, values);
      return lines ? [{ kind: "paragraph", lines: lines.map(safe) }] : [];
    }
    const items = block.items.flatMap((item) => {
      const lines = fillParagraph(item, values);
      return lines ? [lines.map(safe)] : [];
    });
    return items.length > 0 ? [{ ...block, items }] : [];
  });
}

function safe({ href, ...one }: Inline): Inline {
  return href !== undefined && allowedLink.test(href) ? { ...one, href } : one;
}

/** A subject or a headline with its values, on one line; what an empty value leaves at its end is taken away. */
export function writeLine(source: string, values: Values): string {
  const text = source.replace(variable, (_, inner: string) => values[inner.trim()] ?? "");
  return text
    .replace(/\s+/g, " ")
    .replace(/[\s,:;–-]+$/, "")
    .trim();
}

/** Blocks as plain text: links with their address behind. */
export function blocksAsText(blocks: readonly Block[]): string {
  const line = (inlines: readonly Inline[]) =>
    inlines.map(({ text, href }) => (href && href !== text ? `${text} (${href})` : text)).join("");
  return blocks
    .map((block) =>
      block.kind === "paragraph"
        ? line(block.lines)
        : block.items.map((item, n) => `${block.ordered ? `${n + 1}.` : "-"} ${line(item)}`).join("\n"),
    )
    .join("\n\n");
}
