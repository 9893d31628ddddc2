// Scenarios for sipp, in parts: what it sends, what it waits for.

const sdp = [
  'v=0',
  'o=sipp 1 1 IN IP[local_ip_type] [local_ip]',
  's=-',
  'c=IN IP[media_ip_type] [media_ip]',
  't=0 0',
  'm=audio 6000 RTP/AVP 0',
  'a=rtpmap:0 PCMU/8000',
];

export interface SippMessage {
  /** Header fields besides those that each message has. */
  readonly fields?: readonly string[];
  readonly sdp?: boolean;
  /** `a=` of its SDP. */
  readonly direction?: string;
  /** Sent again after so many ms, doubled each time, until something comes. */
  readonly retransmitMs?: number;
  readonly branch?: string;
}

export const scenario = (...parts: readonly string[]): string =>
  `<?xml version="1.0" encoding="UTF-8" ?>\n<scenario name="parley">\n${parts.join('\n')}\n</scenario>\n`;

export const pause = (ms: number): string => `<pause milliseconds="${ms}"/>`;

/** A request of the caller; `cseq` is its number, and CANCEL and ACK take that of what they are about. */
export function request(
  method: string,
  cseq: number,
  inDialog: false | 'early' | 'confirmed',
  about: SippMessage = {},
): string {
  const to = 'To: <sip:[service]@[remote_ip]:[remote_port]>';
  // The ACK and the CANCEL of one that failed go where it went, without the Contact of anybody.
  const uri = inDialog === 'confirmed' ? '[next_url]' : 'sip:[service]@[remote_ip]:[remote_port]';
  return send(
    [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=${about.branch ?? '[branch]'};rport`,
      'From: <sip:sipp@[local_ip]:[local_port]>;tag=[pid]S[call_number]',
      inDialog ? `${to}[peer_tag_param]` : to,
      'Call-ID: [call_id]',
      `CSeq: ${cseq} ${method}`,
      'Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>',
      'Max-Forwards: 70',
      ...(inDialog === 'confirmed' ? ['[routes]'] : []),
    ],
    about,
  );
}

/** An answer to what came last. */
export function answer(status: number, reason: string, about: SippMessage = {}): string {
  const copied = ['Via', 'From', 'Call-ID', 'CSeq', 'Record-Route'].map((name) => `[last_${name}:]`);
  const to = '[last_To:];tag=[pid]U[call_number]';
  const contact = 'Contact: <sip:[local_ip]:[local_port];transport=[transport]>';
  return send([`SIP/2.0 ${status} ${reason}`, ...copied, to, contact], about);
}

/** As {@link answer}, for a request whose To has our tag already. */
export function answerInDialog(status: number, reason: string, about: SippMessage = {}): string {
  const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => `[last_${name}:]`);
  return send([`SIP/2.0 ${status} ${reason}`, ...copied, 'Contact: <sip:[local_ip]:[local_port]>'], about);
}

export const receive = (status: number, optional = false): string =>
  `<recv response="${status}" rrs="true" timeout="20000"${optional ? ' optional="true"' : ''}/>`;

export const receiveRequest = (method: string, optional = false): string =>
  `<recv request="${method}" rrs="true"${optional ? ' optional="true"' : ' timeout="20000"'}/>`;

/** Keeps what a header field of an answer says in a variable. */
export const receiveWith = (status: number, header: string, variable: string): string =>
  `<recv response="${status}" rrs="true" timeout="20000"><action><ereg regexp=".*" search_in="hdr" header="${header}:" assign_to="${variable}"/></action></recv>`;

function send(lines: readonly string[], about: SippMessage): string {
  const { fields = [], retransmitMs } = about;
  const body = about.sdp ? [...sdp, `a=${about.direction ?? 'sendrecv'}`] : [];
  const type = about.sdp ? ['Content-Type: application/sdp'] : [];
  const text = [...lines, ...fields, ...type, 'Content-Length: [len]', '', ...body].join('\n');
  return `<send${retransmitMs === undefined ? '' : ` retrans="${retransmitMs}"`}><![CDATA[\n\n${text}\n\n]]></send>`;
}

/** A call that is accepted, lasts a while and is ended by the caller; its answers take the way that it took. */
export function wholeCall(lastsMs = 0): string {
  return scenario(
    request('INVITE', 1, false, { sdp: true, retransmitMs: 500 }),
    receive(100, true),
    receive(180, true),
    receive(200),
    request('ACK', 1, 'confirmed'),
    pause(lastsMs),
    // Its own answer, not the one to the INVITE that comes late once more.
    request('BYE', 2, 'confirmed', { retransmitMs: 500 }).replace('<send', '<send start_txn="bye"'),
    receive(200).replace('<recv', '<recv response_txn="bye"'),
  );
}
