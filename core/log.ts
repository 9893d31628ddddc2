/**
 * Where log lines go; pino stands behind it in the server. `info` is one line per lifecycle transition, nothing per
 * message above `debug`, and never a secret, a token or the body of a message. Numbers that people are named by, as in
 * `phone:+4930123456`, are shortened behind it.
 */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** A logger that adds these fields to every line. */
  child(fields: object): Logger;
}

/** Drops everything. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
};
