import { useEffect } from 'preact/hooks';
import { DeviceSelects } from '../devices/device-selects.tsx';
import { DeviceTrouble } from '../devices/device-trouble.tsx';
import type { AppStore } from '../state/app-store.ts';
import { Page } from '../ui/page.tsx';
import { JoinForm } from './join-form.tsx';
import { Preview } from './preview.tsx';

/** Before a call: who one is, where to, and how one looks and sounds. */
export function Lobby({ app }: { app: AppStore }) {
  useEffect(() => {
    const { cameraOn, microphoneOn } = app.preferences.current.peek();
    const kinds = [cameraOn && ('camera' as const), microphoneOn && ('microphone' as const)].filter(
      (kind) => kind !== false,
    );
    if (kinds.length > 0) void app.capture.start(kinds);
    document.title = 'Parley';
  }, []);

  return (
    <Page
      class="lobby-main"
      footer={
        <>
          Your call runs on this server alone. <a href="/phone">Call somebody</a> ·{' '}
          <a href="/doctor">Test the connection</a>
        </>
      }
    >
      <div class="lobby-devices">
        <Preview app={app} />
        <DeviceSelects {...app} />
        <DeviceTrouble capture={app.capture} />
      </div>
      <JoinForm app={app} />
    </Page>
  );
}
