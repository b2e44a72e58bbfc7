// The laboratory: glare and who yields, candidates as they trickle in, and what a candidate says.
import { decode, inWords } from './candidate.js';
import { $, addLine, element, show } from './dom.js';
import { Peer } from './peer.js';

// ---- perfect negotiation

const noticedInWords = {
  ignores: 'Both offered. I am impolite: I ignore the other offer and wait for my answer.',
  yields: 'Both offered. I am polite: I take my offer back and answer the other one.',
};
let ends = null;
let rounds = 0;

function makeEnds() {
  const began = performance.now();
  const make = (id, other, polite) => {
    const note = (...what) => addLine($(id), element('span', { className: 'soft' }, `${((performance.now() - began) / 1000).toFixed(2)} s `), ...what);
    const peer = new Peer({
      polite,
      say: (message) => {
        if (message.description) note(element('b', {}, message.description.type), ' sent');
        else if (message.candidate) note('candidate sent ', element('span', { className: 'soft' }, message.candidate.candidate.split(' ').slice(4, 8).join(' ')));
        setTimeout(() => {
          if (message.description) ends[other].note(element('b', {}, message.description.type), ' received');
          ends[other].peer.hear(message);
        }, Number($('delay').value));
      },
      noticed: (what, error) => {
        note(element('mark', {}, noticedInWords[what] ?? `Failed: ${error.message}`));
        if (what === 'yields') show('glare-state', 'Glare: the polite one yields.');
      },
    });
    const { pc } = peer;
    const states = () => show(`${id}-state`, `${pc.signalingState} · ICE ${pc.iceConnectionState} · ${pc.connectionState}`);
    for (const event of ['signalingstatechange', 'iceconnectionstatechange', 'connectionstatechange']) pc.addEventListener(event, states);
    pc.addEventListener('signalingstatechange', () => {
      note(pc.signalingState);
      if (rounds && ends.left.peer.pc.signalingState === 'stable' && ends.right.peer.pc.signalingState === 'stable') {
        show('glare-state', `Both are stable again. ${rounds} ${rounds === 1 ? 'round' : 'rounds'} so far.`);
      }
    });
    states();
    return { peer, note };
  };
  ends = { left: make('left', 'right', true), right: make('right', 'left', false) };
  ends.left.peer.pc.createDataChannel('lab', { negotiated: true, id: 0 });
  ends.right.peer.pc.createDataChannel('lab', { negotiated: true, id: 0 });
}

// A new section is a reason to negotiate.
function offer(...sides) {
  if (!ends) makeEnds();
  rounds += 1;
  show('glare-state', sides.length > 1 ? 'Both offer at once …' : 'One offers …');
  for (const side of sides) {
    const { pc } = ends[side].peer;
    if (pc.getTransceivers().length < 12) pc.addTransceiver(rounds % 2 ? 'audio' : 'video'); else pc.restartIce();
  }
}
$('glare').onclick = () => offer('left', 'right');
$('left-offers').onclick = () => offer('left');
$('right-offers').onclick = () => offer('right');
$('restart').onclick = () => {
  if (!ends) return offer('left');
  rounds += 1;
  show('glare-state', 'ICE starts anew; what runs goes on until the new way works.');
  ends.left.peer.pc.restartIce();
};

// ---- trickle

let gathering = null;

$('trickle-form').onsubmit = async (event) => {
  event.preventDefault();
  gathering?.close();
  $('candidates').replaceChildren();
  const server = $('server').value.trim();
  let pc;
  try {
    pc = new RTCPeerConnection({
      iceServers: server ? [{ urls: server, username: $('user').value, credential: $('password').value }] : [],
      iceTransportPolicy: $('relay').checked ? 'relay' : 'all',
    });
  } catch (error) {
    show('trickle-state', `The browser refuses this server: ${error.message}`);
    return;
  }
  gathering = pc;
  const began = performance.now();
  pc.onicecandidate = ({ candidate }) => {
    const after = `${Math.round(performance.now() - began)} ms`;
    const it = candidate && decode(candidate.candidate);
    if (it) {
      $('candidates').append(element('tr', {}, ...[after, it.kind, `${it.address}:${it.port}`, it.transport, it.priority].map((text) => element('td', {}, String(text)))));
    } else if (!candidate) {
      const count = $('candidates').children.length;
      show('trickle-state', `Complete after ${after}: ${count} ${count === 1 ? 'candidate' : 'candidates'}.`);
      pc.close();
    }
  };
  pc.onicecandidateerror = ({ url, errorCode, errorText }) => show('trickle-state', `${url}: ${errorCode} ${errorText}`);
  show('trickle-state', 'Gathering …');
  pc.createDataChannel('trickle');
  await pc.setLocalDescription();
};

// ---- decoder

function showDecoded() {
  const it = decode($('candidate').value);
  const rows = it ? inWords(it) : [['', 'This is no candidate line: it wants foundation, component, transport, priority, address, port, and “typ” with a kind.']];
  $('decoded').replaceChildren(...rows.flatMap(([name, words]) => [element('dt', {}, name), element('dd', {}, words)]));
}
$('candidate').oninput = showDecoded;
showDecoded();
