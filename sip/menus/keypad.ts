import type { Clock } from '../../core/clock.ts';
import { TokenBucket } from '../../core/token-bucket.ts';
import type { Press } from '../../signaling/phones/passed-keys.ts';
import type { PhonePeer } from '../../signaling/phones/phone-desk.ts';
import type { Prompts } from '../prompts/prompts.ts';
import type { PromptName } from '../prompts/words.ts';
import type { MenuLeg } from './menu-leg.ts';
import { StarKeys } from './star-keys.ts';

export interface KeypadParts {
  readonly clock: Clock;
  readonly prompts: Prompts;
}

export interface KeypadOptions {
  readonly leg: MenuLeg;
  readonly peer: KeypadPeer;
  /** The caller wants to leave, and has heard goodbye: hang up. */
  readonly leave: () => void;
}

/** What the keys change in the room. */
export type KeypadPeer = Pick<
  PhonePeer,
  'state' | 'handRaised' | 'passesAllKeys' | 'events' | 'setState' | 'raiseHand' | 'digit'
>;

const stepDb = 3;
const quietestDb = -18;
const loudestDb = 12;
/** Of keys of the menu, each of which tells the whole room something; the further ones do nothing. */
const keyRate = { perSecond: 1, burst: 8 };
/** Of all other digits: as fast as machines dial. What is more goes nowhere, for each is an event for everybody in the room. */
const digitRate = { perSecond: 12, burst: 50 };
/** A phone that does not hear goodbye leaves all the same. */
const goodbyeWithinMs = 3_000;

/**
 * The keys of a caller in a room, each with a spoken answer. All other digits go to the room, and in a call to the other phones: all of
 * them where it speaks to one phone alone, whose menu wants its stars, too.
 */
export class Keypad {
  readonly #parts: KeypadParts;
  readonly #options: KeypadOptions;
  readonly #keys: StarKeys;
  readonly #unsubscribe: (() => void)[];
  readonly #actions: ReadonlyMap<string, () => void> = new Map([
    ['6', () => this.#toggleMute()],
    ['5', () => this.#toggleHand()],
    ['4', () => this.#changeVolume(-stepDb)],
    ['7', () => this.#changeVolume(stepDb)],
    ['0', () => this.#say('help')],
    ['9', () => this.#leave()],
  ]);
  #volumeDb = 0;
  /** What a moderator does to its voice. */
  #moderated = { muted: false, locked: false };
  #isClosed = false;

  constructor(parts: KeypadParts, options: KeypadOptions) {
    this.#parts = parts;
    this.#options = options;
    const { clock } = parts;
    const keyRest = new TokenBucket(keyRate, clock.monotonicMs());
    const digitRest = new TokenBucket(digitRate, clock.monotonicMs());
    const tell = ({ digit, durationMs }: Press) => {
      if (digitRest.take(clock.monotonicMs()) === 0) options.peer.digit(digit, durationMs);
    };
    this.#keys = new StarKeys(clock, {
      isKey: (digit) => this.#actions.has(digit),
      key: (digit) => {
        if (keyRest.take(clock.monotonicMs()) === 0) this.#actions.get(digit)?.();
      },
      other: tell,
    });
    const { leg, peer } = options;
    this.#unsubscribe = [
      leg.events.on('digit', (press) => {
        if (!peer.passesAllKeys) {
          this.#keys.take(press);
          return;
        }
        this.#keys.passStar();
        tell(press);
      }),
      leg.events.on('closed', () => this.close()),
      peer.events.on('mutedByModerator', (mute) => this.#moderate(mute)),
      peer.events.on('muteWanted', ({ muted }) => this.#say(muted ? 'muted' : 'unmuted')),
      peer.events.on('unmuteRequested', () => this.#say('unmute-asked')),
      peer.events.on('handLowered', () => this.#say('hand-lowered-by-moderator')),
      peer.events.on('volumeWanted', ({ db }) => {
        this.#volumeDb = db;
      }),
      // Mutes of a room stay there.
      peer.events.on('moved', () => {
        this.#moderated = { muted: false, locked: false };
      }),
      peer.events.on('left', () => this.close()),
    ];
  }

  /** Says that the caller is in the room. */
  welcome(): void {
    this.#say(this.#options.peer.state.muted ? 'room-entered-muted' : 'room-entered');
  }

  /** Idempotent. What is being said is said to its end. */
  close(): void {
    this.#isClosed = true;
    this.#keys.close();
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
  }

  #toggleMute(): void {
    const { leg, peer } = this.#options;
    const muted = !peer.state.muted;
    if (!muted && this.#moderated.locked) {
      this.#say('mute-locked');
      return;
    }
    // Before the room's media answers that nobody mutes it any more: the caller knows.
    if (!muted) this.#moderated = { muted: false, locked: false };
    leg.setMuted(muted);
    peer.setState({ muted });
    this.#say(muted ? 'muted' : 'unmuted');
  }

  #moderate(mute: { readonly muted: boolean; readonly locked: boolean }): void {
    const before = this.#moderated;
    this.#moderated = mute;
    if (mute.muted && (!before.muted || (mute.locked && !before.locked))) {
      this.#options.peer.setState({ muted: true });
      this.#say('muted-by-moderator');
    } else if (before.locked && !mute.locked) this.#say('unlocked-by-moderator');
  }

  #toggleHand(): void {
    const { peer } = this.#options;
    const raised = !peer.handRaised;
    peer.raiseHand(raised);
    this.#say(raised ? 'hand-raised' : 'hand-lowered');
  }

  #changeVolume(byDb: number): void {
    const db = Math.min(Math.max(this.#volumeDb + byDb, quietestDb), loudestDb);
    const isEnd = db === this.#volumeDb;
    this.#volumeDb = db;
    this.#options.leg.setVolume(db);
    if (byDb > 0) this.#say(isEnd ? 'loudest' : 'louder');
    else this.#say(isEnd ? 'quietest' : 'quieter');
  }

  #leave(): void {
    const { leg, leave } = this.#options;
    this.close();
    let hasLeft = false;
    const leaveOnce = () => {
      late.cancel();
      if (!hasLeft) leave();
      hasLeft = true;
    };
    const late = this.#parts.clock.after(goodbyeWithinMs, leaveOnce);
    leg.play(this.#parts.prompts.lastWords(['goodbye'])).then(leaveOnce, leaveOnce);
  }

  #say(name: PromptName): void {
    if (this.#isClosed) return;
    // Another word takes its place; a leg that is gone hears none.
    this.#options.leg.play([this.#parts.prompts.sound(name)]).catch(() => {});
  }
}
