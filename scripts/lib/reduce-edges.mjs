const EDGE = /^(\w+)-->(\w+)$/;

/**
 * Leaves out each arrow `A-->C` where there is a way from A to C by other arrows (a transitive reduction).
 *
 * @param {readonly string[]} lines of a mermaid flowchart
 * @returns {string[]}
 */
export function reduceEdges(lines) {
  /** @type {Map<string, Set<string>>} */
  const targets = new Map();
  for (const line of lines) {
    const [, from, to] = EDGE.exec(line) ?? [];
    if (from && to) targets.set(from, (targets.get(from) ?? new Set()).add(to));
  }
  return lines.filter((line) => {
    const [, from, to] = EDGE.exec(line) ?? [];
    if (!from || !to) return true;
    targets.get(from)?.delete(to);
    if (reaches(targets, from, to)) return false;
    targets.get(from)?.add(to);
    return true;
  });
}

/**
 * @param {ReadonlyMap<string, ReadonlySet<string>>} targets
 * @param {string} from
 * @param {string} to
 */
function reaches(targets, from, to) {
  const seen = new Set([from]);
  for (const each of seen) {
    for (const next of targets.get(each) ?? []) seen.add(next);
  }
  seen.delete(from);
  return seen.has(to);
}
