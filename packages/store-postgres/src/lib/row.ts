/** A row of a result. Its columns are checked one by one, because type parsers of the host apply to them too. */
export type Row = Readonly<Record<string, unknown>>;

export function onlyRow(rows: readonly unknown[]): Row {
  const [row] = rows;
  if (typeof row !== 'object' || row === null) throw new Error('Postgres returned no row');
  return row as Row;
}

export function numberOf(row: Row, column: string): number {
  const value = row[column];
  const number = value === null || value === undefined ? Number.NaN : Number(value);
  if (!Number.isFinite(number)) throw new Error(`Postgres returned no number for ${column}`);
  return number;
}

export function stringOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new Error(`Postgres returned no string for ${column}`);
  return value;
}
