#include "sim/network.hpp"

#include "sim/world.hpp"

namespace lucid::sim {

namespace {

constexpr std::uint8_t most_hops = 64;  // what becomes of packets in a loop

}  // namespace

Wire::Wire(World& world, Link link, Receiver& end)
    : world_{world}, channel_{link, world.next_seed(), world.pool()}, end_{end} {
  world_.join(*this);
}

void Wire::send(Packet packet, core::Time now) {
  if (cut_) return;
  if (channel_.pass(packet)) return end_.receive(std::move(packet), now);
  channel_.send(std::move(packet), now);
  fire(now);
  world_.reschedule(*this);
}

void Wire::change(Link link) {
  channel_.change(link);
  world_.reschedule(*this);
}

void Wire::deliver_at(Deliveries deliveries) {
  channel_.deliver_at(std::move(deliveries));
  world_.reschedule(*this);
}

void Wire::fire(core::Time now) {
  while (std::optional<Packet> packet = channel_.pop(now)) {
    if (!cut_) end_.receive(std::move(*packet), now);
  }
}

Network::Network(World& world, std::string name)
    : world_{world}, name_{std::move(name)}, from_host_{*this, false}, from_gateway_{*this, true} {}

Attachment& Network::attach(Access access, Receiver& end) {
  attachments_.push_back(std::unique_ptr<Attachment>{
      new Attachment{{world_, access.up, from_host_}, {world_, access.down, end}}});
  return *attachments_.back();
}

Attachment& Network::attach_gateway(Receiver& end, Uplink uplink) {
  attachments_.push_back(
      std::unique_ptr<Attachment>{new Attachment{{world_, {}, from_gateway_}, {world_, {}, end}}});
  gateway_ = attachments_.back().get();
  uplink_.emplace(uplink);
  return *gateway_;
}

const Network::Uplink* Network::uplink_for(const core::Ip& ip) const {
  if (!uplink_) return nullptr;
  const bool hidden = uplink_->translates && ip.family() == core::Family::v4;
  return hidden ? nullptr : &*uplink_;
}

void Network::announce(core::Ip ip, Attachment& attachment) {
  routes_[ip] = &attachment;
  if (const Uplink* out = uplink_for(ip)) out->network.announce(ip, out->attachment);
}

void Network::withdraw(core::Ip ip) {
  routes_.erase(ip);
  if (const Uplink* out = uplink_for(ip)) out->network.withdraw(ip);
}

void Network::forward(Packet packet, bool from_gateway, core::Time now) {
  const auto route = routes_.find(packet.path.remote.ip);
  if (route != routes_.end() && ++packet.hops < most_hops) {
    route->second->down.send(std::move(packet), now);
  } else if (!from_gateway && gateway_ != nullptr) {
    gateway_->down.send(std::move(packet), now);
  } else {
    ++unroutable_;
  }
}

}  // namespace lucid::sim
