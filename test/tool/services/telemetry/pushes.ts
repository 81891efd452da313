/**
 * What the libraries of the real clients make of known content: `push.PushRequest` of github.com/grafana/loki/pkg/push
 * (v0.0.0-20250630054201-94c0ba7b0952) and `prompb.WriteRequest` of github.com/prometheus/prometheus (v0.316.0), marshalled by
 * their own methods and packed with `snappy.Encode` of github.com/golang/snappy (v1.0.0).
 */

const bytes = (parts: readonly string[]): Buffer => Buffer.from(parts.join(''), 'base64');

/** Two streams: three entries with four labels, of which one repeats itself and one has metadata; and an empty line. */
export const lokiPush = bytes([
  '0AzwwgqhDAo+e2FwcD0iY29nbmkiLCBlbnY9InByZXZpZXciLCBzZXJ2aWNlPSJhcHAtYSIsIHN0cmVhbT0ic3Rkb3V0In0SMgoI',
  'CIDK4tAGEHsSJnsibGV2ZWwiOiJpbmZvIiwibWVzc2FnZSI6Imxpc3RlbmluZyJ9EoULCggIgcri0AYQexL4CmEgbGluZSB0aGF0',
  'IGNvbWVzIGFnYWluIGFuZCBhZ2FpbjsgYSBsaW5lIHRoYXQgY29tZXMgYWdhaW4gYf4jAP4jAP4jAP4jAP4jAP4jAP4jAP4jAP4j',
  'AP4jAP4jAP4jAP4jAP4jAP4jAP4jAP4jAP4jAP4jAP4jAO4jABQSIQoICIKth3QJd2l0aCBtb3JlGgoKBXRyYWNlEgExGAcKKgoc',
  'e3PVB3AgXCJxdW90ZWRcIiBvbmUifRIKCggIgMri0AYQew==',
]);

/** Two series: a counter with two samples and its metadata, and a gauge at zero. */
export const prometheusWrite = bytes([
  'd+gKQwoXCghfX25hbWVfXxILYXNrZWRfdG90YWwKDgoDZW52EgdwcmV2aWV3EgsJAAAAAACAREAQARILCQEMJABARUAQAgoUCg4d',
  'RSgCdXASAhACGhoIATJRACgiCWhvdyBvZnRlbg==',
]);
