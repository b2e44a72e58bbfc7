#pragma once
#include <optional>

#include "core/random.hpp"
#include "core/time.hpp"

namespace lucid::ice {

// Whether the other end still wants packets on one pair (RFC 7675), and when to ask again. The
// same requests keep NAT bindings open (RFC 8445 11) and measure the round trip.
//
//               sent            30 s without an answer
//   fresh ------------> asking ------------------------> expired
//     ^                   |  (again after 1 s)
//     +------ answered ---+
class Consent {
 public:
  // Pairs that are only kept in reserve ask less often.
  enum class Use : unsigned char { active, reserve };

  explicit Consent(core::Time now) : answered_{now} {}

  void set_use(Use use, core::Time now, core::Random& random);
  void sent(core::Time now);
  void answered(core::Time now, core::Random& random);
  void hurry(core::Time now) { next_ = now; }

  bool due(core::Time now) const { return next_ && *next_ <= now; }
  bool expired(core::Time now) const;
  // Requests in a row without an answer. From `unresponsive` on the pair is taken for broken,
  // though it may come back.
  int missed() const { return missed_ > 0 ? missed_ - 1 : 0; }
  bool responsive() const { return missed() < unresponsive; }
  // `asking`: whether checks are sent at all.
  std::optional<core::Time> next_timeout(bool asking) const;

  static constexpr int unresponsive = 3;

 private:
  core::Time answered_;
  std::optional<core::Time> next_;
  std::optional<Use> use_;
  int missed_ = 0;  // counts the request under way too
};

}  // namespace lucid::ice
