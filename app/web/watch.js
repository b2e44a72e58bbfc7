// A publisher (WHIP, RFC 9725) and a viewer (WHEP) of a room: an offer goes up by POST, the answer comes
// back with the address of the session, candidates follow by PATCH, DELETE ends it.
import { $, show } from './dom.js';
import { inWords, openDevices, stopAll } from './media.js';
import { Panel } from './panel.js';

const panel = new Panel($('panel'));
let session = null;   // { pc, url, tag, stream, waiting: candidates before the answer }

$('room').value = decodeURIComponent(location.pathname.split('/')[2] ?? '') || 'main';
const showAddress = () => show('whip-url', new URL(`/whip/${$('room').value}`, location).href);
$('room').oninput = showAddress;
showAddress();

const authorization = () => ($('token').value ? { Authorization: `Bearer ${$('token').value}` } : {});

async function begin(path, pc, words) {
  const mine = session = { pc, url: null, waiting: [] };
  busy(true);
  panel.watch(pc);
  pc.onicecandidate = ({ candidate }) => {
    if (candidate) mine.waiting.push(candidate);
    trickle(mine, candidate === null);
  };
  pc.onconnectionstatechange = () => {
    if (session !== mine) return;
    if (pc.connectionState === 'connected') show('state', words);
    if (pc.connectionState === 'failed') end('The connection was lost.');
  };
  await pc.setLocalDescription();
  const address = new URL(`${path}/${encodeURIComponent($('room').value)}`, location);
  let answer;
  try {
    answer = await fetch(address, {
      method: 'POST', headers: { 'Content-Type': 'application/sdp', ...authorization() }, body: pc.localDescription.sdp,
    });
  } catch {
    return end('The server is gone.');
  }
  if (session !== mine) return;
  if (answer.status !== 201) return end(`The server says: ${(await answer.text()).trim() || answer.status}`);
  mine.url = new URL(answer.headers.get('Location'), address);
  mine.tag = answer.headers.get('ETag');
  await pc.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
  trickle(mine, pc.iceGatheringState === 'complete');
}

// RFC 8840: an SDP fragment with the candidates of this moment.
async function trickle(mine, done) {
  if (!mine.url || (mine.waiting.length === 0 && !done)) return;
  const { sdp } = mine.pc.localDescription;
  const line = (name) => sdp.match(new RegExp(`^a=${name}:.*$`, 'm'))[0];
  const lines = [line('ice-ufrag'), line('ice-pwd'), sdp.match(/^m=.*$/m)[0], line('mid'),
    ...mine.waiting.splice(0).map(({ candidate }) => `a=${candidate}`)];
  if (done) lines.push('a=end-of-candidates');
  await fetch(mine.url, {
    method: 'PATCH', body: `${lines.join('\r\n')}\r\n`,
    headers: { 'Content-Type': 'application/trickle-ice-sdpfrag', ...(mine.tag && { 'If-Match': mine.tag }), ...authorization() },
  }).catch(() => {});
}

async function watch() {
  const pc = new RTCPeerConnection();
  for (const kind of ['audio', 'video']) pc.addTransceiver(kind, { direction: 'recvonly' });
  const stream = new MediaStream();
  pc.ontrack = ({ track }) => stream.addTrack(track);
  $('video').srcObject = stream;
  $('video').muted = false;
  show('state', 'Asking for the picture …');
  await begin('/whep', pc, `Watching ${$('room').value}.`);
}

async function publish() {
  let stream;
  try {
    stream = await openDevices();
  } catch (error) {
    return show('state', inWords(error));
  }
  const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  for (const track of stream.getTracks()) pc.addTransceiver(track, { direction: 'sendonly', streams: [stream] });
  $('video').srcObject = stream;
  $('video').muted = true;
  show('state', 'Sending the offer …');
  const began = begin('/whip', pc, `Everybody in ${$('room').value} can watch you now.`);
  session.stream = stream;
  await began;
}

function end(words) {
  if (!session) return;
  const { pc, url, stream } = session;
  session = null;
  panel.stop();
  pc.close();
  stopAll(stream);
  $('video').srcObject = null;
  if (url) fetch(url, { method: 'DELETE', headers: authorization(), keepalive: true }).catch(() => {});
  busy(false);
  show('state', words);
}

function busy(on) {
  for (const id of ['room', 'token', 'watch', 'publish']) $(id).disabled = on;
  $('end').disabled = !on;
  $('video').controls = on;
}

$('form').onsubmit = (event) => {
  event.preventDefault();
  watch();
};
$('publish').onclick = publish;
$('end').onclick = () => end('Ended.');
addEventListener('pagehide', () => end('Ended.'));
