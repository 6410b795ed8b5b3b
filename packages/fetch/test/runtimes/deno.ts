import { createProgram } from './program.js';

interface ServeHandlerInfo {
  readonly remoteAddr: { readonly hostname: string };
}
declare const Deno: {
  readonly args: readonly string[];
  serve(
    options: { port: number; hostname: string },
    handler: (request: Request, info: ServeHandlerInfo) => Promise<Response>,
  ): void;
};

const port = Number(Deno.args[0]);
const answer = createProgram<ServeHandlerInfo>({
  port,
  clientAddress: (_request, info) => info.remoteAddr.hostname,
});
Deno.serve({ port, hostname: '127.0.0.1' }, answer);
