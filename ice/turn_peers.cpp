#include "ice/turn_peers.hpp"

#include <algorithm>

#include "ice/turn_frames.hpp"

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;
using stun::Method;

// RFC 8656 9: a permission lasts 5 minutes; RFC 8656 12: a channel 10. Both are renewed early
// enough to be repeated over a bad path. A channel renews its peer's permission too, and comes
// first.
constexpr core::Duration channel_lifetime = 10min;
constexpr core::Duration channel_renewal = 4min;
constexpr core::Duration permission_renewal = 4min + 20s;
// What the server refused is not asked for with every packet.
constexpr core::Duration refusal = 1min;

}  // namespace

TurnPeers::Sent TurnPeers::send(const core::Address& peer, core::Buffer data, core::Time now) {
  core::Pool& pool = link_.context().pool;
  const auto channel = channels_.find(peer);
  if (channel != channels_.end() && channel->second.grant.works()) {
    channel->second.grant.used = true;
    link_.send(wrap_in_channel(pool, channel->second.number, std::move(data)), now);
    return Sent::yes;
  }
  auto permission = permissions_.find(peer.ip);
  if (permission == permissions_.end()) {
    if (permissions_.size() >= limit) return Sent::too_many_peers;
    permission = permissions_.emplace(peer.ip, Grant{}).first;
  }
  Grant& grant = permission->second;
  if (grant.state == State::refused && grant.until > now) return Sent::refused;
  // The packet goes right behind the request: the server takes them in order, and a round trip is
  // saved.
  if (grant.state == State::none || grant.state == State::refused) {
    ask(Method::create_permission, peer, grant, now);
    grant.first = pool.copy(data);
  }
  grant.used = true;
  link_.send(wrap_in_indication(pool, link_.context().random, peer, std::move(data)), now);
  return Sent::yes;
}

void TurnPeers::bind_channel(const core::Address& peer, core::Time now) {
  auto channel = channels_.find(peer);
  if (channel == channels_.end()) {
    // RFC 8656 12: a number belongs to its peer for long; there are more than peers, and one that
    // finds none left has indications.
    if (channels_.size() > last_channel - first_channel) return;
    const auto number = static_cast<std::uint16_t>(first_channel + channels_.size());
    channel = channels_.emplace(peer, Channel{number, {}}).first;
  }
  Grant& grant = channel->second.grant;
  const bool again = grant.state == State::refused && grant.until <= now;
  if (grant.state == State::none || again) ask(Method::channel_bind, peer, grant, now);
}

void TurnPeers::ask(Method method, const core::Address& peer, Grant& grant, core::Time now) {
  grant.state = grant.state == State::granted ? State::renewing : State::asked;
  grant.used = false;
  TurnRequest request{.method = method, .peer = peer};
  if (method == Method::channel_bind) request.channel = channels_.at(peer).number;
  requests_.send(std::move(request), now);
}

std::optional<TurnPeers::Packet> TurnPeers::from_channel(core::Buffer bytes, core::Time now) const {
  const auto number = unwrap_from_channel(bytes);
  if (!number) return std::nullopt;
  const auto it =
      std::ranges::find(channels_, *number, [](const auto& entry) { return entry.second.number; });
  if (it == channels_.end()) return std::nullopt;
  if (!it->second.grant.wanted() && it->second.bound_until <= now) return std::nullopt;
  return Packet{it->first, std::move(bytes)};
}

bool TurnPeers::expects(const core::Ip& peer) const {
  const auto permission = permissions_.find(peer);
  if (permission != permissions_.end() && permission->second.wanted()) return true;
  return std::ranges::any_of(channels_, [&](const auto& entry) {
    return entry.first.ip == peer && entry.second.grant.wanted();
  });
}

TurnPeers::Grant* TurnPeers::grant_of(const TurnRequest& request) {
  if (request.method == Method::channel_bind) {
    const auto channel = channels_.find(*request.peer);
    return channel == channels_.end() ? nullptr : &channel->second.grant;
  }
  const auto permission = permissions_.find(request.peer->ip);
  return permission == permissions_.end() ? nullptr : &permission->second;
}

void TurnPeers::granted(const TurnRequest& request, core::Time now) {
  Grant* grant = grant_of(request);
  if (grant == nullptr) return;
  const bool channel = request.method == Method::channel_bind;
  grant->state = State::granted;
  grant->until = now + (channel ? channel_renewal : permission_renewal);
  if (!channel) {
    core::Buffer first = std::move(grant->first);
    // Under a stale nonce the request had to be made again: the packet that went with the first one
    // was not let through.
    if (request.tries == 1 || first.empty()) return;
    core::Pool& pool = link_.context().pool;
    link_.send(wrap_in_indication(pool, link_.context().random, *request.peer, std::move(first)),
               now);
    return;
  }
  channels_.at(*request.peer).bound_until = now + channel_lifetime;
  // RFC 8656 12.2: a channel brings and renews the permission for its peer's address.
  const auto permission = permissions_.find(request.peer->ip);
  if (permission != permissions_.end() && permission->second.state == State::granted) {
    permission->second.until = now + permission_renewal;
  }
}

void TurnPeers::refused(const TurnRequest& request, core::Time now) {
  Grant* grant = grant_of(request);
  if (grant == nullptr) return;
  grant->state = State::refused;
  grant->until = now + refusal;
}

void TurnPeers::unanswered(const TurnRequest& request) {
  if (request.method == Method::create_permission) {
    permissions_.erase(request.peer->ip);
  } else if (Grant* grant = grant_of(request)) {
    grant->state = State::none;
  }
}

void TurnPeers::handle_timeout(core::Time now) {
  for (auto& [peer, channel] : channels_) {
    if (channel.grant.state != State::granted || channel.grant.until > now) continue;
    if (channel.grant.used) {
      ask(Method::channel_bind, peer, channel.grant, now);
    } else {
      channel.grant.state = State::none;
    }
  }
  for (auto it = permissions_.begin(); it != permissions_.end();) {
    const auto current = it++;
    Grant& grant = current->second;
    const bool granted = grant.state == State::granted;
    if (grant.until > now || (!granted && grant.state != State::refused)) continue;
    if (granted && grant.used) {
      ask(Method::create_permission, {current->first, 0}, grant, now);
    } else {
      permissions_.erase(current);
    }
  }
}

std::optional<core::Time> TurnPeers::next_timeout() const {
  std::optional<core::Time> next;
  for (const auto& [ip, grant] : permissions_) {
    if (grant.state == State::granted || grant.state == State::refused) {
      next = core::earliest(next, grant.until);
    }
  }
  for (const auto& [peer, channel] : channels_) {
    if (channel.grant.state == State::granted) next = core::earliest(next, channel.grant.until);
  }
  return next;
}

}  // namespace lucid::ice
