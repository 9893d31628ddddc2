// What the page remembers of a person, in this browser only.

import { type ReadonlySignal, signal } from '@preact/signals';

export interface Preferences {
  readonly name: string;
  readonly cameraOn: boolean;
  readonly microphoneOn: boolean;
  readonly cameraId: string;
  readonly microphoneId: string;
  readonly speakerId: string;
  /** Single keys as commands: WCAG 2.1.4 wants a way to turn them off. */
  readonly shortcuts: boolean;
}

export interface PreferenceStore {
  readonly current: ReadonlySignal<Preferences>;
  update(changes: Partial<Preferences>): void;
}

const storageKey = 'parley.preferences';
const longestName = 64;

const defaults: Preferences = {
  name: '',
  cameraOn: true,
  microphoneOn: true,
  cameraId: '',
  microphoneId: '',
  speakerId: '',
  shortcuts: true,
};

/** `storage` is undefined, or throws, where the browser keeps nothing for pages: then this visit is all there is. */
export function createPreferences(storage: Pick<Storage, 'getItem' | 'setItem'> | undefined): PreferenceStore {
  const current = signal(parsePreferences(quietly(() => storage?.getItem(storageKey)) ?? ''));
  return {
    current,
    update(changes) {
      current.value = { ...current.peek(), ...changes };
      quietly(() => storage?.setItem(storageKey, JSON.stringify(current.peek())));
    },
  };
}

/** Everything that is not what we would have written is replaced by its default. */
export function parsePreferences(text: string): Preferences {
  const stored: unknown = quietly(() => JSON.parse(text));
  if (typeof stored !== 'object' || stored === null) return defaults;
  const known = new Map(Object.entries(stored));
  const string = (key: keyof Preferences, longest = 512): string => {
    const value: unknown = known.get(key);
    return typeof value === 'string' ? value.slice(0, longest) : '';
  };
  const flag = (key: keyof Preferences): boolean => known.get(key) !== false;
  return {
    name: string('name', longestName),
    cameraOn: flag('cameraOn'),
    microphoneOn: flag('microphoneOn'),
    cameraId: string('cameraId'),
    microphoneId: string('microphoneId'),
    speakerId: string('speakerId'),
    shortcuts: flag('shortcuts'),
  };
}

/** A storage of the browser, as in `() => window.localStorage`; undefined where even asking for it throws. */
export function storageOf(ask: () => Storage): Storage | undefined {
  return quietly(ask);
}

function quietly<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
