#include <netinet/in.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "net/detail/udp_scratch.hpp"

namespace lucid::net::detail {

namespace {

constexpr std::size_t max_segments = 64;         // UDP_MAX_SEGMENTS of older kernels
constexpr std::size_t max_payload = 65535 - 48;  // IPv6 and UDP headers taken off

}  // namespace

void Control::add(msghdr& header, int level, int type, core::Bytes value) {
  const std::size_t at = header.msg_controllen;
  core::check(at + CMSG_SPACE(value.size()) <= room.size());
  auto* control = reinterpret_cast<cmsghdr*>(room.data() + at);
  control->cmsg_level = level;
  control->cmsg_type = type;
  control->cmsg_len = CMSG_LEN(value.size());
  std::memcpy(CMSG_DATA(control), value.data(), value.size());
  header.msg_control = room.data();
  header.msg_controllen = at + CMSG_SPACE(value.size());
}

void UdpOutbox::fill(std::span<core::Datagram> batch, Batching batching,
                     const core::Address& bound) {
  size_ = 0;
  datagrams_ = 0;
  while (!batch.empty() && size_ < max_messages) {
    const auto run = take_run(batch, batching);
    if (datagrams_ + run.size() > max_datagrams) return;
    add(run, bound);
    batch = batch.subspan(run.size());
  }
}

// The longest run that one UDP_SEGMENT message can carry: one path, one ECN mark, one size; only
// the last may be shorter.
std::span<core::Datagram> UdpOutbox::take_run(std::span<core::Datagram> batch,
                                              Batching batching) const {
  const core::Datagram& first = batch.front();
  const std::size_t size = first.bytes.size();
  if (batching < Batching::gso || size == 0) return batch.first(1);
  const std::size_t limit =
      std::min({batch.size(), max_segments, std::max<std::size_t>(1, max_payload / size)});
  std::size_t count = 1;
  while (count < limit) {
    const core::Datagram& next = batch[count];
    if (next.bytes.empty() || next.bytes.size() > size || next.ecn != first.ecn ||
        next.path != first.path) {
      break;
    }
    ++count;
    if (next.bytes.size() < size) break;
  }
  return batch.first(count);
}

void UdpOutbox::add(std::span<core::Datagram> run, const core::Address& bound) {
  const core::Datagram& first = run.front();
  Control& control = controls_[size_];
  addresses_[size_] = SocketAddress{first.path.remote};
  msghdr& header = messages_[size_++].msg_hdr;
  header = {};
  header.msg_name = addresses_[size_ - 1].data();
  header.msg_namelen = addresses_[size_ - 1].size;
  header.msg_iov = &parts_[datagrams_];
  header.msg_iovlen = run.size();
  for (core::Datagram& one : run) parts_[datagrams_++] = {one.bytes.data(), one.bytes.size()};

  const bool v4 = bound.family() == core::Family::v4;
  if (run.size() > 1) {
    control.add(header, SOL_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(first.bytes.size()));
  }
  if (first.ecn != core::Ecn::not_ect) {
    control.add(header, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TOS : IPV6_TCLASS,
                static_cast<int>(first.ecn));
  }
  if (!bound.ip.is_any() || first.path.local.ip.is_any()) return;
  if (v4) {
    in_pktinfo info{};
    std::memcpy(&info.ipi_spec_dst, first.path.local.ip.bytes().data(), 4);
    control.add(header, IPPROTO_IP, IP_PKTINFO, info);
  } else {
    in6_pktinfo info{};
    std::memcpy(&info.ipi6_addr, first.path.local.ip.bytes().data(), 16);
    info.ipi6_ifindex = first.path.local.ip.scope();
    control.add(header, IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
}

int UdpOutbox::send(int fd, std::size_t from, Batching batching) {
  while (true) {
    int count = 0;
    if (batching == Batching::none) {
      count = sendmsg(fd, &messages_[from].msg_hdr, MSG_DONTWAIT) < 0 ? -1 : 1;
    } else {
      count = sendmmsg(fd, &messages_[from], static_cast<unsigned>(size_ - from), MSG_DONTWAIT);
    }
    if (count >= 0) return count;
    if (errno != EINTR) return -errno;
  }
}

}  // namespace lucid::net::detail
