import { OpusDecoder } from './opus-decoder.ts';
import { OpusEncoder } from './opus-encoder.ts';
import { DownsampledEncoder, UpsampledDecoder } from './resampled-codec.ts';
import type { EncoderOptions, PhoneCodec, VoiceDecoder, VoiceEncoder, VoiceRate } from './voice-codec.ts';
import { createG722Decoder, createPcmaDecoder, createPcmuDecoder } from './waveform-decoder.ts';
import { createG722Encoder, createPcmaEncoder, createPcmuEncoder } from './waveform-encoder.ts';

/** Where no rate is wanted, the codec's own: 8 kHz for G.711, else 16 kHz. */
export function createDecoder(codec: PhoneCodec, sampleRate?: VoiceRate): VoiceDecoder {
  switch (codec) {
    case 'opus':
      return new OpusDecoder(sampleRate ?? 16_000);
    case 'G722':
      return createG722Decoder(sampleRate ?? 16_000);
    case 'PCMU':
      return sampleRate === 16_000 ? new UpsampledDecoder(createPcmuDecoder()) : createPcmuDecoder();
    case 'PCMA':
      return sampleRate === 16_000 ? new UpsampledDecoder(createPcmaDecoder()) : createPcmaDecoder();
  }
}

/** @throws {RangeError} of an option that Opus does not have. */
export function createEncoder(codec: PhoneCodec, options: EncoderOptions = {}): VoiceEncoder {
  const { sampleRate } = options;
  switch (codec) {
    case 'opus':
      return new OpusEncoder(options);
    case 'G722':
      return createG722Encoder(sampleRate ?? 16_000);
    case 'PCMU':
      return sampleRate === 16_000 ? new DownsampledEncoder(createPcmuEncoder()) : createPcmuEncoder();
    case 'PCMA':
      return sampleRate === 16_000 ? new DownsampledEncoder(createPcmaEncoder()) : createPcmaEncoder();
  }
}
