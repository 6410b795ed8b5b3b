/** A variable that cannot be used: the message names it and says what to write. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
}
