// Run in a page: a call for two over socket.io.
import { until } from './wait.mjs';

// The classic page for two, as tutorials have it: who was first offers at "join". With the client and the server that
// the page comes from, or others.
export async function tutorial(room, source = '/socket.io/socket.io.js', server = undefined) {
  const script = document.createElement('script');
  script.src = source;
  document.head.append(script);
  await new Promise((resolve) => { script.onload = resolve; });
  const socket = globalThis.io.connect(server);
  const log = globalThis.tutorialLog = [];
  for (const event of ['created', 'empty', 'join', 'joined', 'full', 'ready']) socket.on(event, (...args) => log.push([event, ...args]));
  const pc = globalThis.tutorialPc = new RTCPeerConnection();
  const canvas = document.createElement('canvas');
  const paint = canvas.getContext('2d');
  setInterval(() => { paint.fillStyle = `hsl(${performance.now() / 5} 90% 50%)`; paint.fillRect(0, 0, 300, 150); }, 50);
  const send = (message) => socket.emit('message', message);
  const add = () => { if (pc.getSenders().every(({ track }) => !track)) for (const track of canvas.captureStream(20).getTracks()) pc.addTrack(track); };
  const video = document.createElement('video');
  Object.assign(video, { id: 'tutorial', muted: true, autoplay: true, playsInline: true, srcObject: new MediaStream() });
  document.body.append(video);
  pc.ontrack = ({ track }) => video.srcObject.addTrack(track);
  pc.onicecandidate = ({ candidate }) => candidate && send({ type: 'candidate', label: candidate.sdpMLineIndex, id: candidate.sdpMid, candidate: candidate.candidate });
  socket.on('join', async () => {
    add();
    await pc.setLocalDescription();
    send(pc.localDescription);
  });
  socket.on('message', async (message) => {
    if (message.type === 'offer') {
      await pc.setRemoteDescription(message);
      add();
      await pc.setLocalDescription();
      send(pc.localDescription);
    } else if (message.type === 'answer') await pc.setRemoteDescription(message);
    else if (message.type === 'candidate') await pc.addIceCandidate({ sdpMLineIndex: message.label, candidate: message.candidate });
    else if (message === 'bye') log.push(['bye']);
  });
  globalThis.tutorialSocket = socket;
  return new Promise((resolve) => { socket.emit('create or join', room, resolve); });
}
export const plays = (page, selector) => until(page, `a moving picture in ${selector}`, (where) => {
  const video = document.querySelector(where);
  return video?.videoWidth > 0 && video.currentTime > 0.2;
}, selector);
