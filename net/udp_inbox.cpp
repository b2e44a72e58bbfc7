#include <netinet/in.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "net/detail/udp_scratch.hpp"

namespace lucid::net::detail {

namespace {

constexpr std::size_t direct_size =
    core::Pool::slab_size - core::default_head_room - core::default_tail_room;

// What the control messages of one received message say.
struct Notes {
  core::Ecn ecn = core::Ecn::not_ect;
  std::size_t segment = 0;  // the size of each datagram but the last; 0: it is one datagram
  std::optional<core::Ip> local;
};

template <class Value>
Value value_of(const cmsghdr* control) {
  Value value{};
  std::memcpy(&value, CMSG_DATA(control), sizeof(value));
  return value;
}

void note(const cmsghdr* control, Notes& notes) {
  if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_TOS) {
    notes.ecn = core::Ecn{static_cast<std::uint8_t>(value_of<std::uint8_t>(control) & 3)};
  } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_TCLASS) {
    notes.ecn = core::Ecn{static_cast<std::uint8_t>(value_of<int>(control) & 3)};
  } else if (control->cmsg_level == SOL_UDP && control->cmsg_type == UDP_GRO) {
    notes.segment = static_cast<std::size_t>(std::max(0, value_of<int>(control)));
  } else if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
    notes.local = core::Ip::v4(ntohl(value_of<in_pktinfo>(control).ipi_addr.s_addr));
  } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
    const auto info = value_of<in6_pktinfo>(control);
    notes.local = core::Ip::from_bytes(info.ipi6_addr.s6_addr, info.ipi6_ifindex);
  }
}

Notes notes_of(msghdr header) {
  Notes notes;
  for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr;
       control = CMSG_NXTHDR(&header, control)) {
    note(control, notes);
  }
  return notes;
}

}  // namespace

UdpInbox::UdpInbox(core::Pool& pool) : pool_{pool} { batch_.reserve(slots); }

// Only what the last batch used up is made anew.
void UdpInbox::prepare(std::size_t index) {
  Slot& slot = slots_[index];
  if (slot.spill == nullptr) {
    slot.spill = std::make_unique_for_overwrite<std::uint8_t[]>(spill_size);
  }
  if (slot.buffer.size() != direct_size) slot.buffer = pool_.take(direct_size);
  slot.parts = {iovec{slot.buffer.data(), direct_size}, iovec{slot.spill.get(), spill_size}};
  msghdr& header = messages_[index].msg_hdr;
  header = {};
  header.msg_name = &slot.from;
  header.msg_namelen = sizeof(slot.from);
  header.msg_iov = slot.parts.data();
  header.msg_iovlen = slot.parts.size();
  header.msg_control = slot.control.room.data();
  header.msg_controllen = slot.control.room.size();
}

int UdpInbox::read(int fd, Batching batching) {
  for (std::size_t i = 0; i < used_; ++i) prepare(i);
  used_ = 0;
  const int count = batching == Batching::none
                        ? read_one_by_one(fd)
                        : recvmmsg(fd, messages_.data(), slots, MSG_DONTWAIT, nullptr);
  if (count < 0) {
    used_ = 1;  // the kernel has written into the first header
    return -errno;
  }
  used_ = static_cast<std::size_t>(count);
  return count;
}

int UdpInbox::read_one_by_one(int fd) {
  int count = 0;
  while (count < static_cast<int>(slots)) {
    mmsghdr& message = messages_[static_cast<std::size_t>(count)];
    const ssize_t size = recvmsg(fd, &message.msg_hdr, MSG_DONTWAIT);
    if (size < 0) return count == 0 ? -1 : count;
    message.msg_len = static_cast<unsigned>(size);
    ++count;
  }
  return count;
}

std::span<core::Datagram> UdpInbox::datagrams(const core::Address& bound) {
  for (std::size_t i = 0; i < used_; ++i) unpack(slots_[i], messages_[i], bound);
  return batch_;
}

void UdpInbox::unpack(Slot& slot, const mmsghdr& message, const core::Address& bound) {
  const std::size_t size = message.msg_len;
  if (size == 0 || (message.msg_hdr.msg_flags & MSG_TRUNC) != 0) return;
  const Notes notes = notes_of(message.msg_hdr);
  const std::size_t segment = notes.segment == 0 ? size : std::min(notes.segment, size);

  core::Path path;
  path.local = {notes.local && bound.ip.is_any() ? *notes.local : bound.ip, bound.port};
  path.remote = to_address(slot.from);
  const std::size_t first = batch_.size();
  batch_.push_back({path, notes.ecn, {}});
  for (std::size_t at = segment; at < size; at += segment) {
    batch_.push_back({path, notes.ecn, gather(slot, at, std::min(segment, size - at))});
  }
  // The first one stays where it is, if it fits.
  if (segment <= direct_size) {
    slot.buffer.resize(segment);
    batch_[first].bytes = std::move(slot.buffer);
  } else {
    batch_[first].bytes = gather(slot, 0, segment);
  }
}

core::Buffer UdpInbox::gather(const Slot& slot, std::size_t from, std::size_t size) {
  core::Buffer out = pool_.take(size);
  const std::size_t direct = from < direct_size ? std::min(size, direct_size - from) : 0;
  if (direct > 0) std::memcpy(out.data(), slot.buffer.data() + from, direct);
  if (direct < size) {
    std::memcpy(out.data() + direct, slot.spill.get() + (from + direct - direct_size),
                size - direct);
  }
  return out;
}

}  // namespace lucid::net::detail
