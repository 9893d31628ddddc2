import '../styles/softphone-page.css';
import { render } from 'preact';
import { accountOf } from './account.ts';
import { SoftphonePage } from './softphone-page.tsx';
import { createSoftphone } from './softphone-store.ts';

const root = document.getElementById('app');
if (root !== null) render(<SoftphonePage phone={createSoftphone()} account={accountOf(location)} />, root);
