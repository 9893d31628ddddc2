import type { LogRecord, RoomSettings, RoomSnapshot } from '../../proto/gen/types.ts';

/** As the contract says for a mute without an end. */
const forever = 8_640_000_000_000_000;

/** What holds in a room for the caller; follows the room's log. */
export class RoomRules {
  settings: RoomSettings = { slowModeMs: 0, retentionMs: 0, retentionRecords: 0 };
  mutedUntilMs: number | undefined;
  /** Up to here they are known from a snapshot: what is caught up with may be older. */
  #seq = 0;
  #epoch = '';

  start({ settings, mutedUntilMs, log }: RoomSnapshot): void {
    this.settings = settings;
    this.mutedUntilMs = mutedUntilMs;
    this.#seq = log.seq;
    this.#epoch = log.epoch;
  }

  /** Says whether anything changed. */
  follow(records: readonly LogRecord[], epoch: string, identity: string | undefined): boolean {
    let changed = false;
    for (const record of records) {
      if (epoch === this.#epoch && record.seq <= this.#seq) continue;
      if (record.kind === 'configured' && record.settings) {
        this.settings = record.settings;
        changed = true;
      }
      if (record.subject !== identity) continue;
      if (record.kind === 'muted') this.mutedUntilMs = record.untilMs ?? forever;
      if (record.kind === 'unmuted') this.mutedUntilMs = undefined;
      changed ||= record.kind === 'muted' || record.kind === 'unmuted';
    }
    return changed;
  }
}
