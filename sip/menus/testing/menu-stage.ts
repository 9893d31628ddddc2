// A phone's leg without packets, whose sounds take as long as they would, and the words by which they are known.

import { Emitter } from '../../../core/events.ts';
import { FakeClock } from '../../../core/fake-clock.ts';
import type { PhoneLegEvents, PlayOptions, Sound } from '../../../media/phones/phone-media.ts';
import { openPrompts, type Prompts } from '../../prompts/prompts.ts';
import { type PromptName, promptNames } from '../../prompts/words.ts';
import type { MenuLeg } from '../menu-leg.ts';

type Played = Awaited<ReturnType<MenuLeg['play']>>;

interface Playing {
  readonly bargeIn: boolean;
  readonly resolve: (how: Played) => void;
  readonly timer: { cancel(): void };
}

export class MemoryMenuLeg implements MenuLeg {
  readonly events = new Emitter<PhoneLegEvents>((error) => {
    throw error;
  });
  readonly #clock: FakeClock;
  readonly #names: ReadonlyMap<Sound, PromptName>;
  #playing: Playing | undefined;
  /** Everything that was begun, each time as one text. */
  readonly said: string[] = [];
  muted = false;
  volumeDb = 0;
  /** Its sounds never end, as of a leg whose thread hangs. */
  isStuck = false;

  constructor(clock: FakeClock, prompts: Prompts) {
    this.#clock = clock;
    this.#names = new Map(promptNames.map((name) => [prompts.sound(name), name]));
  }

  play(sounds: readonly Sound[], { bargeIn = false }: PlayOptions = {}): Promise<Played> {
    this.#end('stopped');
    const words = sounds.filter((sound) => !('silenceMs' in sound));
    this.said.push(words.map((sound) => this.#names.get(sound) ?? 'something else').join(', '));
    return new Promise((resolve) => {
      if (this.isStuck) return;
      const timer = this.#clock.after(
        sounds.reduce((sum, sound) => sum + msOf(sound), 0),
        () => this.#end('played'),
      );
      this.#playing = { bargeIn, resolve, timer };
    });
  }

  stopPlaying(): void {
    this.#end('stopped');
  }

  setMuted(muted: boolean): void {
    this.muted = muted;
  }

  setVolume(db: number): void {
    this.volumeDb = db;
  }

  /** Something is heard now. */
  get speaks(): boolean {
    return this.#playing !== undefined;
  }

  press(digits: string): void {
    for (const digit of digits) {
      if (this.#playing?.bargeIn === true) this.#end('barged');
      this.events.emit('digit', { digit, durationMs: 100 });
    }
  }

  #end(how: Played): void {
    const playing = this.#playing;
    this.#playing = undefined;
    playing?.timer.cancel();
    playing?.resolve(how);
  }
}

function msOf(sound: Sound): number {
  if ('pcm' in sound) return (sound.pcm.length * 1_000) / sound.sampleRate;
  return 'ms' in sound ? sound.ms : sound.silenceMs;
}

export async function openStage() {
  const clock = new FakeClock();
  const prompts = await openPrompts();
  return {
    clock,
    prompts,
    leg: new MemoryMenuLeg(clock, prompts),
    /** Lets what waits on promises go on, a little at a time: sounds that end begin others. */
    pass: async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 100) {
        clock.advance(Math.min(100, ms - passed));
        for (let turn = 0; turn < 3; turn += 1) await Promise.resolve();
      }
    },
  };
}
