import { useLayoutEffect, useRef } from 'preact/hooks';
import { CallScreen } from './call/call-screen.tsx';
import { Ended } from './lobby/ended.tsx';
import { Lobby } from './lobby/lobby.tsx';
import { IncomingPanel } from './phone/incoming-panel.tsx';
import { PhoneScreen } from './phone/phone-screen.tsx';
import type { AppStore } from './state/app-store.ts';
import { NoticeList } from './ui/notice-list.tsx';

export function App({ app }: { app: AppStore }) {
  const screen = app.screen.value;
  const phone = app.phone.value;
  const root = useRef<HTMLDivElement>(null);
  const shown = useRef(screen.name);

  // A new screen begins at its top for everybody: the focus would otherwise stay on an element that is gone.
  useLayoutEffect(() => {
    if (shown.current === screen.name) return;
    shown.current = screen.name;
    root.current?.focus();
  }, [screen.name]);

  return (
    <div ref={root} class="app" tabIndex={-1}>
      {screen.name === 'lobby' && <Lobby app={app} />}
      {screen.name === 'phone' && <PhoneScreen app={app} phone={screen.phone} />}
      {screen.name === 'call' && <CallScreen app={app} call={screen.call} />}
      {screen.name === 'ended' && <Ended app={app} explanation={screen.explanation} />}
      {phone !== undefined && <IncomingPanel phone={phone} isBusy={screen.name === 'call'} />}
      <NoticeList notices={app.notices} />
    </div>
  );
}
