import { useId } from 'preact/hooks';
import type { DeviceChoice } from '../state/devices.ts';
import { Icon, type IconName } from '../ui/icon.tsx';

interface SelectFieldProps {
  readonly icon: IconName;
  readonly label: string;
  readonly choices: readonly DeviceChoice[];
  readonly chosen: string;
  readonly onChoose: (id: string) => void;
}

/** A device chooser. With nothing to choose from it says so and stays where it is. */
export function SelectField({ icon, label, choices, chosen, onChoose }: SelectFieldProps) {
  const id = useId();
  const known = choices.some((choice) => choice.id === chosen);
  return (
    <div class="select-field">
      <label for={id}>{label}</label>
      <div class="select-box">
        <Icon name={icon} />
        <select
          id={id}
          value={known ? chosen : ''}
          disabled={choices.length === 0}
          onChange={(event) => onChoose(event.currentTarget.value)}
        >
          {!known && <option value="">{choices.length === 0 ? 'Chosen by the system' : 'System default'}</option>}
          {choices.map((choice) => (
            <option key={choice.id} value={choice.id}>
              {choice.label}
            </option>
          ))}
        </select>
        <Icon name="chevronDown" />
      </div>
    </div>
  );
}
