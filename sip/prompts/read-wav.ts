export interface Wav {
  readonly pcm: Int16Array;
  readonly sampleRate: number;
}

/** One channel of 16 bits; other chunks are passed over. @throws {Error} with what is wrong with the file, as the end of a sentence. */
export function readWav(bytes: Buffer): Wav {
  if (bytes.length < 12 || bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE') {
    throw new Error('it is no WAV file');
  }
  let sampleRate: number | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    const chunk = bytes.subarray(at + 8, at + 8 + length);
    if (id === 'fmt ') sampleRate = readFormat(chunk);
    if (id === 'data') {
      if (sampleRate === undefined) throw new Error('its format stands behind its sound');
      return { pcm: readSamples(chunk), sampleRate };
    }
    // Chunks begin at even places.
    at += 8 + length + (length % 2);
  }
  throw new Error('it has no sound');
}

function readFormat(chunk: Buffer): number {
  if (chunk.length < 16) throw new Error('its format is cut off');
  const [encoding, channels, sampleRate, bits] = [
    chunk.readUInt16LE(0),
    chunk.readUInt16LE(2),
    chunk.readUInt32LE(4),
    chunk.readUInt16LE(14),
  ];
  // 0xfffe says the same in a longer way, of which the first two bytes of its end are the encoding.
  const meant = encoding === 0xfffe && chunk.length >= 26 ? chunk.readUInt16LE(24) : encoding;
  if (meant !== 1) throw new Error(`it is not PCM, but of encoding ${meant}`);
  if (bits !== 16) throw new Error(`it has ${bits} bits a sample instead of 16`);
  if (channels !== 1) throw new Error(`it has ${channels} channels instead of one`);
  return sampleRate;
}

/** A copy, for samples begin at even places, and files are large. */
function readSamples(chunk: Buffer): Int16Array {
  const pcm = new Int16Array(chunk.length >> 1);
  for (let index = 0; index < pcm.length; index += 1) pcm[index] = chunk.readInt16LE(index * 2);
  return pcm;
}
