import * as acm from "@aws-sdk/client-acm";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import type { Backing } from "@/server/testing/cleaner/backing";

async function seed(input: ClientInput): Promise<void> {
  const client = new acm.ACMClient(clientOptions(input));
  for (const KeyAlgorithm of ["RSA_2048", "EC_prime256v1"] as const) {
    await client.send(new acm.RequestCertificateCommand({ DomainName: "shop.example.com", KeyAlgorithm }));
  }
}

export const backing: Backing = { seed };
