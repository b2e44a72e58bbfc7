#include "net/detail/mdns_service.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "net/detail/sockaddr.hpp"
#include "net/detail/watch.hpp"

namespace lucid::net::detail {

namespace {

template <class Value>
bool set(int fd, int level, int option, const Value& value) {
  return setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

bool join_v4(int fd, std::uint32_t index) {
  ip_mreqn group{};
  group.imr_multiaddr.s_addr = htonl(0xE00000FB);
  group.imr_ifindex = static_cast<int>(index);
  // A time to live of 255 shows that a message comes from this link (RFC 6762 11).
  return set(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, group) &&
         set(fd, IPPROTO_IP, IP_MULTICAST_IF, group) && set(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0) &&
         set(fd, IPPROTO_IP, IP_MULTICAST_TTL, 255) && set(fd, IPPROTO_IP, IP_TTL, 255);
}

bool join_v6(int fd, std::uint32_t index) {
  ipv6_mreq group{};
  const core::Ip ip = Mdns::group(core::Family::v6).ip;
  std::ranges::copy(ip.bytes(), group.ipv6mr_multiaddr.s6_addr);
  group.ipv6mr_interface = index;
  return set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) &&
         set(fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, group) &&
         set(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, static_cast<int>(index)) &&
         set(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0) &&
         set(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 255) &&
         set(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 255);
}

// A socket on the group of one interface; -1 when that cannot be had.
int open_port(const core::Interface& on) {
  const int fd = socket(family_of(on.ip), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  // RFC 6762 15: others on this host speak multicast DNS as well.
  set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  const bool v4 = on.ip.family() == core::Family::v4;
  const bool joined = v4 ? join_v4(fd, on.index) : join_v6(fd, on.index);
  const SocketAddress any{{core::Ip::any(on.ip.family()), Mdns::port}};
  if (joined && bind(fd, any.data(), any.size) == 0) return fd;
  close(fd);
  return -1;
}

}  // namespace

class MdnsService::Port final : private Watch::Handler {
 public:
  Port(Loop& loop, MdnsService& service, core::Interface where, int fd)
      : on{std::move(where)}, loop_{loop}, service_{service}, watch_{loop, fd, *this} {
    watch_.want_read();
  }

  const core::Interface on;

  void send(const core::Datagram& out) {
    const SocketAddress to{out.path.remote};
    // What cannot be sent now is asked or announced again anyway.
    sendto(watch_.fd(), out.bytes.data(), out.bytes.size(), MSG_DONTWAIT, to.data(), to.size);
  }

 private:
  void readable() override {
    watch_.want_read();
    SocketAddress from;
    core::Buffer bytes = loop_.pool().take(max_mdns_message);
    const ssize_t size =
        recvfrom(watch_.fd(), bytes.data(), bytes.size(), MSG_DONTWAIT, from.data(), &from.size);
    if (size <= 0) return;
    bytes.resize(static_cast<std::size_t>(size));
    const core::Path path{core::Transport::udp, {on.ip, Mdns::port}, to_address(from.storage)};
    service_.received({path, core::Ecn::not_ect, std::move(bytes)});
  }

  Loop& loop_;
  MdnsService& service_;
  Watch watch_;
};

MdnsService::MdnsService(Loop& loop)
    : loop_{loop},
      machine_{loop.context()},
      timer_{loop,
             [this] {
               machine_.handle_timeout(loop_.now());
               pump();
             }},
      watch_{loop, [this](std::span<const core::Interface> list) { open_ports(list); }} {
  open_ports(watch_.current());
}

MdnsService::~MdnsService() = default;

// One port for each interface and family; IPv6 by link-local addresses alone.
void MdnsService::open_ports(std::span<const core::Interface> interfaces) {
  ports_.clear();
  std::vector<core::Ip> addresses;
  for (const core::Interface& one : interfaces) {
    const bool v6 = one.ip.family() == core::Family::v6;
    const bool served = std::ranges::any_of(ports_, [&](const Port& port) {
      return port.on.index == one.index && port.on.ip.family() == one.ip.family();
    });
    if (served || (v6 && !one.ip.is_link_local())) continue;
    const int fd = open_port(one);
    if (fd < 0) continue;
    ports_.emplace_back(loop_, *this, one, fd);
    addresses.push_back(one.ip);
  }
  machine_.use_addresses(std::move(addresses));
}

void MdnsService::received(core::Datagram datagram) {
  machine_.handle_datagram(std::move(datagram), loop_.now());
  pump();
}

void MdnsService::resolve(std::string name, Resolver::Done done) {
  const core::ResolveId id{next_id_++};
  waiting_.emplace(id, std::move(done));
  machine_.resolve(id, std::move(name), loop_.now());
  pump();
}

void MdnsService::publish(std::string name, core::Ip ip) {
  machine_.publish(std::move(name), ip, loop_.now());
  pump();
}

void MdnsService::withdraw(std::string_view name) {
  machine_.withdraw(name, loop_.now());
  pump();
}

void MdnsService::pump() {
  while (const auto out = machine_.poll_transmit()) {
    for (Port& port : ports_) {
      if (port.on.ip == out->path.local.ip) port.send(*out);
    }
  }
  timer_.set(machine_.next_timeout());
  while (auto event = machine_.poll_event()) {
    auto& resolved = std::get<Mdns::Resolved>(*event);
    auto entry = waiting_.extract(resolved.id);
    if (entry) entry.mapped()(std::move(resolved.addresses));
  }
}

}  // namespace lucid::net::detail
