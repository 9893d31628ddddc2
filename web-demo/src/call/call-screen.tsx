import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo } from 'preact/hooks';
import { ChatPanel } from '../chat/chat-panel.tsx';
import { DeviceDialog } from '../devices/device-dialog.tsx';
import { PeoplePanel } from '../people/people-panel.tsx';
import { HeldBanner } from '../phone/held-banner.tsx';
import { PhonePanel } from '../phone/phone-panel.tsx';
import { nameOf, WaitingCalls } from '../phone/waiting-calls.tsx';
import { QualityPanel } from '../quality/quality-panel.tsx';
import { RecordingMark } from '../recording/recording-mark.tsx';
import { RecordingPanel } from '../recording/recording-panel.tsx';
import type { AppStore } from '../state/app-store.ts';
import type { Call } from '../state/call.ts';
import { createCallActions } from './call-actions.ts';
import { CallHeader } from './call-header.tsx';
import { Controls, type OpenDialog } from './controls.tsx';
import { InviteCard } from './invite-card.tsx';
import { commandOf } from './shortcuts.ts';
import { ShortcutsHelp } from './shortcuts-help.tsx';
import { Sounds } from './sounds.tsx';
import { StatusBanner } from './status-banner.tsx';
import { VideoGrid } from './video-grid.tsx';

export function CallScreen({ app, call }: { app: AppStore; call: Call }) {
  const dialog = useSignal<OpenDialog>(undefined);
  const actions = useMemo(() => createCallActions(app, call), [app, call]);
  const panel = call.panel.value;
  const unread = call.chat.unread.value;
  const title = nameOf(call);

  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${title} · Parley`;
  }, [unread, title]);

  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      // A dialog that is open has the keyboard for itself.
      if (dialog.peek() !== undefined || !app.preferences.current.peek().shortcuts) return;
      const command = commandOf(event);
      if (command === undefined) return;
      event.preventDefault();
      if (command === 'microphone') actions.toggleMicrophone();
      else if (command === 'camera') actions.toggleCamera();
      else if (command === 'screen') actions.toggleScreen();
      else if (command === 'hand') actions.toggleHand();
      else if (command === 'help') dialog.value = 'help';
      else actions.togglePanel(command);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [actions]);

  const closeDialog = (): void => {
    dialog.value = undefined;
  };
  const closePanel = (): void => {
    call.panel.value = undefined;
  };

  return (
    <div class="call" data-panel={panel ?? 'none'}>
      <CallHeader call={call} />
      <main class="call-main">
        <h1 class="visually-hidden">
          {call.line.ownsRoom.value ? 'Call with' : 'Call in'} {title}
        </h1>
        <VideoGrid call={call} capture={app.capture} />
        <div class="call-banners">
          <StatusBanner call={call} />
          <HeldBanner call={call} />
          <WaitingCalls openCalls={app.openCalls} />
          <RecordingMark call={call} />
          <Sounds roster={call.roster} speakerId={app.preferences.current.value.speakerId} />
        </div>
        <InviteCard call={call} />
      </main>
      {panel === 'chat' && <ChatPanel chat={call.chat} connection={call.connection} onClose={closePanel} />}
      {panel === 'people' && <PeoplePanel call={call} onClose={closePanel} />}
      {panel === 'phone' && (
        <PhonePanel
          call={call}
          waiting={app.openCalls.all.value.filter((other) => other !== call)}
          onClose={closePanel}
        />
      )}
      {panel === 'quality' && <QualityPanel call={call} onClose={closePanel} />}
      {panel === 'recording' && <RecordingPanel call={call} onClose={closePanel} />}
      <Controls app={app} call={call} actions={actions} dialog={dialog} />
      <ReadAloud call={call} />
      {dialog.value === 'devices' && <DeviceDialog app={app} onClose={closeDialog} />}
      {dialog.value === 'help' && <ShortcutsHelp preferences={app.preferences} onClose={closeDialog} />}
    </div>
  );
}

/** New messages for a screen reader, whether the chat is open or not. */
function ReadAloud({ call }: { call: Call }) {
  const latest = call.chat.latest.value;
  return (
    <div class="visually-hidden" aria-live="polite">
      {latest !== undefined && <p key={latest.id}>{latest.text}</p>}
    </div>
  );
}
