/** `/prod/v1` without its `/prod`; any other path as it is. */
export function withoutStage(path: string, stage: string | undefined): string {
  return stage !== undefined && path.startsWith(`/${stage}/`) ? path.slice(stage.length + 1) : path;
}

/**
 * The path under the mount point, `/` for the mount point itself, or undefined. Also as it came, because a
 * mount point may begin with the name of the stage.
 */
export function pathUnder(
  basePath: string,
  paths: readonly string[],
  stage: string | undefined,
): string | undefined {
  for (const path of [...paths.map((each) => withoutStage(each, stage)), ...paths]) {
    if (path === basePath) return '/';
    if (path.startsWith(`${basePath}/`)) return path.slice(basePath.length);
  }
  return undefined;
}
