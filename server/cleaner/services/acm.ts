import { ACMClient, DeleteCertificateCommand, type KeyAlgorithm, paginateListCertificates } from "@aws-sdk/client-acm";
import { defineService } from "@/server/cleaner/define";

/** Without these the list holds only RSA certificates of 1024 and 2048 bits. */
const keyTypes: KeyAlgorithm[] = [
  "RSA_1024",
  "RSA_2048",
  "RSA_3072",
  "RSA_4096",
  "EC_prime256v1",
  "EC_secp384r1",
  "EC_secp521r1",
];

/** https://docs.aws.amazon.com/acm/latest/APIReference/API_ListCertificates.html (keyTypes) */
export const service = defineService({
  id: "acm",
  title: "AWS Certificate Manager",
  scope: "regional",
  client: (options) => new ACMClient(options),
  types: [
    {
      // What uses it goes meanwhile; AWS lets go of it minutes after a load balancer or a distribution has gone.
      id: "certificate",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for await (const page of paginateListCertificates({ client, pageSize: 1000 }, { Includes: { keyTypes } })) {
          for (const { CertificateArn: id = "", CreatedAt, ImportedAt } of page.CertificateSummaryList ?? []) {
            yield { id, createdAt: CreatedAt ?? ImportedAt };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteCertificateCommand({ CertificateArn: id })),
    },
  ],
});
