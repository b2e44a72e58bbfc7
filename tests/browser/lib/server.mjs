// `lucid serve` on a port of its own choosing.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export class Server {
  static async start(args = []) {
    const server = new Server();
    server.process = spawn('lucid', ['serve', '--host', '127.0.0.1', ...(args.includes('--port') ? [] : ['--port', '0']), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    server.log = '';
    server.lines = [];
    server.process.stderr.on('data', (chunk) => { server.log += chunk; });
    server.url = await new Promise((resolve, reject) => {
      createInterface({ input: server.process.stdout }).on('line', (line) => {
        server.lines.push(line);
        const found = line.match(/https?:\/\/localhost:\d+\//);
        if (found) resolve(found[0]);
      });
      server.process.on('exit', (code) => reject(new Error(`lucid serve ended with ${code}: ${server.log}`)));
      server.process.on('error', reject);
    });
    return server;
  }

  async stop() {
    const ended = new Promise((resolve) => this.process.on('exit', resolve));
    this.process.kill('SIGTERM');
    await ended;
  }
}
