import type { Explanation } from '../errors/explanation.ts';
import { Icon } from './icon.tsx';
import { IconButton } from './icon-button.tsx';

interface ProblemCalloutProps {
  /** Undefined: there is none. */
  readonly problem: Explanation | undefined;
  readonly onDismiss?: () => void;
}

/** What failed and what can be done, read aloud at once. */
export function ProblemCallout({ problem, onDismiss }: ProblemCalloutProps) {
  if (problem === undefined) return null;
  return (
    <div class="callout" data-tone="problem" role="alert">
      <Icon name="alert" />
      <div>
        <strong>{problem.title}</strong>
        {problem.advice !== '' && <p>{problem.advice}</p>}
      </div>
      {onDismiss !== undefined && <IconButton icon="close" label="Dismiss" class="quiet small" onClick={onDismiss} />}
    </div>
  );
}
