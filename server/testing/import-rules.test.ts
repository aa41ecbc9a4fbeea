import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** The import rules of server/README.md, read off the sources. Each violation names its file, its line and the rule. */

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const domains = new Set(
  "teams programs workshops invites registrations sandboxes cleaner mail privacy insights identity".split(" "),
);
/** A domain's door is the file named after it; where the design's roads name another one, that one. */
const doors: Record<string, readonly string[]> = {
  // The local mailbox is a place outside the database that privacy empties; the command line sets up what is in AWS.
  mail: ["outbox", "mailbox", "identity-check"],
  cleaner: ["engine"],
  insights: ["activity"],
  // What is done, and what is read.
  workshops: ["workshops", "views"],
};
/** Pure files, which anybody may import. */
const pure = /\/(schemas|lifecycle|paths|kinds|deadlines|answer-fields)$/;
const isTest = (path: string) => path.includes("/testing/") || /\.test\.tsx?$|\/test-[\w-]+\.ts$/.test(path);

type Import = { target: string; line: number; typeOnly: boolean; dynamic: boolean };
type Source = { path: string; text: string; imports: Import[]; client: boolean; action: boolean };

/** Comments gone, lines kept: what is said in them is not an import. */
function withoutComments(text: string): string {
  const blank = (match: string) => match.replace(/[^\n]/g, " ");
  return text.replace(/\/\*[\s\S]*?\*\//g, blank).replace(/(^|[^:"'`\\])\/\/[^\n]*/g, (match) => blank(match));
}

function importsOf(text: string): Import[] {
  const found: Import[] = [];
  const patterns: [RegExp, boolean][] = [
    [/(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[\w*{][^"';]*?\sfrom\s+)?["']([^"']+)["']/g, false],
    [/\bimport\((\s*)["']([^"']+)["']\)/g, true],
  ];
  for (const [pattern, dynamic] of patterns) {
    for (const match of text.matchAll(pattern)) {
      const at = (match.index ?? 0) + match[0].search(/["']/);
      const names = /\{([^}]*)\}/.exec(match[0])?.[1]?.split(",") ?? [];
      const onlyTypes = names.length > 0 && names.every((name) => !name.trim() || name.trim().startsWith("type "));
      const typeOnly = !dynamic && (Boolean(match[1]?.trim()) || (onlyTypes && !/import\s+\w/.test(match[0])));
      found.push({ target: match[2]!, line: text.slice(0, at).split("\n").length, typeOnly, dynamic });
    }
  }
  return found;
}

/** The path in the repository, without its ending, that an import leads to; a package stays what it is. */
function resolve(from: string, target: string): string {
  if (target.startsWith("@/")) return target.slice(2).replace(/\.tsx?$/, "");
  if (!target.startsWith(".")) return target;
  return relative(root, join(root, from, "..", target)).replace(/\.tsx?$/, "");
}

function read(): Map<string, Source> {
  const sources = new Map<string, Source>();
  const visit = (path: string) => {
    if (!existsSync(join(root, path))) return;
    if (statSync(join(root, path)).isDirectory()) {
      for (const name of readdirSync(join(root, path))) if (name !== "generated") visit(`${path}/${name}`);
      return;
    }
    if (!/\.tsx?$/.test(path)) return;
    const text = withoutComments(readFileSync(join(root, path), "utf8"));
    const directive = /^\s*["'](use client|use server)["']/.exec(text)?.[1];
    const imports = importsOf(text).map((one) => ({ ...one, target: resolve(path, one.target) }));
    const name = path.replace(/\.tsx?$/, "");
    sources.set(name, { path, text, imports, client: directive === "use client", action: directive === "use server" });
  };
  for (const folder of ["app", "components", "server"]) visit(folder);
  return sources;
}

const sources = read();
const inFolder = (name: string, ...folders: string[]) => folders.some((folder) => name.startsWith(`${folder}/`));

function violations(rule: string, breaks: (name: string, one: Import, source: Source) => boolean): string[] {
  return [...sources].flatMap(([name, source]) =>
    source.imports
      .filter((one) => breaks(name, one, source))
      .map((one) => `${source.path}:${one.line} ${one.target}: ${rule}`),
  );
}

/** Lines that match, outside of tests. */
function lines(folders: string[], pattern: RegExp, except: string[], rule: string): string[] {
  return [...sources.values()]
    .filter(({ path }) => inFolder(path, ...folders) && !isTest(`/${path}`) && !except.includes(path))
    .flatMap(({ path, text }) =>
      text
        .split("\n")
        .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1} ${line.trim()}: ${rule}`] : [])),
    );
}

test("the parser of these rules sees every kind of import and no comment", () => {
  const text = withoutComments(
    'import a from "a";\nimport { type B, c } from "b";\nimport type { D } from "d";\n// import e from "e";\n' +
      'import {\n  type F,\n} from "f";\nexport * from "g";\nimport "h";\nconst i = await import("i"); /* import "j" */\n',
  );
  const seen = importsOf(text).map(({ target, typeOnly, line }) => `${target}${typeOnly ? " (type)" : ""}:${line}`);
  expect(seen).toEqual(["a:1", "b:2", "d (type):3", "f (type):7", "g:8", "h:9", "i:10"]);
});

test("server never imports app or components, and components never import app", () => {
  const upward = violations("imports only go from app to components to server", (name, { target }) => {
    if (inFolder(name, "server") && !isTest(`/${name}.ts`)) return inFolder(target, "app", "components");
    // A server action is called over the network, so a form may name it wherever it is.
    return inFolder(name, "components") && inFolder(target, "app") && !sources.get(target)?.action;
  });
  expect(upward).toEqual([]);
});

test("what the browser gets holds nothing of the server but schemas, lifecycles and paths", () => {
  const found = new Set<string>();
  const visit = (name: string, seen: Set<string>) => {
    const source = sources.get(name);
    if (!source || seen.has(name)) return;
    seen.add(name);
    for (const { target, typeOnly, line } of source.imports) {
      // A server action is called over the network: the browser gets its name, not its code.
      if (typeOnly || sources.get(target)?.action) continue;
      if (inFolder(target, "server") && !pure.test(target)) found.add(`${source.path}:${line} ${target}`);
      else visit(target, seen);
    }
  };
  for (const [name, source] of sources) if (source.client) visit(name, new Set());
  expect([...found]).toEqual([]);
});

test("outside packages stay in their rooms", () => {
  const aws = violations("@aws-sdk stays in server/aws and server/cleaner/services", (name, { target, typeOnly }) => {
    if (!/^@(aws-sdk|smithy)\//.test(target) || isTest(`/${name}.ts`)) return false;
    if (name === "server/cleaner/engine" && typeOnly) return false;
    return !inFolder(name, "server/aws", "server/cleaner/services");
  });
  const next = violations("next stays in app, components and server/http", (name, { target }) => {
    return (target === "next" || target.startsWith("next/")) && !inFolder(name, "app", "components", "server/http");
  });
  expect([...aws, ...next]).toEqual([]);
});

test("settings, the database client and the time each have one door", () => {
  const everywhere = ["app", "components", "server"];
  const found = [
    ...lines(everywhere, /\bprocess\.env\b/, ["server/env.ts"], "settings come from server/env.ts"),
    ...lines(everywhere, /\bnew PrismaClient\b/, ["server/db.ts"], "the client is made in server/db.ts"),
    ...lines(
      ["server"],
      /\bnew Date\(\s*\)|\bDate\.now\(|\bTemporal\.Now\b/,
      ["server/context.ts"],
      "the time is ctx.clock.now()",
    ),
  ];
  expect(found).toEqual([]);
});

test("domain folders call each other through the file named after the folder", () => {
  const sideways = violations("another domain is entered by its door", (name, { target }) => {
    const [from, to] = [name.split("/"), target.split("/")];
    if (from[0] !== "server" || to[0] !== "server" || isTest(`/${name}.ts`)) return false;
    const [own, other] = [from[1] ?? "", to[1] ?? ""];
    if (!domains.has(own) || !domains.has(other) || own === other || from.length < 3) return false;
    return !(doors[other] ?? [other]).includes(to.slice(2).join("/")) && !pure.test(target);
  });
  expect(sideways).toEqual([]);
});

test("no import leads back to where it came from", () => {
  const cycles = new Set<string>();
  const done = new Set<string>();
  const visit = (name: string, road: string[]) => {
    const at = road.indexOf(name);
    if (at >= 0) {
      const circle = road.slice(at);
      const first = circle.indexOf([...circle].sort()[0]!);
      cycles.add([...circle.slice(first), ...circle.slice(0, first)].join(" → "));
      return;
    }
    if (done.has(name)) return;
    for (const { target, typeOnly, dynamic } of sources.get(name)?.imports ?? []) {
      if (!typeOnly && !dynamic && sources.has(target)) visit(target, [...road, name]);
    }
    done.add(name);
  };
  for (const name of sources.keys()) if (inFolder(name, "server")) visit(name, []);
  expect([...cycles]).toEqual([]);
});
