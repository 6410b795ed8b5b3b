import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pool } from 'pg';

/** Reads every byte that the server keeps of its tables: their files and the write-ahead log. */
export async function dumpFiles(pool: Pool): Promise<Buffer> {
  await pool.query('CHECKPOINT');
  const [row] = (await pool.query('SHOW data_directory')).rows;
  const folders = [join(row.data_directory, 'base'), join(row.data_directory, 'pg_wal')];
  const lists = await Promise.all(
    folders.map((folder) => readdir(folder, { recursive: true, withFileTypes: true })),
  );
  const files = lists.flat().filter((entry) => entry.isFile());
  return Buffer.concat(
    await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name)))),
  );
}
