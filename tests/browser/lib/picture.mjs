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
