#pragma once
#include <chrono>
#include <cstdint>
#include <optional>

#include "core/buffer.hpp"
#include "core/time.hpp"
#include "stun/message.hpp"

namespace lucid::stun {

// A request under way and when to repeat it (RFC 8489 6.2). The owner sends request() when told to.
//
//   at 0, RTO, 3 RTO, 7 RTO, 15 RTO, 31 RTO, 63 RTO; given up 16 RTO after the last
class Transaction {
 public:
  enum class Reliability : std::uint8_t { datagram, stream };
  struct Schedule {
    core::Duration rto = std::chrono::milliseconds{500};  // RFC 8489 6.2.1
    int requests = 7;                                     // Rc
    int last_wait = 16;                                   // Rm, in RTOs
  };
  enum class Next : std::uint8_t { wait, send, give_up };

  // The first request is to be sent at once.
  Transaction(core::Buffer request, Reliability reliability, Schedule schedule, core::Time now);

  const TransactionId& id() const { return id_; }
  core::Bytes request() const { return request_; }
  // A response to this request; whether it is authentic is for the owner to say.
  bool answered_by(const Message& response) const;
  Next handle_timeout(core::Time now);
  core::Time next_timeout() const { return *timer_.deadline(); }
  // RFC 6298 3: known only when the request was sent once.
  std::optional<core::Duration> round_trip(core::Time now) const;

 private:
  core::Buffer request_;
  TransactionId id_{};
  Schedule schedule_;
  core::Timer timer_;
  core::Time started_;
  int sent_ = 1;
};

}  // namespace lucid::stun
