import { watch } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/**
 * People who register, as their browsers do it without script: each page is asked for, the form is sent with the hidden fields
 * that the page has, a redirect is followed, and the link comes from the mail that the worker sent. Each has cookies and a
 * client address of their own.
 */

export const steps = ["invitation", "form", "check mail", "mail arrives", "link", "confirm", "my workshop"] as const;
export type Step = (typeof steps)[number];

export type Visitor = { email: string; address: string; invite: string; twice?: boolean };
export type Visit = Visitor & {
  /** What the last page said. */
  outcome: "confirmed" | "waitlisted";
  milliseconds: Record<Step, number>;
  whole: number;
  /** When the confirming button was pressed and when its answer was there. */
  pressed: number;
  answered: number;
};

type Answer = { status: number; headers: IncomingHttpHeaders; text: string };

/** Addresses of the bench end here, so that its mails can be told from others. */
export const visitorDomain = "bench.example";

/** The mails of a mailbox folder: resolves with the token of the confirm link that an address got. */
export class Mailbox {
  #waiting = new Map<string, (token: string) => void>();
  #tokens = new Map<string, string>();
  #seen = new Set<string>();
  #watcher;
  #timer;

  constructor(readonly folder: string) {
    this.#watcher = watch(folder, (_event, name) => void (name && this.#read(name)));
    // The system may drop events when very many come at once.
    this.#timer = setInterval(() => void this.#readAll(), 1_000);
  }

  /** Each mail with a confirm link counts for one press of the form's button. */
  tokenFor(email: string): Promise<string> {
    const known = this.#tokens.get(email);
    if (known) {
      this.#tokens.delete(email);
      return Promise.resolve(known);
    }
    return new Promise((resolve) => this.#waiting.set(email, resolve));
  }

  close(): void {
    this.#watcher.close();
    clearInterval(this.#timer);
  }

  async #readAll() {
    for (const name of await readdir(this.folder)) this.#read(name);
  }

  #read(name: string): void {
    if (!name.endsWith(".eml") || this.#seen.has(name)) return;
    this.#seen.add(name);
    readFile(join(this.folder, name), "latin1").then(
      (raw) => this.#take(raw),
      () => this.#seen.delete(name),
    );
  }

  #take(raw: string): void {
    const email = new RegExp(`^To:[^@]*?([a-z0-9-]+@${visitorDomain})`, "im").exec(raw)?.[1];
    const token = /\/confirm\/([A-Za-z0-9_-]{32})/.exec(raw.replace(/=\r\n/g, ""))?.[1];
    if (!email || !token) return;
    const resolve = this.#waiting.get(email);
    this.#waiting.delete(email);
    if (resolve) resolve(token);
    else this.#tokens.set(email, token);
  }
}

/** One browser: cookies, an address, and the connections of all. */
class Browser {
  #cookies = new Map<string, string>();

  constructor(
    readonly site: { url: URL; agent: Agent },
    readonly address: string,
  ) {}

  #send(method: "GET" | "POST", path: string, body?: { type: string; bytes: Buffer }): Promise<Answer> {
    const { url, agent } = this.site;
    const headers: Record<string, string | number> = {
      host: url.host,
      "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
      accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
      "accept-language": "en",
      "accept-encoding": "gzip",
      "sec-fetch-mode": "navigate",
      "sec-fetch-dest": "document",
      "sec-fetch-site": body ? "same-origin" : "none",
      // As the load balancer in front writes it.
      "x-forwarded-for": this.address,
    };
    if (this.#cookies.size > 0)
      headers.cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    if (body) {
      headers.origin = url.origin;
      headers["content-type"] = body.type;
      headers["content-length"] = body.bytes.length;
    }
    return new Promise((resolve, reject) => {
      const call = request({ agent, hostname: url.hostname, port: url.port, method, path, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          for (const line of answer.headers["set-cookie"] ?? []) this.#keep(line);
          const bytes = Buffer.concat(chunks);
          const text = answer.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes;
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: text.toString("utf8") });
        });
      });
      call.on("error", reject);
      call.end(body?.bytes);
    });
  }

  #keep(line: string): void {
    const pair = line.split(";")[0]!;
    const at = pair.indexOf("=");
    this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }

  async open(path: string): Promise<string> {
    const { status, text } = await this.#send("GET", path);
    if (status !== 200) throw new Error(`GET ${path.replace(/[A-Za-z0-9_-]{20,}/, "…")} answered ${status}`);
    return text;
  }

  /** Sends the form of a page that has all of these fields, and returns where the answer leads. */
  async submit(path: string, html: string, typed: Record<string, string>): Promise<string> {
    const { status, headers, text } = await this.#send("POST", path, multipart(fieldsOf(html, typed)));
    const to = headers.location;
    if (status !== 303 || !to) {
      const said = /role="alert"[^>]*>(.*?)<\/div>/s.exec(text)?.[1]?.replace(/<[^>]+>/g, " ");
      throw new Error(`The form answered ${status}${said ? `: ${said.trim()}` : ""}`);
    }
    return to.startsWith("http") ? to.slice(this.site.url.origin.length) : to;
  }
}

const plain = (text: string) =>
  text
    .replace(/&quot;/g, '"')
    .replace(/&#x27;/g, "'")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&");

/** What a browser sends for the page's form that has the typed fields: its hidden fields, what it holds, what was typed. */
function fieldsOf(html: string, typed: Record<string, string>): [string, string][] {
  for (const [, form] of html.matchAll(/<form\b[^>]*>(.*?)<\/form>/gs)) {
    const inputs = [...form!.matchAll(/<input\b[^>]*>/g)].flatMap(([tag]): [string, string][] => {
      const name = / name="([^"]*)"/.exec(tag)?.[1];
      if (!name || / type="(checkbox|radio|submit)"/.test(tag)) return [];
      return [[plain(name), plain(/ value="([^"]*)"/.exec(tag)?.[1] ?? "")]];
    });
    const names = new Set(inputs.map(([name]) => name));
    if (Object.keys(typed).every((name) => names.has(name)))
      return inputs.map(([name, value]) => [name, typed[name] ?? value]);
  }
  throw new Error(`The page has no form with ${Object.keys(typed).join(", ")}`);
}

const boundary = "----bench7MA4YWxkTrZu0gW";

function multipart(fields: [string, string][]) {
  const parts = fields.map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    bytes: Buffer.from(`${parts.join("")}--${boundary}--\r\n`),
  };
}

/** From opening the invitation to the page that says where they stand. */
async function register(site: { url: URL; agent: Agent }, mailbox: Mailbox, visitor: Visitor): Promise<Visit> {
  const browser = new Browser(site, visitor.address);
  const milliseconds = {} as Record<Step, number>;
  const began = performance.now();
  let last = began;
  const done = (step: Step) => {
    const now = performance.now();
    milliseconds[step] = now - last;
    last = now;
  };
  const press = (path: string, page: string, typed: Record<string, string>) =>
    Promise.all(Array.from({ length: visitor.twice ? 2 : 1 }, () => browser.submit(path, page, typed)));

  const invitation = await browser.open(`/i/${visitor.invite}`);
  done("invitation");
  const name = `Visitor ${visitor.email.split("@")[0]}`;
  const typed = { name, email: visitor.email, company: "Acme", jobTitle: "Engineer" };
  const [checkMail] = await press(`/i/${visitor.invite}`, invitation, typed);
  done("form");
  await browser.open(checkMail!);
  done("check mail");
  const token = await mailbox.tokenFor(visitor.email);
  done("mail arrives");
  const link = await browser.open(`/confirm/${token}`);
  done("link");
  const pressed = last;
  const [mine] = await press(`/confirm/${token}`, link, { token });
  done("confirm");
  const answered = last;
  const page = await browser.open(mine!);
  done("my workshop");
  return { ...visitor, outcome: outcomeOf(page), milliseconds, whole: last - began, pressed, answered };
}

function outcomeOf(page: string): Visit["outcome"] {
  const headline = /<h1[^>]*>(.*?)<\/h1>/s.exec(page)?.[1] ?? "";
  if (headline.startsWith("You are in")) return "confirmed";
  if (/on the list/.test(headline)) return "waitlisted";
  throw new Error(`"My workshop" says: ${headline}`);
}

/** Lets them come, so many at once, the next as soon as one is through. Anybody who does not get through fails all. */
export async function visitAll(
  { url, mailbox, atOnce }: { url: string; mailbox: Mailbox; atOnce: number },
  visitors: readonly Visitor[],
): Promise<{ visits: Visit[]; seconds: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const site = { url: new URL(url), agent };
  const queue = [...visitors];
  const visits: Visit[] = [];
  const began = performance.now();
  const runner = async () => {
    for (let visitor = queue.shift(); visitor; visitor = queue.shift())
      visits.push(await register(site, mailbox, visitor));
  };
  await Promise.all(Array.from({ length: atOnce }, runner));
  const seconds = (performance.now() - began) / 1000;
  agent.destroy();
  return { visits, seconds };
}
