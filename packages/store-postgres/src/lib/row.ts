/** What the database answers is checked column by column: a host's own type parsers apply to it too. */
export type Row = Readonly<Record<string, unknown>>;

export function onlyRow(rows: readonly unknown[]): Row {
  const [row] = rows;
  if (typeof row !== 'object' || row === null) throw new Error('Postgres answered no row');
  return row as Row;
}

export function numberOf(row: Row, column: string): number {
  const value = row[column];
  const number = value === null || value === undefined ? Number.NaN : Number(value);
  if (!Number.isFinite(number)) throw new Error(`Postgres answered no number for ${column}`);
  return number;
}

export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new Error(`Postgres answered no text for ${column}`);
  return value;
}
