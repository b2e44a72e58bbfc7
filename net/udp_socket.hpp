#pragma once
#include <expected>
#include <memory>
#include <span>

#include "core/effects.hpp"
#include "net/loop.hpp"

namespace lucid::net {

// How much of a batch one system call takes. Every step falls back to the one before it where the
// kernel or the device refuses.
enum class Batching : std::uint8_t {
  none,     // sendmsg and recvmsg
  mmsg,     // sendmmsg and recvmmsg
  gso,      // and runs to one destination as one UDP_SEGMENT message
  gso_gro,  // and runs from one source received as one (UDP_GRO)
};

struct UdpOptions {
  Batching batching = Batching::gso_gro;
  // The kernel grants at most net.core.rmem_max, unless the process may force it.
  int receive_buffer = 4 << 20;
  int send_buffer = 1 << 20;
};

// A bound UDP socket that reads and writes in batches, with the ECN bits (RFC 3168 5) of each
// datagram. Bound to any address it tells which one each datagram came to (IP_PKTINFO).
class UdpSocket {
 public:
  // This host or a router on the way refused a datagram on this path.
  struct Refusal {
    core::Path path;
    core::PathError error{};
  };
  // What comes in, on the loop's thread; one call for each batch. It may send, or destroy the
  // socket.
  struct Receiver {
    virtual ~Receiver() = default;
    virtual void received(std::span<core::Datagram> batch, core::Time now) = 0;
    virtual void refused(std::span<const Refusal> refusals, core::Time now) = 0;
  };
  struct Stats {
    std::uint64_t received = 0;
    std::uint64_t sent = 0;
    std::uint64_t receive_calls = 0;
    std::uint64_t send_calls = 0;
    std::uint64_t dropped_queue_full = 0;  // the kernel would not take them, and neither could we
    std::uint64_t dropped_by_device = 0;   // its queue was full
    std::uint64_t refused = 0;
  };

  [[nodiscard]] static std::expected<std::unique_ptr<UdpSocket>, core::PathError> open(
      Loop& loop, const core::Address& local, Receiver& receiver, const UdpOptions& options = {});
  ~UdpSocket();

  const core::Address& local() const;
  // Sends them in order, those that follow each other to one destination with one size in one go.
  // The datagrams are taken. What the kernel cannot take now waits, up to a limit.
  void send(std::span<core::Datagram> batch);
  const Stats& stats() const;

 private:
  struct State;
  explicit UdpSocket(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace lucid::net
