// `npm start`: installs and builds no more than the demo needs, then is the demo.
import { pathToFileURL } from 'node:url';
import { prepareDemo } from './lib/demo.mjs';

const server = await prepareDemo();
// In this process, not in a child: signals, exit status and the terminal are then the server's own.
process.argv[1] = server;
await import(pathToFileURL(server).href);
