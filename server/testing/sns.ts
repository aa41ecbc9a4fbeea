import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { makeToken } from "@/server/ids";

/** SNS for tests: notices signed by a key and a certificate of our own, as AWS signs them. */

function der(tag: number, ...parts: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "hex") : part)));
  const { length } = body;
  const head = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), body]);
}

/** A self-signed certificate (RFC 5280, version 1) for "sns.amazonaws.com", valid between two instants such as "260101000000Z". */
function certificate(publicKey: KeyObject, privateKey: KeyObject, from: string, to: string): string {
  const sha256WithRsa = der(0x30, "06092a864886f70d01010b", "0500");
  const name = der(0x30, der(0x31, der(0x30, "0603550403", der(0x0c, Buffer.from("sns.amazonaws.com")))));
  const validity = der(0x30, der(0x17, Buffer.from(from)), der(0x17, Buffer.from(to)));
  const spki = publicKey.export({ type: "spki", format: "der" });
  const body = der(0x30, "020101", sha256WithRsa, name, validity, name, spki);
  const signature = sign("sha256", body, privateKey);
  const whole = der(0x30, body, sha256WithRsa, der(0x03, "00", signature));
  return `-----BEGIN CERTIFICATE-----\n${whole.toString("base64")}\n-----END CERTIFICATE-----\n`;
}

export type SnsFields = Record<string, string>;

/** A signer with its certificate; `asked` are the addresses from which certificates were fetched. */
export function snsDouble(validTo = "460101000000Z") {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = certificate(publicKey, privateKey, "260101000000Z", validTo);
  const asked: string[] = [];
  const signed = [
    ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
    ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
  ] as const;
  return {
    asked,
    certificates: async (url: URL) => {
      asked.push(url.href);
      return pem;
    },
    /** The body of a POST of SNS; `over` are fields that are signed, `after` what somebody changed on the way. */
    post(over: SnsFields, after: SnsFields = {}): string {
      const fields: SnsFields = {
        Type: "Notification",
        MessageId: makeToken(),
        SignatureVersion: "2",
        SigningCertURL: "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a1b2c.pem",
        ...over,
      };
      const names = signed[fields.Type === "Notification" ? 0 : 1];
      const text = names.flatMap((name) => (fields[name] ? [`${name}\n${fields[name]}\n`] : [])).join("");
      const hash = fields.SignatureVersion === "1" ? "sha1" : "sha256";
      fields.Signature = sign(hash, Buffer.from(text), privateKey).toString("base64");
      return JSON.stringify({ ...fields, ...after });
    },
  };
}
