/**
 * What became of a transfer, of the body of a NOTIFY after REFER (RFC 3515 section 2.4.5): the status line of a response. Undefined:
 * it goes on.
 */
export function finalStatusOf(body: string): number | undefined {
  const status = Number(/^SIP\/2\.0 (\d{3})\b/.exec(body.trimStart())?.[1]);
  return status >= 200 ? status : undefined;
}
