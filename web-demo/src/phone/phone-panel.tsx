import type { Call as SdkCall } from '@parley/client';
import { useSignal } from '@preact/signals';
import type { Call } from '../state/call.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Icon } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Panel } from '../ui/panel.tsx';
import { unlessBusy } from '../ui/unless-busy.ts';
import type { Leg } from './call-line.ts';
import { DialPad } from './dial-pad.tsx';
import { Keypad } from './keypad.tsx';
import { stateOf } from './rung-tile.tsx';

type Task = 'add' | 'keys' | 'transfer';

interface PhonePanelProps {
  readonly call: Call;
  /** Calls that wait: the other side can be handed on to one of them. */
  readonly waiting: readonly Call[];
  readonly onClose: () => void;
}

/** Who is called into the room, and what can be done with a call: hold, keys, handing on, another one. */
export function PhonePanel({ call, waiting, onClose }: PhonePanelProps) {
  const { line, may } = call;
  const task = useSignal<Task>('add');
  const isCall = line.call.value !== undefined;
  const isAnswered = line.legs.value.some(({ state }) => state === 'accepted');
  const shown: Task = isCall && isAnswered ? task.value : 'add';
  return (
    <Panel title="Phone" class="phone-panel" onClose={onClose}>
      <div class="phone-scroll">
        {line.legs.value.length > 0 && (
          <ul class="leg-list" aria-label="In the call">
            {line.legs.value.map((leg) => (
              <LegRow key={leg.legId} leg={leg} call={call} />
            ))}
          </ul>
        )}
        {isCall && isAnswered && <Tasks task={shown} onChoose={(chosen) => (task.value = chosen)} />}
        {shown === 'add' && (may.call || isCall ? <AddPerson call={call} /> : <p>Your token does not let you call.</p>)}
        {shown === 'keys' && <SendKeys call={call} />}
        {shown === 'transfer' && <HandOn call={call} waiting={waiting} />}
      </div>
    </Panel>
  );
}

function Tasks({ task, onChoose }: { readonly task: Task; readonly onChoose: (task: Task) => void }) {
  const names: readonly (readonly [Task, string])[] = [
    ['add', 'Add'],
    ['keys', 'Keys'],
    ['transfer', 'Transfer'],
  ];
  return (
    <fieldset class="phone-tasks" aria-label="What to do">
      {names.map(([name, text]) => (
        <button key={name} type="button" aria-pressed={task === name} onClick={() => onChoose(name)}>
          {text}
        </button>
      ))}
    </fieldset>
  );
}

function LegRow({ leg, call }: { readonly leg: Leg; readonly call: Call }) {
  const { line } = call;
  const isThere = leg.state === 'accepted';
  return (
    <li class="leg" data-held={leg.held}>
      <Avatar name={leg.shown} identity={leg.identity} />
      <div class="leg-text">
        <p class="leg-name">{leg.shown}</p>
        <p class="leg-state">
          {leg.via === 'phone' && <Icon name="phone" />}
          {wordsOf(leg)}
        </p>
      </div>
      {isThere && (
        <IconButton
          icon={leg.held ? 'play' : 'pause'}
          label={`${leg.held ? 'Resume' : 'Hold'} ${leg.shown}`}
          class="quiet"
          {...unlessBusy(line.isBusy.value, () => void line.setLegHeld(leg, !leg.held))}
        />
      )}
      <IconButton
        icon="leave"
        label={`${isThere ? 'Hang up' : 'Stop calling'} ${leg.shown}`}
        class="quiet"
        {...unlessBusy(line.isBusy.value, () => void line.endLeg(leg))}
      />
    </li>
  );
}

function wordsOf(leg: Leg): string {
  if (leg.state !== 'accepted') return stateOf(leg);
  const words = [leg.held && 'On hold', leg.muted && 'Muted'].filter((word) => word !== false);
  return words.length > 0 ? words.join(', ') : leg.via === 'phone' ? 'By phone' : 'In the call';
}

function AddPerson({ call }: { readonly call: Call }) {
  const text = useSignal('');
  return (
    <DialPad
      text={text}
      label="Number, name or address"
      action="Call into this room"
      disabled={call.line.isBusy.value}
      focusFirst
      onDial={(typed) => {
        void call.line.add(typed).then((could) => {
          if (could) text.value = '';
        });
      }}
    />
  );
}

/** Keys towards the phones of the call, as their menus want them. */
function SendKeys({ call }: { readonly call: Call }) {
  const sent = useSignal('');
  const phones = call.line.legs.value.filter(({ via, state }) => via === 'phone' && state === 'accepted');
  if (phones.length === 0) return <p class="phone-hint">Nobody here is on a phone: there are no keys to be heard.</p>;
  const press = (digit: string): void => {
    sent.value = `${sent.peek()}${digit}`.slice(-24);
    void call.line.sendDigits(digit);
  };
  return (
    <div class="send-keys">
      <output class="line-digits" aria-live="off">
        {sent.value === '' ? 'Heard by the phones of this call' : sent.value}
      </output>
      <Keypad label="Keys" takesFocus onPress={press} />
    </div>
  );
}

function HandOn({ call, waiting }: { readonly call: Call; readonly waiting: readonly Call[] }) {
  const text = useSignal('');
  const others = waiting.flatMap((other): [SdkCall, string][] => {
    const running = other.line.call.value;
    return running === undefined ? [] : [[running, other.line.legs.value.map(({ shown }) => shown).join(', ')]];
  });
  return (
    <div class="hand-on">
      <p class="phone-hint">You leave, and the others speak on.</p>
      {others.map(([running, names]) => (
        <button
          key={running.callId}
          type="button"
          class="button"
          {...unlessBusy(call.line.isBusy.value, () => void call.line.transfer(running))}
        >
          <Icon name="transfer" />
          Connect with {names}
        </button>
      ))}
      <DialPad
        text={text}
        label="Number, name or address"
        action="Transfer"
        icon="transfer"
        disabled={call.line.isBusy.value}
        onDial={(typed) => void call.line.transfer(typed)}
      />
    </div>
  );
}
