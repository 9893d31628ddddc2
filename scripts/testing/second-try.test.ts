import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../setup/testing/temporary-folder.ts';
import { ownProcess, sharedFiles } from './projects.ts';
import { filesToRunAgain, imports } from './second-try.mjs';
import { toTally } from './tally.mjs';

const wrtc = '@roamhq/wrtc';

function sources() {
  return temporaryFolder({
    'direct.test.ts': `const wrtc = await import('${wrtc}');`,
    'deep.test.ts': "import { a } from './support/a.ts';\nimport { b } from './support/b.ts';",
    'support/a.ts': "import { b } from './b.ts';\nexport const a = b;",
    'support/b.ts': "import {\n  c,\n} from '../deep.test.ts';\nexport { d } from './device.ts';",
    'support/device.ts': `import wrtc from '${wrtc}';`,
    'types.test.ts': `import type {\n  wrtc,\n} from '${wrtc}';`,
    'plain.test.ts': "import { describe } from 'vitest';\nimport { gone } from './gone.ts';",
  });
}

test('a package is found behind any chain of imports, and not by its types', () => {
  using folder = sources();
  const found = (name: string) => imports(join(folder.path, name), wrtc);
  expect(['direct', 'deep', 'types', 'plain'].filter((name) => found(`${name}.test.ts`))).toEqual(['direct', 'deep']);
});

test('only what died with libwebrtc in its process runs again', () => {
  using folder = sources();
  const dead = (...files: string[]) => files.map((file) => ({ file, during: 'a test' }));
  const again = (tally: Parameters<typeof toTally>[0]) => filesToRunAgain(toTally(tally), folder.path);
  expect(again({ passed: 3, died: dead('deep.test.ts') })).toEqual(['deep.test.ts']);
  expect(again({ died: dead('deep.test.ts', 'plain.test.ts') })).toEqual([]);
  expect(again({ failed: 1, died: dead('deep.test.ts') })).toEqual([]);
  expect(again({ otherErrors: 1, died: dead('deep.test.ts') })).toEqual([]);
  expect(again({ passed: 3 })).toEqual([]);
});

test('no file that shares its process loads libwebrtc: it would take the others down as well', () => {
  const root = join(import.meta.dirname, '../..');
  const tests = sharedFiles(root, new Set());
  expect(tests.length).toBeGreaterThan(100);
  expect(tests.filter((name) => imports(join(root, name), wrtc)).sort()).toEqual(
    [...ownProcess, 'client/src/media/send-side.test.ts'].sort(),
  );
});
