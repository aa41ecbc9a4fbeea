import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/**
 * Encrypts a short secret for a database column (AES-256-GCM, NIST SP 800-38D; random 96-bit nonce). `purpose` is bound to
 * the text, so that a value copied into another column does not open.
 */
export function seal(secretKey: Uint8Array, purpose: string, plain: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", secretKey, nonce);
  cipher.setAAD(Buffer.from(purpose));
  const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64url");
}

/** Opens what `seal` made with the same key and purpose; throws on anything else. */
export function unseal(secretKey: Uint8Array, purpose: string, sealed: string): string {
  const bytes = Buffer.from(sealed, "base64url");
  const decipher = createDecipheriv("aes-256-gcm", secretKey, bytes.subarray(0, 12));
  decipher.setAAD(Buffer.from(purpose));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
}
