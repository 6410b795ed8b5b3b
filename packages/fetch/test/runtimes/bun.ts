import { createProgram } from './program.js';

interface BunServer {
  requestIP(request: Request): { readonly address: string } | null;
}
declare const Bun: {
  serve(options: {
    port: number;
    hostname: string;
    idleTimeout: number;
    fetch: (request: Request, server: BunServer) => Promise<Response>;
  }): void;
};

const port = Number(process.argv[2]);
const answer = createProgram<BunServer>({
  port,
  clientAddress: (request, server) => server.requestIP(request)?.address,
});
Bun.serve({ port, hostname: '127.0.0.1', idleTimeout: 120, fetch: answer });
