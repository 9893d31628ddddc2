import type { AppStore } from '../state/app-store.ts';
import { Dialog } from '../ui/dialog.tsx';
import { DeviceSelects } from './device-selects.tsx';
import { DeviceTrouble } from './device-trouble.tsx';
import { LevelMeter } from './level-meter.tsx';

/** Another camera, microphone or speaker on a narrow screen before the call and on every screen during it. */
export function DeviceDialog({ app, onClose }: { app: AppStore; onClose: () => void }) {
  const microphone = app.capture.microphone.value;
  return (
    <Dialog title="Sound and video" onClose={onClose}>
      <DeviceSelects {...app} />
      {microphone.status === 'on' && (
        <div class="level-row">
          <span>
            {app.capture.microphoneMuted.value ? 'Your microphone works, you are muted' : 'Your microphone works'}
          </span>
          <LevelMeter track={microphone.track} />
        </div>
      )}
      <DeviceTrouble capture={app.capture} />
    </Dialog>
  );
}
