#include "sim/host.hpp"

#include <algorithm>

#include "sim/world.hpp"

namespace lucid::sim {

namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t first_free_port = 49152;  // RFC 6335 6: the dynamic ports
constexpr Link loopback{.delay = 10us};

bool is_udp(const Packet& packet) { return packet.segment.kind == Segment::Kind::none; }

}  // namespace

Resident::Resident(Host& host) : host_{host}, id_{host.world().next_id()} {
  host.world().join(*this);
}

void Resident::post(Notice notice) {
  inbox_.push_back(std::move(notice));
  host_.world().reschedule(*this);
}

void Resident::wake() {
  awake_ = true;
  host_.world().reschedule(*this);
}

std::optional<core::Time> Resident::next() const {
  if (awake_ || !inbox_.empty()) return host_.world().now();
  return deadline();
}

void Resident::fire(core::Time now) {
  awake_ = false;
  // What is posted meanwhile waits for the next turn.
  for (std::size_t count = inbox_.size(); count > 0; --count) {
    Notice notice = std::move(inbox_.front());
    inbox_.pop_front();
    take(std::move(notice), now);
  }
  time_out(now);
}

Host::Host(World& world, std::string name)
    : world_{world},
      name_{std::move(name)},
      loopback_{world, loopback, *this},
      next_port_{static_cast<std::uint16_t>(
          first_free_port + static_cast<std::uint64_t>(world.next_seed()) % 10'000)} {
  world.join(*this);
}

Attachment& Host::connect(Network& network, std::string_view ip, Access access,
                          std::string_view interface, core::NetworkType type) {
  const auto parsed = core::Ip::parse(ip);
  core::check(parsed.has_value());
  Attachment& attachment = network.attach(access, *this);
  network.announce(*parsed, attachment);
  const auto index = static_cast<std::uint32_t>(connections_.size() + 1);
  connections_.push_back({{std::string{interface}, index, type, *parsed}, &network, &attachment});
  tell_interfaces();
  return attachment;
}

Host::Connection& Host::at(std::string_view ip) {
  Connection* connection = find(core::Ip::parse(ip).value_or(core::Ip{}));
  core::check(connection != nullptr);
  return *connection;
}

Attachment& Host::attachment(std::string_view ip) { return *at(ip).attachment; }

void Host::set_up(Connection& connection, bool up) {
  connection.up = up;
  connection.attachment->cut(!up);
  tell_interfaces();
}
void Host::down(std::string_view ip) { set_up(at(ip), false); }
void Host::up(std::string_view ip) { set_up(at(ip), true); }

std::vector<core::Interface> Host::interfaces() const {
  std::vector<core::Interface> list;
  for (const Connection& connection : connections_) {
    if (connection.up) list.push_back(connection.interface);
  }
  return list;
}

void Host::tell_interfaces() {
  for (const auto& resident : residents_) resident->post(InterfacesChanged{interfaces()});
}

void Host::adopt(std::unique_ptr<Resident> resident) { residents_.push_back(std::move(resident)); }

Host::Connection* Host::find(const core::Ip& ip) {
  const auto it = std::ranges::find_if(connections_, [&](const Connection& connection) {
    if (!ip.is_any()) return connection.interface.ip == ip;
    return connection.up && connection.interface.ip.family() == ip.family();
  });
  return it == connections_.end() ? nullptr : &*it;
}

// The address asked for, its port chosen if that was left open; nothing when it is taken or not
// ours.
std::optional<core::Address> Host::free_address(core::Address wanted, Kind kind) {
  if (find(wanted.ip) == nullptr && !wanted.ip.is_any()) return std::nullopt;
  const auto taken = [&](const core::Address& address) {
    return kind == Kind::udp ? sockets_.contains(address) : listeners_.contains(address);
  };
  if (wanted.port != 0) return taken(wanted) ? std::nullopt : std::optional{wanted};
  do {
    wanted.port = next_port_;
    next_port_ = next_port_ == 65535 ? first_free_port : static_cast<std::uint16_t>(next_port_ + 1);
  } while (taken(wanted));
  return wanted;
}

void Host::bind(Resident& resident, core::Address local) {
  const bool added = sockets_.emplace(local, Socket{&resident, {}}).second;
  core::check(added);
}

// The socket of that address, or else the one bound to any address with its port.
Host::Sockets::iterator Host::socket_at(const core::Address& local) {
  const auto exact = sockets_.find(local);
  return exact != sockets_.end() ? exact
                                 : sockets_.find({core::Ip::any(local.family()), local.port});
}

void Host::perform(Resident& by, const core::BindUdp& effect, core::Time) {
  const auto local = free_address(effect.local, Kind::udp);
  if (!local) {
    by.post(BindFailed{effect.id, core::PathError::unreachable});
    return;
  }
  sockets_.emplace(*local, Socket{&by, effect.id});
  by.post(Bound{effect.id, *local});
}

void Host::perform(Resident& by, const core::CloseUdp& effect, core::Time) {
  std::erase_if(sockets_, [&](const auto& entry) {
    return entry.second.owner == &by && entry.second.id == effect.id;
  });
}

void Host::perform(Resident& by, const core::Resolve& effect, core::Time) {
  std::vector<const Network*> from;
  for (const Connection& connection : connections_) from.push_back(connection.network);
  world_.resolve(by, from, effect);
}

void Host::perform(Resident&, const core::PublishName& effect, core::Time) {
  for (const Connection& connection : connections_) {
    if (connection.interface.ip == effect.ip) {
      world_.publish(connection.network, effect.name, effect.ip);
    }
  }
}

void Host::perform(Resident&, const core::WithdrawName& effect, core::Time) {
  for (const Connection& connection : connections_)
    world_.withdraw(connection.network, effect.name);
}

void Host::send(Resident& from, core::Datagram out, core::Time now) {
  core::Path& path = out.path;
  core::trace::Tracer{world_.sink(), {"sim", from.id()}}.packet(now, core::trace::Direction::out,
                                                                path, out.bytes);
  if (path.transport != core::Transport::udp) {
    const auto stream = streams_.find(path);
    if (stream == streams_.end()) return from.post(PathFailed{path, core::PathError::closed});
    stream->second.stream.send(std::move(out.bytes), now);
    return pump(stream->second, now);
  }
  const auto socket = socket_at(path.local);
  const Connection* connection = find(path.local.ip);
  if (socket == sockets_.end() || socket->second.owner != &from || connection == nullptr ||
      !connection->up || path.remote.family() != path.local.family()) {
    return from.post(PathFailed{path, core::PathError::unreachable});
  }
  Packet packet{path, out.ecn, std::move(out.bytes)};
  const std::size_t mtu = connection->attachment->up.link().mtu;
  if (mtu != 0 && packet.wire_size() > mtu) {
    return from.post(PathFailed{path, core::PathError::too_big});
  }
  packet.path.local.ip = connection->interface.ip;
  put_on_wire(std::move(packet), now);
}

void Host::put_on_wire(Packet packet, core::Time now) {
  const Connection* connection = find(packet.path.local.ip);
  if (connection == nullptr || !connection->up) return;
  const Connection* own = find(packet.path.remote.ip);
  if (own != nullptr && own->up) return loopback_.send(std::move(packet), now);
  connection->attachment->up.send(std::move(packet), now);
}

void Host::receive(Packet packet, core::Time now) {
  if (packet.error) return receive_error(std::move(packet), now);
  if (is_udp(packet)) return receive_udp(std::move(packet), now);
  receive_stream(std::move(packet), now);
}

void Host::receive_udp(Packet packet, core::Time now) {
  std::swap(packet.path.local, packet.path.remote);
  const auto socket = socket_at(packet.path.local);
  if (socket != sockets_.end()) {
    Resident& owner = *socket->second.owner;
    core::trace::Tracer{world_.sink(), {"sim", owner.id()}}.packet(now, core::trace::Direction::in,
                                                                   packet.path, packet.bytes);
    owner.post(core::Datagram{packet.path, packet.ecn, std::move(packet.bytes)});
  } else if (answers_.refusals) {
    packet.error = core::PathError::refused;
    put_on_wire(std::move(packet), now);
  }
}

void Host::receive_error(Packet packet, core::Time now) {
  std::swap(packet.path.local, packet.path.remote);
  if (!is_udp(packet)) {
    const auto stream = streams_.find(packet.path);
    if (stream == streams_.end()) return;
    stream->second.stream.handle_datagram(std::move(packet), now);
    return pump(stream->second, now);
  }
  const auto socket = socket_at(packet.path.local);
  if (socket != sockets_.end()) {
    socket->second.owner->post(PathFailed{packet.path, *packet.error});
  }
}

}  // namespace lucid::sim
