// The STUN and TURN servers that this server names (--turn), with credentials good for a day.
export const configuration = await fetch(`/ice-servers${location.search}`)
  .then((answer) => (answer.ok ? answer.json() : {}))
  .then(({ iceServers = [] }) => ({ iceServers }))
  .catch(() => ({}));
