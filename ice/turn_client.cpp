#include "ice/turn_client.hpp"

#include <algorithm>
#include <utility>

#include "ice/turn_frames.hpp"

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;
using stun::AttributeType;
using stun::ErrorCode;
using stun::Method;
using Phase = TurnFailure::Phase;

// How long a connection may take to open and to bring an allocation.
constexpr core::Duration stream_patience = 10s;
constexpr core::Duration default_lifetime = 10min;  // RFC 8656 3.2
constexpr core::Duration refresh_early = 1min;      // RFC 8656 3.2: a minute before the end
// RFC 8445 11: NAT bindings are kept open by a packet every 15 s.
constexpr core::Duration link_keepalive = 15s;
// Nothing at all came back for so long: is the server still there?
constexpr core::Duration suspicion = 10s;
// RFC 8656 6.4: another address after a 437, but not for ever.
constexpr int most_mismatches = 2;
constexpr std::size_t longest_username = 508;  // RFC 8489 14.3: fewer than 509 bytes
// What fits into a Send indication with an IPv6 peer, whose length has 16 bits and counts 28 more
// and the padding.
constexpr std::size_t largest_data = 0xFFFF - 28 - 3;
constexpr std::size_t most_servers = 5;  // RFC 8489 10: one ALTERNATE-SERVER after the other

// How long what was granted may be left alone.
core::Duration until_refresh(const stun::Message& response) {
  const auto given = response.u32(AttributeType::lifetime);
  const core::Duration lifetime = given ? std::chrono::seconds{*given} : default_lifetime;
  return std::max<core::Duration>({lifetime - refresh_early, lifetime / 2, 1s});
}

}  // namespace

TurnClient::TurnClient(Config config, core::Context context)
    : config_{std::move(config)},
      tracer_{context.tracer("turn")},
      link_{context},
      requests_{config_.server.username, config_.server.password, link_},
      peers_{requests_, link_} {}

void TurnClient::start(core::Time now) {
  if (state_ != State::idle) return;
  attempts_.servers.push_back(config_.address);
  if (config_.server.username.size() > longest_username) {
    set(State::connecting, "to " + config_.address.text(), now);
    return fail(TurnFailure::other(Phase::allocation, "the user name is longer than 508 bytes",
                                   "use a shorter one"),
                now);
  }
  connect(now);
}

void TurnClient::connect(core::Time now) {
  const bool datagrams = config_.server.transport == core::Transport::udp;
  requests_.reset();
  if (!datagrams) deadlines_.give_up = now + stream_patience;
  if (datagrams && config_.local.port != 0) {
    link_.open({core::Transport::udp, config_.local, config_.address});
    return allocate(now);
  }
  core::check(attempts_.connects < ids);
  attempts_.id = config_.first_id + attempts_.connects++;
  attempts_.own = true;
  set(State::connecting, "to " + config_.address.text(), now);
  if (datagrams) {
    events_.emplace_back(core::Effect{core::BindUdp{core::SocketId{attempts_.id}, config_.local}});
  } else {
    events_.emplace_back(core::Effect{core::OpenStream{
        core::StreamId{attempts_.id}, config_.server.transport, core::Framing::stun, config_.local,
        config_.address, config_.server.host}});
  }
}

void TurnClient::disconnect() {
  link_.close();
  if (!std::exchange(attempts_.own, false)) return;
  if (config_.server.transport == core::Transport::udp) {
    events_.emplace_back(core::Effect{core::CloseUdp{core::SocketId{attempts_.id}}});
  } else {
    events_.emplace_back(core::Effect{core::CloseStream{core::StreamId{attempts_.id}}});
  }
}

void TurnClient::allocate(core::Time now) {
  set(State::allocating, "asked on " + link_.path()->text(), now);
  TurnRequest request{.method = Method::allocate};
  request.family = attempts_.family;
  request.both_families = config_.v6;
  requests_.send(std::move(request), now);
}

void TurnClient::refresh(core::Time now) {
  if (!requests_.under_way(Method::refresh)) requests_.send({.method = Method::refresh}, now);
}

void TurnClient::send(core::Datagram out, core::Time now) {
  const core::Address* relayed = relayed_for(out.path.remote.family());
  if (state_ != State::allocated || relayed == nullptr || out.bytes.size() > largest_data) {
    ++dropped_;
    return;
  }
  const auto sent = peers_.send(out.path.remote, std::move(out.bytes), now);
  if (sent == TurnPeers::Sent::yes) return;
  ++dropped_;
  if (sent != TurnPeers::Sent::refused) return;
  events_.emplace_back(PeerUnreachable{{core::Transport::udp, *relayed, out.path.remote},
                                       core::PathError::not_permitted});
}

void TurnClient::bind_channel(const core::Address& peer, core::Time now) {
  if (state_ == State::allocated && relayed_for(peer.family()) != nullptr) {
    peers_.bind_channel(peer, now);
  }
}

void TurnClient::close(core::Time now) {
  if (state_ == State::failed || state_ == State::closed) return;
  // An allocation, or the request for one that may have been granted by now.
  if (link_.is_open() && requests_.challenged()) requests_.send_release(now);
  events_.clear();
  disconnect();
  requests_.reset();
  deadlines_ = {};
  set(State::closed, "closed", now);
}

void TurnClient::handle_datagram(core::Datagram in, core::Time now) {
  if (in.path != link_.path()) {
    ++dropped_;
    return;
  }
  if (looks_like_channel_data(in.bytes)) {
    link_.heard(now);
    auto packet = peers_.from_channel(std::move(in.bytes), now);
    if (!packet) {
      ++dropped_;
      return;
    }
    return receive(packet->peer, std::move(packet->data));
  }
  const auto message = stun::Message::parse(in.bytes);
  if (!message) {
    ++dropped_;
    return;
  }
  link_.heard(now);
  if (message->message_class() == stun::Class::indication) {
    return handle_indication(std::move(in.bytes), now);
  }
  if (const auto answer = requests_.handle_response(*message, now)) {
    answered(*answer, *message, now);
  }
}

void TurnClient::handle_indication(core::Buffer bytes, core::Time now) {
  const auto message = stun::Message::parse(bytes);
  const auto peer = message->address(AttributeType::xor_peer_address);
  // RFC 8656 11.4: only of those whom we have permitted; RFC 8489 6.3.2: and only what is
  // understood.
  if (message->method() != Method::data || !message->understood() || !peer ||
      !peers_.expects(peer->ip)) {
    ++dropped_;
    return;
  }
  if (const auto data = message->find(AttributeType::data)) {
    bytes.drop_front(static_cast<std::size_t>(data->data() - bytes.data()));
    bytes.resize(data->size());
    return receive(*peer, std::move(bytes));
  }
  const core::Address* relayed = relayed_for(peer->family());
  const auto error = icmp_error(*message);
  if (!error || relayed == nullptr) return;
  const core::Path path{core::Transport::udp, *relayed, *peer};
  tracer_.event(now, "peer_unreachable", {{"path", path}, {"reason", to_string(*error)}});
  events_.emplace_back(PeerUnreachable{path, *error});
}

void TurnClient::receive(const core::Address& peer, core::Buffer data) {
  const core::Address* relayed = relayed_for(peer.family());
  if (relayed == nullptr || data.empty()) {
    ++dropped_;
    return;
  }
  events_.emplace_back(
      Received{{{core::Transport::udp, *relayed, peer}, core::Ecn::not_ect, std::move(data)}});
}

void TurnClient::answered(const TurnRequests::Answer& answer, const stun::Message& response,
                          core::Time now) {
  const Method method = answer.request.method;
  if (method == Method::allocate) {
    return answer.refused ? not_allocated(answer, response, now) : allocated(response, now);
  }
  if (state_ != State::allocated) return;
  const bool about_a_peer = method == Method::create_permission || method == Method::channel_bind;
  if (!answer.refused) {
    if (about_a_peer) peers_.granted(answer.request, now);
    if (method == Method::refresh) deadlines_.refresh = now + until_refresh(response);
    return;
  }
  const ErrorCode code = *answer.refused;
  // RFC 8656 5: these are about the allocation, whatever was asked.
  const bool lost = code == ErrorCode::allocation_mismatch ||
                    code == ErrorCode::wrong_credentials || code == ErrorCode::unauthenticated;
  if (method == Method::refresh || lost) {
    return fail(TurnFailure::refused(Phase::refresh, code, answer.reason), now);
  }
  tracer_.event(now, "peer_refused",
                {{"peer", *answer.request.peer},
                 {"code", static_cast<std::uint64_t>(code)},
                 {"reason", std::string_view{answer.reason}}});
  peers_.refused(answer.request, now);
  const core::Address* relayed = relayed_for(answer.request.peer->family());
  // Without a channel there are still indications.
  if (method == Method::channel_bind || relayed == nullptr) return;
  events_.emplace_back(PeerUnreachable{{core::Transport::udp, *relayed, *answer.request.peer},
                                       core::PathError::not_permitted});
}

void TurnClient::allocated(const stun::Message& response, core::Time now) {
  for (const stun::Attribute& attribute : response.content()) {
    if (attribute.type != AttributeType::xor_relayed_address) continue;
    const auto address = stun::parse_xor_address(attribute.value, response.transaction());
    if (address && relayed_for(address->family()) == nullptr) relayed_.push_back(*address);
  }
  if (relayed_.empty()) {
    return fail(TurnFailure::other(Phase::allocation, "the answer holds no relayed address",
                                   "use another server"),
                now);
  }
  deadlines_.give_up.reset();
  deadlines_.refresh = now + until_refresh(response);
  set(State::allocated, "the server answered", now);
  for (const core::Address& address : relayed_) {
    tracer_.event(now, "allocated", {{"relayed", address}, {"path", *link_.path()}});
  }
  events_.emplace_back(Allocated{relayed_, response.mapped_address(), *link_.path()});
}

void TurnClient::not_allocated(const TurnRequests::Answer& answer, const stun::Message& response,
                               core::Time now) {
  const ErrorCode code = *answer.refused;
  tracer_.event(now, "allocation_refused",
                {{"path", *link_.path()},
                 {"code", static_cast<std::uint64_t>(code)},
                 {"reason", std::string_view{answer.reason}}});
  if (code == ErrorCode::try_alternate && redirect(response)) {
    disconnect();
    return connect(now);
  }
  // RFC 8656 6.4: the server knows this address of ours, from somebody who was here before. Another
  // one is free.
  if (code == ErrorCode::allocation_mismatch && attempts_.mismatches++ < most_mismatches) {
    disconnect();
    config_.local.port = 0;
    return connect(now);
  }
  // RFC 8656 7.3: no relayed IPv4 addresses; IPv6 alone, then.
  const bool other_family = code == ErrorCode::address_family_not_supported && config_.v6;
  if (other_family && !std::exchange(attempts_.family, core::Family::v6)) return allocate(now);
  fail(TurnFailure::refused(Phase::allocation, code, answer.reason), now);
}

// RFC 8489 10, RFC 8656 7.4: another server, over the same transport, with the same credentials.
bool TurnClient::redirect(const stun::Message& response) {
  const auto address = response.address(AttributeType::alternate_server);
  auto& servers = attempts_.servers;
  if (!address || address->port == 0 || servers.size() >= most_servers ||
      std::ranges::find(servers, *address) != servers.end()) {
    return false;
  }
  servers.push_back(*address);
  config_.address = *address;
  if (address->family() != config_.local.family()) {
    config_.local = {core::Ip::any(address->family()), 0};
  }
  if (attempts_.own) config_.local.port = 0;
  // RFC 8489 14.16: the name that its certificate has.
  if (const auto name = response.text(AttributeType::alternate_domain)) config_.server.host = *name;
  return true;
}

void TurnClient::handle_timeout(core::Time now) {
  if (deadlines_.give_up && *deadlines_.give_up <= now) {
    return fail(TurnFailure::silent(link_.is_open() ? Phase::allocation : Phase::connection), now);
  }
  for (const TurnRequest& request : requests_.handle_timeout(now)) {
    if (request.method == Method::allocate) {
      return fail(TurnFailure::silent(Phase::allocation), now);
    }
    if (request.peer) peers_.unanswered(request);
    if (request.method != Method::refresh) continue;
    if (link_.heard() + suspicion <= now) return fail(TurnFailure::silent(Phase::refresh), now);
    refresh(now);  // lost on the way: others have come through
  }
  if (state_ == State::allocated) watch(now);
}

void TurnClient::watch(core::Time now) {
  peers_.handle_timeout(now);
  const auto silent = link_.silent_since();
  const bool due = deadlines_.refresh && *deadlines_.refresh <= now;
  if (due) deadlines_.refresh.reset();  // until it is answered
  if (due || (silent && *silent + suspicion <= now)) refresh(now);
  if (link_.sent() + link_keepalive > now) return;
  stun::Builder out{link_.context().pool, stun::Class::indication, Method::binding,
                    stun::random_transaction(link_.context().random)};
  link_.keep_alive(std::move(out).finish(), now);
}

std::optional<core::Time> TurnClient::next_timeout() const {
  std::optional<core::Time> next = core::earliest(deadlines_.give_up, requests_.next_timeout());
  if (state_ != State::allocated) return next;
  next = core::earliest(next, core::earliest(deadlines_.refresh, peers_.next_timeout()));
  next = core::earliest(next, link_.sent() + link_keepalive);
  if (link_.silent_since() && !requests_.under_way(Method::refresh)) {
    next = core::earliest(next, *link_.silent_since() + suspicion);
  }
  return next;
}

std::optional<TurnClient::Event> TurnClient::poll_event() {
  if (events_.empty()) return std::nullopt;
  Event event = std::move(events_.front());
  events_.pop_front();
  return event;
}

void TurnClient::fail(TurnFailure failure, core::Time now) {
  if (state_ == State::idle || state_ == State::failed || state_ == State::closed) return;
  std::string text = failure.text(config_.server, config_.address);
  tracer_.failure(now, to_string(failure.phase), text, failure.next_step);
  disconnect();
  requests_.reset();
  deadlines_ = {};
  set(State::failed, failure.cause, now);
  events_.emplace_back(Failed{std::move(failure), std::move(text)});
}

void TurnClient::set(State state, std::string_view reason, core::Time now) {
  tracer_.state(now, "turn_allocation", to_string(state_), to_string(state), reason);
  state_ = state;
}

const core::Address* TurnClient::relayed_for(core::Family family) const {
  const auto it = std::ranges::find(relayed_, family, &core::Address::family);
  return it == relayed_.end() ? nullptr : &*it;
}

}  // namespace lucid::ice
