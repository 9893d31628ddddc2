import { randomBytes } from 'node:crypto';
import { stunAttributes as attributes, stunTypes as types, writeStun } from './stun-message.ts';

/** Of a peer-reflexive candidate (RFC 8445 section 5.1.2.1); nothing depends on it here. */
const priority = 110 * 2 ** 24 + 65_535 * 2 ** 8 + 255;

/** A connectivity check as a controlling ICE agent sends it (RFC 8445 section 7.2.5): what answers it is the media port itself. */
export function writeIceCheck(
  server: { readonly usernameFragment: string; readonly password: string },
  ufrag: string,
): Buffer {
  const rank = Buffer.alloc(4);
  rank.writeUInt32BE(priority);
  return writeStun({
    type: types.bindingRequest,
    attributes: [
      [attributes.username, Buffer.from(`${server.usernameFragment}:${ufrag}`)],
      [attributes.priority, rank],
      [attributes.iceControlling, randomBytes(8)],
    ],
    key: Buffer.from(server.password),
    fingerprint: true,
  });
}
