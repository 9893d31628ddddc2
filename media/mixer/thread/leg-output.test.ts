import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import type { LegMedia } from '../../phones/sdp/leg-media.ts';
import { createDecoder } from '../codecs/create-codec.ts';
import { parseRtp, type RtpPacket } from '../rtp/rtp-packet.ts';
import { LegOutput } from './leg-output.ts';
import { LegPath } from './leg-path.ts';
import { SendBuffers } from './send-buffers.ts';

const host = '127.0.0.1';

/** A leg whose packets are of 40 ms, and what its phone gets. */
async function open() {
  const phone = createSocket('udp4');
  phone.bind(0, host);
  await once(phone, 'listening');
  const { port } = phone.address();
  const packets: RtpPacket[] = [];
  phone.on('message', (bytes) => {
    const packet = parseRtp(bytes);
    if (packet) packets.push(packet);
  });
  const buffers = new SendBuffers();
  const path = new LegPath({
    listenIp: host,
    port: 35_000 + 2 * (process.pid % 500),
    cname: 'leg',
    signalledFrom: undefined,
    buffers,
    state: undefined,
    onRead() {},
    onPacket() {},
    onFailed(error) {
      throw error;
    },
  });
  await path.bind();
  onTestFinished(() => {
    path.close();
    phone.close();
  });
  const media: LegMedia = {
    remote: { ip: host, port, rtcpIp: host, rtcpPort: port, rtcpMux: true },
    codec: 'PCMU',
    payloadType: 0,
    dtmf: { payloadType: 101, clockRate: 8000 },
    cn: { payloadType: 13 },
    receive: [{ payloadType: 0, name: 'PCMU', clockRate: 8000 }],
    direction: 'sendrecv',
    held: false,
    ptimeMs: 40,
    srtp: undefined,
    opus: undefined,
  };
  path.setMedia(media);
  const output = new LegOutput({ path, buffers, rate: 8000, dtmf: undefined });
  output.setMedia(media);
  return { output, packets };
}

const before = new Int16Array(160).fill(8_000);
const after = new Int16Array(160).fill(-8_000);

describe('packets that are longer than a tick', () => {
  test.each([
    ['comfort noise', 1, (output: LegOutput) => output.sendNoise(Uint8Array.of(60), 60)],
    ['nothing', 0, (output: LegOutput) => output.skip()],
    [
      'a key',
      1,
      (output: LegOutput) => {
        output.sendDigits('1', {});
        output.sendEvent(60);
      },
    ],
  ])('hold nothing of before %s was sent', async (_what, between, interrupt) => {
    const { output, packets } = await open();
    for (const atMs of [0, 20, 40]) output.sendPcm(before, atMs);
    interrupt(output);
    for (const atMs of [80, 100]) output.sendPcm(after, atMs);
    await eventually(() => packets.length === 2 + between, 'all packets');
    const [first, last] = [packets[0]!, packets.at(-1)!];
    expect(
      createDecoder('PCMU', 8000)
        .decode(last.payload)
        .every((sample) => sample < 0),
    ).toBe(true);
    // Two ticks of the first packet, one that was left out, one of what came between.
    expect((last.timestamp - first.timestamp) >>> 0).toBe(4 * 160);
  });
});
