/** Text as a SIP message: lines end with CRLF, as nobody writes them in a source. */
export function sip(text: string): Buffer {
  return Buffer.from(text.replace(/^\n/, '').replace(/\r?\n/g, '\r\n'));
}

/** An ordinary call, to change one thing of. */
export function invite(
  change: { readonly line?: string; readonly fields?: string; readonly without?: readonly string[] } = {},
): Buffer {
  const fields = [
    'Via: SIP/2.0/UDP phone.example:5061;branch=z9hG4bK74bf9;rport',
    'Max-Forwards: 70',
    'From: "Ann" <sip:ann@example.org>;tag=9fxced76sl',
    'To: Ben <sip:ben@example.com>',
    'Call-ID: 3848276298220188511@phone.example',
    'CSeq: 1 INVITE',
    'Contact: <sip:ann@phone.example:5061;transport=udp>',
    'Content-Type: application/sdp',
  ].filter((field) => !(change.without ?? []).some((name) => field.startsWith(`${name}:`)));
  const line = change.line ?? 'INVITE sip:ben@example.com SIP/2.0';
  const extra = change.fields === undefined ? [] : change.fields.split('\n');
  return sip([line, ...fields, ...extra, 'Content-Length: 5', '', 'v=0\n'].join('\n'));
}
