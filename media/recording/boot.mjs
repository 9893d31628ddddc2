// Where the sources run as they are. The compiled server starts recorder-main.js.

if (process.env['PARLEY_BUILT']) {
  // `npm test` has compiled what it tests: this begins with a third of the CPU.
  await import(new URL('../../dist/media/recording/recorder-main.js', import.meta.url).href);
} else {
  const { register } = await import('tsx/esm/api');
  register();
  await import('./recorder-main.ts');
}
