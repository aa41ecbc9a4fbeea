import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Double, Request } from "@/server/testing/double";

/** One call of an AWS SDK as it passes the proxy. */
export type ProxiedCall = {
  /** The signing name: "ec2", "s3", "monitoring". */
  service: string;
  region: string;
  /** "DescribeVpcs", or for REST services method and path: "DELETE /bucket". */
  operation: string;
  /** Of the answer; 0 while there is none. */
  status: number;
};

/**
 * What happens to a call. `throttle`, `error` (500) and `denied` answer as AWS would; `hang` never answers; `swallow` answers
 * well and does nothing, like a removal that never finishes; `drop` cuts the connection.
 */
export type Fault = "throttle" | "error" | "denied" | "hang" | "swallow" | "drop";

/** The first rule that returns a fault decides; undefined lets the call through. */
export type FaultRule = (call: ProxiedCall) => Fault | undefined;

export type FaultProxy = {
  endpoint: string;
  /** Every call so far, in order. */
  calls: ProxiedCall[];
  /** Replaces the rules. */
  use(...rules: FaultRule[]): void;
  stop(): Promise<void>;
};

/**
 * A proxy between the SDK and an emulator that lets every call through, unless a rule says otherwise. Operations of `doubles`
 * are answered by these. It learns whose keys are whose from the answers to AssumeRole, as doubles have a store for each account.
 */
export async function startFaultProxy(target: string, doubles: readonly Double[] = []): Promise<FaultProxy> {
  let rules: FaultRule[] = [];
  const accounts = new Map<string, string>();
  const calls: ProxiedCall[] = [];
  const server = createServer((incoming, answer) => {
    void handle(incoming, answer).catch(() => answer.destroy());
  });

  async function handle(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const call = readCall(incoming, body);
    calls.push(call);
    const fault = rules.map((rule) => rule(call)).find((one) => one !== undefined);
    if (fault === "hang") return;
    if (fault === "drop") return void answer.destroy();
    if (fault) return inject(fault, incoming, answer, call);
    const request = { method: incoming.method ?? "", url: incoming.url ?? "", headers: incoming.headers, body };
    for (const double of doubles) {
      const operation = double.service === call.service ? double.operationOf(request) : undefined;
      if (operation) return answerBy(double, operation, request, answer, call);
    }
    forward(incoming, body, answer, call);
  }

  async function answerBy(
    double: Double,
    operation: string,
    request: Omit<Request, "accountId" | "region">,
    answer: ServerResponse,
    call: ProxiedCall,
  ): Promise<void> {
    const key = /Credential=([^/]+)/.exec(String(request.headers.authorization))?.[1] ?? "";
    const accountId = accounts.get(key) ?? "";
    const response = await double.answer(operation, { ...request, accountId, region: call.region });
    call.operation = operation;
    call.status = response.status;
    answer.writeHead(response.status, { ...response.headers, "content-length": Buffer.byteLength(response.body) });
    answer.end(response.body);
  }

  function forward(incoming: IncomingMessage, body: Buffer, answer: ServerResponse, call: ProxiedCall): void {
    const { hostname, port } = new URL(target);
    // The host stays as it was signed.
    const { method, url: path, headers } = incoming;
    const outgoing = httpRequest({ hostname, port, method, path, headers }, (response) => {
      call.status = response.statusCode ?? 0;
      answer.writeHead(call.status, response.headers);
      response.pipe(answer);
      if (call.operation === "AssumeRole") void learn(response);
    });
    outgoing.on("error", () => answer.destroy());
    outgoing.end(body);
  }

  async function learn(response: IncomingMessage): Promise<void> {
    let text = "";
    for await (const chunk of response) text += String(chunk);
    const key = /<AccessKeyId>(\w+)</.exec(text)?.[1];
    const account = /<Arn>arn:aws[\w-]*:sts::(\d{12}):/.exec(text)?.[1];
    if (key && account) accounts.set(key, account);
  }

  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    use: (...next) => {
      rules = next;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function readCall(incoming: IncomingMessage, body: Buffer): ProxiedCall {
  const scope = /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(incoming.headers.authorization ?? "");
  const target = incoming.headers["x-amz-target"];
  const action = /(?:^|&)Action=([^&]+)/.exec(body.toString("latin1", 0, 4_096))?.[1];
  const operation =
    typeof target === "string"
      ? target.slice(target.lastIndexOf(".") + 1)
      : (action ?? `${incoming.method} ${incoming.url}`);
  return { region: scope?.[1] ?? "", service: scope?.[2] ?? "", operation, status: 0 };
}

const errors: Record<"throttle" | "error" | "denied", { status: number; code: Record<string, string> }> = {
  throttle: { status: 400, code: { ec2: "RequestLimitExceeded", s3: "SlowDown", other: "ThrottlingException" } },
  error: { status: 500, code: { ec2: "InternalError", s3: "InternalError", other: "InternalFailure" } },
  denied: { status: 403, code: { ec2: "UnauthorizedOperation", s3: "AccessDenied", other: "AccessDeniedException" } },
};

function inject(
  fault: "throttle" | "error" | "denied" | "swallow",
  incoming: IncomingMessage,
  answer: ServerResponse,
  call: ProxiedCall,
): void {
  const json = typeof incoming.headers["x-amz-target"] === "string" || call.service === "lambda";
  const type = json ? "application/x-amz-json-1.1" : "text/xml";
  if (fault === "swallow") {
    call.status = 200;
    const xml = `<${call.operation}Response><${call.operation}Result/></${call.operation}Response>`;
    answer.writeHead(200, { "content-type": type });
    answer.end(json ? "{}" : /^[A-Za-z]+$/.test(call.operation) ? xml : "");
    return;
  }
  const { status, code } = errors[fault];
  const name = code[call.service] ?? code.other ?? "";
  call.status = call.service === "s3" && fault === "throttle" ? 503 : status;
  answer.writeHead(call.status, { "content-type": type, ...(json ? { "x-amzn-errortype": name } : {}) });
  answer.end(
    json ? JSON.stringify({ __type: name, message: `injected ${fault}` }) : xmlError(call.service, name, fault),
  );
}

function xmlError(service: string, code: string, fault: Fault): string {
  const error = `<Error><Code>${code}</Code><Message>injected ${fault}</Message></Error>`;
  if (service === "s3") return error;
  if (service === "ec2") return `<Response><Errors>${error}</Errors><RequestID>1</RequestID></Response>`;
  return `<ErrorResponse>${error}<RequestId>1</RequestId></ErrorResponse>`;
}
