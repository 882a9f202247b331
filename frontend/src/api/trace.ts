/** So many random bytes in hexadecimal. */
export const randomHex = (bytes: number) =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');

const traceId = /^(?!0{32})[0-9a-f]{32}$/;

/**
 * The header that makes an action of a person the beginning of a trace (W3C Trace Context), so that the job's trace begins here. What is
 * sent again with the same key is still the same action, and stays in its trace.
 */
export function traced(key = '') {
  const trace = traceId.test(key) ? key : randomHex(16);
  return { traceparent: `00-${trace}-${randomHex(8)}-01` };
}
