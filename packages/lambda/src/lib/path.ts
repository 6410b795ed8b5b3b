/** `/prod/v1` without its `/prod`; any other path is unchanged. */
export function withoutStage(path: string, stage: string | undefined): string {
  return stage !== undefined && path.startsWith(`/${stage}/`) ? path.slice(stage.length + 1) : path;
}

/**
 * Finds the path of a request below the mount point.
 *
 * @param basePath the path of the mount point, empty for the root
 * @param paths the paths that the event names
 * @param stage the stage, which a path may begin with; the base path may begin with the same name
 * @returns the path, `/` for the mount point itself, or undefined for a path outside it
 */
export function findPath(
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
