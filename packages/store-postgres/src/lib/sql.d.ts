/** The loaders of tsup and vitest make a .sql file a module whose default export is its text. */
declare module '*.sql' {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: the loaders make a default export.
  export default text;
}
