// Cameras, microphones and screens, and what went wrong with them in plain words.

const words = {
  NotFoundError: 'There is no camera or microphone here. You can still see and hear the others.',
  NotReadableError: 'The camera or microphone is in use by another program. Close it there and try again.',
  OverconstrainedError: 'The chosen camera or microphone is gone. Choose another one.',
  NotAllowedError: 'Without your permission the camera and microphone stay off.',
  SecurityError: 'The browser gives no camera to this page.',
};
export const inWords = (error) => words[error.name] ?? `The camera did not open: ${error.message}`;
// A person who says no is not told off.
export const isRefusal = (error) => error.name === 'NotAllowedError';

// What is there: both, or one of them, or nothing (an empty stream). Other errors are thrown.
export async function openDevices({ camera, microphone } = {}) {
  if (!navigator.mediaDevices) {
    throw Object.assign(new Error('cameras need https or localhost'), { name: 'Unavailable' });
  }
  const video = camera ? { deviceId: { exact: camera } } : true;
  const audio = microphone ? { deviceId: { exact: microphone } } : true;
  for (const wish of [{ video, audio }, { audio }, { video }]) {
    try {
      return await navigator.mediaDevices.getUserMedia(wish);
    } catch (error) {
      if (error.name !== 'NotFoundError') throw error;
    }
  }
  return new MediaStream();
}

export const stopAll = (stream) => stream?.getTracks().forEach((track) => track.stop());

// Fills a <select> with the devices of a kind; names are there only after permission was given.
export async function listDevices(select, kind) {
  const all = await navigator.mediaDevices?.enumerateDevices() ?? [];
  const chosen = select.value;
  const options = all.filter((device) => device.kind === kind && device.deviceId)
    .map((device, i) => new Option(device.label || `${select.dataset.what} ${i + 1}`, device.deviceId));
  select.replaceChildren(new Option(`Default ${select.dataset.what.toLowerCase()}`, ''), ...options);
  select.value = options.some((option) => option.value === chosen) ? chosen : '';
}

// A picture and a tone of the page's own, for the laboratories: no permission is asked.
export function testStream(label) {
  const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
  const draw = canvas.getContext('2d');
  const began = performance.now();
  const timer = setInterval(() => {
    const seconds = (performance.now() - began) / 1000;
    draw.fillStyle = '#10202e';
    draw.fillRect(0, 0, 320, 240);
    draw.fillStyle = '#6cb0ff';
    draw.beginPath();
    draw.arc(160 + 90 * Math.cos(seconds * 2), 110 + 60 * Math.sin(seconds * 2), 22, 0, 7);
    draw.fill();
    draw.fillStyle = '#e7eaee';
    draw.font = '20px system-ui';
    draw.fillText(`${label}  ${seconds.toFixed(1)} s`, 16, 224);
  }, 33);
  const stream = canvas.captureStream(30);
  const context = new AudioContext();
  const tone = context.createOscillator();
  const out = context.createMediaStreamDestination();
  tone.frequency.value = 440;
  tone.connect(out);
  tone.start();
  stream.addTrack(out.stream.getAudioTracks()[0]);
  stream.end = () => {
    clearInterval(timer);
    stopAll(stream);
    context.close();
  };
  return stream;
}
