import { Secret } from '../../../foundation/secret';
import { signed, type S3Call } from '../../../foundation/s3-sign';

/** The account, the moment and the results of Amazon's own examples (Amazon S3 API Reference, "Examples: Signature calculations"). */
const account = {
  key: 'AKIAIOSFODNN7EXAMPLE',
  secret: Secret.of('ARCHIVE_SECRET', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
};
const now = new Date('2013-05-24T00:00:00.123Z');
const host = 'examplebucket.s3.amazonaws.com';
const examples: [string, Omit<S3Call, 'host'>, string][] = [
  [
    'reads a part of an object',
    { method: 'GET', path: '/test.txt', headers: { range: 'bytes=0-9' } },
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ],
  [
    'writes an object whose name needs encoding',
    {
      method: 'PUT',
      path: '/test$file.text',
      headers: { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
      body: 'Welcome to Amazon S3.',
    },
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  ],
  [
    'asks for a setting of a bucket, which has no value',
    { method: 'GET', path: '/', query: { lifecycle: '' } },
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ],
  [
    'lists, with several questions',
    { method: 'GET', path: '/', query: { prefix: 'J', 'max-keys': '2' } },
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ],
];

describe('a signed call to an S3 server', () => {
  it.each(examples)('has the signature of Amazon’s example that %s', (_, call, signature) => {
    const { headers } = signed({ ...call, host }, account, 'us-east-1', now);
    expect(headers['authorization']).toMatch(new RegExp(`Signature=${signature}$`));
    expect(headers['authorization']).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/20130524\/us-east-1\/s3\/aws4_request, /,
    );
  });

  it('goes to the address that was signed', () => {
    const { url } = signed(
      { method: 'GET', path: '/a b/(c)', query: { q: 'x/y' }, host },
      account,
      'us-east-1',
      now,
    );
    expect(url).toBe(`https://${host}/a%20b/%28c%29?q=x%2Fy`);
  });

  it('holds no secret', () => {
    const call = { method: 'GET', path: '/', host } as const;
    expect(JSON.stringify(signed(call, account, 'us-east-1', now))).not.toContain(account.secret.reveal());
  });
});
