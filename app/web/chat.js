// The chat dialect (see signaling/README.md): a name, a list of users, messages to one or to all.
import { Socket } from './socket.js';

export class Chat {
  #handlers = new Map();
  #id = 0;
  #socket;

  constructor(name) {
    this.name = name;
    this.#socket = new Socket('/chat', {
      open: () => this.#tell('open'),
      close: () => this.#tell('close'),
      message: (message) => this.#take(message),
    }, ['json']);
  }

  on(type, handler) { this.#handlers.set(type, handler); }

  say(message) { this.#socket.say({ id: this.#id, date: Date.now(), ...message }); }

  rename(name) {
    this.name = name;
    this.say({ type: 'username', name });
  }

  #take(message) {
    if (message.type === 'id') {
      this.#id = message.id;
      this.rename(this.name);
    }
    if (message.type === 'rejectusername') this.name = message.name;
    this.#tell(message.type, message);
  }

  #tell(type, message) { this.#handlers.get(type)?.(message); }
}
