#pragma once
#include <sys/socket.h>

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "core/effects.hpp"
#include "net/detail/sockaddr.hpp"
#include "net/udp_socket.hpp"

namespace lucid::net::detail {

// Room for the control messages of one message: ECN, segment size, packet info.
struct Control {
  alignas(cmsghdr) std::array<std::uint8_t, 128> room;

  // Adds one control message to those the header has.
  void add(msghdr& header, int level, int type, core::Bytes value);
  template <class Value>
  void add(msghdr& header, int level, int type, const Value& value) {
    add(header, level, type,
        core::Bytes{reinterpret_cast<const std::uint8_t*>(&value), sizeof(value)});
  }
};

// Where a loop's sockets read to, one batch at a time. A datagram lands in a pooled buffer of its
// own and is handed on without a copy; what is longer, or a run that GRO has joined, flows over
// into a spill and is taken apart.
class UdpInbox {
 public:
  explicit UdpInbox(core::Pool& pool);

  // Reads one batch; the number of system messages, or a negative errno.
  int read(int fd, Batching batching);
  // The datagrams of that batch. `bound` completes the local ends of their paths.
  std::span<core::Datagram> datagrams(const core::Address& bound);
  void clear() { batch_.clear(); }

 private:
  static constexpr std::size_t slots = 32;
  static constexpr std::size_t spill_size = 65536;
  struct Slot {
    sockaddr_storage from;
    Control control;
    std::array<iovec, 2> parts;
    core::Buffer buffer;
    std::unique_ptr<std::uint8_t[]> spill;
  };

  void prepare(std::size_t index);
  int read_one_by_one(int fd);
  void unpack(Slot& slot, const mmsghdr& message, const core::Address& bound);
  core::Buffer gather(const Slot& slot, std::size_t from, std::size_t size);

  core::Pool& pool_;
  std::array<Slot, slots> slots_;
  std::array<mmsghdr, slots> messages_{};
  std::size_t used_ = slots;
  std::vector<core::Datagram> batch_;
};

// Where a loop's sockets put system messages together, each of one datagram or a run of them.
class UdpOutbox {
 public:
  // Takes datagrams from the front of the batch until the outbox is full.
  void fill(std::span<core::Datagram> batch, Batching batching, const core::Address& bound);
  // How many datagrams the message stands for.
  std::size_t count(std::size_t message) const { return messages_[message].msg_hdr.msg_iovlen; }
  std::size_t size() const { return size_; }
  // Sends from this message on; the number of messages taken, or a negative errno.
  int send(int fd, std::size_t from, Batching batching);

 private:
  static constexpr std::size_t max_messages = 64;
  static constexpr std::size_t max_datagrams = 256;

  std::span<core::Datagram> take_run(std::span<core::Datagram> batch, Batching batching) const;
  void add(std::span<core::Datagram> run, const core::Address& bound);

  std::array<mmsghdr, max_messages> messages_{};
  std::array<Control, max_messages> controls_{};
  std::array<SocketAddress, max_messages> addresses_{};
  std::array<iovec, max_datagrams> parts_{};
  std::size_t size_ = 0;
  std::size_t datagrams_ = 0;
};

class UdpScratch {
 public:
  explicit UdpScratch(core::Pool& pool) : inbox{pool} {}
  UdpInbox inbox;
  UdpOutbox outbox;
};

}  // namespace lucid::net::detail
