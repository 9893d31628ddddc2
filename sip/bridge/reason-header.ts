// The Reason header (RFC 3326): why a call is refused, canceled or ended, for those who look into it.

const quotedLength = 200;

/** `cause` is a SIP status. What cannot stand in a quoted string is left out of `text`. */
export function reasonHeader(cause: number, text: string): string {
  const plain = text
    .replace(/[^\x20-\x7e]/g, (char) => (/\s/.test(char) ? ' ' : asciiOf(char)))
    .slice(0, quotedLength)
    .replace(/["\\]/g, '\\$&');
  return `SIP;cause=${cause};text="${plain}"`;
}

/** Of phones that ring no longer because another one was faster: they list it as answered, not as missed. */
export const completedElsewhere = reasonHeader(200, 'Call completed elsewhere');

/** Our sentences have typographic marks, and many phones show anything but ASCII as garbage. */
function asciiOf(char: string): string {
  if ('‘’'.includes(char)) return "'";
  return '“”'.includes(char) ? '"' : '';
}
