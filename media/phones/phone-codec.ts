/** What phones are spoken to with, as the payload type is called in an SDP (RFC 3551, RFC 7587). */
export type PhoneCodec = 'opus' | 'G722' | 'PCMU' | 'PCMA';
