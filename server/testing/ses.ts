import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * A double of SES in the SDK's own wire format (Query protocol): tells its quota, takes mails after a while, and goes wrong as
 * often as asked for: asks to slow down, answers 5xx, or takes a mail and never says so.
 */

/** One mail that was taken. `answered` is when the answer had left; null when it never did. */
export type Taken = { messageId: string; worker: number; at: number; answered: number | null };

type Faults = { throttled: number; broken: number; silent: number };

export type SesDouble = {
  /** An address for each worker, so that it is known whose answer got lost. */
  endpoints: string[];
  taken: Taken[];
  /** When each mail arrived, taken or not. */
  arrivals: number[];
  faults: Faults;
  /** From now on: mails a second, and which share of them goes wrong. */
  set(options: { perSecond: number; faults: Faults }): void;
  forget(): void;
  close(): void;
};

const latencyMilliseconds = 60;
const now = () => performance.timeOrigin + performance.now();

const xml = (action: string, body: string) =>
  `<${action}Response xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><${action}Result>${body}</${action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${action}Response>`;
const refusal = (type: string, code: string) =>
  `<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>${type}</Type><Code>${code}</Code><Message>as asked</Message></Error><RequestId>r</RequestId></ErrorResponse>`;

export async function startSes(workers: number): Promise<SesDouble> {
  let perSecond = 1;
  let shares: Faults = { throttled: 0, broken: 0, silent: 0 };
  const double: SesDouble = {
    endpoints: [],
    taken: [],
    arrivals: [],
    faults: { throttled: 0, broken: 0, silent: 0 },
    set(options) {
      perSecond = options.perSecond;
      shares = options.faults;
    },
    forget() {
      double.taken = [];
      double.arrivals = [];
      double.faults = { throttled: 0, broken: 0, silent: 0 };
    },
    close: () => {
      for (const server of servers) server.closeAllConnections();
      for (const server of servers) server.close();
    },
  };

  function answer(response: ServerResponse, status: number, body: string): void {
    response.writeHead(status, { "content-type": "text/xml" }).end(body);
  }

  function take(worker: number, messageId: string, response: ServerResponse): void {
    double.arrivals.push(now());
    const luck = Math.random();
    const { throttled, broken, silent } = shares;
    if (luck < throttled) {
      double.faults.throttled += 1;
      answer(response, 400, refusal("Sender", "Throttling"));
      return;
    }
    if (luck < throttled + broken) {
      double.faults.broken += 1;
      answer(response, 503, refusal("Receiver", "ServiceUnavailable"));
      return;
    }
    const mail: Taken = { messageId, worker, at: now(), answered: null };
    double.taken.push(mail);
    if (luck < throttled + broken + silent) {
      double.faults.silent += 1;
      return;
    }
    setTimeout(() => {
      response.once("finish", () => {
        mail.answered = now();
      });
      answer(response, 200, xml("SendRawEmail", `<MessageId>0102-${double.taken.length}-000000</MessageId>`));
    }, latencyMilliseconds);
  }

  const servers: Server[] = [];
  for (let worker = 0; worker < workers; worker++) {
    const server = createServer((request, response) => {
      // Both ends are enough: what stands before the mail and after it. A double that collects garbage answers late.
      let head = "";
      let tail = "";
      request.on("data", (chunk: Buffer) => {
        head ||= chunk.toString("latin1", 0, 200);
        tail = (tail + chunk.toString("latin1", Math.max(0, chunk.length - 400))).slice(-400);
      });
      request.on("end", () => {
        if (!head.includes("Action=SendRawEmail")) {
          const quota = `<Max24HourSend>1000000</Max24HourSend><SentLast24Hours>0</SentLast24Hours><MaxSendRate>${perSecond}</MaxSendRate>`;
          return answer(response, 200, xml("GetSendQuota", quota));
        }
        take(worker, /Tags\.member\.1\.Value=([^&]+)/.exec(tail)?.[1] ?? "", response);
      });
    });
    server.keepAliveTimeout = 60_000;
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    servers.push(server);
    double.endpoints.push(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }
  return double;
}
