import { XmlCodec } from "@aws-sdk/core/protocols";
import { NormalizedSchema } from "@smithy/core/schema";
import type { AnyClient } from "@/server/aws/clients";

/**
 * A double of AWS services that the emulator does not have: a small store behind the SDK's own schemas. Requests come over
 * HTTP as the SDK signed and wrote them, and answers are written with the schemas by which the SDK reads them, so that
 * signing, retries, paging and parsing are the real ones.
 */

/** An answer or a request as the SDK shapes it: member names as in its types. */
export type Shape = Record<string, unknown>;

/** What an operation of a double answers with when it refuses. */
export class DoubleError extends Error {
  readonly status: number;

  constructor(name: string, status = 400, message = "refused by the double") {
    super(message);
    this.name = name;
    this.status = status;
  }
}

/** What is there in one account and region: by kind, then by key. */
export type Store = {
  /** A copy of all of a kind. */
  all(kind: string): Shape[];
  get(kind: string, key: string): Shape | undefined;
  put(kind: string, key: string, item: Shape): void;
  remove(kind: string, key: string): boolean;
  region: string;
  accountId: string;
};

/** One kind of resource: how it is listed, page by page, and removed. What is left out, `answers` has to say. */
export type DoubleKind = {
  /** `items` is the way to the list in the answer: "Brokers", or "DistributionList.Items". */
  list?: {
    operation: string;
    items: string;
    /** Member of the request that takes the token, and member of the answer that gives it. Left out: one page. */
    token?: readonly [request: string, answer: string];
    /** Only items whose member equals that of the request, for lists inside a parent: { clusterArn: "clusterArn" }. */
    where?: Readonly<Record<string, string>>;
    /** Member of the request with the key or keys that alone are asked for, when it is given. */
    only?: string;
    /** What an item looks like in the list; default: as it is. */
    as?(item: Shape): unknown;
  };
  /** Member that names an item. */
  key: string;
  remove?: {
    operation: string;
    /** Member of the request with the key. */
    key: string;
    /** Name of the error for what is not there. */
    missing: string;
    missingStatus?: number;
    /** The error that refuses a removal now, e.g. because a protection is on. */
    refuses?(item: Shape, store: Store): DoubleError | undefined;
    /** Members that an item gets when its removal was asked for; it is gone after one more list. */
    leaves?: Shape;
    answer?: Shape;
  };
  /** Reads that answer with one item, by operation: { DescribeBroker: "BrokerId" }; the answer is the item itself. */
  read?: Readonly<Record<string, string>>;
  /** What there is when the account is seeded; `n` counts from 0. */
  make(n: number, place: { region: string; accountId: string }): Shape;
  /** How many are seeded; default 3: more than a page. */
  count?: number;
};

type Answer = (store: Store, input: Shape) => unknown;

export type DoubleDefinition = {
  /** The client's module: its schemas say how requests and answers look. */
  sdk: object;
  client: new (options: { region: string }) => AnyClient;
  /** Names are those of the service file's types. */
  kinds?: Readonly<Record<string, DoubleKind>>;
  /** One store for all regions, as global services have. */
  global?: boolean;
  /** Further operations. An answer is the output's shape. */
  answers?: Readonly<Record<string, Answer>>;
};

export type Request = {
  method: string;
  /** With the query. */
  url: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
  accountId: string;
  region: string;
};
export type Response = { status: number; headers: Record<string, string>; body: Buffer | string };

export type Double = {
  /** By which its calls are signed: "kafka". */
  service: string;
  kinds: readonly string[];
  /** Name of the operation when it is one of this double's; undefined leaves the call to the emulator. */
  operationOf(request: Pick<Request, "method" | "url" | "headers" | "body">): string | undefined;
  answer(operation: string, request: Request): Promise<Response>;
  /** Puts what `make` says into an account and region; answers how many of each kind. */
  seed(place: { region: string; accountId: string }): Record<string, number>;
};

type Codec = {
  createSerializer(): { write(schema: unknown, value: unknown): void; flush(): string | Uint8Array };
  createDeserializer(): { read(schema: unknown, data: string | Uint8Array): unknown };
};
type Protocol = { getShapeId(): string; getPayloadCodec?(): Codec };
/** [9, namespace, name, traits, input, output], as the SDK's clients export it under "<Operation>$". */
type OperationSchema = readonly [9, string, string, unknown, unknown, unknown];
type Http = readonly [method: string, path: string, status: number];

const pageSize = 2;
const deref = (schema: unknown) => (typeof schema === "function" ? (schema as () => unknown)() : schema);

/** Makes a double from a table of kinds and further answers. */
export function defineDouble(definition: DoubleDefinition): Double {
  const { kinds = {} } = definition;
  const answers: Record<string, Answer> = { ...kindAnswers(kinds), ...definition.answers };
  const schemas = new Map(Object.keys(answers).map((name) => [name, operationSchema(definition.sdk, name)] as const));
  const options = { region: "us-east-1", credentials: { accessKeyId: "x", secretAccessKey: "x" } };
  const client = new definition.client(options) as AnyClient & {
    config: { protocol: Protocol; defaultSigningName: string };
  };
  const { protocol } = client.config;
  const id = protocol.getShapeId();
  const routes = [...schemas].flatMap(([name, schema]) => {
    const http = (schema[3] as { http?: Http } | undefined)?.http;
    return http ? [{ name, method: http[0], path: pathPattern(http[1]) }] : [];
  });
  const stores = new Map<string, Store>();

  function storeOf(place: { region: string; accountId: string }): Store {
    const key = definition.global ? place.accountId : `${place.accountId} ${place.region}`;
    const store = stores.get(key) ?? makeStore(place);
    stores.set(key, store);
    return store;
  }

  function operationOf({ method, url, headers, body }: Pick<Request, "method" | "url" | "headers" | "body">) {
    const target = headers["x-amz-target"];
    if (typeof target === "string") return known(target.slice(target.lastIndexOf(".") + 1));
    const cbor = /\/operation\/(\w+)$/.exec(url)?.[1];
    if (cbor) return known(cbor);
    if (/query/i.test(id)) return known(new URLSearchParams(body.toString()).get("Action") ?? "");
    const [path = ""] = url.split("?");
    // A fixed path before one with a label: /apps/search is no app.
    const matching = routes.filter((route) => route.method === method && route.path.test(path));
    return matching.sort((a, b) => a.path.source.split("[^/]").length - b.path.source.split("[^/]").length)[0]?.name;
  }

  const known = (name: string) => (name in answers ? name : undefined);

  async function answer(operation: string, request: Request): Promise<Response> {
    const schema = schemas.get(operation);
    const act = answers[operation];
    if (!schema || !act) throw new Error(`${operation} is not of this double`);
    try {
      const input = await readInput(protocol, schema, request);
      const output = ((await act(storeOf(request), input)) ?? {}) as Shape;
      return writeOutput(protocol, operation, schema, output);
    } catch (error) {
      if (error instanceof DoubleError) return writeError(id, error);
      throw error;
    }
  }

  return {
    service: client.config.defaultSigningName,
    kinds: Object.keys(kinds),
    operationOf,
    answer,
    seed: (place) => {
      const store = storeOf(place);
      const counts: Record<string, number> = {};
      for (const [name, kind] of Object.entries(kinds)) {
        const count = kind.count ?? pageSize + 1;
        counts[name] = count;
        for (let n = 0; n < count; n++) {
          const item = kind.make(n, place);
          store.put(name, String(item[kind.key]), item);
        }
      }
      return counts;
    },
  };
}

function makeStore(place: { region: string; accountId: string }): Store {
  const kinds = new Map<string, Map<string, Shape>>();
  const of = (kind: string) => {
    const items = kinds.get(kind) ?? new Map<string, Shape>();
    kinds.set(kind, items);
    return items;
  };
  return {
    region: place.region,
    accountId: place.accountId,
    all: (kind) => [...of(kind).values()],
    get: (kind, key) => of(kind).get(key),
    put: (kind, key, item) => void of(kind).set(key, item),
    remove: (kind, key) => of(kind).delete(key),
  };
}

// --- Kinds -----------------------------------------------------------------------------------------------------------

const leaving = "double:leaving";

function kindAnswers(kinds: Readonly<Record<string, DoubleKind>>): Record<string, Answer> {
  const answers: Record<string, Answer> = {};
  for (const [name, kind] of Object.entries(kinds)) {
    const { list, remove } = kind;
    if (list) answers[list.operation] = (store, input) => listPage(store, name, { ...kind, list }, input);
    if (remove) answers[remove.operation] = (store, input) => removeOne(store, name, remove, input);
    for (const [operation, member] of Object.entries(kind.read ?? {})) {
      answers[operation] = (store, input) => {
        const item = store.get(name, String(input[member]));
        if (!item)
          throw new DoubleError(remove?.missing ?? "NotFoundException", remove?.missingStatus ?? 404, "does not exist");
        return item;
      };
    }
  }
  return answers;
}

type Listed = Pick<Required<DoubleKind>, "key" | "list">;

function listPage(store: Store, name: string, kind: Listed, input: Shape): Shape {
  const { items: path, token, where = {}, only, as = (item: Shape) => item } = kind.list;
  const start = token ? Number(input[token[0]] ?? 0) : 0;
  const asked = only === undefined ? undefined : input[only];
  const wanted: readonly unknown[] | undefined = Array.isArray(asked)
    ? asked
    : asked === undefined
      ? undefined
      : [asked];
  const listed = () =>
    store
      .all(name)
      .filter((item) => Object.entries(where).every(([own, member]) => item[own] === input[member]))
      .filter((item) => wanted?.includes(item[kind.key]) ?? true);
  // Only between two lists: within one, what goes would move the pages.
  if (start === 0) {
    for (const item of listed()) if (item[leaving] === "seen") store.remove(name, String(item[kind.key]));
  }
  const matching = listed();
  const end = token ? start + pageSize : matching.length;
  const page = matching.slice(start, end);
  for (const item of page) if (item[leaving]) item[leaving] = "seen";
  const output: Shape = {};
  place(output, path, page.map(as));
  if (token && end < matching.length) place(output, token[1], String(end));
  return output;
}

function place(target: Shape, path: string, value: unknown): void {
  const [head = "", ...rest] = path.split(".");
  if (rest.length === 0) {
    target[head] = value;
    return;
  }
  const inner = (target[head] ?? {}) as Shape;
  target[head] = inner;
  place(inner, rest.join("."), value);
}

function removeOne(store: Store, name: string, remove: NonNullable<DoubleKind["remove"]>, input: Shape): Shape {
  const { key, missing, missingStatus, refuses, leaves, answer = {} } = remove;
  const asked = String(input[key]);
  const item = store.get(name, asked);
  if (!item || item[leaving]) throw new DoubleError(missing, missingStatus ?? 404, "does not exist");
  const refusal = refuses?.(item, store);
  if (refusal) throw refusal;
  if (leaves) store.put(name, asked, { ...item, ...leaves, [leaving]: "asked" });
  else store.remove(name, asked);
  return answer;
}

// --- The wire --------------------------------------------------------------------------------------------------------

function operationSchema(sdk: object, name: string): OperationSchema {
  const schema = (sdk as Record<string, unknown>)[`${name}$`];
  if (!Array.isArray(schema) || schema[0] !== 9) throw new Error(`The client has no operation ${name}`);
  return schema as unknown as OperationSchema;
}

function pathPattern(template: string): RegExp {
  const [path = ""] = template.split("?");
  const parts = path.split(/(\{\w+\+?\})/).map((part) => {
    if (!part.startsWith("{")) return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const name = part.replace(/[{}+]/g, "");
    return part.endsWith("+}") ? `(?<${name}>.+)` : `(?<${name}>[^/]+)`;
  });
  return new RegExp(`^${parts.join("")}/?$`);
}

async function readInput(protocol: Protocol, schema: OperationSchema, request: Request): Promise<Shape> {
  if (/query/i.test(protocol.getShapeId())) {
    return Object.fromEntries(new URLSearchParams(request.body.toString()));
  }
  const input = NormalizedSchema.of(deref(schema[4]) as never);
  const http = (schema[3] as { http?: Http } | undefined)?.http;
  const body = await readBody(protocol, deref(schema[4]), request.body);
  if (!http || !/rest/i.test(protocol.getShapeId())) return body;
  const url = new URL(request.url, "http://double");
  const labels = pathPattern(http[1]).exec(url.pathname)?.groups ?? {};
  const values: Shape = { ...body };
  for (const [member, shape] of input.structIterator()) {
    const traits = shape.getMergedTraits() as { httpLabel?: 1; httpQuery?: string; httpHeader?: string };
    if (traits.httpLabel) values[member] = decodeURIComponent(labels[member] ?? "");
    if (traits.httpQuery && url.searchParams.has(traits.httpQuery))
      values[member] = url.searchParams.get(traits.httpQuery);
    const header = traits.httpHeader && request.headers[traits.httpHeader.toLowerCase()];
    if (header) values[member] = header;
  }
  return values;
}

async function readBody(protocol: Protocol, schema: unknown, body: Buffer): Promise<Shape> {
  if (body.length === 0 || !protocol.getPayloadCodec) return {};
  const cbor = /cbor/i.test(protocol.getShapeId());
  const data = cbor ? new Uint8Array(body) : body.toString();
  return (await protocol.getPayloadCodec().createDeserializer().read(schema, data)) as Shape;
}

function writeOutput(protocol: Protocol, operation: string, schema: OperationSchema, output: Shape): Response {
  const id = protocol.getShapeId();
  if (/query/i.test(id)) return writeQuery(id, operation, schema, output);
  if (!protocol.getPayloadCodec) throw new Error(`${id} is not spoken by the double`);
  const headers: Record<string, string> = { "content-type": contentType(id) };
  if (/cbor/i.test(id)) headers["smithy-protocol"] = "rpc-v2-cbor";
  const shape = NormalizedSchema.of(deref(schema[5]) as never);
  let target: unknown = deref(schema[5]);
  let value: unknown = output;
  for (const [member, own] of shape.isStructSchema() ? shape.structIterator() : []) {
    const traits = own.getMergedTraits() as { httpHeader?: string; httpPayload?: 1 };
    if (traits.httpHeader && output[member] !== undefined) headers[traits.httpHeader] = String(output[member]);
    if (traits.httpPayload) {
      target = own.getSchema();
      value = output[member] ?? {};
    }
  }
  if (shape.isUnitSchema()) return { status: 200, headers, body: /json/i.test(id) ? "{}" : "" };
  return { status: 200, headers, body: serialize(protocol.getPayloadCodec(), target, value) };
}

/** EC2's answers have no wrapper for the result, those of other query services do; without an output there is none. */
function writeQuery(protocol: string, operation: string, schema: OperationSchema, output: Shape): Response {
  const headers = { "content-type": "text/xml" };
  if (NormalizedSchema.of(deref(schema[5]) as never).isUnitSchema()) {
    return { status: 200, headers, body: `<${operation}Response/>` };
  }
  const options = { timestampFormat: { useTrait: true, default: 5 }, xmlNamespace: "", serviceNamespace: schema[1] };
  const xml = serialize(new XmlCodec(options as never) as unknown as Codec, deref(schema[5]), output).toString();
  const inner = xml.replace(/^<\w+[^>]*>|<\/\w+>$/g, "");
  const result = /ec2/i.test(protocol) ? inner : `<${operation}Result>${inner}</${operation}Result>`;
  return { status: 200, headers, body: `<${operation}Response>${result}</${operation}Response>` };
}

function serialize(codec: Codec, schema: unknown, value: unknown): Buffer {
  const serializer = codec.createSerializer();
  serializer.write(schema, value);
  return Buffer.from(serializer.flush());
}

function contentType(protocol: string): string {
  if (/cbor/i.test(protocol)) return "application/cbor";
  if (/xml/i.test(protocol)) return "text/xml";
  return /json1_0/i.test(protocol) ? "application/x-amz-json-1.0" : "application/x-amz-json-1.1";
}

function writeError(protocol: string, error: DoubleError): Response {
  if (/ec2/i.test(protocol)) {
    const body = `<Response><Errors><Error><Code>${error.name}</Code><Message>${error.message}</Message></Error></Errors><RequestID>1</RequestID></Response>`;
    return { status: error.status, headers: { "content-type": "text/xml" }, body };
  }
  if (/xml|query/i.test(protocol)) {
    const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${error.name}</Code><Message>${error.message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`;
    return { status: error.status, headers: { "content-type": "text/xml" }, body };
  }
  const body = JSON.stringify({ __type: error.name, message: error.message });
  const headers = { "content-type": contentType(protocol), "x-amzn-errortype": error.name };
  return { status: error.status, headers, body };
}
