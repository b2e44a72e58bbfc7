// The chat dialect over a WebSocket, which is opened again when it breaks.
export class Chat {
  #handlers = new Map();
  #socket = null;
  #id = 0;
  #wait = 500;

  constructor(name) {
    this.name = name;
    this.#connect();
  }

  on(type, handler) { this.#handlers.set(type, handler); }

  say(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify({ id: this.#id, date: Date.now(), ...message }));
    }
  }

  rename(name) {
    this.name = name;
    this.say({ type: 'username', name });
  }

  #tell(type, message) { this.#handlers.get(type)?.(message); }

  #connect() {
    const url = new URL('/chat', location);
    url.protocol = url.protocol.replace('http', 'ws');
    const socket = new WebSocket(url, 'json');
    this.#socket = socket;
    socket.onopen = () => {
      this.#wait = 500;
      this.#tell('open');
    };
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === 'id') {
        this.#id = message.id;
        this.rename(this.name);
      }
      if (message.type === 'rejectusername') this.name = message.name;
      this.#tell(message.type, message);
    };
    socket.onclose = () => {
      this.#tell('close');
      setTimeout(() => this.#connect(), this.#wait);
      this.#wait = Math.min(this.#wait * 2, 10_000);
    };
  }
}
