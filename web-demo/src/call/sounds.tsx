import type { RemoteTrack } from '@parley/client';
import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Roster } from '../state/roster.ts';
import { Icon } from '../ui/icon.tsx';

interface SoundsProps {
  readonly roster: Roster;
  readonly speakerId: string;
}

/** The voices of the others: one element for each track. A browser may want a gesture before it plays any. */
export function Sounds({ roster, speakerId }: SoundsProps) {
  const blocked = useSignal(false);
  const container = useRef<HTMLDivElement>(null);

  const playAll = (): void => {
    blocked.value = false;
    for (const audio of container.current?.querySelectorAll('audio') ?? []) play(audio, blocked);
  };

  return (
    <>
      <div ref={container} class="sounds">
        {roster.sounds.value.map((remote) => (
          <Sound
            key={`${remote.producerId}/${remote.track.id}`}
            remote={remote}
            speakerId={speakerId}
            blocked={blocked}
          />
        ))}
      </div>
      {blocked.value && (
        <div class="banner" data-tone="warning" role="alert">
          <Icon name="speaker" />
          <p>The browser keeps the call silent.</p>
          <button type="button" class="button primary small" onClick={playAll}>
            Turn on sound
          </button>
        </div>
      )}
    </>
  );
}

interface SoundProps {
  readonly remote: RemoteTrack;
  readonly speakerId: string;
  readonly blocked: Signal<boolean>;
}

function Sound({ remote, speakerId, blocked }: SoundProps) {
  const element = useRef<HTMLAudioElement>(null);

  // A layout effect: an element that was taken away is heard until it lets go of its track.
  useLayoutEffect(() => {
    const audio = element.current;
    if (audio === null) return;
    audio.srcObject = new MediaStream([remote.track]);
    play(audio, blocked);
    return () => {
      audio.srcObject = null;
    };
  }, [remote.track]);

  useEffect(() => {
    const audio = element.current;
    if (audio === null || !('setSinkId' in audio)) return;
    // A speaker that was unplugged since: the system's own goes on playing.
    audio.setSinkId(speakerId).catch(() => {});
  }, [speakerId]);

  // biome-ignore lint/a11y/useMediaCaption: live voices have no captions
  return <audio ref={element} data-peer={remote.peerId} data-source={remote.source} autoplay />;
}

function play(audio: HTMLAudioElement, blocked: Signal<boolean>): void {
  audio.play().catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'NotAllowedError') blocked.value = true;
  });
}
