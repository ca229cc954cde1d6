import S3rver from "s3rver";

/** An S3-compatible server in this process, with its objects in a folder. */
export type S3Server = { readonly endpoint: string; close(): Promise<void> };

/** The only credentials that it takes. */
export const s3Credentials = { AWS_ACCESS_KEY_ID: "S3RVER", AWS_SECRET_ACCESS_KEY: "S3RVER" };

/** Starts one with an empty bucket, and sets the environment's credentials to its own. */
export async function startS3(directory: string, bucket: string): Promise<S3Server> {
  const server = new S3rver({ address: "127.0.0.1", port: 0, silent: true, directory, configureBuckets: [{ name: bucket, configs: [] }] });
  const { port } = await server.run();
  Object.assign(process.env, s3Credentials);
  return { endpoint: `http://127.0.0.1:${port}`, close: () => server.close() };
}
