/**
 * Whether a phone in a browser offers this: RTP over DTLS (RFC 5764), which a phone's session cannot answer. Takes any text.
 * One that offers plain RTP or keys as well is a phone like others.
 */
export function isWebRtcOffer(text: string): boolean {
  const audio = [...text.slice(0, 65_536).matchAll(/^m=audio ([1-9]\d{0,4})(?:\/\d+)? (\S+)/gm)];
  const isDtls = (protocol: string | undefined) => /^UDP\/TLS\/RTP\/SAVPF?$/i.test(protocol ?? '');
  return audio.length > 0 && audio.every(([, , protocol]) => isDtls(protocol));
}
