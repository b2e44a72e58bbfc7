#include "sim/gateway.hpp"

#include <algorithm>

#include "sim/world.hpp"

namespace lucid::sim {

Gateway::Gateway(World& world, Network& outside, Config config)
    : config_{std::move(config)},
      table_{config_.nat.value_or(Nat{}), static_cast<std::uint64_t>(world.next_seed())},
      inside_{world, config_.name},
      inner_{*this, true},
      outer_{*this, false},
      uplink_{outside.attach(config_.access, outer_)},
      downlink_{inside_.attach_gateway(inner_, {outside, uplink_, config_.nat.has_value()})} {
  outside.announce(config_.address, uplink_);
}

bool Gateway::permits(const Packet& packet, bool outgoing) const {
  const Firewall& wall = config_.firewall;
  if (packet.error) return true;
  if (packet.segment.kind == Segment::Kind::none) return wall.udp;
  // Only the packet that opens a connection is judged; the others belong to one that was let
  // through.
  if (packet.segment.kind != Segment::Kind::open) return true;
  if (!outgoing) return wall.incoming_tcp;
  return wall.tcp_ports.empty() ||
         std::ranges::find(wall.tcp_ports, packet.path.remote.port) != wall.tcp_ports.end();
}

void Gateway::refuse(Packet packet, core::Time now) {
  ++stats_.refused_out;
  if (!config_.firewall.tells) return;
  std::swap(packet.path.local, packet.path.remote);
  packet.error = core::PathError::not_permitted;
  downlink_.up.send(std::move(packet), now);
}

void Gateway::outgoing(Packet packet, core::Time now) {
  if (!permits(packet, true)) return refuse(std::move(packet), now);
  ++stats_.out;
  core::Path& path = packet.path;
  if (config_.nat) {
    const bool translated = path.local.family() == core::Family::v4;
    const core::Ip external = translated ? config_.address : path.local.ip;
    path.local = table_.outbound(path.transport, path.local, path.remote, external, now);
  }
  if (path.remote.ip == config_.address) {
    // RFC 4787 6: from inside to inside by the external address, and seen as coming from there.
    if (config_.nat && config_.nat->hairpinning) incoming(std::move(packet), now);
    return;
  }
  uplink_.up.send(std::move(packet), now);
}

void Gateway::incoming(Packet packet, core::Time now) {
  core::Path& path = packet.path;
  if (config_.nat) {
    const auto inside = packet.error ? table_.inside_of(path.transport, path.remote, now)
                                     : table_.inbound(path.transport, path.local, path.remote, now);
    if (!inside) {
      ++stats_.refused_in;
      return;
    }
    path.remote = *inside;
  }
  if (!permits(packet, false)) {
    ++stats_.refused_in;
    return;
  }
  ++stats_.in;
  downlink_.up.send(std::move(packet), now);
}

}  // namespace lucid::sim
