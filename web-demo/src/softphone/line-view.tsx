import { useSignal } from '@preact/signals';
import { CallClock } from '../phone/call-clock.tsx';
import { Keypad } from '../phone/keypad.tsx';
import { Avatar } from '../ui/avatar.tsx';
import { Icon } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import type { Line, Softphone } from './softphone-store.ts';

interface LineViewProps {
  readonly phone: Softphone;
  readonly line: Line;
  readonly other: Line | undefined;
}

/** One call of the phone, with what can be done in it now. */
export function LineView({ phone, line, other }: LineViewProps) {
  const shown = line.name === '' ? line.address : line.name;
  return (
    <section class="card line" data-state={line.state} aria-label={`Call with ${shown}`}>
      <header class="line-head">
        <Avatar name={shown} identity={line.address} />
        <div>
          <h2>{shown}</h2>
          {line.name !== '' && line.name !== line.address && <p>{line.address}</p>}
        </div>
        <p class="line-state" role="status" data-held={line.held}>
          {stateOf(line)}
          {line.answeredAtMs !== undefined && !line.held && <CallClock sinceMs={line.answeredAtMs} />}
        </p>
      </header>
      {line.state === 'ringing' && line.direction === 'incoming' ? (
        <div class="line-answer">
          <button type="button" class="button danger" onClick={() => void phone.hangUp(line)}>
            <Icon name="leave" />
            Decline
          </button>
          <button type="button" class="button primary" onClick={() => void phone.answer(line)}>
            <Icon name="phone" />
            Answer
          </button>
        </div>
      ) : (
        <Talking phone={phone} line={line} other={other} />
      )}
    </section>
  );
}

function Talking({ phone, line, other }: LineViewProps) {
  const open = useSignal<'keys' | 'transfer' | undefined>(undefined);
  const target = useSignal('');
  const isAnswered = line.state === 'answered';
  const toggle = (part: 'keys' | 'transfer') => () => {
    open.value = open.peek() === part ? undefined : part;
  };
  return (
    <>
      <div class="line-controls">
        <IconButton
          icon={line.muted ? 'micOff' : 'mic'}
          label="Mute"
          tip={line.muted ? 'Unmute' : 'Mute'}
          class={line.muted ? 'off' : ''}
          aria-pressed={line.muted}
          disabled={!isAnswered}
          onClick={() => phone.setMuted(line, !line.muted)}
        />
        <IconButton
          icon={line.held ? 'play' : 'pause'}
          label="Hold"
          tip={line.held ? 'Resume' : 'Hold'}
          aria-pressed={line.held}
          disabled={!isAnswered}
          onClick={() => void phone.setHeld(line, !line.held)}
        />
        <IconButton
          icon="keypad"
          label="Keys"
          aria-expanded={open.value === 'keys'}
          disabled={!isAnswered}
          onClick={toggle('keys')}
        />
        <IconButton
          icon="transfer"
          label="Transfer"
          aria-expanded={open.value === 'transfer'}
          disabled={!isAnswered}
          onClick={toggle('transfer')}
        />
        <button type="button" class="leave" onClick={() => void phone.hangUp(line)}>
          <Icon name="leave" />
          <span>Hang up</span>
        </button>
      </div>
      {open.value === 'keys' && isAnswered && (
        <div class="line-more">
          <output class="line-digits" aria-live="off">
            {line.digits === '' ? ' ' : line.digits}
          </output>
          <Keypad label="Keys" takesFocus onPress={(digit) => void phone.press(line, digit)} />
        </div>
      )}
      {open.value === 'transfer' && isAnswered && (
        <form
          class="line-more"
          aria-label="Transfer"
          onSubmit={(event) => {
            event.preventDefault();
            void phone.transfer(line, target.peek());
          }}
        >
          {other?.state === 'answered' && (
            <button type="button" class="button" onClick={() => void phone.transfer(line, other)}>
              Connect with {other.name || other.address}
            </button>
          )}
          <div class="field">
            <label for={`to-${line.id}`}>Hand the call on to</label>
            <div class="line-transfer">
              <input
                id={`to-${line.id}`}
                value={target.value}
                autocomplete="off"
                autocapitalize="none"
                spellcheck={false}
                onInput={(event) => {
                  target.value = event.currentTarget.value;
                }}
              />
              <button type="submit" class="button primary" disabled={target.value.trim() === ''}>
                Transfer
              </button>
            </div>
          </div>
        </form>
      )}
    </>
  );
}

function stateOf({ state, direction, held, isHandedOn }: Line): string {
  if (isHandedOn) return 'Handing on…';
  if (state === 'calling') return 'Calling…';
  if (state === 'ringing') return direction === 'incoming' ? 'Calls you' : 'Ringing…';
  return held ? 'On hold' : '';
}
