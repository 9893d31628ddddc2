import { AppError } from '../../core/errors.ts';
import type { RtpParameters } from '../../proto/gen/types.ts';

/** Of these the workers read no more than what clients leave clear: the first bytes of a frame (docs/e2ee.md). */
const encryptable: ReadonlySet<string> = new Set(['audio/opus', 'video/vp8', 'video/rtx']);

interface EncryptedTrack {
  readonly encrypted: boolean;
  readonly rtpParameters: Pick<RtpParameters, 'codecs'>;
}

/** @throws {AppError} E2EE_REQUIRED, E2EE_REFUSES of a codec whose frames cannot be forwarded encrypted. */
export function requireEncrypted({ encrypted, rtpParameters }: EncryptedTrack): void {
  if (!encrypted) throw new AppError('E2EE_REQUIRED');
  const refused = rtpParameters.codecs.find(({ mimeType }) => !encryptable.has(mimeType.toLowerCase()));
  if (refused) throw new AppError('E2EE_REFUSES', { what: `the codec ${refused.mimeType}` });
}
