// A native program that speaks JSON, one object a line, on its standard input and output.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export class Native {
  constructor(program, args = []) {
    this.lines = [];
    this.waiting = [];
    this.log = '';
    this.process = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.process.stderr.on('data', (chunk) => { this.log = (this.log + chunk).slice(-200_000); });
    this.process.stdin.on('error', () => {});
    this.exited = new Promise((resolve, reject) => {
      this.process.on('exit', (code, signal) => resolve(code ?? signal));
      this.process.on('error', reject);
    });
    createInterface({ input: this.process.stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      this.lines.push(JSON.parse(line));
      this.waiting = this.waiting.filter((look) => !look());
    });
  }

  send(object) { this.process.stdin.write(`${JSON.stringify(object)}\n`); }

  // The first line, of those not taken yet, that matches; taken out of the list.
  next(matches, what = String(matches), milliseconds = 10_000) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const index = this.lines.findIndex(matches);
        if (index < 0) return false;
        clearTimeout(timer);
        resolve(this.lines.splice(index, 1)[0]);
        return true;
      };
      const timer = setTimeout(() => {
        this.waiting = this.waiting.filter((entry) => entry !== look);
        reject(new Error(`no ${what} from ${this.process.spawnfile} in ${milliseconds} ms; it said:\n` +
          `${this.lines.map((line) => JSON.stringify(line)).join('\n')}\n${this.log}`));
      }, milliseconds);
      if (!look()) this.waiting.push(look);
    });
  }

  // Ends the program as a person would, then waits for it.
  async end() {
    this.process.stdin.end();
    const timer = setTimeout(() => this.process.kill('SIGKILL'), 3000);
    this.process.kill('SIGINT');
    const status = await this.exited;
    clearTimeout(timer);
    return status;
  }
}
