import { systemClock, type Clock } from './clock';
import type { Https, HttpsAnswer } from './https';
import { signed, type S3Account, type S3Call } from './s3-sign';

/** Milliseconds for one call. */
const deadline = 20_000;

/** Calls an S3 server as one account. */
export type S3Client = (call: Omit<S3Call, 'host'>) => Promise<HttpsAnswer>;

/** @param host its DNS name; how that leads to the server is the business of `https` */
export const s3Client =
  (
    https: Https,
    host: string,
    region: string,
    account: S3Account,
    clock: Pick<Clock, 'now'> = systemClock,
  ): S3Client =>
  (call) => {
    const { url, headers } = signed({ ...call, host }, account, region, clock.now());
    return https({ url, method: call.method, headers, deadline, ...(call.body ? { body: call.body } : {}) });
  };
