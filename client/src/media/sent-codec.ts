import type { types } from 'mediasoup-client';
import { sdkError } from '../errors.ts';

/** Frames of these are forwarded by what is left clear of them. */
const encryptedCodecs = { audio: 'opus', video: 'vp8' } as const;

interface Asked {
  readonly kind: 'audio' | 'video';
  /** In lower case; empty: whatever the library takes first. */
  readonly asked: string;
  readonly encrypted: boolean;
}

/** Undefined: what was asked for is not there, and the library chooses. @throws {ParleyError} E2EE_UNSUPPORTED */
export function chooseCodec(
  device: types.Device,
  { kind, asked, encrypted }: Asked,
): types.RtpCodecCapability | undefined {
  const name = `${kind}/${encrypted ? encryptedCodecs[kind] : asked}`;
  const chosen = device.sendRtpCapabilities.codecs?.find(({ mimeType }) => mimeType.toLowerCase() === name);
  if (encrypted && !chosen) throw sdkError('E2EE_UNSUPPORTED');
  return chosen;
}
