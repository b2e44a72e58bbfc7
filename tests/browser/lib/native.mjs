// A native program that speaks JSON, one object a line, on its standard input and output.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export class Native {
  constructor(program, args = []) {
    this.lines = [];
    this.waiting = [];
    this.takers = [];
    this.log = '';
    this.process = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.process.stderr.on('data', (chunk) => { this.log = (this.log + chunk).slice(-200_000); });
    this.process.stdin.on('error', () => {});
    this.exited = new Promise((resolve, reject) => {
      this.process.on('exit', (code, signal) => resolve(code ?? signal));
      this.process.on('error', reject);
    });
    createInterface({ input: this.process.stdout }).on('line', (line) => {
      if (!line.startsWith('{')) { this.log += line + '\n'; return; }
      const object = JSON.parse(line);
      const taker = this.takers.find(({ matches }) => matches(object));
      if (taker) { taker.take(object); return; }
      this.lines.push(object);
      this.waiting = this.waiting.filter((look) => !look());
    });
  }

  send(object) { this.process.stdin.write(`${JSON.stringify(object)}\n`); }

  // From now on lines that match go to `take`, in order, and are not kept.
  hand(matches, take) {
    this.lines.filter(matches).forEach(take);
    this.lines = this.lines.filter((line) => !matches(line));
    this.takers.push({ matches, take });
  }

  // A command to test_peer, and its answer.
  async do(verb, args = {}) {
    this.commands = (this.commands ?? 0) + 1;
    const id = this.commands;
    this.send({ do: verb, id, ...args });
    const reply = await this.next((line) => line.reply === id, `answer to ${verb}`);
    if (reply.error) throw new Error(`${verb}: ${reply.error}`);
    return reply;
  }

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

  // Ends the program as a person would: its input ends, and if that is not enough, by Ctrl-C.
  async end() {
    this.process.stdin.end();
    const timers = [setTimeout(() => this.process.kill('SIGINT'), 1000), setTimeout(() => this.process.kill('SIGKILL'), 3000)];
    const status = await this.exited;
    timers.forEach(clearTimeout);
    return status;
  }
}
