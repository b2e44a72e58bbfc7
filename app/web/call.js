// The call page: a user list, a call at a time, chat. Speaks the chat dialect of /chat.
import { Chat } from './chat.js';
import { Statistics } from './statistics.js';

const $ = (id) => document.getElementById(id);
const show = (id, text) => { $(id).textContent = text; };

let me = localStorage.getItem('lucid-name') || `guest-${Math.floor(Math.random() * 9000 + 1000)}`;
let call = null;      // { peer, pc, stream, waiting: candidates that came before the description }
let ringing = null;   // { peer, offer, waiting }

const chat = new Chat(me);
const statistics = new Statistics();
$('name').value = me;

// ---- the server

chat.on('open', () => show('server-state', 'Connected to the server.'));
chat.on('close', () => show('server-state', 'The server is gone. Trying again …'));
chat.on('rejectusername', ({ name }) => rename(name));
chat.on('userlist', ({ users }) => listUsers(users));
chat.on('message', ({ name, text }) => addMessage(name, text));
chat.on('video-offer', onOffer);
chat.on('video-answer', onAnswer);
chat.on('new-ice-candidate', onCandidate);
chat.on('hang-up', ({ name }) => {
  if (ringing?.peer === name) stopRinging();
  if (call?.peer === name) end(`${name} has hung up.`);
});

function rename(name) {
  me = name;
  $('name').value = name;
  localStorage.setItem('lucid-name', name);
}

function listUsers(users) {
  const others = users.filter((name) => name !== me);
  $('users').replaceChildren(...others.map((name) => {
    const button = document.createElement('button');
    button.textContent = name;
    button.setAttribute('aria-label', `Call ${name}`);
    button.disabled = call !== null;
    button.onclick = () => invite(name);
    const item = document.createElement('li');
    item.append(button);
    return item;
  }));
  $('nobody').hidden = others.length > 0;
}

function addMessage(name, text) {
  const item = document.createElement('li');
  const who = document.createElement('b');
  who.textContent = name || 'somebody';
  item.append(who, ' ', text);
  $('messages').append(item);
  item.scrollIntoView({ block: 'nearest' });
}

// ---- calling

const reasons = {
  NotFoundError: 'There is no camera or microphone. You will be seen and heard by nobody, but can see and hear.',
  NotReadableError: 'The camera or microphone is in use by another program. Close it there and call again.',
  NotAllowedError: null,  // the person said no: no reproach
};

async function openDevices() {
  try {
    return await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
  } catch (error) {
    if (error.name === 'NotFoundError') {
      addMessage('Lucid', reasons.NotFoundError);
      return new MediaStream();
    }
    end(reasons[error.name] ?? (error.name === 'NotAllowedError' ? 'No call.' : `The camera did not open: ${error.message}`));
    return null;
  }
}

function begin(peer) {
  const pc = new RTCPeerConnection();
  call = { peer, pc, stream: null, waiting: [] };
  pc.onicecandidate = ({ candidate }) => {
    if (candidate) chat.say({ type: 'new-ice-candidate', name: me, target: peer, candidate });
  };
  pc.ontrack = ({ streams: [stream], track }) => { $('remote').srcObject = stream ?? new MediaStream([track]); };
  pc.onnegotiationneeded = async () => {
    if (pc.signalingState !== 'stable' || call?.pc !== pc) return;
    await pc.setLocalDescription();
    chat.say({ type: 'video-offer', name: me, target: peer, sdp: pc.localDescription });
  };
  const states = () => {
    show('signaling-state', pc.signalingState);
    show('gathering-state', pc.iceGatheringState);
    show('ice-state', pc.iceConnectionState);
    show('connection-state', pc.connectionState);
  };
  for (const name of ['signalingstatechange', 'icegatheringstatechange', 'iceconnectionstatechange', 'connectionstatechange']) {
    pc.addEventListener(name, states);
  }
  pc.addEventListener('connectionstatechange', () => {
    if (call?.pc !== pc) return;
    if (pc.connectionState === 'connected') show('call-state', `In a call with ${peer}.`);
    if (pc.connectionState === 'disconnected') show('call-state', 'The connection is weak. Waiting …');
    if (pc.connectionState === 'failed') end('The connection was lost.');
  });
  states();
  statistics.start(pc);
  $('invitation').hidden = true;
  for (const id of ['mute-audio', 'mute-video', 'share', 'hang-up']) $(id).disabled = false;
  for (const button of $('users').querySelectorAll('button')) button.disabled = true;
  return pc;
}

async function addOwn(pc) {
  const stream = await openDevices();
  if (!stream || call?.pc !== pc) {
    stream?.getTracks().forEach((track) => track.stop());
    return false;
  }
  call.stream = stream;
  $('self').srcObject = stream;
  $('self').toggleAttribute('data-live', stream.getVideoTracks().length > 0);
  for (const track of stream.getTracks()) pc.addTrack(track, stream);
  return true;
}

async function invite(peer) {
  if (call) return;
  show('call-state', `Calling ${peer} …`);
  const pc = begin(peer);
  if (!await addOwn(pc)) return;
  // Without devices there is nothing to add; ask to receive all the same.
  if (pc.getTransceivers().length === 0) {
    pc.addTransceiver('audio', { direction: 'recvonly' });
    pc.addTransceiver('video', { direction: 'recvonly' });
  }
}

async function onOffer({ name, sdp }) {
  if (call?.peer === name) {  // a change within the call
    if (call.pc.signalingState !== 'stable') return;
    await call.pc.setRemoteDescription(sdp);
    await reply(call.pc, name);
    return;
  }
  if (call || ringing) {
    chat.say({ type: 'hang-up', name: me, target: name });
    return;
  }
  ringing = { peer: name, offer: sdp, waiting: [] };
  show('ring-title', `${name} is calling`);
  $('ring').showModal();
}

async function reply(pc, peer) {
  await pc.setLocalDescription();
  chat.say({ type: 'video-answer', name: me, target: peer, sdp: pc.localDescription });
}

async function accept() {
  const { peer, offer, waiting } = ringing;
  stopRinging();
  show('call-state', `Answering ${peer} …`);
  const pc = begin(peer);
  call.waiting = waiting;
  await pc.setRemoteDescription(offer);
  if (!await addOwn(pc)) return;
  await reply(pc, peer);
  await takeWaiting();
}

async function onAnswer({ name, sdp }) {
  if (call?.peer !== name) return;
  await call.pc.setRemoteDescription(sdp);
  await takeWaiting();
}

async function onCandidate({ name, candidate }) {
  const of = [call, ringing].find((one) => one && (!name || one.peer === name));
  if (!of || !candidate) return;
  of.waiting.push(candidate);
  if (of.pc?.remoteDescription) await takeWaiting();
}

async function takeWaiting() {
  for (const candidate of call?.waiting.splice(0) ?? []) {
    await call.pc.addIceCandidate(candidate).catch((error) => console.warn('candidate', error));
  }
}

function stopRinging() {
  ringing = null;
  $('ring').close();
}

function end(words) {
  if (!call) return;
  const { pc, stream } = call;
  call = null;
  statistics.stop();
  pc.close();
  stream?.getTracks().forEach((track) => track.stop());
  for (const id of ['remote', 'self']) $(id).srcObject = null;
  $('self').removeAttribute('data-live');
  $('invitation').hidden = false;
  for (const id of ['mute-audio', 'mute-video', 'share', 'hang-up']) {
    $(id).disabled = true;
    if ($(id).hasAttribute('aria-pressed')) $(id).setAttribute('aria-pressed', 'false');
  }
  for (const id of ['signaling-state', 'gathering-state', 'ice-state', 'connection-state']) show(id, '–');
  for (const button of $('users').querySelectorAll('button')) button.disabled = false;
  show('call-state', words);
}

// ---- controls

$('name-form').onsubmit = (event) => {
  event.preventDefault();
  rename($('name').value.trim());
  chat.rename(me);
};
$('chat-form').onsubmit = (event) => {
  event.preventDefault();
  const text = $('text').value.trim();
  if (text) chat.say({ type: 'message', text });
  $('text').value = '';
};
$('hang-up').onclick = () => {
  chat.say({ type: 'hang-up', name: me, target: call.peer });
  end('You have hung up.');
};
$('accept').onclick = accept;
$('decline').onclick = () => {
  chat.say({ type: 'hang-up', name: me, target: ringing.peer });
  stopRinging();
};
$('ring').oncancel = (event) => {
  event.preventDefault();
  $('decline').click();
};

function toggle(button, kind) {
  const off = button.getAttribute('aria-pressed') !== 'true';
  button.setAttribute('aria-pressed', String(off));
  for (const track of call.stream?.getTracks() ?? []) if (track.kind === kind) track.enabled = !off;
}
$('mute-audio').onclick = ({ currentTarget }) => toggle(currentTarget, 'audio');
$('mute-video').onclick = ({ currentTarget }) => toggle(currentTarget, 'video');

$('share').onclick = async ({ currentTarget: button }) => {
  const sender = call.pc.getSenders().find((one) => one.track?.kind === 'video');
  const camera = call.stream?.getVideoTracks()[0] ?? null;
  const back = async () => {
    button.setAttribute('aria-pressed', 'false');
    $('self').classList.remove('screen');
    if (call) await sender?.replaceTrack(camera);
    if (call?.stream) $('self').srcObject = call.stream;
  };
  if (button.getAttribute('aria-pressed') === 'true') {
    sender?.track?.stop();
    await back();
    return;
  }
  const screen = await navigator.mediaDevices.getDisplayMedia({ video: true }).catch(() => null);
  const track = screen?.getVideoTracks()[0];
  if (!track || !call) return;
  button.setAttribute('aria-pressed', 'true');
  track.onended = back;
  if (sender) await sender.replaceTrack(track); else call.pc.addTrack(track, screen);
  $('self').srcObject = screen;
  $('self').classList.add('screen');
};
