// A mesh call: everybody in a room has a connection to everybody else. Speaks the dialect of /rooms.
import { $, element, show } from './dom.js';
import { inWords, isRefusal, openDevices, stopAll } from './media.js';
import { Peer } from './peer.js';
import { Socket } from './socket.js';

const fromPath = decodeURIComponent(location.pathname.split('/')[2] ?? '');
let wanted = null;          // the room we are in or want to be in
let stream = null;
const others = new Map();   // id -> { peer, name, tile, words }

$('room').value = fromPath || `room-${Math.floor(Math.random() * 9000 + 1000)}`;
$('name').value = localStorage.getItem('lucid-name') || `guest-${Math.floor(Math.random() * 9000 + 1000)}`;

const socket = new Socket('/rooms', {
  open: () => {
    show('server-state', 'Connected to the server.');
    if (wanted) socket.say({ type: 'join', room: wanted, name: $('name').value });
  },
  close: () => show('server-state', 'The server is gone. Trying again …'),
  message: take,
});

function take(message) {
  switch (message.type) {
    case 'joined':
      // After a break of the line everybody has a new id.
      for (const id of [...others.keys()]) forget(id);
      for (const peer of message.peers) meet(peer, true);
      return say();
    case 'peers': {
      const there = new Set(message.peers.map(({ id }) => id));
      for (const id of [...others.keys()]) if (!there.has(id)) forget(id);
      return say();
    }
    case 'left':
      forget(message.id);
      return say();
    case 'full':
      return leave(`The room is full: it holds ${message.size}.`);
    case 'offer': case 'answer': {
      const one = others.get(message.from) ?? meet({ id: message.from, name: message.name ?? 'somebody', polite: false }, false);
      say();
      const sdp = typeof message.sdp === 'string' ? { type: message.type, sdp: message.sdp } : message.sdp;
      return one.peer.hear({ description: sdp });
    }
    case 'candidate':
      return others.get(message.from)?.peer.hear({ candidate: message.candidate });
    case 'error':
      return show('room-state', message.message);
  }
}

// Who comes offers, by adding its tracks; who is there adds its own while it answers.
function meet({ id, name, polite }, first) {
  const peer = new Peer({
    polite,
    say: ({ description, candidate }) => {
      if (description) socket.say({ type: description.type, to: id, name: $('name').value, sdp: description });
      else socket.say({ type: 'candidate', to: id, candidate });
    },
    prepare: () => { if (peer.pc.getSenders().every(({ track }) => !track)) addTracks(peer.pc); },
    noticed: (what, error) => { if (error) console.warn(error); },
  });
  const words = element('span', { className: 'soft' }, 'connecting …');
  const video = element('video', { autoplay: true, playsInline: true, ariaLabel: `The picture of ${name || 'somebody'}` });
  const tile = element('figure', {}, video, element('figcaption', {}, name || 'somebody', ' ', words));
  $('tiles').append(tile);
  peer.pc.ontrack = ({ streams: [theirs], track }) => { video.srcObject = theirs ?? new MediaStream([track]); };
  peer.pc.addEventListener('connectionstatechange', () => {
    const { connectionState } = peer.pc;
    words.textContent = { connected: '', disconnected: 'weak connection …', failed: 'trying another way …' }[connectionState] ?? `${connectionState} …`;
    if (connectionState === 'failed') peer.pc.restartIce();
  });
  const one = { peer, name, tile };
  others.set(id, one);
  if (first) {
    addTracks(peer.pc);
    for (const kind of ['audio', 'video']) {
      if (!peer.pc.getSenders().some(({ track }) => track?.kind === kind)) peer.pc.addTransceiver(kind, { direction: 'recvonly' });
    }
  }
  return one;
}

const addTracks = (pc) => stream?.getTracks().forEach((track) => pc.addTrack(track, stream));

function forget(id) {
  const one = others.get(id);
  others.delete(id);
  one?.peer.close();
  one?.tile.remove();
}

function say() {
  const names = [...others.values()].map(({ name }) => name || 'somebody');
  show('room-state', names.length ? `In ${wanted} with ${names.join(', ')}.` : `In ${wanted}, alone. Whoever opens this address meets you here.`);
}

async function join() {
  try {
    stream = await openDevices();
  } catch (error) {
    if (!isRefusal(error)) show('room-state', inWords(error));
    stream = new MediaStream();
  }
  wanted = $('room').value;
  localStorage.setItem('lucid-name', $('name').value);
  history.replaceState(null, '', `/room/${encodeURIComponent(wanted)}${location.search}`);
  $('self').srcObject = stream;
  $('self-tile').hidden = stream.getVideoTracks().length === 0;
  busy(true);
  socket.say({ type: 'join', room: wanted, name: $('name').value });
}

function leave(words) {
  socket.say({ type: 'leave' });
  wanted = null;
  for (const id of [...others.keys()]) forget(id);
  stopAll(stream);
  stream = null;
  $('self-tile').hidden = true;
  busy(false);
  show('room-state', words);
}

function busy(inside) {
  for (const id of ['room', 'name', 'join']) $(id).disabled = inside;
  for (const id of ['leave', 'mute-audio', 'mute-video']) $(id).disabled = !inside;
  for (const id of ['mute-audio', 'mute-video']) $(id).setAttribute('aria-pressed', 'false');
}

$('join-form').onsubmit = (event) => {
  event.preventDefault();
  join();
};
$('leave').onclick = () => leave('You have left the room.');
for (const kind of ['audio', 'video']) {
  $(`mute-${kind}`).onclick = ({ currentTarget: button }) => {
    const off = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(off));
    for (const track of stream.getTracks()) if (track.kind === kind) track.enabled = !off;
  };
}
