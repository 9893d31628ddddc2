import { DeviceError, type DeviceKind, explainDevice, isSharedFailure } from '../errors/explain-device.ts';
import type { Capture, CaptureKind } from '../state/capture.ts';
import { Icon } from '../ui/icon.tsx';

interface Trouble {
  readonly kind: DeviceKind;
  readonly error: unknown;
  readonly retry: readonly CaptureKind[];
}

/** Why a device could not be had, with a way to try again. */
export function DeviceTrouble({ capture }: { capture: Capture }) {
  return (
    <div role="status" class="device-trouble">
      {troubles(capture).map(({ kind, error, retry }) => {
        const { title, advice } = explainDevice(kind, error);
        return (
          <div key={kind} class="callout" data-tone="warning">
            <Icon name="alert" />
            <div>
              <strong>{title}</strong>
              <p>{advice}</p>
            </div>
            {canHelp(error) && (
              <button type="button" class="button small" onClick={() => void capture.start(retry)}>
                Try again<span class="visually-hidden"> with the {kind}</span>
              </button>
            )}
          </div>
        );
      })}
    </div>
  );
}

/** Whether trying again can help: a page that is not secure, or a browser without devices, stays so. */
function canHelp(error: unknown): boolean {
  return !(error instanceof DeviceError) || error.problem === 'ended';
}

function troubles({ camera, microphone }: Capture): Trouble[] {
  const found: Trouble[] = [];
  if (camera.value.status === 'failed') found.push({ kind: 'camera', error: camera.value.error, retry: ['camera'] });
  if (microphone.value.status === 'failed') {
    found.push({ kind: 'microphone', error: microphone.value.error, retry: ['microphone'] });
  }
  const [first, second] = found;
  if (first === undefined || second === undefined || !isSharedFailure(first.error, second.error)) return found;
  return [{ kind: 'camera and microphone', error: first.error, retry: ['camera', 'microphone'] }];
}
