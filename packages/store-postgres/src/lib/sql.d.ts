/** tsup and vitest import a .sql file as its text. */
declare module '*.sql' {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: what their loaders make.
  export default text;
}
