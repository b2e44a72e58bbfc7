// What a connection is doing: its four states, and once a second what it sends, receives and loses,
// as numbers and as plots of the last minute; beside it the same numbers of the other end.
import { element } from './dom.js';

const states = [
  ['Signaling', 'signalingState', 'signalingstatechange'],
  ['Gathering', 'iceGatheringState', 'icegatheringstatechange'],
  ['ICE', 'iceConnectionState', 'iceconnectionstatechange'],
  ['Connection', 'connectionState', 'connectionstatechange'],
];
const rows = [
  ['Receiving', 'in', (v) => bits(v)],
  ['Sending', 'out', (v) => bits(v)],
  ['Pictures', 'fps', (v) => `${Math.round(v)} a second`],
  ['Lost', 'lost', (v) => `${v.toFixed(1)} %`],
  ['Round trip', 'rtt', (v) => `${v < 10 ? v.toFixed(1) : Math.round(v)} ms`],
];
const bits = (rate) => (rate >= 1e6 ? `${(rate / 1e6).toFixed(1)} Mbit/s` : `${Math.round(rate / 1e3)} kbit/s`);

// The totals of a report (W3C names), and the rates between two of them.
export function totals(report) {
  const now = { time: performance.now(), in: 0, out: 0, lost: 0, packets: 0, rtt: null, fps: null, frames: null };
  for (const stat of report) {
    if (stat.type === 'inbound-rtp') {
      now.in += stat.bytesReceived ?? 0;
      now.lost += stat.packetsLost ?? 0;
      now.packets += stat.packetsReceived ?? 0;
      if (stat.kind === 'video') now.frames = (now.frames ?? 0) + (stat.framesDecoded ?? stat.framesReceived ?? 0);
    }
    if (stat.type === 'outbound-rtp') now.out += stat.bytesSent ?? 0;
    if (stat.type === 'candidate-pair' && stat.nominated) now.rtt = stat.currentRoundTripTime ?? now.rtt;
  }
  return now;
}
export function rates(before, now) {
  const seconds = (now.time - before.time) / 1000;
  const lost = now.lost - before.lost;
  const all = now.packets - before.packets + lost;
  return {
    in: Math.max(0, now.in - before.in) * 8 / seconds,
    out: Math.max(0, now.out - before.out) * 8 / seconds,
    fps: now.frames === null || before.frames === null ? null : (now.frames - before.frames) / seconds,
    lost: all > 0 ? Math.max(0, lost) * 100 / all : 0,
    rtt: now.rtt === null ? null : now.rtt * 1000,
  };
}

class Plot {
  #values = [];

  constructor(title, write) {
    this.write = write;
    this.line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
    const picture = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    picture.setAttribute('viewBox', '0 0 120 40');
    picture.setAttribute('preserveAspectRatio', 'none');
    picture.setAttribute('aria-hidden', 'true');
    picture.append(this.line);
    this.most = element('span');
    this.root = element('figure', {}, element('figcaption', {}, title, ' ', this.most), picture);
  }

  add(value) {
    this.#values = [...this.#values, value ?? 0].slice(-60);
    const most = Math.max(...this.#values, 1e-9);
    this.most.textContent = `up to ${this.write(Math.max(...this.#values))}`;
    this.line.setAttribute('points', this.#values.map((v, i) => `${i * 2},${(38 - 36 * v / most).toFixed(1)}`).join(' '));
  }
}

export class Panel {
  #timer = null;
  #cells = {};
  #theirs = {};
  #plots = {};
  #before = null;
  #theirsBefore = null;
  #stop = [];

  constructor(root, { own = 'You', other = 'The other end' } = {}) {
    this.root = root;
    const dl = element('dl', { className: 'states' });
    for (const [title, key] of states) {
      this.#cells[key] = element('dd', {}, '–');
      dl.append(element('div', {}, element('dt', {}, title), this.#cells[key]));
    }
    this.other = element('th', { scope: 'col', hidden: true }, other);
    const body = element('tbody');
    for (const [title, key] of rows) {
      this.#cells[key] = element('td', {}, '–');
      this.#theirs[key] = element('td', { hidden: true }, '–');
      body.append(element('tr', {}, element('th', { scope: 'row' }, title), this.#cells[key], this.#theirs[key]));
    }
    const table = element('table', { className: 'numbers' },
      element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, 'Each second'), element('th', { scope: 'col' }, own), this.other)), body);
    const plots = element('div', { className: 'plots' });
    for (const [title, key, write] of rows.filter(([, key]) => ['in', 'lost', 'rtt'].includes(key))) {
      this.#plots[key] = new Plot(title, write);
      plots.append(this.#plots[key].root);
    }
    root.replaceChildren(dl, table, plots);
  }

  watch(pc) {
    this.stop();
    for (const [, key, event] of states) {
      const update = () => { this.#cells[key].textContent = pc[key]; };
      pc.addEventListener(event, update);
      this.#stop.push(() => pc.removeEventListener(event, update));
      update();
    }
    this.#timer = setInterval(async () => {
      const now = totals((await pc.getStats()).values());
      if (this.#before) {
        const rate = rates(this.#before, now);
        this.#fill(this.#cells, rate);
        for (const [key, plot] of Object.entries(this.#plots)) plot.add(rate[key]);
      }
      this.#before = now;
    }, 1000);
  }

  // A report of the other end: a list of W3C statistics.
  theirs(report, name) {
    const now = totals(report);
    if (this.#theirsBefore && now.time > this.#theirsBefore.time) this.#fill(this.#theirs, rates(this.#theirsBefore, now));
    this.#theirsBefore = now;
    this.other.textContent = name;
    this.#showTheirs(true);
  }

  stop() {
    clearInterval(this.#timer);
    for (const undo of this.#stop.splice(0)) undo();
    for (const cell of Object.values(this.#cells)) cell.textContent = '–';
    this.#before = this.#theirsBefore = null;
    this.#showTheirs(false);
  }

  #fill(cells, rate) {
    for (const [, key, write] of rows) cells[key].textContent = rate[key] === null ? '–' : write(rate[key]);
  }

  #showTheirs(on) {
    for (const cell of [this.other, ...Object.values(this.#theirs)]) cell.hidden = !on;
  }
}
