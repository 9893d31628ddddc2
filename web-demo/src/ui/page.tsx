import type { ComponentChildren } from 'preact';
import { Logo } from './logo.tsx';

interface PageProps {
  /** Of what is in the middle. */
  readonly class: string;
  /** Beside the name: who is signed in. */
  readonly account?: ComponentChildren;
  readonly footer?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** Everything that is no call: the name above, what one came for, and where else one can go. */
export function Page({ class: classes, account, footer, children }: PageProps) {
  return (
    <div class="page">
      <header class="brand">
        <Logo />
        <span>Parley</span>
        {account}
      </header>
      <main class={classes}>{children}</main>
      <footer class="page-footer">{footer !== undefined && <p>{footer}</p>}</footer>
    </div>
  );
}
