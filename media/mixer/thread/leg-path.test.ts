import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import type { LegMedia } from '../../phones/sdp/leg-media.ts';
import { writeRtcp } from '../rtp/rtcp.ts';
import { RtpSender } from '../rtp/rtp-sender.ts';
import { SrtpContext } from '../rtp/srtp-context.ts';
import { LegPath, type LegPathState } from './leg-path.ts';
import { SendBuffers } from './send-buffers.ts';

const host = '127.0.0.1';
const key = Buffer.alloc(30, 7);
const suite = 'AES_CM_128_HMAC_SHA1_80';
const tagBytes = 10;

async function open({ mkiBytes = 0, isSecret = true, listenIp = host } = {}) {
  const phone = createSocket('udp4');
  phone.bind(0, host);
  await once(phone, 'listening');
  const end = { ip: host, port: phone.address().port };
  const media: LegMedia = {
    remote: { ...end, rtcpIp: host, rtcpPort: end.port, rtcpMux: true },
    codec: 'PCMU',
    payloadType: 0,
    dtmf: undefined,
    cn: undefined,
    receive: [{ payloadType: 0, name: 'PCMU', clockRate: 8000 }],
    direction: 'sendrecv',
    held: false,
    ptimeMs: 20,
    srtp: isSecret ? { suite, sendKey: Buffer.alloc(30, 8), receiveKey: key, receiveMkiBytes: mkiBytes } : undefined,
    opus: undefined,
  };
  const heard: Buffer[] = [];
  const port = 36_000 + 2 * (process.pid % 1_000);
  const openPath = async (state: LegPathState | undefined) => {
    const opened = new LegPath({
      listenIp,
      port,
      cname: 'leg',
      signalledFrom: undefined,
      buffers: new SendBuffers(),
      state,
      onRead() {},
      onFailed(error) {
        throw error;
      },
      onPacket: ({ payload }) => void heard.push(Buffer.from(payload)),
    });
    await opened.bind();
    opened.setMedia(media);
    return opened;
  };
  let path = await openPath(undefined);
  const stranger = createSocket('udp4');
  stranger.bind(0, '127.0.0.2');
  await once(stranger, 'listening');
  const sender = new RtpSender();
  const srtp = new SrtpContext({ suite, key });
  return {
    heard,
    phone,
    get path() {
      return path;
    },
    /** In another thread. */
    async goOn() {
      const state = structuredClone(path.state());
      path.close();
      path = await openPath(state);
    },
    /** The phone sends from elsewhere than it said. */
    sayFromElsewhere(text: string) {
      const packet = Buffer.alloc(200);
      const frame = { payloadType: 0, clockRate: 8000, ticks: 160, payload: Buffer.from(text) };
      stranger.send(packet.subarray(0, sender.write(packet, frame, 0)), port, host);
    },
    /** What the phone says of what it hears, from there too. */
    report(lost: number) {
      const packet = Buffer.alloc(400);
      const { ssrc } = path.sender;
      const none = { highestSequence: 0, jitter: 0, lastReport: 0, sinceLastReport: 0 };
      const block = { ssrc, fractionLost: 64, lost, ...none };
      stranger.send(packet.subarray(0, writeRtcp(packet, { ssrc: sender.ssrc, block, cname: 'phone' })), port, host);
    },
    strangerPort: () => stranger.address().port,
    /** A packet of the phone, with the name of its key before its tag. */
    say(text: string, name = Buffer.alloc(0)) {
      const packet = Buffer.alloc(200);
      const frame = { payloadType: 0, clockRate: 8000, ticks: 160, payload: Buffer.from(text) };
      const clear = sender.write(packet, frame, 0);
      if (!isSecret) {
        phone.send(packet.subarray(0, clear), port, host);
        return;
      }
      const length = srtp.protect(packet, clear);
      const tagAt = length - tagBytes;
      phone.send(Buffer.concat([packet.subarray(0, tagAt), name, packet.subarray(tagAt, length)]), port, host);
    },
    /** Somebody else sends what looks like a voice, and what is none. */
    async flood(packets: number) {
      const other = new RtpSender();
      for (let sent = 0; sent < packets; sent += 1) {
        const packet = Buffer.alloc(200);
        const frame = { payloadType: 0, clockRate: 8000, ticks: 160, payload: Buffer.alloc(160) };
        const length = other.write(packet, frame, 0);
        stranger.send(packet.subarray(0, sent % 2 === 0 ? length : 8), port, host);
        // What waits in a socket is read in between.
        if (sent % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    },
    [Symbol.dispose]() {
      path.close();
      phone.close();
      stranger.close();
    },
  };
}

describe('the way of a leg with SRTP', () => {
  test.each([0, 4])('takes packets whose key has a name of %i bytes', async (mkiBytes) => {
    using leg = await open({ mkiBytes });
    leg.say('one', Buffer.alloc(mkiBytes, 1));
    leg.say('two', Buffer.alloc(mkiBytes, 1));
    await eventually(() => leg.heard.length === 2, 'both packets');
    expect(leg.heard.map(String)).toEqual(['one', 'two']);
  });

  test('drops what is not authentic, and takes what follows', async () => {
    using leg = await open();
    leg.say('forged', Buffer.from('xxxx'));
    leg.say('one');
    await eventually(() => leg.heard.length > 0, 'a packet');
    expect(leg.heard.map(String)).toEqual(['one']);
  });
});

describe('the way of a leg', () => {
  test.each([true, false])(
    'hears its phone within the tick in which strangers flood it (SRTP: %s)',
    async (isSecret) => {
      using leg = await open({ isSecret });
      leg.say('one');
      await eventually(() => leg.heard.length === 1, 'the first packet');
      await leg.flood(300);
      leg.say('two');
      await eventually(() => leg.heard.length === 2, 'the packet behind the flood');
      expect(leg.heard.map(String)).toEqual(['one', 'two']);
    },
  );

  test('speaks with phones of IPv4 where it listens on all of IPv6', async () => {
    using leg = await open({ isSecret: false, listenIp: '::' });
    const answers: Buffer[] = [];
    leg.phone.on('message', (bytes) => answers.push(bytes));
    leg.say('one');
    await eventually(() => leg.heard.length === 1, 'its packet');
    expect(leg.path.target).toMatchObject({ address: host, port: leg.phone.address().port });
    leg.path.send(Buffer.alloc(20, 1), 20);
    await eventually(() => answers.length === 1, 'the answer');
  });

  test('goes on in another thread with all that it knows of the other side', async () => {
    using leg = await open({ isSecret: false });
    leg.sayFromElsewhere('one');
    leg.report(7);
    await eventually(() => leg.path.rtcp.remote.lost === 7, 'the report');
    const { target } = leg.path;
    expect(target).toMatchObject({ address: '127.0.0.2', port: leg.strangerPort() });
    await leg.goOn();
    expect(leg.path.target).toEqual(target);
    expect(leg.path.rtcp.remote).toMatchObject({ lost: 7, lossRatio: 0.25 });
    leg.sayFromElsewhere('two');
    await eventually(() => leg.heard.length === 2, 'the packet after it');
  });

  test('hears a phone that sends first when the flood is there already', async () => {
    using leg = await open({ isSecret: true });
    await leg.flood(300);
    leg.say('one');
    await eventually(() => leg.heard.length === 1, 'the packet behind the flood');
  });
});
