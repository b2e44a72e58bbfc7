// What a connection sends, receives and loses, once a second, in words.
const bits = (rate) => (rate >= 1e6 ? `${(rate / 1e6).toFixed(1)} Mbit/s` : `${Math.round(rate / 1e3)} kbit/s`);

export class Statistics {
  #timer = null;

  start(pc) {
    let before = null;
    this.#timer = setInterval(async () => {
      const now = { time: performance.now(), in: 0, out: 0, lost: 0, packets: 0, rtt: null, fps: null };
      for (const stat of (await pc.getStats()).values()) {
        if (stat.type === 'inbound-rtp') {
          now.in += stat.bytesReceived ?? 0;
          now.lost += stat.packetsLost ?? 0;
          now.packets += stat.packetsReceived ?? 0;
          now.fps ??= stat.framesPerSecond ?? null;
        }
        if (stat.type === 'outbound-rtp') now.out += stat.bytesSent ?? 0;
        if (stat.type === 'candidate-pair' && stat.nominated) now.rtt = stat.currentRoundTripTime ?? null;
      }
      if (before) {
        const seconds = (now.time - before.time) / 1000;
        const frames = now.fps === null ? '' : `, ${Math.round(now.fps)} fps`;
        this.#show('rate-in', bits((now.in - before.in) * 8 / seconds) + frames);
        this.#show('rate-out', bits((now.out - before.out) * 8 / seconds));
        const all = now.packets + now.lost;
        this.#show('lost', all > 0 ? `${(now.lost * 100 / all).toFixed(1)} %` : '0 %');
        this.#show('rtt', now.rtt === null ? '–' : `${Math.round(now.rtt * 1000)} ms`);
      }
      before = now;
    }, 1000);
  }

  stop() {
    clearInterval(this.#timer);
    for (const id of ['rate-in', 'rate-out', 'lost', 'rtt']) this.#show(id, '–');
  }

  #show(id, text) { document.getElementById(id).textContent = text; }
}
