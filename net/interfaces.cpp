#include "net/interfaces.hpp"

// The kernel's headers step back where glibc's were first.
#include <net/if.h>

#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <map>
#include <optional>
#include <string>

#include "net/detail/interface_monitor.hpp"
#include "net/detail/loop_state.hpp"

namespace lucid::net {

namespace {

int netlink_socket(int flags, std::uint32_t groups) {
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, NETLINK_ROUTE);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = groups;
  if (fd < 0) return -1;
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) return fd;
  close(fd);
  return -1;
}

// Asks the kernel for a whole table and hands each of its messages on.
template <class Each>
void dump(int fd, std::uint16_t type, Each each) {
  struct {
    nlmsghdr header{};
    rtgenmsg body{};
  } request;
  request.header.nlmsg_len = NLMSG_LENGTH(sizeof(rtgenmsg));
  request.header.nlmsg_type = type;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  if (send(fd, &request, request.header.nlmsg_len, 0) < 0) return;
  alignas(nlmsghdr) std::array<std::uint8_t, 32768> room;
  while (true) {
    const ssize_t count = recv(fd, room.data(), room.size(), 0);
    if (count <= 0) return;
    auto left = static_cast<unsigned>(count);
    for (auto* one = reinterpret_cast<nlmsghdr*>(room.data()); NLMSG_OK(one, left);
         one = NLMSG_NEXT(one, left)) {
      if (one->nlmsg_type == NLMSG_DONE || one->nlmsg_type == NLMSG_ERROR) return;
      each(one);
    }
  }
}

// Hands on each attribute that stands behind a message's fixed part.
template <class Fixed, class Each>
void for_attributes(nlmsghdr* message, Each each) {
  auto* fixed = static_cast<Fixed*>(NLMSG_DATA(message));
  auto left = static_cast<int>(message->nlmsg_len) - static_cast<int>(NLMSG_LENGTH(sizeof(Fixed)));
  auto* one = reinterpret_cast<rtattr*>(reinterpret_cast<std::uint8_t*>(fixed) +
                                        NLMSG_ALIGN(sizeof(Fixed)));
  for (; RTA_OK(one, left); one = RTA_NEXT(one, left)) {
    each(one->rta_type,
         core::Bytes{static_cast<const std::uint8_t*>(RTA_DATA(one)), RTA_PAYLOAD(one)});
  }
}

core::NetworkType type_of(const std::string& name, std::uint16_t hardware, unsigned flags) {
  if ((flags & IFF_LOOPBACK) != 0) return core::NetworkType::loopback;
  if (access(("/sys/class/net/" + name + "/wireless").c_str(), F_OK) == 0) {
    return core::NetworkType::wifi;
  }
  if (name.starts_with("wwan") || name.starts_with("rmnet")) return core::NetworkType::cellular;
  if (hardware == ARPHRD_NONE || hardware == ARPHRD_PPP || (flags & IFF_POINTOPOINT) != 0) {
    return core::NetworkType::vpn;
  }
  return hardware == ARPHRD_ETHER ? core::NetworkType::ethernet : core::NetworkType::unknown;
}

std::map<std::uint32_t, core::Interface> links_up(int fd) {
  std::map<std::uint32_t, core::Interface> links;
  dump(fd, RTM_GETLINK, [&](nlmsghdr* message) {
    const auto* link = static_cast<const ifinfomsg*>(NLMSG_DATA(message));
    constexpr unsigned usable = IFF_UP | IFF_RUNNING;
    if (message->nlmsg_type != RTM_NEWLINK || (link->ifi_flags & usable) != usable) return;
    core::Interface found;
    found.index = static_cast<std::uint32_t>(link->ifi_index);
    for_attributes<ifinfomsg>(message, [&](std::uint16_t type, core::Bytes value) {
      if (type == IFLA_IFNAME && !value.empty()) {
        found.name = core::as_text(value.first(value.size() - 1));
      }
    });
    found.type = type_of(found.name, link->ifi_type, link->ifi_flags);
    links.emplace(found.index, std::move(found));
  });
  return links;
}

// The address of one RTM_NEWADDR message. A point-to-point link has the peer's in IFA_ADDRESS and
// its own in IFA_LOCAL.
std::optional<core::Ip> usable_address(nlmsghdr* message, const ifaddrmsg& head) {
  std::uint32_t flags = head.ifa_flags;
  core::Bytes address;
  core::Bytes local;
  for_attributes<ifaddrmsg>(message, [&](std::uint16_t type, core::Bytes value) {
    if (type == IFA_ADDRESS) address = value;
    if (type == IFA_LOCAL) local = value;
    if (type == IFA_FLAGS && value.size() == 4) std::memcpy(&flags, value.data(), 4);
  });
  if ((flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED | IFA_F_DEPRECATED)) != 0) return std::nullopt;
  return core::Ip::from_bytes(local.empty() ? address : local, head.ifa_index);
}

}  // namespace

std::vector<core::Interface> interfaces() {
  std::vector<core::Interface> list;
  const int fd = netlink_socket(0, 0);
  if (fd < 0) return list;
  const auto links = links_up(fd);
  dump(fd, RTM_GETADDR, [&](nlmsghdr* message) {
    if (message->nlmsg_type != RTM_NEWADDR) return;
    const auto& head = *static_cast<const ifaddrmsg*>(NLMSG_DATA(message));
    const auto link = links.find(head.ifa_index);
    const auto ip = usable_address(message, head);
    if (link == links.end() || !ip) return;
    list.push_back(link->second);
    list.back().ip = *ip;
  });
  close(fd);
  return list;
}

namespace detail {

InterfaceMonitor::InterfaceMonitor(Loop& loop) : list_{net::interfaces()} {
  const int fd =
      netlink_socket(SOCK_NONBLOCK, RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR);
  if (fd < 0) return;
  Watch::Handler& handler = *this;
  watch_.emplace(loop, fd, handler);
  watch_->want_read();
}

void InterfaceMonitor::readable() {
  // What has changed is of no interest, and an overrun (ENOBUFS) means a change as well.
  std::array<std::uint8_t, 8192> room;
  while (recv(watch_->fd(), room.data(), room.size(), MSG_DONTWAIT) > 0) {
  }
  watch_->want_read();
  std::vector<core::Interface> list = net::interfaces();
  if (list == list_) return;
  list_ = std::move(list);
  for (auto one = watches.begin(); one != watches.end();) (*one++)(list_);
}

}  // namespace detail

InterfaceWatch::InterfaceWatch(Loop& loop, Changed changed) : loop_{loop} {
  auto& monitor = loop.state().interface_monitor;
  if (!monitor) monitor = std::make_unique<detail::InterfaceMonitor>(loop);
  entry_ = monitor->watches.insert(monitor->watches.end(), std::move(changed));
}

InterfaceWatch::~InterfaceWatch() { loop_.state().interface_monitor->watches.erase(entry_); }

std::span<const core::Interface> InterfaceWatch::current() const {
  return loop_.state().interface_monitor->list();
}

}  // namespace lucid::net
