import * as s3 from "@aws-sdk/client-s3";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import { type Backing, times } from "@/server/testing/cleaner/backing";

async function seedS3(input: ClientInput, unique: string): Promise<void> {
  const client = new s3.S3Client(clientOptions(input));
  const place = input.region === "us-east-1" ? {} : { LocationConstraint: input.region as s3.BucketLocationConstraint };
  for (const Bucket of [`plain-${unique}`, `versioned-${unique}`]) {
    await client.send(new s3.CreateBucketCommand({ Bucket, CreateBucketConfiguration: place }));
    if (Bucket.startsWith("versioned")) {
      const on = { Status: "Enabled" } as const;
      await client.send(new s3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: on }));
    }
    await times(5, (index) => client.send(new s3.PutObjectCommand({ Bucket, Key: `a/${index}.txt`, Body: "one" })));
    await times(3, (index) => client.send(new s3.PutObjectCommand({ Bucket, Key: `a/${index}.txt`, Body: "two" })));
    await client.send(new s3.DeleteObjectCommand({ Bucket, Key: "a/0.txt" }));
    await client.send(new s3.CreateMultipartUploadCommand({ Bucket, Key: "big.bin" }));
  }
}

export const backing: Backing = {
  seed: seedS3,
};
