// `lucid call` beside itself and the robot: glare, relays, certificates, and the statuses it leaves with.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Native } from './lib/native.mjs';
import { Server } from './lib/server.mjs';

const webSocket = (server) => server.url.replace('http', 'ws').replace(/\/$/, '');
const call = (url, ...args) => new Native('lucid', ['call', '--server', url, '--json', ...args]);
const say = (native, line) => native.process.stdin.write(`${line}\n`);
const state = (native, machine, word, milliseconds) => native.next(
  (line) => line.event === 'state' && line.machine === machine && line.state === word, `${machine} ${word}`, milliseconds);
// How it left: the status, which the summary says as well.
async function left(native) {
  const status = await native.exited;
  const last = native.lines.at(-1);
  assert.equal(last.event, 'summary', native.log);
  assert.equal(last.status, status);
  return last;
}
// Until nothing has happened to the signaling of these for a while.
async function settled(...callers) {
  const count = () => callers.reduce((sum, { lines }) => sum + lines.length, 0);
  for (let before = -1; before !== count();) {
    before = count();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

describe('two callers', { concurrency: true }, () => {
  let server, robots, place;
  const started = [];
  const begin = (...args) => { const one = call(...args); started.push(one); return one; };
  before(async () => {
    place = await mkdtemp(join(tmpdir(), 'lucid-callers-'));
    server = await Server.start();
    robots = await Server.start(['--robot']);
  });
  after(async () => {
    for (const one of started) one.process.kill('SIGKILL');
    await server.stop();
    await robots.stop();
    await rm(place, { recursive: true, force: true });
  });

  test('both offer at once: the polite one gives way, both come to rest, the call goes on', async () => {
    const own = await Server.start();
    const polite = begin(webSocket(own), '--dialect', 'broadcast', '--name', 'ann', '--polite', '--answer', 'auto');
    await polite.next(({ event }) => event === 'ready', 'ready');
    const impolite = begin(webSocket(own), '--dialect', 'broadcast', '--name', 'bob', '--impolite', '--to', 'ann');
    await Promise.all([polite, impolite].map((one) => state(one, 'connection', 'connected')));
    await Promise.all([polite, impolite].map((one) => state(one, 'signaling', 'stable')));
    // Whether offers cross is a matter of microseconds.
    let yielded = 0;
    const words = (one) => one.lines.filter(({ machine }) => machine === 'signaling').map((line) => line.state);
    for (let round = 0; round < 20 && yielded < 2; ++round) {
      for (const one of [polite, impolite]) one.lines.length = 0;
      for (const one of [polite, impolite]) say(one, 'renegotiate');
      await settled(polite, impolite);
      for (const one of [polite, impolite]) assert.deepEqual([words(one).at(-1), words(one).includes('have-local-offer')], ['stable', true]);
      const seen = words(polite);
      yielded += seen.indexOf('have-remote-offer') === seen.indexOf('have-local-offer') + 1 || seen[1] === 'stable' && seen[2] === 'have-remote-offer';
    }
    assert.ok(yielded > 0, 'offers never crossed');
    say(impolite, 'hangup');
    const [ann, bob] = [left(polite), left(impolite)];
    assert.equal((await bob).status, 0);
    say(polite, 'quit');
    assert.equal((await ann).status, 0);
    for (const one of [await ann, await bob]) assert.ok(one.framesDecoded > 0 && one.packetsLost === 0, JSON.stringify(one));
    await own.stop();
  });

  test('the robot answers in the broadcast room who is alone with it', async () => {
    const own = await Server.start(['--robot']);
    const one = begin(webSocket(own), '--dialect', 'broadcast', '--name', 'ann', '--to', 'anybody', '--seconds', '1');
    const { status, framesDecoded, framesSent } = await left(one);
    assert.equal(status, 0);
    assert.ok(framesDecoded > 0 && framesSent > 0);
    await own.stop();
  });

  test('among three in the broadcast room the robot is silent', async () => {
    const own = await Server.start(['--robot']);
    const other = begin(webSocket(own), '--dialect', 'broadcast', '--name', 'bob', '--answer', 'ask');
    await other.next(({ event }) => event === 'ready', 'ready');
    const one = begin(webSocket(own), '--dialect', 'broadcast', '--name', 'ann', '--to', 'bob');
    await other.next(({ event }) => event === 'ring', 'ring');
    say(other, 'decline');
    assert.equal((await left(one)).status, 4);
    assert.match(await (await fetch(`${own.url}metrics`)).text(), /^lucid_robot_calls 0$/m);
    say(other, 'quit');
    await left(other);
    await own.stop();
  });

  test('the robot answers call after call, and keeps nothing of them', async () => {
    const own = await Server.start(['--robot']);
    const resident = async () => Number((await readFile(`/proc/${own.process.pid}/status`, 'utf8')).match(/VmRSS:\s+(\d+)/)[1]) / 1024;
    const files = async () => (await readdir(`/proc/${own.process.pid}/fd`)).length;
    let before;
    for (let round = 0; round < 40; ++round) {
      const one = begin(webSocket(own), '--name', `ann${round}`, '--to', 'lucid', '--seconds', '0.1', '--video', 'none');
      const { status, connect } = await left(one);
      assert.deepEqual([status, connect.connected > 0], [0, true], `call ${round + 1}`);
      if (round === 9) before = [await resident(), await files()];
    }
    const [megabytes, descriptors] = [await resident(), await files()];
    assert.ok(megabytes < before[0] + 8, `${before[0]} MiB, then ${megabytes}`);
    assert.ok(descriptors <= before[1] + 1, `${before[1]} descriptors, then ${descriptors}`);
    await own.stop();
  });

  test('what is received is recorded, in each container that there is', async () => {
    for (const [end, magic, at] of [['webm', '1a45dfa3', 0], ['mkv', '1a45dfa3', 0], ['mp4', '66747970', 4], ['ogg', '4f676753', 0], ['ivf', '444b4946', 0]]) {
      const path = join(place, `call.${end}`);
      const one = begin(webSocket(robots), '--name', `recorder-${end}`, '--to', 'lucid', '--seconds', '2', '--record', path);
      assert.equal((await left(one)).status, 0);
      assert.deepEqual(one.lines.filter(({ event }) => event === 'error'), []);
      const bytes = await readFile(path);
      assert.equal(bytes.subarray(at, at + 4).toString('hex'), magic, end);
      assert.ok(bytes.length > 10_000, `${end}: ${bytes.length} bytes`);
    }
  });

  test('the robot says its candidates after the description that they are of', async () => {
    const one = begin(webSocket(robots), '--name', 'restarter', '--to', 'lucid');
    await state(one, 'connection', 'connected');
    say(one, 'restart-ice');
    await state(one, 'signaling', 'have-local-offer');
    await settled(one);
    say(one, 'quit');
    await left(one);
    assert.deepEqual(one.lines.filter(({ event }) => event === 'error'), []);
  });

  test('wss: a certificate that --ca names is trusted, another is not', async () => {
    const [cert, key] = [join(place, 'cert.pem'), join(place, 'key.pem')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
      '-keyout', key, '-out', cert, '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'], { stdio: 'ignore' });
    const own = await Server.start(['--robot', '--cert', cert, '--key', key]);
    const [trusting, doubting] = [begin(webSocket(own), '--ca', cert, '--name', 'ann', '--to', 'lucid', '--seconds', '0.5'),
      begin(webSocket(own), '--name', 'bob', '--to', 'lucid', '--seconds', '0.5')];
    assert.equal((await left(trusting)).status, 0);
    assert.ok(doubting.lines.every(({ event }) => event !== 'ready'));
    assert.equal((await left(doubting)).status, 3);
    assert.match(JSON.stringify(doubting.lines), /certificate/);
    await own.stop();
  });

  test('--relay: all goes through the TURN server', { skip: !existsSync('/usr/bin/turnserver') && 'no coturn' }, async () => {
    const port = 20_000 + process.pid % 10_000;
    // Peers are at this machine's own address, where a relay on 127.0.0.1 does not reach.
    const ip = Object.values(networkInterfaces()).flat().find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
    const turn = spawn('turnserver', ['-n', '--no-cli', '--no-tls', '--no-dtls', '--allow-loopback-peers', '--listening-ip', ip, '--relay-ip', ip,
      '--listening-port', String(port), '--realm', 'lucid.test', '--lt-cred-mech', '--user', 'user:secret', '--log-file', 'stdout',
      '--pidfile', join(place, 'turn.pid'), '--userdb', join(place, 'turn.db')], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((resolve) => turn.stdout.on('data', (text) => { if (String(text).includes('Total General servers')) resolve(); }));
    const one = begin(webSocket(robots), '--name', 'relayed', '--to', 'lucid', '--seconds', '2', '--stats', '1', '--relay',
      '--ice-server', `turn:${ip}:${port},user,secret`);
    assert.equal((await left(one)).status, 0);
    const candidates = one.lines.filter((line) => line.event === 'ice_candidate' && line.direction === 'local' && line.candidate?.candidate);
    assert.ok(candidates.length > 0 && candidates.every(({ candidate }) => candidate.candidate.includes(' typ relay ')), JSON.stringify(candidates));
    assert.ok(one.lines.at(-1).framesDecoded > 0);
    turn.kill();
  });

  test('status 2: what makes no sense is refused before anything is opened', async () => {
    const url = webSocket(server);
    for (const args of [['localhost:8080'], [url, '--codec', 'VP99'], [url, '--data', '/no/such/file'], [url, '--polite', '--impolite'], [url, '--view', 'terminal']]) {
      const one = begin(...args);
      assert.equal(await one.exited, 2, args.join(' '));
      assert.deepEqual(one.lines, []);
    }
  });

  test('status 3: the server is not there, or lets nobody in', async () => {
    const strict = await Server.start(['--token', 'sesame']);
    const [nowhere, stranger] = [begin('ws://127.0.0.1:9', '--name', 'ann', '--to', 'bob'), begin(webSocket(strict), '--name', 'ann', '--to', 'bob')];
    assert.equal((await left(nowhere)).status, 3);
    assert.equal((await left(stranger)).status, 3);
    assert.ok(stranger.lines.some((line) => /rejected/.test(line.words ?? line.message ?? '')), JSON.stringify(stranger.lines));
    await strict.stop();
  });

  test('status 4: declined', async () => {
    const bob = begin(webSocket(server), '--name', 'decliner');
    await bob.next(({ event }) => event === 'ready', 'ready');
    const ann = begin(webSocket(server), '--name', 'declined', '--to', 'decliner');
    assert.equal((await bob.next(({ event }) => event === 'ring', 'ring')).from, 'declined');
    say(bob, 'decline');
    assert.equal((await left(ann)).status, 4);
    say(bob, 'quit');
    assert.equal((await left(bob)).status, 0);
  });

  test('status 4: who is called is not there for a minute', async () => {
    assert.equal((await left(begin(webSocket(server), '--name', 'waiting', '--to', 'nobody', '--seconds', '0.1'))).status, 4);
  });

  test('status 5: no way to the other is found, in three restarts either', async () => {
    const one = begin(webSocket(robots), '--name', 'lost', '--to', 'lucid', '--relay', '--seconds', '1');
    assert.equal((await left(one)).status, 5);
    assert.equal(one.lines.filter((line) => line.machine === 'call' && line.state === 'restarting ICE').length, 3);
    assert.equal(one.lines.at(-1).framesDecoded, 0);
  });
});
