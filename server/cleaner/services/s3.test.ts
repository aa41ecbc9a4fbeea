import { S3Client } from "@aws-sdk/client-s3";
import { expect, it } from "vitest";
import { clientOptions, type connectionPool } from "@/server/aws/clients";
import type { Place } from "@/server/cleaner/define";
import { service } from "@/server/cleaner/services/s3";

type Handler = Pick<ReturnType<typeof connectionPool>, "handle">;
type Answer = Awaited<ReturnType<Handler["handle"]>>;

/** S3 as far as emptying a bucket goes: `pages` pages of 1,000 versions, answered as the SDK reads them. */
function bucketOf(pages: number) {
  const seen = { listed: 0, deleted: 0, deletions: 0, underWay: 0, most: 0, uploads: 0, aborted: 0 };
  const answer = (body: string, statusCode = 200): Answer => ({
    response: { statusCode, headers: { "content-type": "application/xml" }, body: Buffer.from(body) },
  });

  function page(number: number): string {
    const versions = Array.from(
      { length: 1_000 },
      (_, index) => `<Version><Key>k${number}-${index}</Key><VersionId>v</VersionId></Version>`,
    );
    const more = number + 1 < pages;
    const next = more ? `<NextKeyMarker>${number + 1}</NextKeyMarker><NextVersionIdMarker>v</NextVersionIdMarker>` : "";
    return `<ListVersionsResult><IsTruncated>${more}</IsTruncated>${next}${versions.join("")}</ListVersionsResult>`;
  }

  const handler: Handler = {
    handle: async (request) => {
      const query = request.query ?? {};
      if ("versions" in query) {
        seen.listed++;
        return answer(page(Number(query["key-marker"] ?? 0)));
      }
      if ("delete" in query) {
        seen.deletions++;
        seen.most = Math.max(seen.most, ++seen.underWay);
        await new Promise((resolve) => setImmediate(resolve));
        seen.underWay--;
        seen.deleted += String(request.body).split("<Key>").length - 1;
        return answer("<DeleteResult/>");
      }
      if ("uploads" in query) {
        const first = seen.uploads++ === 0;
        const upload = `<Upload><Key>a</Key><UploadId>u</UploadId></Upload>`;
        const marks = `<NextKeyMarker>a</NextKeyMarker><NextUploadIdMarker>u</NextUploadIdMarker>`;
        return answer(
          `<ListMultipartUploadsResult><IsTruncated>${first}</IsTruncated>${marks}${upload}</ListMultipartUploadsResult>`,
        );
      }
      if ("uploadId" in query) seen.aborted++;
      return answer("", 204);
    },
  };
  return { seen, handler };
}

it("empties a bucket of any size page by page, with a bounded number of deletions under way", async () => {
  const { seen, handler } = bucketOf(60);
  const credentials = { accessKeyId: "x", secretAccessKey: "x" };
  const client = new S3Client(clientOptions({ region: "eu-west-1", credentials, handler }));
  const place: Place<S3Client> = {
    client,
    region: "us-east-1",
    accountId: "111122223333",
    partition: "aws",
    inRegion: () => client,
    protectedRole: () => undefined,
    wait: async () => {},
  };
  await service.types[0]?.attempt(place, { id: "huge", data: { region: "eu-west-1" } });
  expect(seen).toMatchObject({ listed: 60, deleted: 60_000, deletions: 60, underWay: 0, uploads: 2, aborted: 2 });
  expect(seen.most).toBeLessThanOrEqual(4);
});
