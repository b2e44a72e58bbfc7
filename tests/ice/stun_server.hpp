#pragma once
#include <deque>
#include <optional>

#include "core/effects.hpp"
#include "core/machine.hpp"
#include "stun/builder.hpp"

namespace lucid::ice {

// Answers Binding requests with where they came from (RFC 8489 12): what tests in a sim::World need
// of a STUN server.
class StunServer {
 public:
  using Datagram = core::Datagram;
  using Transmit = core::Datagram;
  using Event = core::Effect;

  StunServer(core::Ip ip, core::Context context) : context_{context} {
    effects_.push_back(core::BindUdp{core::SocketId{1}, {ip, 3478}});
  }

  void handle_datagram(core::Datagram in, core::Time) {
    const auto request = stun::Message::parse(in.bytes);
    if (!request || request->message_class() != stun::Class::request) return;
    stun::Builder out{context_.pool, stun::Class::success, stun::Method::binding,
                      request->transaction()};
    out.address(stun::AttributeType::xor_mapped_address, in.path.remote);
    transmits_.push_back({in.path, core::Ecn::not_ect, std::move(out).finish()});
  }
  void handle_timeout(core::Time) {}
  std::optional<core::Datagram> poll_transmit() { return pop(transmits_); }
  std::optional<core::Effect> poll_event() { return pop(effects_); }
  std::optional<core::Time> next_timeout() const { return std::nullopt; }

 private:
  template <class T>
  static std::optional<T> pop(std::deque<T>& queue) {
    if (queue.empty()) return std::nullopt;
    std::optional<T> first{std::move(queue.front())};
    queue.pop_front();
    return first;
  }

  core::Context context_;
  std::deque<core::Datagram> transmits_;
  std::deque<core::Effect> effects_;
};
static_assert(core::Machine<StunServer>);

}  // namespace lucid::ice
