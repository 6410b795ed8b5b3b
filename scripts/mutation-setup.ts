import { beforeEach } from 'vitest';

/** A second and more each, for numbers that a mutant need not meet: others of their files do with less. */
const LONG = /10,000|50,000|200 rounds|S06|over 4 KiB|live one when it is full|passes every case/;

// Stryker sets the pattern of names itself, so that what is left out has to be left out here.
beforeEach(({ task, skip }) => {
  if (LONG.test(task.name)) skip();
});
