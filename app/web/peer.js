import { configuration as own } from './ice.js';

// A connection by perfect negotiation (W3C WebRTC 1.0, 10.7): either end may offer at any time; where
// both do at once, the impolite one ignores the other's offer and the polite one takes its own back.
export class Peer {
  #making = false;
  #takingAnswer = false;
  #ignoring = false;
  #early = [];
  #chain = Promise.resolve();

  // say({ description }) or say({ candidate }) carries a message to the other end;
  // prepare() is awaited between an offer and our answer to it: the place to add tracks.
  constructor({ polite, say, prepare, configuration = own, noticed = () => {} }) {
    this.polite = polite;
    this.say = say;
    this.prepare = prepare;
    this.noticed = noticed;
    this.pc = new RTCPeerConnection(configuration);
    this.pc.onnegotiationneeded = () => this.#offer();
    this.pc.onicecandidate = ({ candidate }) => this.say({ candidate });
  }

  async #offer() {
    if (this.pc.signalingState !== 'stable') return;
    try {
      this.#making = true;
      await this.pc.setLocalDescription();
      this.say({ description: this.pc.localDescription });
    } catch (error) {
      this.noticed('failed', error);
    } finally {
      this.#making = false;
    }
  }

  // One after the other, in the order they came.
  hear(message) {
    this.#chain = this.#chain
      .then(() => (message.description ? this.#take(message.description) : this.#candidate(message.candidate)))
      .catch((error) => this.noticed('failed', error));
    return this.#chain;
  }

  async #take(description) {
    const { pc } = this;
    const ready = !this.#making && (pc.signalingState === 'stable' || this.#takingAnswer);
    const glare = description.type === 'offer' && !ready;
    this.#ignoring = glare && !this.polite;
    if (glare) this.noticed(this.#ignoring ? 'ignores' : 'yields');
    if (this.#ignoring) return;
    this.#takingAnswer = description.type === 'answer';
    try {
      await pc.setRemoteDescription(description);
    } finally {
      this.#takingAnswer = false;
    }
    for (const candidate of this.#early.splice(0)) await this.#candidate(candidate);
    if (description.type !== 'offer') return;
    await this.prepare?.();
    if (pc.signalingState !== 'have-remote-offer') return;
    await pc.setLocalDescription();
    this.say({ description: pc.localDescription });
  }

  async #candidate(candidate) {
    if (!candidate) return;
    if (!this.pc.remoteDescription) {
      this.#early.push(candidate);
      return;
    }
    try {
      await this.pc.addIceCandidate(candidate);
    } catch (error) {
      // Candidates of an offer that was ignored have nowhere to go.
      if (!this.#ignoring) this.noticed('failed', error);
    }
  }

  close() {
    this.pc.onnegotiationneeded = this.pc.onicecandidate = null;
    this.pc.close();
  }
}
