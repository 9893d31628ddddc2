// Offers as phones of different make write them, typed anew from what they send.

const key = (letter: string) => letter.repeat(40);

function lines(text: string): string {
  return `${text.trim().split('\n').join('\r\n')}\r\n`;
}

export const phoneOffers = {
  baresip: lines(`
v=0
o=- 3437823891 1183921571 IN IP4 192.0.2.10
s=-
c=IN IP4 192.0.2.10
t=0 0
a=tool:baresip 1.0.0
m=audio 10034 RTP/AVP 96 9 0 8 101
b=AS:125
a=rtpmap:96 opus/48000/2
a=fmtp:96 stereo=1;sprop-stereo=1
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=rtcp:10035
a=sendrecv
a=label:1
a=rtcp-rsize
a=ssrc:2345678901 cname:sip:alice@192.0.2.10
a=ptime:20
`),
  baresipSrtp: lines(`
v=0
o=- 811 812 IN IP4 192.0.2.10
s=-
c=IN IP4 192.0.2.10
t=0 0
m=audio 10050 RTP/SAVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=rtcp:10051
a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:${key('A')}
a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:${key('B')}
a=sendrecv
a=ptime:20
`),
  linphone: lines(`
v=0
o=alice 1542 1965 IN IP4 192.0.2.20
s=Talk
c=IN IP4 192.0.2.20
t=0 0
a=rtcp-xr:rcvr-rtt=all:10000 stat-summary=loss,dup,jitt,TTL voip-metrics
a=record:off
m=audio 7078 RTP/AVP 96 97 98 0 8 9 101 99
a=rtpmap:96 opus/48000/2
a=fmtp:96 useinbandfec=1; maxaveragebitrate=28000; usedtx=1
a=rtpmap:97 speex/16000
a=fmtp:97 vbr=on
a=rtpmap:98 speex/8000
a=fmtp:98 vbr=on
a=rtpmap:101 telephone-event/48000
a=rtpmap:99 telephone-event/8000
a=rtcp-fb:* trr-int 5000
a=ice-pwd:31ec21eb38b2ec6d36e8dc7b
a=ice-ufrag:3a8a8a8a
a=candidate:1 1 UDP 2130706303 192.0.2.20 7078 typ host
m=video 9078 RTP/AVP 96
a=rtpmap:96 VP8/90000
`),
  /** Both kinds of media in two sections, the encrypted one first. */
  linphoneBoth: lines(`
v=0
o=alice 99 1 IN IP4 192.0.2.20
s=Talk
c=IN IP4 192.0.2.20
t=0 0
m=audio 7078 RTP/SAVPF 0 101
a=rtpmap:101 telephone-event/8000
a=crypto:1 AEAD_AES_256_GCM inline:${key('z')}
a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:${key('C')}
m=audio 7080 RTP/AVP 8 101
a=rtpmap:101 telephone-event/8000
`),
  sipp: lines(`
v=0
o=user1 53655765 2353687637 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 6000 RTP/AVP 0
a=rtpmap:0 PCMU/8000
`),
  /** A desk phone: keys beside plain RTP, silence by itself, no fmtp of its events. */
  desk: lines(`
v=0
o=- 1699990000 1699990000 IN IP4 198.51.100.7
s=Polycom IP Phone
c=IN IP4 198.51.100.7
t=0 0
a=sendrecv
m=audio 2240 RTP/AVP 9 0 8 18 13 127
a=sendrecv
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key('D')}|2^31
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:18 G729/8000
a=fmtp:18 annexb=no
a=rtpmap:13 CN/8000
a=rtpmap:127 telephone-event/8000
a=maxptime:40
`),
  /** A trunk that says as little as it may, with line feeds alone. */
  trunk:
    'v=0\no=root 1 1 IN IP4 203.0.113.9\ns=session\nc=IN IP4 203.0.113.9\nt=0 0\nm=audio 18470 RTP/AVP 8 0 101\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=ptime:30\n',
  /** sip.js in a browser. */
  browser: lines(`
v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=msid-semantic: WMS stream
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa
a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF
a=setup:actpass
a=mid:0
a=sendrecv
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=rtpmap:63 red/48000/2
a=rtpmap:9 G722/8000
a=rtpmap:110 telephone-event/48000
a=rtpmap:126 telephone-event/8000
`),
} as const;

/** With one line in another's place, which must be there. */
export function withLine(sdp: string, was: string, is: string): string {
  if (!sdp.includes(was)) throw new Error(`there is no ${was}`);
  return sdp.replace(was, is);
}
