// @ts-check
/** Builds `dist/`: the server compiled by `tsc`, and the web page by Vite, each only when its sources have changed. */
import { runSession } from './setup/session.mjs';
import { buildSteps } from './setup/steps.mjs';

process.exit(await runSession(buildSteps, { title: 'Building Parley.', ending: 'Built', again: 'npm run build' }));
