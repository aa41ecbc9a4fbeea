import {
  AbortMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type ObjectIdentifier,
  PutBucketLifecycleConfigurationCommand,
  paginateListBuckets,
  S3Client,
} from "@aws-sdk/client-s3";
import { defineService, type Place, RemovedLater, type Resource } from "@/server/cleaner/define";

/** Requests of `DeleteObjects` under way for one shard of a bucket; each takes 1,000 keys, so no more than 4,000 are held. */
const deletionsAtOnce = 4;
/** A thousand keys each; most buckets end before. */
const pagesBeforeShards = 5;
/** Past so many objects S3 itself is asked to expire the rest: some ten minutes of deleting. */
const objectsAtMost = 10_000_000;

export const service = defineService({
  id: "s3",
  title: "Amazon S3",
  scope: "global",
  client: (options) => new S3Client(options),
  types: [
    {
      id: "bucket",
      deadlineSeconds: 3_600,
      async *list({ client }) {
        for await (const page of paginateListBuckets({ client, pageSize: 1000 }, {})) {
          for (const bucket of page.Buckets ?? []) {
            const data = bucket.BucketRegion ? { region: bucket.BucketRegion } : undefined;
            yield { id: bucket.Name ?? "", createdAt: bucket.CreationDate, data };
          }
        }
      },
      async prepare(place, bucket) {
        const client = place.inRegion(await regionOf(place, bucket));
        // A policy that denies deleting would stop all that follows.
        await client.send(new DeleteBucketPolicyCommand({ Bucket: bucket.id }));
        await emptyBucket(client, bucket.id, objectsAtMost);
        await abortUploads(client, bucket.id);
      },
      remove: async (place, bucket) =>
        place.inRegion(await regionOf(place, bucket)).send(new DeleteBucketCommand({ Bucket: bucket.id })),
    },
  ],
});

/** Where a bucket lives; S3 calls us-east-1 nothing and eu-west-1, in its oldest buckets, "EU". */
async function regionOf(place: Place<S3Client>, bucket: Resource): Promise<string> {
  if (bucket.data?.region) return bucket.data.region;
  const answer = await place.client.send(new GetBucketLocationCommand({ Bucket: bucket.id }));
  const location: string = answer.LocationConstraint ?? "us-east-1";
  return location === "EU" ? "eu-west-1" : location;
}

type Marker = { KeyMarker?: string; VersionIdMarker?: string };

/**
 * Deletes every version and delete marker, page by page, in several shards of the keys at once: memory stays flat however
 * many there are. Past `atMost` objects it leaves the rest to a lifecycle rule and throws `RemovedLater`.
 */
export async function emptyBucket(client: S3Client, bucket: string, atMost: number): Promise<void> {
  const deleted = { count: 0 };
  let from: string | undefined;
  let markers: Marker = {};
  for (let pages = 0; pages < pagesBeforeShards; pages++) {
    const page = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, ...markers }));
    await deletePage(client, bucket, page, deleted);
    if (!page.IsTruncated) return;
    from ??= page.Versions?.[0]?.Key ?? page.DeleteMarkers?.[0]?.Key;
    markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
  const bounds = shardBounds(from ?? "", markers.KeyMarker ?? "");
  const starts: Marker[] = [markers, ...bounds.map((KeyMarker) => ({ KeyMarker }))];
  await Promise.all(
    starts.map((start, index) => emptyShard(client, bucket, { start, end: bounds[index] }, deleted, atMost)),
  );
  if (deleted.count < atMost) return;
  await expireTheRest(client, bucket);
  throw new RemovedLater(
    `more than ${atMost.toLocaleString("en")} objects: a lifecycle rule now expires the rest, which takes S3 a day or two; clean the account again then`,
  );
}

/**
 * Keys that split what comes after `to`: where the keys so far began to differ, and at the two characters before, since
 * many buckets hold long names that differ late. A shard without keys costs one call.
 */
function shardBounds(from: string, to: string): string[] {
  let shared = 0;
  while (shared < from.length && from[shared] === to[shared]) shared++;
  const bounds = [shared, shared - 1, shared - 2]
    .filter((level) => level >= 0)
    .flatMap((level) => ["3", "6", "9", "F", "S", "c", "j", "r"].map((one) => `${to.slice(0, level)}${one}`));
  return [...new Set(bounds)].filter((bound) => bound > to).sort();
}

/** From behind `start` up to and including keys that begin with `end`. */
async function emptyShard(
  client: S3Client,
  bucket: string,
  { start, end }: { start: Marker; end: string | undefined },
  deleted: { count: number },
  atMost: number,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let failure: unknown;
  for (let markers = start; deleted.count < atMost; ) {
    const page = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, ...markers }));
    const deletion = deletePage(client, bucket, page, deleted)
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => underWay.delete(deletion));
    underWay.add(deletion);
    if (underWay.size >= deletionsAtOnce) await Promise.race(underWay);
    const reached = end !== undefined && (page.NextKeyMarker ?? "") > end;
    if (!page.IsTruncated || reached || failure !== undefined) break;
    markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
  await Promise.all(underWay);
  if (failure !== undefined) throw failure;
}

async function deletePage(
  client: S3Client,
  bucket: string,
  page: ListObjectVersionsCommandOutput,
  deleted: { count: number },
): Promise<void> {
  const objects = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(
    ({ Key, VersionId }): ObjectIdentifier => ({ Key, VersionId }),
  );
  if (objects.length === 0) return;
  await deleteObjects(client, bucket, objects);
  deleted.count += objects.length;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-set-lifecycle-configuration-intro.html, "Emptying a bucket" */
async function expireTheRest(client: S3Client, bucket: string): Promise<void> {
  const everything = { Filter: { Prefix: "" }, Status: "Enabled" } as const;
  const Rules = [
    {
      ...everything,
      ID: "atelier-empty",
      Expiration: { Days: 1 },
      NoncurrentVersionExpiration: { NoncurrentDays: 1 },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
    },
    { ...everything, ID: "atelier-markers", Expiration: { ExpiredObjectDeleteMarker: true } },
  ];
  await client.send(new PutBucketLifecycleConfigurationCommand({ Bucket: bucket, LifecycleConfiguration: { Rules } }));
}

async function deleteObjects(client: S3Client, bucket: string, objects: ObjectIdentifier[]): Promise<void> {
  const send = (Objects: ObjectIdentifier[], bypass?: boolean) =>
    client.send(
      new DeleteObjectsCommand({
        Bucket: bucket,
        Delete: { Objects, Quiet: true },
        BypassGovernanceRetention: bypass,
      }),
    );
  const { Errors: refused = [] } = await send(objects);
  if (refused.length === 0) return;
  // Objects under a governance lock go only when asked with the right to override it.
  const again = await send(
    refused.map(({ Key, VersionId }) => ({ Key, VersionId })),
    true,
  );
  const [error] = again.Errors ?? [];
  if (error) throw Object.assign(new Error(`${error.Key}: ${error.Message}`), { name: error.Code ?? "DeleteObjects" });
}

async function abortUploads(client: S3Client, bucket: string): Promise<void> {
  for (let markers: { KeyMarker?: string; UploadIdMarker?: string } = {}; ; ) {
    const page = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, ...markers }));
    for (const { Key, UploadId } of page.Uploads ?? []) {
      await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
    }
    if (!page.IsTruncated) return;
    markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
  }
}
