import {
  BufferSource,
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedPacketSink,
  Input,
  OGG,
  OggOutputFormat,
  Output,
} from 'mediabunny';

/** RFC 7845 section 5.1: one channel, nothing skipped at the begin, no gain. */
function opusHead(sampleRate: number): Uint8Array {
  const head = Buffer.alloc(19);
  head.write('OpusHead', 'latin1');
  head.writeUInt8(1, 8);
  head.writeUInt8(1, 9);
  head.writeUInt32LE(sampleRate, 12);
  return head;
}

/** A file of packets of 20 ms, for programs that know nothing of ours. */
export async function writeOgg(packets: readonly Uint8Array[], sampleRate: number): Promise<Uint8Array> {
  const target = new BufferTarget();
  const output = new Output({ format: new OggOutputFormat(), target });
  const source = new EncodedAudioPacketSource('opus');
  output.addAudioTrack(source);
  await output.start();
  const decoderConfig = { codec: 'opus', numberOfChannels: 1, sampleRate: 48_000, description: opusHead(sampleRate) };
  for (const [index, packet] of packets.entries()) {
    await source.add(new EncodedPacket(packet, 'key', index * 0.02, 0.02), { decoderConfig });
  }
  await output.finalize();
  return new Uint8Array(target.buffer ?? new ArrayBuffer(0));
}

export async function readOgg(file: Uint8Array): Promise<Uint8Array[]> {
  const input = new Input({ formats: [OGG], source: new BufferSource(file) });
  const track = await input.getPrimaryAudioTrack();
  const packets: Uint8Array[] = [];
  if (track) for await (const { data } of new EncodedPacketSink(track).packets()) packets.push(data);
  return packets;
}
