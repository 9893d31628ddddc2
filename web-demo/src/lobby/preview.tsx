import { useSignal } from '@preact/signals';
import { DeviceDialog } from '../devices/device-dialog.tsx';
import { LevelMeter } from '../devices/level-meter.tsx';
import type { AppStore } from '../state/app-store.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Icon } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Video } from '../ui/video.tsx';

/** How one will be seen and heard, with the two switches that matter. */
export function Preview({ app }: { app: AppStore }) {
  const { capture, preferences } = app;
  const choosing = useSignal(false);
  const camera = capture.camera.value;
  const microphone = capture.microphone.value;
  const heard = microphone.status === 'on' && !capture.microphoneMuted.value;
  const name = preferences.current.value.name.trim();

  const toggleCamera = (): void => {
    const turnOn = camera.status !== 'on';
    preferences.update({ cameraOn: turnOn });
    if (turnOn) void capture.start(['camera']);
    else capture.stop('camera');
  };
  const toggleMicrophone = (): void => {
    preferences.update({ microphoneOn: !heard });
    capture.microphoneMuted.value = heard;
    if (!heard && microphone.status !== 'on') void capture.start(['microphone']);
  };

  return (
    <section class="preview" aria-label="Preview of your camera">
      {camera.status === 'on' ? (
        <Video track={camera.track} mirrored />
      ) : (
        <div class="preview-empty">
          {name === '' ? <Icon name="cameraOff" /> : <Avatar name={name} identity={name} />}
          <p>{camera.status === 'starting' ? 'Starting the camera…' : 'Your camera is off'}</p>
        </div>
      )}
      <div class="preview-bar">
        <div class="preview-side">{heard && <LevelMeter track={microphone.track} />}</div>
        <IconButton
          icon={heard ? 'mic' : 'micOff'}
          label="Microphone"
          tip={heard ? 'Turn microphone off' : 'Turn microphone on'}
          class={heard ? 'on-video' : 'on-video off'}
          aria-pressed={heard}
          disabled={microphone.status === 'starting'}
          onClick={toggleMicrophone}
        />
        <IconButton
          icon={camera.status === 'on' ? 'camera' : 'cameraOff'}
          label="Camera"
          tip={camera.status === 'on' ? 'Turn camera off' : 'Turn camera on'}
          class={camera.status === 'on' ? 'on-video' : 'on-video off'}
          aria-pressed={camera.status === 'on'}
          disabled={camera.status === 'starting'}
          onClick={toggleCamera}
        />
        <div class="preview-side">
          <IconButton
            icon="sliders"
            label="Sound and video devices"
            class="on-video only-narrow"
            aria-haspopup="dialog"
            onClick={() => {
              choosing.value = true;
            }}
          />
        </div>
      </div>
      {choosing.value && (
        <DeviceDialog
          app={app}
          onClose={() => {
            choosing.value = false;
          }}
        />
      )}
    </section>
  );
}
