export default {
  extends: ['@commitlint/config-conventional'],
  // Dependabot writes long lines.
  ignores: [(message) => message.includes('Signed-off-by: dependabot[bot]')],
  rules: {
    'header-max-length': [2, 'always', 72],
    // A subject may begin with a name: README, Postgres, Node.
    'subject-case': [0],
  },
};
