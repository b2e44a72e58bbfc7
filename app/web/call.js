// The call page: a user list, one call at a time, chat, files. Speaks the chat dialect of /chat.
import { Chat } from './chat.js';
import { $, addLine, element, show } from './dom.js';
import { receiveFile, sendFile } from './files.js';
import { inWords, isRefusal, listDevices, openDevices, stopAll } from './media.js';
import { Panel } from './panel.js';
import { Peer } from './peer.js';

const controls = ['mute-audio', 'mute-video', 'share', 'send-file', 'hang-up'];

let me = localStorage.getItem('lucid-name') || `guest-${Math.floor(Math.random() * 9000 + 1000)}`;
let call = null;      // { with, peer, pc, stream, talk: the chat channel }
let ringing = null;   // { with, heard: what came since the first offer }
let there = [];       // who is on the server

const chat = new Chat(me);
const panel = new Panel($('panel'));
$('name').value = me;

// ---- the server

chat.on('open', () => show('server-state', 'Connected to the server.'));
chat.on('close', () => show('server-state', 'The server is gone. Trying again …'));
chat.on('rejectusername', ({ name }) => rename(name));
chat.on('userlist', ({ users }) => listUsers(users));
chat.on('message', ({ name, text }) => addMessage(name, text));
chat.on('video-offer', ({ name, sdp }) => hear(name, { description: sdp }));
chat.on('video-answer', ({ name, sdp }) => hear(name, { description: sdp }));
// MDN's candidates do not say whom they are from.
chat.on('new-ice-candidate', ({ name, candidate }) => hear(name ?? call?.with ?? ringing?.with, { candidate }));
chat.on('hang-up', ({ name }) => {
  if (ringing?.with === name) stopRinging();
  if (call?.with === name) end(`${name} has hung up.`);
});

function rename(name) {
  me = name;
  $('name').value = name;
  localStorage.setItem('lucid-name', name);
}

function listUsers(users) {
  there = users;
  if (ringing && !users.includes(ringing.with)) stopRinging();
  endWithoutOther();
  const others = users.filter((name) => name !== me);
  $('users').replaceChildren(...others.map((name) => element('li', {}, element('button', {
    ariaLabel: `Call ${name}`, disabled: call !== null, onclick: () => invite(name),
  }, name))));
  $('nobody').hidden = others.length > 0;
}

// Who has left the list and is silent will not come back.
function endWithoutOther() {
  if (call && !there.includes(call.with) && call.pc.connectionState !== 'connected') end(`${call.with} is gone.`);
}

function addMessage(name, text) {
  addLine($('messages'), element('b', {}, name || 'somebody'), ' ', text);
}

// ---- calling

// The one who rings is impolite: where both offer at once, the other yields.
function begin(other, polite) {
  const peer = new Peer({
    polite,
    say: ({ description, candidate }) => {
      if (description) chat.say({ type: `video-${description.type}`, name: me, target: other, sdp: description });
      else if (candidate) chat.say({ type: 'new-ice-candidate', name: me, target: other, candidate });
    },
    prepare: () => (call?.peer === peer && !call.stream ? addOwn() : undefined),
    noticed: (what, error) => { if (error) console.warn(error); },
  });
  const { pc } = peer;
  call = { with: other, peer, pc, stream: null, talk: null };
  pc.ontrack = ({ streams: [stream], track }) => { $('remote').srcObject = stream ?? new MediaStream([track]); };
  pc.ondatachannel = ({ channel }) => {
    if (channel.label === 'file') receiveFile(channel, $('files'));
    if (channel.label === 'chat') {
      talkOver(channel);
      watchTheirs(pc.createDataChannel('stats'), other);
    }
  };
  pc.addEventListener('connectionstatechange', () => {
    if (call?.pc !== pc) return;
    if (pc.connectionState === 'connected') show('call-state', `In a call with ${other}.`);
    if (pc.connectionState === 'disconnected') show('call-state', 'The connection is weak. Waiting …');
    if (pc.connectionState === 'failed') {
      show('call-state', 'The connection was lost. Trying another way …');
      pc.restartIce();
    }
    endWithoutOther();
  });
  panel.watch(pc);
  $('invitation').hidden = true;
  for (const id of controls) $(id).disabled = false;
  for (const button of $('users').querySelectorAll('button')) button.disabled = true;
  return call;
}

async function addOwn() {
  const mine = call;
  let stream;
  try {
    stream = await openDevices({ camera: $('camera').value, microphone: $('microphone').value });
  } catch (error) {
    if (call === mine) hangUp(isRefusal(error) ? 'No call.' : inWords(error));
    return false;
  }
  if (call !== mine) {
    stopAll(stream);
    return false;
  }
  call.stream = stream;
  if (stream.getTracks().length === 0) addMessage('Lucid', inWords({ name: 'NotFoundError' }));
  for (const track of stream.getTracks()) call.pc.addTrack(track, stream);
  showSelf(stream);
  listChoices();
  return true;
}

function showSelf(stream, isScreen = false) {
  $('self').srcObject = stream;
  $('self').toggleAttribute('data-live', Boolean(stream?.getVideoTracks().length));
  $('self').classList.toggle('mirrored', !isScreen);
}

async function invite(other) {
  if (call) return;
  const { pc } = begin(other, false);
  show('call-state', `Calling ${other} …`);
  if (!await addOwn()) return;
  // What we have nothing to send of, we want to see and hear all the same.
  for (const kind of ['audio', 'video']) {
    if (!pc.getSenders().some(({ track }) => track?.kind === kind)) pc.addTransceiver(kind, { direction: 'recvonly' });
  }
  talkOver(pc.createDataChannel('chat'));
  watchTheirs(pc.createDataChannel('stats'), other);
}

function hear(from, message) {
  if (call?.with === from) {
    call.peer.hear(message);
  } else if (ringing?.with === from) {
    ringing.heard.push(message);
  } else if (message.description?.type === 'offer') {
    if (call || ringing) {
      chat.say({ type: 'hang-up', name: me, target: from });
      return;
    }
    ringing = { with: from, heard: [message] };
    show('ring-title', `${from} is calling`);
    $('ring').showModal();
  }
}

function accept() {
  const { with: other, heard } = ringing;
  stopRinging();
  const { peer } = begin(other, true);
  show('call-state', `Answering ${other} …`);
  for (const message of heard) peer.hear(message);
}

function stopRinging() {
  ringing = null;
  $('ring').close();
}

function hangUp(words) {
  chat.say({ type: 'hang-up', name: me, target: call.with });
  end(words);
}

function end(words) {
  if (!call) return;
  const { peer, stream, screen } = call;
  call = null;
  panel.stop();
  peer.close();
  stopAll(stream);
  stopAll(screen);
  $('remote').srcObject = null;
  showSelf(null);
  $('invitation').hidden = false;
  for (const id of controls) {
    $(id).disabled = true;
    if ($(id).hasAttribute('aria-pressed')) $(id).setAttribute('aria-pressed', 'false');
  }
  for (const button of $('users').querySelectorAll('button')) button.disabled = false;
  $('text').placeholder = 'Write to everybody';
  show('call-state', words);
}

// ---- over the data channel

function talkOver(channel) {
  const mine = call;
  mine.talk = channel;
  channel.onopen = () => { $('text').placeholder = `Write to ${mine.with}`; };
  channel.onmessage = ({ data }) => addMessage(mine.with, String(data));
}

// A native peer tells its own statistics once a second on this channel; a page ignores it.
function watchTheirs(channel, name) {
  channel.onmessage = ({ data }) => {
    if (call) panel.theirs(JSON.parse(data), name);
  };
}

$('chat-form').onsubmit = (event) => {
  event.preventDefault();
  const text = $('text').value.trim();
  $('text').value = '';
  if (!text) return;
  if (call?.talk?.readyState === 'open') {
    call.talk.send(text);
    addMessage(me, text);
  } else {
    chat.say({ type: 'message', text });
  }
};
$('send-file').onclick = () => $('file').click();
$('file').onchange = ({ currentTarget: input }) => {
  for (const file of input.files) if (call) sendFile(call.pc, file, $('files'));
  input.value = '';
};

// ---- controls

$('name-form').onsubmit = (event) => {
  event.preventDefault();
  rename($('name').value.trim());
  chat.rename(me);
};
$('hang-up').onclick = () => hangUp('You have hung up.');
$('accept').onclick = accept;
$('decline').onclick = () => {
  chat.say({ type: 'hang-up', name: me, target: ringing.with });
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

const senderOf = (kind) => call.pc.getTransceivers()
  .find(({ receiver, stopped }) => receiver.track.kind === kind && !stopped)?.sender;

$('share').onclick = async ({ currentTarget: button }) => {
  const mine = call;
  const back = async () => {
    if (call !== mine || !mine.screen) return;
    stopAll(mine.screen);
    mine.screen = null;
    button.setAttribute('aria-pressed', 'false');
    await senderOf('video')?.replaceTrack(mine.stream?.getVideoTracks()[0] ?? null);
    showSelf(mine.stream);
  };
  if (mine.screen) return back();
  const screen = await navigator.mediaDevices.getDisplayMedia({ video: true }).catch(() => null);
  if (!screen) return;
  if (call !== mine) return stopAll(screen);
  const [track] = screen.getVideoTracks();
  mine.screen = screen;
  track.onended = back;
  button.setAttribute('aria-pressed', 'true');
  // In place of the camera; without one, a new track, and the connection negotiates again.
  const sender = senderOf('video');
  if (sender?.track) await sender.replaceTrack(track); else call.pc.addTrack(track, screen);
  showSelf(screen, true);
};

const listChoices = () => Promise.all([
  listDevices($('camera'), 'videoinput'), listDevices($('microphone'), 'audioinput')]);
for (const [id, kind] of [['camera', 'video'], ['microphone', 'audio']]) {
  $(id).onchange = async () => {
    const mine = call;
    if (!mine?.stream) return;
    let chosen;
    try {
      const wish = $(id).value ? { deviceId: { exact: $(id).value } } : true;
      chosen = await navigator.mediaDevices.getUserMedia({ [kind]: wish });
    } catch (error) {
      addMessage('Lucid', inWords(error));
      return;
    }
    if (call !== mine) return stopAll(chosen);
    const [track] = chosen.getTracks();
    for (const old of mine.stream.getTracks().filter((one) => one.kind === kind)) {
      track.enabled = old.enabled;
      mine.stream.removeTrack(old);
      old.stop();
    }
    mine.stream.addTrack(track);
    if (kind !== 'video' || !mine.screen) await senderOf(kind)?.replaceTrack(track);
  };
}
navigator.mediaDevices?.addEventListener('devicechange', listChoices);
listChoices();
