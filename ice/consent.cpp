#include "ice/consent.hpp"

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;

constexpr core::Duration consent_lifetime = 30s;  // RFC 7675 5.1: consent expires after 30 s.
constexpr core::Duration active_interval = 5s;    // RFC 7675 5.1: a check every 5 s,
constexpr double spread = 0.2;                    // each interval times 0.8 to 1.2.
constexpr core::Duration reserve_interval = 19s;  // RFC 8445 11: Tr is no less than 15 s.
// Deviation from RFC 7675 5.1: a check without an answer is followed by the next after 1 s, so that
// a broken path is known within seconds.
constexpr core::Duration retry = 1s;

core::Duration randomised(core::Duration interval, core::Random& random) {
  const double factor = 1.0 - spread + 2 * spread * random.unit();
  return core::Duration{static_cast<std::int64_t>(static_cast<double>(interval.count()) * factor)};
}

core::Duration interval(Consent::Use use) {
  return use == Consent::Use::active ? active_interval : reserve_interval;
}

}  // namespace

void Consent::set_use(Use use, core::Time now, core::Random& random) {
  if (use_ == use) return;
  use_ = use;
  if (missed_ == 0) next_ = core::earliest(next_, now + randomised(interval(use), random));
}

void Consent::sent(core::Time now) {
  ++missed_;
  next_ = now + retry;
}

void Consent::answered(core::Time now, core::Random& random) {
  answered_ = now;
  missed_ = 0;
  if (use_) next_ = now + randomised(interval(*use_), random);
}

bool Consent::expired(core::Time now) const { return answered_ + consent_lifetime <= now; }

std::optional<core::Time> Consent::next_timeout(bool asking) const {
  const core::Time end = answered_ + consent_lifetime;
  return asking ? core::earliest(next_, end) : end;
}

}  // namespace lucid::ice
