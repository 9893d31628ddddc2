import { PlanError } from '../../sip/dial-plan/file/plan-problem.ts';
import { loadPlan } from '../../sip/dial-plan/open-plan.ts';
import { broken, type Check, fine, toMessage, warning } from './check.ts';

/** What calls would lead to. */
export const checkDialPlan: Check = async ({ sip: { enabled, planFile } }) => {
  if (!enabled) return [];
  if (planFile === '') return [warning('Dial plan', 'there is none: calls get 503', 'sip.planFile: docs/dial-plan.md')];
  try {
    const { users, trunks, rules } = await loadPlan(planFile);
    return [fine('Dial plan', `${planFile}: users: ${users.length}, trunks: ${trunks.length}, rules: ${rules.length}`)];
  } catch (error) {
    const problem = error instanceof PlanError ? `${planFile} is no plan` : toMessage(error);
    return [broken('Dial plan', problem, 'parley sip plan check says what is wrong with it')];
  }
};

/** Where phones would send sound. A wrong address is heard by one side alone, or by nobody. */
export const checkPhoneMedia: Check = ({ sip, media, dev }) => {
  if (!sip.enabled || sip.planFile === '') return [];
  const { portMin, portMax, announcedAddress } = sip.media;
  const pairs = Math.floor((portMax + 1 - (portMin + (portMin % 2))) / 2);
  const ports = `UDP ${portMin} to ${portMax}, for ${pairs} at once`;
  const advertised = sip.listen[0]?.advertise ?? [];
  if (announcedAddress !== '') return [fine('Phones', `${ports}; they are told to send sound to ${announcedAddress}`)];
  if (advertised.length > 0)
    return [fine('Phones', `${ports}; they are told to send sound to ${advertised.join(' or ')}`)];
  const own = `${ports}; they are told to send sound to the address of this machine in their network`;
  if (dev || media.announcedAddress === '') return [fine('Phones', own)];
  return [
    warning(
      'Phones',
      `${own}, while browsers are told of ${media.announcedAddress}`,
      'sip.media.announcedAddress, or advertise of sip.listen: the address that phones reach',
    ),
  ];
};
