// Where the sources run as they are: a worker does not inherit its parent's loader. The compiled server starts main.js.

if (process.env['PARLEY_BUILT']) {
  // `npm test` has compiled what it tests: this begins with half the CPU.
  await import(new URL('../../../dist/media/mixer/thread/main.js', import.meta.url).href);
} else {
  const { register } = await import('tsx/esm/api');
  register();
  await import('./main.ts');
}
