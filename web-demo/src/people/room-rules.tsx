import { spellSpan } from '../chat/describe-event.ts';
import type { Moderation } from '../state/moderation.ts';
import { Icon } from '../ui/icon.tsx';
import { slowModes } from './durations.ts';

/** What holds for everybody in the chat; moderators set it. */
export function RoomRules({ moderation }: { moderation: Moderation }) {
  if (!moderation.isAllowed) return null;
  const now = moderation.settings.value.slowModeMs;
  const offered = slowModes.some((ms) => ms === now) ? slowModes : [...slowModes, now];
  return (
    <section class="removed" aria-labelledby="rules-title">
      <h3 id="rules-title">Chat</h3>
      <div class="rule">
        <label for="slow-mode">Slow mode</label>
        <div class="select-box">
          <select
            id="slow-mode"
            value={String(now)}
            onChange={(event) => void moderation.configure({ slowModeMs: Number(event.currentTarget.value) })}
          >
            {offered.map((ms) => (
              <option key={ms} value={String(ms)}>
                {ms === 0 ? 'Off' : `One message every ${spellSpan(ms)}`}
              </option>
            ))}
          </select>
          <Icon name="chevronDown" />
        </div>
      </div>
    </section>
  );
}
