import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** What becomes of a call: passed on, answered by the proxy in the service's place, or cut off. */
export type Fault =
  | { kind: "answer"; status: number; body: string | Buffer; headers?: Record<string, string> }
  /** The connection breaks: before the call is passed on, or after the service did it and before the answer. */
  | { kind: "cut"; when: "before" | "after" };

export type ProxiedCall = {
  /** Number of the call, from 1. */
  number: number;
  method: string;
  path: string;
  /** The operation, where the protocol names it: `Action=` of query services, X-Amz-Target of JSON ones. */
  operation: string;
  headers: IncomingMessage["headers"];
  body: string;
  raw: Buffer;
};

export type RecordedCall = {
  number: number;
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: Buffer;
};

export type CallProxy = {
  endpoint: string;
  /** Calls so far. */
  calls(): number;
  /** Calls by operation. */
  byOperation(): Record<string, number>;
  reset(): void;
  /** While set, keeps what passes through as it came, to be replayed. */
  recording: RecordedCall[] | undefined;
  /** Decides for each call; undefined passes it on. */
  fault: ((call: ProxiedCall) => Fault | undefined | Promise<Fault | undefined>) | undefined;
  /** Told of each answer that came from behind. */
  heard:
    | ((call: ProxiedCall, answer: { status: number; headers: IncomingMessage["headers"]; body: Buffer }) => void)
    | undefined;
  close(): Promise<void>;
};

function operationOf(headers: IncomingMessage["headers"], body: string, method: string): string {
  const target = headers["x-amz-target"];
  if (typeof target === "string") return target.split(".").pop() ?? target;
  return /(?:^|&)Action=([^&]+)/.exec(body)?.[1] ?? method;
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/**
 * An HTTP proxy on 127.0.0.1 between SDK and emulator: adds `latencyMilliseconds` to each call, counts them, and breaks those
 * that `fault` picks. Signatures stay valid, since the Host header is passed on as it came.
 */
export async function startProxy(upstream: string, options: { latencyMilliseconds?: number } = {}): Promise<CallProxy> {
  const target = new URL(upstream);
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  let count = 0;
  let operations = new Map<string, number>();

  const forward = (call: IncomingMessage, body: Buffer) =>
    new Promise<{ status: number; headers: IncomingMessage["headers"]; body: Buffer }>((resolve, reject) => {
      const { method, headers } = call;
      const onward = request(
        { agent, host: target.hostname, port: target.port, path: call.url, method, headers },
        async (answer) => {
          try {
            resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: await bodyOf(answer) });
          } catch (error) {
            reject(error);
          }
        },
      );
      onward.on("error", reject);
      onward.end(body);
    });

  const handle = async (call: IncomingMessage, answer: ServerResponse) => {
    const body = await bodyOf(call);
    count += 1;
    const number = count;
    const text = body.toString("utf8");
    const method = call.method ?? "GET";
    proxy.recording?.push({ number, method, path: call.url ?? "/", headers: call.headers, body });
    const operation = operationOf(call.headers, text, method);
    operations.set(operation, (operations.get(operation) ?? 0) + 1);
    const { headers: sent } = call;
    const proxied: ProxiedCall = {
      number,
      method,
      path: call.url ?? "/",
      operation,
      headers: sent,
      body: text,
      raw: body,
    };
    const fault = await proxy.fault?.(proxied);
    if (options.latencyMilliseconds) await wait(options.latencyMilliseconds);
    if (fault?.kind === "cut" && fault.when === "before") return call.socket.destroy();
    if (fault?.kind === "answer") {
      answer.writeHead(fault.status, fault.headers ?? { "content-type": "text/xml" }).end(fault.body);
      return;
    }
    const reply = await forward(call, body);
    proxy.heard?.(proxied, reply);
    if (fault?.kind === "cut") return call.socket.destroy();
    const { "transfer-encoding": _chunked, connection: _connection, ...headers } = reply.headers;
    answer.writeHead(reply.status, headers).end(reply.body);
  };

  const server = createServer((call, answer) => {
    handle(call, answer).catch(() => call.socket.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: CallProxy = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => count,
    byOperation: () => Object.fromEntries([...operations].sort()),
    reset: () => {
      count = 0;
      operations = new Map();
    },
    fault: undefined,
    heard: undefined,
    recording: undefined,
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
