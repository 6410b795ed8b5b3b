/** Each throws a TypeError that names the option and says what to write. */

export function assertText(value: unknown, field: string): asserts value is string {
  const isText = typeof value === 'string' && value.trim() !== '' && value.isWellFormed();
  if (!isText || value.length > 512) {
    throw new TypeError(`${field} must be a text of 1 to 512 characters.`);
  }
}

export function assertObject(value: unknown, field: string): asserts value is object {
  if (typeof value !== 'object' || value === null)
    throw new TypeError(`${field} must be an object.`);
}

export function assertWhole(value: unknown, field: string, least: number, most: number): void {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw new TypeError(`${field} must be a whole number from ${least} to ${most}.`);
  }
}
