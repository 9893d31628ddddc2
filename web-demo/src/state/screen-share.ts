// The shared screen, with its sound where the browser gives it.

import type { Room, Unsubscribe } from '@parley/client';
import { type ReadonlySignal, signal } from '@preact/signals';
import { explainDevice } from '../errors/explain-device.ts';
import { explainBriefly } from '../errors/explain-error.ts';
import type { Notices } from './notices.ts';

export interface ScreenShare {
  readonly state: ReadonlySignal<'off' | 'starting' | 'on'>;
  /** The picture that is shared. */
  readonly track: ReadonlySignal<MediaStreamTrack | undefined>;
  readonly isSupported: boolean;
  toggle(): Promise<void>;
  close(): void;
}

const sources = ['screen', 'screen-audio'] as const;

export function createScreenShare(room: Room, mediaDevices: MediaDevices | undefined, notices: Notices): ScreenShare {
  const state = signal<'off' | 'starting' | 'on'>('off');
  const picture = signal<MediaStreamTrack | undefined>(undefined);
  let stream: MediaStream | undefined;

  const stop = async (): Promise<void> => {
    state.value = 'off';
    picture.value = undefined;
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = undefined;
    await Promise.all(sources.map((source) => room.localTracks.get(source)?.close()));
  };

  const start = async (devices: MediaDevices): Promise<void> => {
    state.value = 'starting';
    let got: MediaStream;
    try {
      got = await devices.getDisplayMedia({ video: { frameRate: { max: 30 } }, audio: true });
    } catch (error) {
      state.value = 'off';
      // Closing the browser's question is an answer, not a failure.
      if (!isDismissal(error)) notices.show(sentence(explainDevice('screen', error)), 'problem');
      return;
    }
    stream = got;
    picture.value = got.getVideoTracks()[0];
    try {
      for (const track of got.getTracks()) {
        // “Stop sharing” in the browser's own bar.
        track.addEventListener('ended', () => void stop());
        await room.publish(track, { source: track.kind === 'video' ? 'screen' : 'screen-audio' });
      }
      state.value = 'on';
    } catch (error) {
      await stop();
      notices.show(explainBriefly(error), 'problem');
    }
  };

  const unsubscribe: Unsubscribe = room.on('localTrackFailed', ({ track }) => {
    if (track.source === 'screen') void stop();
  });

  return {
    state,
    track: picture,
    isSupported: mediaDevices !== undefined && 'getDisplayMedia' in mediaDevices,
    async toggle() {
      if (mediaDevices === undefined || state.peek() === 'starting') return;
      await (state.peek() === 'on' ? stop() : start(mediaDevices));
    },
    close() {
      unsubscribe();
      for (const track of stream?.getTracks() ?? []) track.stop();
    },
  };
}

function isDismissal(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'NotAllowedError' && !/system/i.test(error.message);
}

function sentence({ title, advice }: { title: string; advice: string }): string {
  return `${title}. ${advice}`;
}
