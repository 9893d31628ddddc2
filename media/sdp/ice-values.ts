import { refuseSdp } from './sdp-values.ts';

/** RFC 8839 section 5.4. */
const ufragPattern = /^[A-Za-z0-9+/]{4,256}$/;
const pwdPattern = /^[A-Za-z0-9+/]{22,256}$/;
/** RFC 8839 section 5.1: the eight fields that every candidate has, and words after them. */
const candidatePattern =
  /^candidate:[A-Za-z0-9+/]{1,32} \d{1,3} \w{1,8} \d{1,10} [!-~]{1,255} \d{1,5} typ \w{1,16}(?: [!-~]+)* ?$/;
const maxCandidateLength = 1024;

export function requireUfrag(text: string | undefined): string {
  if (text === undefined || !ufragPattern.test(text)) refuseSdp('there is no ICE user name (a=ice-ufrag)');
  return text;
}

export function requirePwd(text: string | undefined): string {
  if (text === undefined || !pwdPattern.test(text)) refuseSdp('there is no ICE password (a=ice-pwd)');
  return text;
}

/**
 * Checks a candidate as a browser gives it, `candidate:…`, without `a=`. That is all that is done with it: an ICE-lite end
 * learns addresses from the checks that reach it (RFC 8445 section 2.5).
 * @throws {AppError} SDP_REFUSED
 */
export function checkCandidate(text: string): void {
  if (text.length > maxCandidateLength || !candidatePattern.test(text)) refuseSdp('a candidate is none');
}
