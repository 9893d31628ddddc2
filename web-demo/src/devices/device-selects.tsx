import type { AppStore } from '../state/app-store.ts';
import type { CaptureState } from '../state/capture.ts';
import { canChooseSpeaker } from '../state/devices.ts';
import { SelectField } from './select-field.tsx';

type DeviceSelectsProps = Pick<AppStore, 'capture' | 'devices' | 'preferences'>;

/** Camera, microphone and, where the browser can, the speaker. */
export function DeviceSelects({ capture, devices, preferences }: DeviceSelectsProps) {
  const { cameras, microphones, speakers } = devices.lists.value;
  const { cameraId, microphoneId, speakerId } = preferences.current.value;
  return (
    <div class="device-selects">
      <SelectField
        icon="mic"
        label="Microphone"
        choices={microphones}
        chosen={deviceOf(capture.microphone.value) ?? microphoneId}
        onChoose={(id) => void capture.choose('microphone', id)}
      />
      <SelectField
        icon="camera"
        label="Camera"
        choices={cameras}
        chosen={deviceOf(capture.camera.value) ?? cameraId}
        onChoose={(id) => void capture.choose('camera', id)}
      />
      {canChooseSpeaker && (
        <SelectField
          icon="speaker"
          label="Speaker"
          choices={speakers}
          chosen={speakerId}
          onChoose={(id) => preferences.update({ speakerId: id })}
        />
      )}
    </div>
  );
}

/** What is really open now, whatever was asked for. */
function deviceOf(state: CaptureState): string | undefined {
  return state.status === 'on' ? state.track.getSettings().deviceId : undefined;
}
