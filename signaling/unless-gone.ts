import { AppError } from '../core/errors.ts';

/** Closes something of a room's media that may be closed already: its transport, its peer or its worker may have gone first. */
export function unlessGone(close: () => void): void {
  try {
    close();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
}
