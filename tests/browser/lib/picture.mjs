// Looks at what a page shows and hears, and makes pictures for it to send. capture/test_picture.hpp
// says how a frame carries its number: nineteen cells along the bottom, the first and the last
// white, the second black, sixteen bits between.

// In the page: watch(track) plays a track and reads each picture's number; numbered(fps) is a track of such pictures.
export function installPictures(page) {
  return page.evaluate(() => {
    const cells = 19;
    window.watch = (track) => {
      const video = document.body.appendChild(Object.assign(document.createElement('video'), { autoplay: true, muted: true, playsInline: true }));
      video.srcObject = new MediaStream([track]);
      video.play().catch(() => {});
      const canvas = Object.assign(document.createElement('canvas'), { width: cells * 8, height: 8 });
      const context = canvas.getContext('2d', { willReadFrequently: true });
      const seen = { video, pictures: 0, numbered: 0, gaps: [], backward: 0, repeated: 0, dark: 0, first: null, number: null, began: performance.now(), firstAt: null };
      let presented = null;
      const look = (_now, metadata) => {
        seen.pictures += 1;
        seen.firstAt ??= performance.now();
        const { videoWidth: w, videoHeight: h } = video;
        if (w > 0) {
          context.drawImage(video, 0, h * 0.92, w, h * 0.06, 0, 0, canvas.width, canvas.height);
          const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
          const lit = Array.from({ length: cells }, (_, i) => data[4 * (4 * canvas.width + i * 8 + 4) + 1] > 125);
          if (lit[0] && !lit[1] && lit[cells - 1]) {
            const number = lit.slice(2, 18).reduce((all, bit) => all * 2 + bit, 0);
            seen.numbered += 1;
            seen.first ??= number;
            if (seen.number !== null) {
              const step = ((number - seen.number + 0x18000) & 0xffff) - 0x8000;
              // Pictures that were shown and not looked at are no gap.
              const shown = metadata.presentedFrames - presented;
              if (step < 0) seen.backward += 1;
              else if (step === 0) seen.repeated += 1;
              else if (step > Math.max(1, shown)) seen.gaps.push(step - 1);
            }
            seen.number = number;
            presented = metadata.presentedFrames;
          } else if (!lit.some(Boolean)) { seen.dark += 1; }
        }
        video.requestVideoFrameCallback(look);
      };
      video.requestVideoFrameCallback(look);
      return seen;
    };
    window.sights = {};
    pc.addEventListener('track', ({ track, transceiver }) => {
      if (track.kind === 'video') sights[transceiver.mid] = watch(track);
      else document.body.appendChild(Object.assign(document.createElement('audio'), { autoplay: true, srcObject: new MediaStream([track]) }));
    });
    window.sight = () => Object.values(sights).at(-1);

    window.numbered = (fps = 30, width = 320, height = 240) => {
      const canvas = document.body.appendChild(Object.assign(document.createElement('canvas'), { width, height }));
      const context = canvas.getContext('2d');
      let number = 0;
      const draw = () => {
        context.fillStyle = '#4060a0';
        context.fillRect(0, 0, width, height);
        for (let i = 0; i < cells; ++i) {
          const bit = i >= 2 && i < 18 && (number >> (17 - i)) & 1;
          context.fillStyle = i === 0 || i === cells - 1 || bit ? 'white' : 'black';
          context.fillRect(Math.floor(width * i / cells), height * 0.9, Math.ceil(width / cells), height * 0.1);
        }
        number += 1;
      };
      draw();
      setInterval(draw, 1000 / fps);
      return canvas.captureStream(fps).getVideoTracks()[0];
    };

    window.inbound = async (kind) => {
      const report = await pc.getStats();
      const all = [...report.values()].filter((stat) => stat.type === 'inbound-rtp' && stat.kind === kind);
      const stat = all.reduce((a, b) => ((b.packetsReceived ?? 0) > (a?.packetsReceived ?? -1) ? b : a), null);
      return stat && { ...stat, codec: report.get(stat.codecId)?.mimeType };
    };
  });
}

// In the page, after installPictures: the moments, by performance.now(), at which the test picture's flash began to be
// shown and the test tone's beep to be heard: `flashes` and `beeps`. `levels`: how loud each piece of sound was.
export function installEyesAndEars(page) {
  return page.evaluate(() => {
    window.flashes = [];
    window.beeps = [];
    window.levels = [];
    window.eyes = async () => {
      const { video } = sight();
      const canvas = Object.assign(document.createElement('canvas'), { width: 4, height: 4 });
      const context = canvas.getContext('2d', { willReadFrequently: true });
      let lit = true;
      const look = (now, metadata) => {
        const { videoWidth: w, videoHeight: h } = video;
        // The middle of capture/test_picture.cpp's flash_area.
        context.drawImage(video, w * 0.87, h * 0.09, w * 0.06, h * 0.1, 0, 0, 4, 4);
        const before = lit;
        lit = context.getImageData(1, 1, 1, 1).data[1] > 125;
        if (lit && !before) flashes.push(metadata.expectedDisplayTime ?? now);
        video.requestVideoFrameCallback(look);
      };
      video.requestVideoFrameCallback(look);
    };
    // Each piece of 128 samples is looked at as it is rendered. Words of that come late by what the page is busy with:
    // the one that came soonest ties the context's clock to the page's.
    const worklet = `registerProcessor('ears', class extends AudioWorkletProcessor {
      process([input]) {
        const samples = input[0];
        if (samples) {
          let squares = 0;
          for (const sample of samples) squares += sample * sample;
          this.port.postMessage([currentFrame / sampleRate, Math.sqrt(squares / samples.length)]);
        }
        return true;
      }
    });`;
    window.ears = async (track) => {
      const context = new AudioContext();
      await context.audioWorklet.addModule(URL.createObjectURL(new Blob([worklet], { type: 'text/javascript' })));
      const node = new AudioWorkletNode(context, 'ears');
      context.createMediaStreamSource(new MediaStream([track])).connect(node).connect(context.destination);
      let quiet = 0;
      let soonest = Infinity;
      node.port.onmessage = ({ data: [time, level] }) => {
        levels.push(level);
        soonest = Math.min(soonest, performance.now() - time * 1000);
        // A beep is eight times as loud as what is between: 0.37 by 0.71 and 0.046 by 0.71.
        if (level < 0.1) quiet += 1;
        else if (level > 0.15) {
          if (quiet > 100) beeps.push(time * 1000 + soonest);
          quiet = 0;
        }
      };
    };
  });
}

// On the native side: what it has received of a kind, all streams, once `enough` holds for it.
export async function receives(native, kind, enough, what, milliseconds = 6000) {
  for (const end = Date.now() + milliseconds; ;) {
    const { streams, sent } = await native.do('received');
    const ours = streams.filter((stream) => stream.kind === kind);
    if (enough(ours, sent)) return ours;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}: ${JSON.stringify(streams)} ${JSON.stringify(sent)}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
