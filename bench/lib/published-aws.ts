import type { CallProxy, Fault, ProxiedCall } from "@/bench/lib/proxy";
import type { Double } from "@/server/testing/double";

/**
 * What the emulator lacks of AWS, put before it by the proxy: the rates that AWS publishes, services on doubles, and the
 * answers of regions in which there is nothing.
 */

/** Calls that may come at once, and how many a second are given back. */
type Rate = { burst: number; perSecond: number };

/** Where AWS publishes no rate for a service's API: cautious, and an assumption. */
const unpublished: Rate = { burst: 20, perSecond: 10 };

/**
 * For an account in a region. Sources, by their page's name: "Request throttling for the Amazon EC2 API"; "Quotas for
 * configuring and running a REST API in API Gateway"; "Lambda quotas"; "CloudWatch Logs quotas"; "Amazon SNS endpoints and
 * quotas"; "AWS KMS request quotas"; "AWS Secrets Manager quotas"; "Step Functions service quotas"; "DynamoDB quotas".
 */
function rateOf(service: string, operation: string): { bucket: string } & Rate {
  const reads = /^(Describe|List|Get|Lookup)/.test(operation) || /^(GET|HEAD) /.test(operation);
  const kind = (bucket: string, burst: number, perSecond: number) => ({
    bucket: `${service} ${bucket}`,
    burst,
    perSecond,
  });
  switch (service) {
    case "ec2":
      return reads ? kind("reads", 100, 20) : kind("writes", 50, 5);
    case "apigateway":
      if (/^DELETE \/(restapis|vpclinks|domainnames)\/[^/]+$/.test(operation))
        return kind(operation.split("/")[1] ?? "", 1, 1 / 30);
      return kind("all", 40, 10);
    case "lambda":
      return reads ? kind("reads", 100, 100) : kind("writes", 15, 15);
    case "logs":
      return kind(operation, 10, 10);
    case "sns":
      return kind(operation, 30, 30);
    case "kms":
      return reads ? kind("reads", 500, 500) : kind(operation, 15, 15);
    case "secretsmanager":
      return reads ? kind("reads", 100, 100) : kind("writes", 50, 50);
    case "states":
      return reads ? kind("reads", 100, 5) : kind(operation, 100, 5);
    case "dynamodb":
      return kind("all", 500, 500);
    case "s3":
      return kind("all", 3_500, 3_500);
    case "sts":
      return kind("all", 600, 600);
    default:
      return kind("all", unpublished.burst, unpublished.perSecond);
  }
}

const throttleNames: Record<string, string> = { ec2: "RequestLimitExceeded", s3: "SlowDown" };

/** An error of AWS in the protocol of the call. */
function refusal(call: ProxiedCall, service: string): Fault {
  const name = throttleNames[service] ?? "ThrottlingException";
  if (/Action=/.test(call.body) || service === "s3" || service === "route53" || service === "cloudfront") {
    const error = `<Error><Code>${name}</Code><Message>Rate exceeded</Message></Error>`;
    const body =
      service === "ec2"
        ? `<Response><Errors>${error}</Errors><RequestID>1</RequestID></Response>`
        : service === "s3"
          ? error
          : `<ErrorResponse>${error}<RequestId>1</RequestId></ErrorResponse>`;
    return { kind: "answer", status: service === "s3" ? 503 : 400, body };
  }
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": name };
  return { kind: "answer", status: 429, headers, body: JSON.stringify({ __type: name, message: "Rate exceeded" }) };
}

type Scope = { accountId: string; service: string; region: string };
type Answer = { status: number; headers: Record<string, string>; body: string | Buffer };

const filledIn = ({ body }: Answer, region: string) =>
  typeof body === "string" ? body.replaceAll("{region}", region) : body;

export type PublishedAws = {
  /** While set, answers of this region are kept as those of an empty one. */
  learn(region: string | undefined): void;
  /** Regions whose calls are answered as those of the region that was learnt, of these accounts. */
  empty(accounts: readonly string[], regions: readonly string[]): void;
  /** Begins to hold the rates, and to count. */
  hold(on: boolean): void;
  /** Numbers of the calls that the emulator answered since the rates are held. */
  emulated(): ReadonlySet<number>;
  counts(): { throttled: number; byDoubles: number; asEmpty: number; byEmulator: number };
  /** The bucket that needs longest for the calls that it let through: its time in seconds, and what it is. */
  slowest(): { seconds: number; bucket: string; calls: number };
};

/** Puts all of it into a proxy. */
export function publishAws(proxy: CallProxy, doubles: readonly Double[]): PublishedAws {
  const accounts = new Map<string, string>();
  const answers = new Map<string, Answer>();
  const buckets = new Map<string, Rate & { left: number; at: number; taken: number }>();
  let learning: string | undefined;
  let emptyAccounts = new Set<string>();
  let emptyRegions = new Set<string>();
  let held = false;
  let emulated = new Set<number>();
  let count = { throttled: 0, byDoubles: 0, asEmpty: 0, byEmulator: 0 };

  function scopeOf(call: ProxiedCall): Scope {
    const [, key = "", region = "", service = ""] =
      /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\//.exec(String(call.headers.authorization)) ?? [];
    return { accountId: accounts.get(key) ?? "", region, service };
  }

  const nameOf = (call: ProxiedCall) =>
    call.operation === call.method ? `${call.method} ${call.path.split("?")[0]}` : call.operation;

  /** The same for the same call in another region. */
  const keyOf = (call: ProxiedCall, { service, region }: Scope) =>
    [service, call.method, call.path, call.headers["x-amz-target"], call.body].join("|").replaceAll(region, "{region}");

  function mayPass(call: ProxiedCall, scope: Scope): boolean {
    const rate = rateOf(scope.service, nameOf(call));
    const id = `${scope.accountId} ${scope.region} ${rate.bucket}`;
    const now = performance.now();
    const bucket = buckets.get(id) ?? { ...rate, left: rate.burst, at: now, taken: 0 };
    buckets.set(id, bucket);
    bucket.left = Math.min(bucket.burst, bucket.left + ((now - bucket.at) / 1_000) * bucket.perSecond);
    bucket.at = now;
    if (bucket.left < 1) return false;
    bucket.left--;
    bucket.taken++;
    return true;
  }

  const doublesOf = Map.groupBy(doubles, ({ service }) => service);

  async function byDouble(call: ProxiedCall, scope: Scope): Promise<Fault | undefined> {
    const request = { method: call.method, url: call.path, headers: call.headers, body: call.raw };
    for (const double of doublesOf.get(scope.service) ?? []) {
      const operation = double.operationOf(request);
      if (!operation) continue;
      const { status, headers, body } = await double.answer(operation, { ...request, ...scope });
      return { kind: "answer", status, headers, body: Buffer.from(body) };
    }
    return undefined;
  }

  function remember(
    call: ProxiedCall,
    scope: Scope,
    status: number,
    headers: Record<string, string>,
    body: Buffer,
  ): void {
    if (!learning || scope.region !== learning || status !== 200) return;
    // Binary answers stay as they are: no region stands in an empty one.
    const text = /cbor/.test(headers["content-type"] ?? "") ? body : body.toString().replaceAll(learning, "{region}");
    answers.set(keyOf(call, scope), { status: 200, headers, body: text });
  }

  proxy.fault = async (call) => {
    const scope = scopeOf(call);
    if (held && !mayPass(call, scope)) {
      count.throttled++;
      return refusal(call, scope.service);
    }
    if (emptyAccounts.has(scope.accountId) && emptyRegions.has(scope.region)) {
      const known = answers.get(keyOf(call, scope));
      if (known) {
        count.asEmpty++;
        return { kind: "answer", ...known, body: filledIn(known, scope.region) };
      }
    }
    const double = await byDouble(call, scope);
    if (double) {
      count.byDoubles++;
      if (double.kind === "answer")
        remember(call, scope, double.status, double.headers ?? {}, Buffer.from(double.body));
      return double;
    }
    count.byEmulator++;
    emulated.add(call.number);
    return undefined;
  };
  proxy.heard = (call, answer) => {
    if (call.operation === "AssumeRole") {
      const text = answer.body.toString();
      const key = /<AccessKeyId>(\w+)</.exec(text)?.[1];
      const account = /<Arn>arn:aws[\w-]*:sts::(\d{12}):/.exec(text)?.[1];
      if (key && account) accounts.set(key, account);
    }
    const type = answer.headers["content-type"];
    remember(call, scopeOf(call), answer.status, typeof type === "string" ? { "content-type": type } : {}, answer.body);
  };

  return {
    learn: (region) => {
      learning = region;
    },
    empty: (ids, regions) => {
      emptyAccounts = new Set(ids);
      emptyRegions = new Set(regions);
    },
    hold: (on) => {
      held = on;
      buckets.clear();
      emulated = new Set();
      count = { throttled: 0, byDoubles: 0, asEmpty: 0, byEmulator: 0 };
    },
    emulated: () => emulated,
    counts: () => count,
    slowest: () => {
      const times = [...buckets].map(([bucket, { taken, burst, perSecond }]) => ({
        bucket,
        calls: taken,
        seconds: Math.max(0, taken - burst) / perSecond,
      }));
      return times.sort((a, b) => b.seconds - a.seconds)[0] ?? { seconds: 0, bucket: "none", calls: 0 };
    },
  };
}
