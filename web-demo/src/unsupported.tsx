import { Page } from './ui/page.tsx';

/** What a browser must have for a call; empty when it has everything. */
export function missingFeatures(scope: typeof globalThis): string[] {
  const needed = ['RTCPeerConnection', 'WebSocket', 'MediaStream', 'ResizeObserver'] as const;
  return needed.filter((name) => !(name in scope));
}

export function Unsupported({ missing }: { missing: readonly string[] }) {
  return (
    <Page class="ended">
      <h1>This browser cannot make calls</h1>
      <p class="lead">A current Chrome, Edge, Firefox or Safari can. This one lacks {missing.join(', ')}.</p>
    </Page>
  );
}
