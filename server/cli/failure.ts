import { AppError } from '../../core/errors.ts';
import { PlanError } from '../../sip/dial-plan/file/plan-problem.ts';
import { ConfigError } from '../config/config-error.ts';
import { StartError } from '../start-error.ts';
import { type Output, paint, wrap } from './terminal.ts';

/** What a person reads of a failure: expected ones without a stack, with what mends them; the stack of all others. */
export function toFailureText(error: unknown, output: Output): string {
  const red = (text: string) => paint('red', text, output);
  if (error instanceof ConfigError) {
    return `${red('✗')} ${error.message}\n\n  docs/configuration.md lists every option; \`parley config\` shows what is in effect.\n`;
  }
  if (error instanceof PlanError) {
    return `${red('✗')} ${error.message}\n\n  docs/dial-plan.md explains every field.\n`;
  }
  if (error instanceof StartError) {
    return `${red('✗')} Parley failed while ${error.step}.\n\n${wrap(error.message, 2)}\n\n${wrap(`→ ${error.mend}`, 2)}\n`;
  }
  if (error instanceof AppError) return `${red('✗')} ${error.message}\n`;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${red('✗')} Parley failed, and this is a defect of it:\n\n${text}\n`;
}
