import { readFile } from 'node:fs/promises';

/** Memory of a process now; where the system does not tell (no /proc), the most that it ever had. */
export async function residentBytesOf(pid: number, peakKilobytes: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return (kilobytes === undefined ? peakKilobytes : Number(kilobytes)) * 1024;
}
