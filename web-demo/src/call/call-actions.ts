// What the buttons and the keys of a call do.

import { explainBriefly } from '../errors/explain-error.ts';
import type { AppStore } from '../state/app-store.ts';
import type { Call, Panel } from '../state/call.ts';

export interface CallActions {
  toggleMicrophone(): void;
  toggleCamera(): void;
  toggleScreen(): void;
  toggleHand(): void;
  togglePanel(panel: Panel): void;
}

export function createCallActions(app: AppStore, call: Call): CallActions {
  const { capture, preferences, notices } = app;
  return {
    toggleMicrophone() {
      if (!call.may.speak || capture.microphone.peek().status === 'starting') return;
      const sent = call.roster.self.peek().sends.get('microphone');
      if (sent?.locked) {
        notices.show('A moderator muted you. Only a moderator can let you speak again.');
        return;
      }
      if (capture.microphone.peek().status !== 'on') {
        capture.microphoneMuted.value = false;
        void capture.start(['microphone']);
      } else {
        capture.microphoneMuted.value = !capture.microphoneMuted.peek();
      }
      preferences.update({ microphoneOn: !capture.microphoneMuted.peek() });
    },
    toggleCamera() {
      if (!call.may.showVideo || capture.camera.peek().status === 'starting') return;
      const sent = call.roster.self.peek().sends.get('camera');
      if (sent?.muted) {
        // Stopping the camera and starting it again would go round the moderator: the server is asked instead.
        call.resumeCamera().catch((error: unknown) => notices.show(explainBriefly(error), 'problem'));
        return;
      }
      const turnOn = capture.camera.peek().status !== 'on';
      preferences.update({ cameraOn: turnOn });
      if (turnOn) void capture.start(['camera']);
      else capture.stop('camera');
    },
    toggleScreen() {
      if (call.may.shareScreen && call.screen.isSupported) void call.screen.toggle();
    },
    toggleHand() {
      const { roster } = call;
      const raised = !roster.self.peek().handRaised;
      roster.setHandRaised(raised).catch((error: unknown) => notices.show(explainBriefly(error), 'problem'));
    },
    togglePanel(panel) {
      call.panel.value = call.panel.peek() === panel ? undefined : panel;
    },
  };
}
