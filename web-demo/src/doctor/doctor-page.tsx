import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Icon, type IconName } from '../ui/icon.tsx';
import { Page } from '../ui/page.tsx';
import { TextField } from '../ui/text-field.tsx';
import type { DoctorStore } from './doctor-store.ts';
import { type Hop, toReport, type Verdict } from './hops.ts';

const icons: Readonly<Record<Verdict['tone'], IconName>> = {
  running: 'retry',
  fine: 'check',
  warning: 'alert',
  broken: 'alert',
};

/** Tries each way to the server and says which one is broken, for people whose call does not work and who runs the server. */
export function DoctorPage({ doctor }: { doctor: DoctorStore }) {
  const verdict = doctor.verdict.value;
  const hops = doctor.hops.value;
  const isRunning = doctor.isRunning.value;

  useEffect(() => {
    document.title = 'Connection test · Parley';
    void doctor.run();
  }, []);

  return (
    <div class="app">
      <Page class="doctor" footer="Nothing of this is sent to anybody but this server and its relays.">
        <h1>Connection test</h1>
        <div class={`doctor-verdict ${verdict.tone}`} role="status">
          <Icon name={icons[verdict.tone]} />
          <div>
            <h2>{verdict.title}</h2>
            <p>{verdict.advice}</p>
          </div>
        </div>
        <ol class="doctor-hops">
          {hops.map((hop) => (
            <HopRow key={hop.id} hop={hop} />
          ))}
        </ol>
        {doctor.asksForToken.value && <TokenField doctor={doctor} />}
        <div class="doctor-actions">
          <button type="button" class="button primary" disabled={isRunning} onClick={() => void doctor.run()}>
            {isRunning ? 'Testing…' : 'Test again'}
          </button>
          <CopyReport text={() => toReport(hops, verdict)} disabled={isRunning} />
          <a class="button" href="/">
            Back to calls
          </a>
        </div>
      </Page>
    </div>
  );
}

const words = { waiting: 'Waiting', running: 'Testing', fine: 'Works', failed: 'Does not work' } as const;

function HopRow({ hop: { label, state } }: { hop: Hop }) {
  return (
    <li class={`doctor-hop ${state.name}`}>
      <span class="doctor-mark">
        {state.name === 'fine' && <Icon name="check" />}
        {state.name === 'failed' && <Icon name="close" />}
        <span class="visually-hidden">{words[state.name]}:</span>
      </span>
      <div>
        <h3>{label}</h3>
        {'text' in state && <p>{state.text}</p>}
        {'mend' in state && <p class="doctor-mend">{state.mend}</p>}
      </div>
    </li>
  );
}

function TokenField({ doctor }: { doctor: DoctorStore }) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void doctor.run();
      }}
    >
      <TextField
        id="token"
        label="Token"
        value={doctor.token.value}
        placeholder="Paste the one that you were given"
        onInput={(token) => {
          doctor.token.value = token;
        }}
      />
    </form>
  );
}

function CopyReport({ text, disabled }: { text: () => string; disabled: boolean }) {
  const outcome = useSignal<'none' | 'copied' | 'failed'>('none');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text());
      outcome.value = 'copied';
    } catch {
      outcome.value = 'failed';
    }
  };
  const label = { none: 'Copy the report', copied: 'Copied', failed: 'Not copied' }[outcome.value];
  return (
    <button type="button" class="button" disabled={disabled} onClick={() => void copy()}>
      <Icon name={outcome.value === 'copied' ? 'check' : 'copy'} />
      <span aria-live="polite">{label}</span>
    </button>
  );
}
