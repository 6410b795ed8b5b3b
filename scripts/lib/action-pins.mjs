/**
 * @param {string} workflow its text
 * @returns {string[]} the actions that are not pinned to a commit with its tag beside it: `owner/name@<hash> # v1.2.3`. A
 * tag can be moved to other code.
 */
export const findUnpinned = (workflow) =>
  [...workflow.matchAll(/^[\s-]*uses:\s*(.+)$/gm)]
    .map(([, action = '']) => action.trim())
    .filter((action) => !/^[\w.-]+(?:\/[\w.-]+)+@[\da-f]{40} # v\d+(?:\.\d+)*$/.test(action));
