#pragma once
#include <algorithm>
#include <cstdint>
#include <deque>

#include "ice/agent.hpp"

namespace lucid::ice {

// RFC 8445 14: new transactions are Ta apart; the first one goes at once.
class Pacer {
 public:
  explicit Pacer(core::Duration interval) : interval_{interval} {}
  bool ready(core::Time now) const { return next_ <= now; }
  void sent(core::Time now) { next_ = now + interval_; }
  core::Time next() const { return next_; }
  core::Duration interval() const { return interval_; }

 private:
  core::Duration interval_;
  core::Time next_ = core::Time::min();
};

// So many at once, so many a second: what strangers may make us send.
class RateLimit {
 public:
  bool allow(core::Time now) {
    const core::Time full = now - burst * refill;
    filled_ = std::max(filled_, full);
    if (filled_ + refill > now) return false;
    filled_ += refill;
    return true;
  }

 private:
  static constexpr int burst = 20;
  static constexpr core::Duration refill = std::chrono::milliseconds{50};
  core::Time filled_{};
};

class Relays;

// What a packet is, to the relay that it may go through.
enum class Carries : std::uint8_t { check, data };

// What the parts of one agent share: its settings, its role, the way out.
struct Shared {
  Shared(Config settings, core::Context surroundings)
      : config{std::move(settings)},
        context{surroundings},
        tracer{context.tracer("ice")},
        role{config.role},
        tie_breaker{config.tie_breaker ? *config.tie_breaker : context.random.u64()},
        pacer{config.pacing},
        next_id{context.id << 16} {}

  Config config;
  core::Context context;
  core::trace::Tracer tracer;
  Role role;
  std::uint64_t tie_breaker;
  Pacer pacer;
  RateLimit refusals;
  std::uint32_t next_id;  // of effects: unique among agents whose contexts have different ids
  Stats stats;
  std::deque<core::Datagram> transmits;
  std::deque<Agent::Event> events;
  Relays* relays = nullptr;

  template <class Event>
  void emit(Event event) {
    events.push_back(Agent::Event{std::move(event)});
  }
  // Where every packet leaves: the checks' and the owner's.
  void send(const core::Path& path, core::Buffer bytes, core::Time now) {
    send(core::Datagram{path, core::Ecn::not_ect, std::move(bytes)}, Carries::check, now);
  }
  void send(core::Datagram out, Carries what, core::Time now);
};

}  // namespace lucid::ice
