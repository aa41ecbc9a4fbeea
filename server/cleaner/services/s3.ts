import {
  AbortMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type ObjectIdentifier,
  paginateListBuckets,
  S3Client,
} from "@aws-sdk/client-s3";
import { defineService, type Place, type Resource } from "@/server/cleaner/define";

/** Requests of `DeleteObjects` under way for one bucket; each takes 1,000 keys, so no more than 4,000 are held. */
const deletionsAtOnce = 4;

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
        await emptyBucket(client, bucket.id);
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

/** Deletes every version and delete marker, page by page: memory stays flat however many there are. */
async function emptyBucket(client: S3Client, bucket: string): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let failure: unknown;
  for (let markers: { KeyMarker?: string; VersionIdMarker?: string } = {}; ; ) {
    const page = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, ...markers }));
    const objects = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(
      ({ Key, VersionId }): ObjectIdentifier => ({ Key, VersionId }),
    );
    if (objects.length > 0) {
      const deletion = deleteObjects(client, bucket, objects)
        .catch((error: unknown) => {
          failure ??= error;
        })
        .finally(() => underWay.delete(deletion));
      underWay.add(deletion);
    }
    if (underWay.size >= deletionsAtOnce) await Promise.race(underWay);
    if (!page.IsTruncated) break;
    markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
  await Promise.all(underWay);
  if (failure !== undefined) throw failure;
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
