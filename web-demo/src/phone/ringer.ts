// What tells of a call to somebody who does not look at the page: a ring, a notification, the title of the tab.

import { effect, type ReadonlySignal } from '@preact/signals';
import type { Call } from '../state/call.ts';
import { toShown } from './call-line.ts';
import type { Phone } from './phone-store.ts';
import { createSoundMaker, type Pattern } from './sound-maker.ts';

interface RingerOptions {
  readonly phone: Phone;
  /** The call that the page shows. */
  readonly shown: ReadonlySignal<Call | undefined>;
}

export function createRinger({ phone, shown: shownCall }: RingerOptions): { close(): void } {
  const sounds = createSoundMaker();
  let playing: Pattern | undefined;
  let shown: Notification | undefined;

  const stopSounds = effect(() => {
    const pattern = patternOf(phone.incoming.value.length > 0, shownCall.value);
    if (pattern === playing) return;
    playing = pattern;
    if (pattern === undefined) sounds.silence();
    else sounds.play(pattern);
  });

  const stopNotifying = effect(() => {
    const [call] = phone.incoming.value;
    shown?.close();
    shown = undefined;
    if (call === undefined || !document.hidden || !mayNotify()) return;
    const [caller] = call.info.legs;
    shown = new Notification(`${caller === undefined ? 'Somebody' : toShown(caller)} calls`, {
      body: call.info.subject,
      icon: '/icon.svg',
      tag: 'parley-call',
      requireInteraction: true,
    });
    shown.addEventListener('click', () => {
      window.focus();
      shown?.close();
    });
  });

  return {
    close() {
      stopSounds();
      stopNotifying();
      shown?.close();
      sounds.close();
    },
  };
}

/** Somebody calls, or is called and has not answered. */
function patternOf(rings: boolean, shown: Call | undefined): Pattern | undefined {
  if (rings) return shown === undefined ? 'ring' : 'waiting';
  const line = shown?.line;
  const waits = line?.ownsRoom.value === true && line.call.value?.state === 'ringing';
  // A phone that rings may let its own network be heard: over that nothing is played.
  const isHeard = shown !== undefined && shown.roster.sounds.value.length > 0;
  return waits && !isHeard && line.rung.value.some(({ state }) => state === 'ringing') ? 'ringback' : undefined;
}

export function mayNotify(): boolean {
  return 'Notification' in globalThis && Notification.permission === 'granted';
}
