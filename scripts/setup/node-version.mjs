// @ts-check
import { SetupFailure } from './failure.mjs';

/**
 * @param {{ version?: string, platform?: string, required: string }} options `required` is package.json's `engines.node`, of the form `>=20.19`
 */
export function requireNode({ version = process.versions.node, platform = process.platform, required }) {
  if (platform === 'win32') {
    throw new SetupFailure('Parley runs on Linux and macOS. On Windows it runs inside WSL 2.', {
      mend: 'wsl --install',
    });
  }
  const wanted = /^>=(\d+)\.(\d+)$/.exec(required);
  if (!wanted)
    throw new SetupFailure(`package.json asks for Node "${required}", which is not of the form ">=20.19".`, {
      mend: 'git checkout package.json',
    });
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const wantedMajor = Number(wanted[1]);
  const wantedMinor = Number(wanted[2]);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new SetupFailure(`This is Node ${version}; Parley needs ${wantedMajor}.${wantedMinor} or newer.`, {
    mend: `nvm install ${wantedMajor + 2}`,
  });
}
