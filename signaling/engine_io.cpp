#include "signaling/engine_io.hpp"

#include <algorithm>

#include "core/handle.hpp"
#include "signaling/detail/json.hpp"

namespace lucid::signaling {

namespace {

using detail::json;

// The codes of Engine.IO's own server.
constexpr int unknown_transport = 0;
constexpr int unknown_session = 1;
constexpr int bad_handshake = 2;
constexpr int bad_request = 3;
constexpr int forbidden = 4;
constexpr int unsupported_version = 5;
constexpr const char* sentences[] = {
    "Transport unknown", "Session ID unknown", "Bad handshake method",
    "Bad request",       "Forbidden",          "Unsupported protocol version"};

constexpr std::size_t sid_length = 20;
// What a packet takes up beside its data: who sends pings alone and fetches nothing fills a queue,
// too.
constexpr std::size_t packet_cost = sizeof(EnginePacket);
constexpr core::Duration look_every = std::chrono::seconds{1};  // at who is silent

std::int64_t milliseconds(core::Duration it) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(it).count();
}

// What is queued until a poll or the socket is ready for it; the open packet apart.
const EnginePacket noop{'6', {}, false};

}  // namespace

EngineIo::EngineIo(Config config, core::Context context)
    : config_{config}, random_{context.random} {}

void EngineIo::handle_datagram(Datagram datagram, core::Time now) {
  std::visit(core::Overloaded{[&](const Asked& it) { asked(it, now); },
                              [&](const GaveUp& it) {
                                for (auto& [id, session] : sessions_) {
                                  if (session.poll == it.id) session.poll.reset();
                                }
                              },
                              [&](const Opened& it) { opened(it, now); },
                              [&](const Heard& it) { heard(it, now); },
                              [&](const Closed& it) {
                                const auto found = sockets_.find(it.id);
                                if (found == sockets_.end()) return;
                                const SessionId id = found->second;
                                sockets_.erase(found);
                                Session& session = sessions_.at(id);
                                session.socket.reset();
                                if (session.upgraded) return end(id);
                                flush(session);  // the probe has come to nothing
                              }},
             datagram);
}

// ---- polling

void EngineIo::refuse(RequestId id, int code) {
  const json body{{"code", code}, {"message", sentences[code]}};
  out_.push_back(Answer{id, code == forbidden ? 403 : 400, "application/json", detail::dump(body)});
}

std::optional<EngineIo::SessionId> EngineIo::find(const std::string& sid) const {
  const auto found = sids_.find(sid);
  return found == sids_.end() ? std::nullopt : std::optional{found->second};
}

void EngineIo::asked(const Asked& asked, core::Time now) {
  if (asked.transport != "polling") return refuse(asked.id, unknown_transport);
  if (asked.revision != "4" && asked.revision != "3") return refuse(asked.id, unsupported_version);
  if (asked.sid.empty()) {
    if (asked.method != "GET") return refuse(asked.id, bad_handshake);
    const auto id = begin(asked.revision, asked.from, now);
    if (!id) return refuse(asked.id, forbidden);
    Session& session = sessions_.at(*id);
    session.queue.push_front(open_packet(session, true));
    events_.push_back(SessionOpened{*id, session.revision, session.sid});
    session.poll = asked.id;
    return flush(session);
  }
  const auto id = find(asked.sid);
  if (!id) return refuse(asked.id, unknown_session);
  if (sessions_.at(*id).upgraded || asked.revision[0] - '0' != sessions_.at(*id).revision)
    return refuse(asked.id, bad_request);
  if (asked.method == "GET") return polled(*id, asked.id, now);
  if (asked.method == "POST") return posted(*id, asked, now);
  refuse(asked.id, bad_request);
}

void EngineIo::polled(SessionId id, RequestId request, core::Time) {
  Session& session = sessions_.at(id);
  if (session.poll) {
    // Two at once: nobody can say which of them would have what is next.
    refuse(request, bad_request);
    return end(id);
  }
  session.poll = request;
  if (session.socket && session.queue.empty()) session.queue.push_back(noop);
  flush(session);
}

void EngineIo::posted(SessionId id, const Asked& asked, core::Time now) {
  const int revision = sessions_.at(id).revision;
  const auto packets = decode_payload(asked.body, revision, asked.bytes);
  if (!packets) {
    refuse(asked.id, bad_request);
    return end(id);
  }
  out_.push_back(Answer{asked.id, 200, "text/html", "ok"});
  for (const EnginePacket& packet : *packets) {
    if (!sessions_.contains(id)) return;
    handle(id, packet, now);
  }
}

// ---- WebSockets

void EngineIo::opened(const Opened& opened, core::Time now) {
  const auto turn_away = [&](int code) { out_.push_back(Close{opened.id, sentences[code]}); };
  if (opened.revision != "4" && opened.revision != "3") return turn_away(unsupported_version);
  if (opened.sid.empty()) {
    const auto id = begin(opened.revision, opened.from, now);
    if (!id) return turn_away(forbidden);
    Session& session = sessions_.at(*id);
    session.socket = opened.id;
    session.upgraded = true;
    sockets_.emplace(opened.id, *id);
    const EnginePacket open = open_packet(session, false);
    out_.push_back(Send{opened.id, open.type + open.data, false});
    events_.push_back(SessionOpened{*id, session.revision, session.sid});
    return;
  }
  const auto id = find(opened.sid);
  if (!id) return turn_away(unknown_session);
  Session& session = sessions_.at(*id);
  if (session.socket) return turn_away(bad_request);
  session.socket = opened.id;
  sockets_.emplace(opened.id, *id);
}

void EngineIo::heard(const Heard& heard, core::Time now) {
  const auto found = sockets_.find(heard.id);
  if (found == sockets_.end()) return;
  const SessionId id = found->second;
  Session& session = sessions_.at(id);
  if (heard.binary) {
    // Revision 3 has the type in the first byte.
    const std::size_t head = session.revision == 3 ? 1 : 0;
    if (session.upgraded && heard.data.size() >= head)
      handle(id, {'4', heard.data.substr(head), true}, now);
    return;
  }
  if (heard.data.empty()) return end(id);
  const EnginePacket packet{heard.data[0], heard.data.substr(1), false};
  if (session.upgraded) return handle(id, packet, now);
  if (packet.type == '2' && packet.data == "probe") {
    out_.push_back(Send{heard.id, "3probe", false});
    // The client waits for its poll to end before it changes over.
    if (session.poll && session.queue.empty()) session.queue.push_back(noop);
    flush(session);
  } else if (packet.type == '5') {
    session.upgraded = true;
    if (session.poll) {
      out_.push_back(Answer{*std::exchange(session.poll, std::nullopt), 200,
                            "text/plain; charset=UTF-8", encode_payload({noop}, session.revision)});
    }
    flush(session);
  }
}

// ---- sessions

std::optional<EngineIo::SessionId> EngineIo::begin(const std::string& revision,
                                                   const std::string& from, core::Time now) {
  if (sessions_.size() >= config_.sessions) return std::nullopt;
  std::size_t& at_address = addresses_[from];
  if (at_address >= config_.sessions_per_address) return std::nullopt;
  ++at_address;
  if (sessions_.empty()) next_look_ = now + look_every;
  const auto id = SessionId{next_++};
  Session& session = sessions_[id];
  session.revision = revision[0] - '0';
  session.sid = random_.text(sid_length);
  std::ranges::replace(session.sid, '+', '-');
  std::ranges::replace(session.sid, '/', '_');
  session.from = from;
  sids_.emplace(session.sid, id);
  alive(session, now);
  session.ping_at = now + config_.ping_interval;
  return id;
}

EnginePacket EngineIo::open_packet(const Session& session, bool may_upgrade) const {
  json body{{"sid", session.sid},
            {"upgrades", json::array()},
            {"pingInterval", milliseconds(config_.ping_interval)},
            {"pingTimeout", milliseconds(config_.ping_timeout)}};
  if (may_upgrade) body["upgrades"].push_back("websocket");
  if (session.revision == 4) body["maxPayload"] = config_.message;
  return {'0', detail::dump(body), false};
}

void EngineIo::alive(Session& session, core::Time now) const {
  session.dead_at = now + config_.ping_interval + config_.ping_timeout;
}

void EngineIo::handle(SessionId id, const EnginePacket& packet, core::Time now) {
  Session& session = sessions_.at(id);
  alive(session, now);
  if (packet.type == '1') return end(id);
  if (packet.type == '2') return queue(id, {'3', packet.data, false}, now);
  if (packet.type != '4') return;
  if (packet.data.size() > config_.message) return end(id);
  events_.push_back(Message{id, packet.data, packet.binary});
}

void EngineIo::send(SessionId id, std::string text, core::Time now) {
  if (sessions_.contains(id)) queue(id, {'4', std::move(text), false}, now);
}

void EngineIo::queue(SessionId id, EnginePacket packet, core::Time) {
  Session& session = sessions_.at(id);
  session.queued += packet.data.size() + packet_cost;
  session.queue.push_back(std::move(packet));
  if (session.queued > config_.queue) return end(id);  // it does not fetch what it is sent
  flush(session);
}

void EngineIo::flush(Session& session) {
  if (session.queue.empty()) return;
  if (session.upgraded) {
    for (const EnginePacket& packet : session.queue) {
      const bool pointless = packet.type == '6';
      if (!pointless) out_.push_back(Send{*session.socket, packet.type + packet.data, false});
    }
  } else if (session.poll) {
    const std::vector<EnginePacket> packets{session.queue.begin(), session.queue.end()};
    out_.push_back(Answer{*std::exchange(session.poll, std::nullopt), 200,
                          "text/plain; charset=UTF-8", encode_payload(packets, session.revision)});
  } else {
    return;
  }
  session.queue.clear();
  session.queued = 0;
}

void EngineIo::close(SessionId id, core::Time now) {
  if (!sessions_.contains(id)) return;
  queue(id, {'1', {}, false}, now);
  end(id);
}

void EngineIo::end(SessionId id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  const Session session = std::move(found->second);
  sessions_.erase(found);
  sids_.erase(session.sid);
  if (--addresses_[session.from] == 0) addresses_.erase(session.from);
  if (session.poll) {
    out_.push_back(Answer{*session.poll, 200, "text/plain; charset=UTF-8",
                          encode_payload({{'1', {}, false}}, session.revision)});
  }
  if (session.socket) {
    sockets_.erase(*session.socket);
    out_.push_back(Close{*session.socket, {}});
  }
  events_.push_back(SessionClosed{id});
}

void EngineIo::handle_timeout(core::Time now) {
  if (now < next_look_) return;
  std::vector<SessionId> dead, due;
  for (auto& [id, session] : sessions_) {
    if (session.dead_at <= now) dead.push_back(id);
    // Revision 4: the server pings. In revision 3 the client does.
    if (session.revision == 4 && session.ping_at <= now) due.push_back(id);
  }
  for (const SessionId id : dead) end(id);
  for (const SessionId id : due) {
    const auto session = sessions_.find(id);
    if (session == sessions_.end()) continue;
    session->second.ping_at = now + config_.ping_interval;
    queue(id, {'2', {}, false}, now);
  }
  next_look_ = now + look_every;
}

std::optional<core::Time> EngineIo::next_timeout() const {
  if (sessions_.empty()) return std::nullopt;
  return next_look_;
}

std::optional<EngineIo::Transmit> EngineIo::poll_transmit() {
  if (out_.empty()) return std::nullopt;
  Transmit transmit = std::move(out_.front());
  out_.pop_front();
  return transmit;
}

std::optional<EngineIo::Event> EngineIo::poll_event() {
  if (events_.empty()) return std::nullopt;
  Event event = std::move(events_.front());
  events_.pop_front();
  return event;
}

}  // namespace lucid::signaling
