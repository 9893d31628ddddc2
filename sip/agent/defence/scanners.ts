/** Tools that look for open servers and weak passwords, by how they introduce themselves. */
export const defaultScanners: readonly string[] = [
  'friendly-scanner',
  'friendly-request',
  'sipvicious',
  'sundayddr',
  'sip-scan',
  'sipcli',
  'vaxsipuseragent',
  'vax-sip',
  'pplsip',
  'iwar',
  'eyebeam release 3006o',
  'smap',
  'siparmyknife',
  'sivus',
  'gulp',
  'nm@p',
  'cisco-scan',
];

/** Which name on the list a `User-Agent` begins with; undefined for none. The list is in lower case. */
export function scannerIn(product: string, scanners: readonly string[]): string | undefined {
  const name = product.trim().toLowerCase();
  return scanners.find((scanner) => name.startsWith(scanner));
}
