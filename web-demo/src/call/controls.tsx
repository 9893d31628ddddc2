import type { Signal } from '@preact/signals';
import type { AppStore } from '../state/app-store.ts';
import type { Call } from '../state/call.ts';
import { Icon } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu, type MenuItem } from '../ui/menu.tsx';
import { unlessBusy } from '../ui/unless-busy.ts';
import type { CallActions } from './call-actions.ts';
import { shortcuts } from './shortcuts.ts';

export type OpenDialog = 'devices' | 'help' | undefined;

interface ControlsProps {
  readonly app: AppStore;
  readonly call: Call;
  readonly actions: CallActions;
  readonly dialog: Signal<OpenDialog>;
}

export function Controls({ app, call, actions, dialog }: ControlsProps) {
  const { panel, chat, roster } = call;
  const keys = app.preferences.current.value.shortcuts;
  const key = (command: keyof typeof shortcuts): string | undefined => (keys ? shortcuts[command].key : undefined);
  const unread = chat.unread.value;

  return (
    <footer class="controls">
      <fieldset class="controls-group" aria-label="Call">
        <MediaButtons app={app} call={call} actions={actions} keyOf={key} />
        <CallButtons call={call} actions={actions} keyOf={key} />
        <IconButton
          icon="sliders"
          label="Sound and video devices"
          class="only-wide"
          aria-haspopup="dialog"
          onClick={() => {
            dialog.value = 'devices';
          }}
        />
        <MoreMenu call={call} actions={actions} dialog={dialog} />
        <button type="button" class="leave" onClick={() => app.leave()}>
          <Icon name="leave" />
          <span>{call.line.ownsRoom.value ? 'Hang up' : 'Leave'}</span>
        </button>
      </fieldset>
      <fieldset class="controls-group" aria-label="Chat and people">
        <IconButton
          icon="chat"
          label={unread > 0 ? `Chat, ${unread} unread` : 'Chat'}
          tip="Chat"
          shortcut={key('chat')}
          badge={unread}
          aria-expanded={panel.value === 'chat'}
          onClick={() => actions.togglePanel('chat')}
        />
        <IconButton
          icon="people"
          label={`People, ${roster.peerCount.value} in the room`}
          tip="People"
          shortcut={key('people')}
          aria-expanded={panel.value === 'people'}
          onClick={() => actions.togglePanel('people')}
        />
        <IconButton
          icon="phone"
          label="Phone"
          shortcut={key('phone')}
          aria-expanded={panel.value === 'phone'}
          onClick={() => actions.togglePanel('phone')}
        />
        <IconButton
          icon="keyboard"
          label="Keyboard shortcuts"
          class="only-wide"
          shortcut={key('help')}
          aria-haspopup="dialog"
          onClick={() => {
            dialog.value = 'help';
          }}
        />
      </fieldset>
    </footer>
  );
}

/** What there is in a room besides sound and pictures. */
function CallButtons({ call, actions, keyOf }: Pick<MediaButtonsProps, 'call' | 'actions' | 'keyOf'>) {
  const { line, roster } = call;
  const raised = roster.self.value.handRaised;
  const held = line.held.value;
  return (
    <>
      {line.ownsRoom.value ? (
        <IconButton
          icon={held ? 'play' : 'pause'}
          label="Hold"
          tip={held ? 'Resume the call' : 'Hold the call'}
          aria-pressed={held}
          {...unlessBusy(line.isBusy.value, () => void line.setHeld(!held))}
        />
      ) : (
        <IconButton
          icon="hand"
          class="only-wide"
          label="Raise your hand"
          tip={raised ? 'Take your hand down' : 'Raise your hand'}
          shortcut={keyOf('hand')}
          aria-pressed={raised}
          onClick={() => actions.toggleHand()}
        />
      )}
    </>
  );
}

/** What a narrow window has no space for. */
function MoreMenu({ call, actions, dialog }: Pick<ControlsProps, 'call' | 'actions' | 'dialog'>) {
  const { may, screen, roster } = call;
  const open = (): void => {
    dialog.value = 'devices';
  };
  const items: MenuItem[] = [
    {
      icon: 'hand',
      text: roster.self.value.handRaised ? 'Take your hand down' : 'Raise your hand',
      run: () => actions.toggleHand(),
    },
    { icon: 'sliders', text: 'Sound and video devices', run: open },
  ];
  if (screen.isSupported && may.shareScreen) {
    const shares = screen.state.value === 'on';
    const text = shares ? 'Stop sharing your screen' : 'Share your screen';
    items.push({ icon: shares ? 'screenOff' : 'screen', text, run: () => actions.toggleScreen() });
  }
  return (
    <div class="only-narrow">
      <Menu label="More" items={items} large />
    </div>
  );
}

interface MediaButtonsProps extends Pick<ControlsProps, 'app' | 'call' | 'actions'> {
  readonly keyOf: (command: keyof typeof shortcuts) => string | undefined;
}

function MediaButtons({ app, call, actions, keyOf }: MediaButtonsProps) {
  const { capture } = app;
  const { may, screen } = call;
  const sends = call.roster.self.value.sends;
  const microphone = capture.microphone.value.status;
  const camera = capture.camera.value.status;
  const heard = microphone === 'on' && !capture.microphoneMuted.value;
  const seen = camera === 'on' && sends.get('camera')?.muted !== true;
  const shares = screen.state.value === 'on';

  return (
    <>
      <IconButton
        icon={heard ? 'mic' : 'micOff'}
        label="Microphone"
        tip={!may.speak ? 'You may not speak in this room' : heard ? 'Mute' : 'Unmute'}
        shortcut={keyOf('microphone')}
        class={heard ? '' : 'off'}
        aria-pressed={heard}
        disabled={!may.speak || microphone === 'starting'}
        onClick={() => actions.toggleMicrophone()}
      />
      <IconButton
        icon={seen ? 'camera' : 'cameraOff'}
        label="Camera"
        tip={!may.showVideo ? 'You may not show video in this room' : seen ? 'Turn camera off' : 'Turn camera on'}
        shortcut={keyOf('camera')}
        class={seen ? '' : 'off'}
        aria-pressed={seen}
        disabled={!may.showVideo || camera === 'starting'}
        onClick={() => actions.toggleCamera()}
      />
      {screen.isSupported && may.shareScreen && (
        <IconButton
          icon={shares ? 'screenOff' : 'screen'}
          label="Share your screen"
          tip={shares ? 'Stop sharing' : 'Share your screen'}
          shortcut={keyOf('screen')}
          class={shares ? 'active only-wide' : 'only-wide'}
          aria-pressed={shares}
          disabled={screen.state.value === 'starting'}
          onClick={() => actions.toggleScreen()}
        />
      )}
    </>
  );
}
