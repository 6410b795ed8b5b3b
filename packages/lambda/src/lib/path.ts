/** `/prod/v1` without its `/prod`; any other path is unchanged. */
export function withoutStage(path: string, stage: string | undefined): string {
  return stage !== undefined && path.startsWith(`/${stage}/`) ? path.slice(stage.length + 1) : path;
}

/**
 * Finds the path of a request below the mount point.
 *
 * @param basePaths the possible paths of the mount point, empty for the root
 * @param paths the paths that the event names
 * @param stage the stage, which a path may begin with; the base path may begin with the same name
 * @returns the path, `/` for the mount point itself, or undefined for a path outside it
 */
export function findPath(
  basePaths: readonly string[],
  paths: readonly string[],
  stage: string | undefined,
): string | undefined {
  const candidates = [...paths.map((each) => withoutStage(each, stage)), ...paths];
  for (const basePath of basePaths) {
    for (const path of candidates) {
      if (path === basePath) return '/';
      if (path.startsWith(`${basePath}/`)) return path.slice(basePath.length);
    }
  }
  return undefined;
}
