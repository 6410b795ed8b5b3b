import { expect, it } from 'vitest';
import { withMetadata, withRepository } from './metadata.mjs';

const ROOT = {
  repository: 'https://github.com/acme/otp',
  license: 'MIT',
  author: 'Acme',
  keywords: ['otp', 'verification'],
};

it('writes what the root says into the manifest of a package, beside its own keywords', () => {
  const manifest = {
    ...{ name: '@otp/core', version: '0.1.0', description: 'Core' },
    ...{ license: 'none', keywords: ['verification', 'sms'], type: 'module' },
  };
  expect(JSON.stringify(withMetadata(ROOT, 'packages/core', manifest))).toBe(
    JSON.stringify({
      name: '@otp/core',
      version: '0.1.0',
      description: 'Core',
      keywords: ['otp', 'verification', 'sms'],
      homepage: 'https://github.com/acme/otp/tree/main/packages/core#readme',
      bugs: 'https://github.com/acme/otp/issues',
      repository: {
        type: 'git',
        url: 'git+https://github.com/acme/otp.git',
        directory: 'packages/core',
      },
      license: 'MIT',
      author: 'Acme',
      type: 'module',
    }),
  );
});

it.each([
  ['0.0.0', 'workspace:^ 0.x'],
  ['1.0.0', 'workspace:^'],
])('names the peer of a package of version %s as %s', (version, range) => {
  const peerDependencies = { '@otp/core': 'workspace:*', express: '^5.0.0' };
  const manifest = { name: '@otp/express', version, peerDependencies };
  expect(withMetadata(ROOT, 'packages/express', manifest).peerDependencies).toEqual({
    '@otp/core': range,
    express: '^5.0.0',
  });
});

it('replaces the URL of the repository in a text', () => {
  expect(withRepository('url: https://github.com/me/it/security/new', ROOT.repository)).toBe(
    'url: https://github.com/acme/otp/security/new',
  );
});
