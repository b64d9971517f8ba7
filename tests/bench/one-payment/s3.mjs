// An S3 API in memory with true conditional writes, and with a fault to order: a write that is done and
// whose answer is lost. Any signature will do; `tests/s3` and `edge-fn` test signatures.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html

import { createHash } from "node:crypto";

import { listen } from "./listen.mjs";

/** Any; the server asks nobody who they are. These are the examples of AWS's documentation. */
export const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  AWS_SESSION_TOKEN: undefined,
};

/** Starts it. */
export async function startS3() {
  const objects = new Map();
  let fault = null;
  let faults = 0;

  const refuse = (response, status, code) => {
    response.writeHead(status, { "content-type": "application/xml" });
    response.end(`<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
  };
  const put = (path, { "if-none-match": create, "if-match": replace }, body) => {
    const now = objects.get(path);
    if (create === "*" && now) return [412, "PreconditionFailed"];
    if (replace && !now) return [404, "NoSuchKey"];
    if (replace && replace !== now.etag) return [412, "PreconditionFailed"];
    objects.set(path, { body, etag: `"${createHash("md5").update(body).digest("hex")}"` });
    return null;
  };
  /** <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html> */
  const list = (bucket, query) => {
    const [prefix, after] = [query.get("prefix") ?? "", query.get("continuation-token") ?? ""];
    const folder = `${bucket.replace(/\/$/, "")}/`;
    const keys = [...objects.keys()].filter((path) => path.startsWith(folder)).map((path) => decodeURIComponent(path.slice(folder.length)));
    const all = keys.filter((key) => key.startsWith(prefix) && key > after).sort();
    const page = all.slice(0, 1_000);
    const one = (key) => {
      const { body, etag } = objects.get(`${folder}${key}`);
      return `<Contents><Key>${key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>${etag.replaceAll('"', "&quot;")}</ETag><Size>${body.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
    };
    const more = all.length > page.length;
    return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>${more}</IsTruncated>${more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ""}<Prefix>${prefix}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>1000</MaxKeys>${page.map(one).join("")}</ListBucketResult>`;
  };
  const server = await listen(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const path = request.url.split("?")[0];
    switch (request.method) {
      case "GET": {
        const query = new URL(request.url, server.url).searchParams;
        if (query.get("list-type") === "2") {
          response.writeHead(200, { "content-type": "application/xml" });
          return response.end(list(path, query));
        }
        const found = objects.get(path);
        if (!found) return refuse(response, 404, "NoSuchKey");
        response.writeHead(200, { etag: found.etag, "content-type": "application/json" });
        return response.end(found.body);
      }
      case "PUT": {
        const refused = put(path, request.headers, body);
        if (refused) return refuse(response, ...refused);
        if (fault?.(path)) {
          fault = null;
          faults += 1;
          return request.socket.destroy();
        }
        response.writeHead(200, { etag: objects.get(path).etag });
        return response.end();
      }
      default:
        return refuse(response, 405, "MethodNotAllowed");
    }
  });
  return {
    stop: server.stop,
    url: server.url,
    /** A store of this name: a bucket of its own. */
    store: (name) => `s3+${server.url}/${name}/x402`,
    /** The paths of all objects. */
    paths: () => [...objects.keys()],
    /** From now on, the `nth` write of a path that `matches` is done, and its connection closed, once. */
    loseAnswer(matches, nth = 1) {
      let seen = 0;
      fault = (path) => matches(path) && ++seen === nth;
    },
    /** How often that happened. */
    faults: () => faults,
  };
}
