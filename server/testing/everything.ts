import type { Db } from "@/server/db";

/** Every row of every table of the database, of all schemas, as text: for proofs that something stands nowhere. */
export async function everyRow(db: Db): Promise<{ table: string; text: string }[]> {
  const tables = await db.$queryRaw<{ schema: string; name: string }[]>`
    select table_schema as schema, table_name as name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`;
  const rows: { table: string; text: string }[] = [];
  for (const { schema, name } of tables) {
    const found = await db.$queryRawUnsafe<{ text: string }[]>(`select t::text as text from "${schema}"."${name}" t`);
    rows.push(...found.map(({ text }) => ({ table: `${schema}.${name}`, text })));
  }
  return rows;
}

/** The tables in which one of the words stands, as "word in table"; capitals do not matter. */
export async function tablesWith(db: Db, words: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const { table, text } of await everyRow(db)) {
    const lower = text.toLowerCase();
    for (const word of words) if (lower.includes(word.toLowerCase())) found.add(`${word} in ${table}`);
  }
  return [...found].sort();
}
