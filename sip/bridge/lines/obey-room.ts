import type { PhoneLeft, PhonePeer } from '../../../signaling/phones/phone-desk.ts';
import type { LineEnd, PhoneLine } from './phone-line.ts';

/** What the phone is told as it is hung up. Others than these are ordinary ends. */
const words: { readonly [Reason in PhoneLeft]: Pick<LineEnd, 'cause' | 'text'> } = {
  left: { cause: 200, text: 'the call is over' },
  'hung-up': { cause: 200, text: 'the call is over' },
  transferred: { cause: 200, text: 'the others go on without this phone' },
  removed: { cause: 403, text: 'a moderator removed this phone' },
  expired: { cause: 403, text: 'it may not be here any longer' },
  lost: { cause: 503, text: 'the room was lost' },
  closed: { cause: 503, text: 'the room was closed' },
};

/** Does to a phone what its room wants, until either ends. `failed` is told of what could not be done. */
export function obeyRoom(line: PhoneLine, peer: PhonePeer, failed: (error: unknown, what: string) => void): () => void {
  const { leg } = line;
  const attempt = (what: string, done: Promise<unknown>) => void done.catch((error: unknown) => failed(error, what));
  const stops = [
    peer.events.on('muteWanted', ({ muted }) => {
      leg.setMuted(muted);
      peer.setState({ muted });
    }),
    peer.events.on('holdWanted', ({ hold }) =>
      attempt(
        hold ? 'hold' : 'resume',
        // Whatever became of it, the room is shown how it is.
        line.hold(hold).finally(() => line.showMedia()),
      ),
    ),
    peer.events.on('digitsWanted', ({ digits, durationMs }) =>
      attempt('digits', leg.sendDigits(digits, { durationMs })),
    ),
    peer.events.on('volumeWanted', ({ db }) => leg.setVolume(db)),
    peer.events.on('moved', () => {
      leg.enter(peer.media, peer.peerId, peer.identity).then(
        () => line.showMedia(),
        (error: unknown) => {
          failed(error, 'move');
          void line.end({ cause: 503, text: 'the room that it was moved to does not take it', as: 'lost' });
        },
      );
    }),
    peer.events.on('left', ({ reason }) => void line.end({ ...words[reason], as: 'left' })),
  ];
  return () => {
    for (const stop of stops.splice(0)) stop();
  };
}
