// Typed calls into a child process, so that callers and servers burn CPU of their own and can be accounted for apart.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** What a child answers: plain data in, plain data out. */
export type Calls = Readonly<Record<string, (params: never) => unknown>>;

interface Request {
  readonly id: number;
  readonly name: string;
  readonly params: unknown;
}
type Answer = { readonly id: number } & ({ readonly result: unknown } | { readonly error: string });

/** A running child. Its calls reject with the child's error, or when the child ends. Disposing asks it to end, and kills it after 3 s. */
export interface Child<C extends Calls> extends AsyncDisposable {
  readonly pid: number;
  call<Name extends keyof C & string>(
    name: Name,
    ...params: Parameters<C[Name]> extends [] ? [] : [Parameters<C[Name]>[0]]
  ): Promise<Awaited<ReturnType<C[Name]>>>;
}

const stopTimeoutMs = 3_000;

/** Starts a module, TypeScript or compiled, that calls `answerCalls`. `quiet`: what it writes to standard output goes nowhere. */
export async function startChild<C extends Calls>(
  module: URL,
  { quiet = false }: { quiet?: boolean } = {},
): Promise<Child<C>> {
  const child = fork(module, {
    execArgv: module.pathname.endsWith('.ts') ? ['--import', 'tsx'] : [],
    serialization: 'advanced',
    stdio: ['ignore', quiet ? 'ignore' : 'inherit', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (reason: Error) => void }>();
  let nextId = 1;
  child.on('message', (message: Answer) => {
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if ('error' in message) call?.reject(new Error(message.error));
    else call?.resolve(message.result as never);
  });
  child.on('exit', (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`The child ended: ${signal ?? `code ${code}`}.`));
    waiting.clear();
  });
  await once(child, 'spawn');
  return {
    pid: child.pid ?? 0,
    call(name, ...[params]) {
      const id = nextId++;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        child.send({ id, name, params } satisfies Request, (error) => {
          if (error) reject(error);
        });
      });
    },
    [Symbol.asyncDispose]: () => stopChild(child),
  };
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
  await exited;
  clearTimeout(timer);
}

/** The child's side. `close` runs when the parent lets go of it, or is gone; the process ends after it. */
export function answerCalls(calls: Calls, close: () => void | Promise<void>): void {
  process.on('message', ({ id, name, params }: Request) => {
    const run = async () => calls[name]?.(params as never);
    run().then(
      (result) => process.send?.({ id, result } satisfies Answer),
      (error: unknown) =>
        process.send?.({ id, error: error instanceof Error ? error.message : String(error) } satisfies Answer),
    );
  });
  process.once('disconnect', () => {
    void Promise.resolve(close()).finally(() => process.exit());
  });
}
