import './styles/index.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { DoctorPage } from './doctor/doctor-page.tsx';
import { createDoctorStore } from './doctor/doctor-store.ts';
import { keyOfHash } from './encryption/room-key.ts';
import { createRoomName, roomOfPath } from './lobby/room-names.ts';
import { calleeOfPath } from './phone/to-target.ts';
import { createAppStore } from './state/app-store.ts';
import { tokenOfHash } from './state/token-source.ts';
import { missingFeatures, Unsupported } from './unsupported.tsx';

function start(root: HTMLElement): void {
  const missing = missingFeatures(globalThis);
  if (missing.length > 0) {
    render(<Unsupported missing={missing} />, root);
    return;
  }
  const token = tokenOfHash(location.hash);
  const key = keyOfHash(location.hash);
  // The address is copied, shared and kept in histories: a token has no place in it longer than needed.
  if (token !== '') {
    history.replaceState(null, '', `${location.pathname}${location.search}${key === undefined ? '' : `#key=${key}`}`);
  }
  if (location.pathname === '/doctor') {
    render(<DoctorPage doctor={createDoctorStore({ token })} />, root);
    return;
  }
  const callee = calleeOfPath(location.pathname);
  const isPhone = callee !== undefined || location.pathname === '/phone';
  const app = createAppStore({
    phone: isPhone ? { callee: callee ?? '' } : undefined,
    room: roomOfPath(location.pathname) ?? createRoomName(),
    token,
    key,
  });
  render(<App app={app} />, root);
}

const root = document.getElementById('app');
if (root !== null) start(root);
