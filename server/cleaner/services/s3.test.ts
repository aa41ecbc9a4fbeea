import { S3Client } from "@aws-sdk/client-s3";
import { expect, it } from "vitest";
import { clientOptions, type connectionPool } from "@/server/aws/clients";
import { type Place, RemovedLater } from "@/server/cleaner/define";
import { emptyBucket, service } from "@/server/cleaner/services/s3";

type Handler = Pick<ReturnType<typeof connectionPool>, "handle">;
type Answer = Awaited<ReturnType<Handler["handle"]>>;

/** S3 as far as emptying a bucket goes: keys in order, a thousand to a page, each there until it is deleted. */
function bucketOf(count: number) {
  const seen = { listed: 0, deleted: 0, underWay: 0, most: 0, uploads: 0, aborted: 0, lifecycle: "" };
  const answer = (body: string, statusCode = 200): Answer => ({
    response: { statusCode, headers: { "content-type": "application/xml" }, body: Buffer.from(body) },
  });
  const keyOf = (index: number) => `logs/${index.toString(36).padStart(5, "0")}`;
  const indexAfter = (marker: string) => {
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (keyOf(middle) > marker) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  const isGone = new Uint8Array(count);

  function page(marker: string): string {
    const start = marker ? indexAfter(marker) : 0;
    const end = Math.min(count, start + 1_000);
    let versions = "";
    for (let index = start; index < end; index++) {
      if (!isGone[index]) versions += `<Version><Key>${keyOf(index)}</Key><VersionId>v</VersionId></Version>`;
    }
    const next = `<NextKeyMarker>${keyOf(end - 1)}</NextKeyMarker><NextVersionIdMarker>v</NextVersionIdMarker>`;
    const more = end < count;
    return `<ListVersionsResult><IsTruncated>${more}</IsTruncated>${more ? next : ""}${versions}</ListVersionsResult>`;
  }

  async function deleteThem(body: string): Promise<void> {
    seen.most = Math.max(seen.most, ++seen.underWay);
    await new Promise((resolve) => setImmediate(resolve));
    seen.underWay--;
    for (const [, key = ""] of body.matchAll(/<Key>logs\/(\w+)<\/Key>/g)) {
      const index = Number.parseInt(key, 36);
      if (!isGone[index]) seen.deleted++;
      isGone[index] = 1;
    }
  }

  const handler: Handler = {
    handle: async (request) => {
      const query = request.query ?? {};
      if ("versions" in query) {
        seen.listed++;
        return answer(page(String(query["key-marker"] ?? "")));
      }
      if ("delete" in query) {
        await deleteThem(String(request.body));
        return answer("<DeleteResult/>");
      }
      if ("lifecycle" in query) seen.lifecycle = String(request.body);
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
  const credentials = { accessKeyId: "x", secretAccessKey: "x" };
  return { seen, client: new S3Client(clientOptions({ region: "eu-west-1", credentials, handler })) };
}

it("empties a bucket of a million objects with flat memory and a bounded number of deletions under way", async () => {
  const { seen, client } = bucketOf(1_000_000);
  const place: Place<S3Client> = {
    client,
    region: "us-east-1",
    accountId: "111122223333",
    partition: "aws",
    inRegion: () => client,
    protectedRole: () => undefined,
    wait: async () => {},
  };
  const memory = sampleMemory();
  await service.types[0]?.attempt(place, { id: "huge", data: { region: "eu-west-1" } });
  expect(seen).toMatchObject({ deleted: 1_000_000, underWay: 0, uploads: 2, aborted: 2, lifecycle: "" });
  expect(seen.listed).toBeLessThan(1_060);
  expect(seen.most).toBeGreaterThan(4);
  expect(seen.most).toBeLessThanOrEqual(100);
  expect(memory.most() / 2 ** 20).toBeLessThan(150);
}, 120_000);

it("leaves what is beyond the cap to a lifecycle rule and says so, and nothing that is below it", async () => {
  const below = bucketOf(4_999);
  await emptyBucket(below.client, "below", 5_000);
  expect(below.seen).toMatchObject({ deleted: 4_999, lifecycle: "" });
  const above = bucketOf(60_000);
  await expect(emptyBucket(above.client, "above", 5_000)).rejects.toBeInstanceOf(RemovedLater);
  expect(above.seen.deleted).toBeGreaterThanOrEqual(5_000);
  expect(above.seen.deleted).toBeLessThan(60_000);
  expect(above.seen.lifecycle).toContain("<NoncurrentDays>1</NoncurrentDays>");
});

/** The most memory that is in use beyond what was at the start, looked at between the calls. */
function sampleMemory() {
  const before = process.memoryUsage().heapUsed;
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().heapUsed - before);
  }, 200);
  timer.unref();
  return { most: () => most };
}
