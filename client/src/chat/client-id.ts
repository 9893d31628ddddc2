/** A name that nothing else ever gets: 128 random bits. `crypto.randomUUID` is missing in pages that are not secure. */
export function createClientId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
