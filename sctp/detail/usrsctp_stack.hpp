#pragma once
#include <cstdint>
#include <expected>

#include "core/bytes.hpp"
#include "core/random.hpp"
#include "core/time.hpp"
#include "sctp/association.hpp"

// The engine's process-wide side. usrsctp keeps its settings, its timers and its list of sockets in
// globals; this is the only place that knows (docs/decisions/0020).
namespace lucid::sctp::detail {

// Names one association to the engine, in place of a network address.
enum class EngineId : std::uintptr_t {};

// Where the packets of one association come out of the engine.
struct Outlet {
  // The checksum field is still zero.
  virtual void packet_out(core::Bytes packet, core::Time now) = 0;

 protected:
  ~Outlet() = default;
};

// The engine's clock goes in steps of this; deadlines are rounded up to them, so that all
// associations of a process wake at the same instants.
constexpr core::Duration tick_length{std::chrono::milliseconds{10}};

// The next instant after `now` at which the engine's clock is to move.
core::Time next_tick(core::Time now);

// An association's place in the engine. The id is drawn from its own generator: with a live one it
// never comes again, with a seed the same run has the same ids (they show in the state cookie).
std::expected<EngineId, SetupError> enter_stack(Outlet& outlet, core::Random& random);
// After this no packet reaches the outlet.
void leave_stack(EngineId id);

// All calls into the engine happen inside one of these: it says what time it is and whose entropy
// serves, and moves the engine's timers on.
class Drive {
 public:
  enum class Timers : std::uint8_t { when_due, now };
  Drive(core::Time now, core::Random& random, Timers timers = Timers::when_due);
  ~Drive();
  Drive(const Drive&) = delete;
  Drive& operator=(const Drive&) = delete;

 private:
  core::Random* outer_;
};

// Room for what is being read, shared by all.
core::MutableBytes reading_room();

}  // namespace lucid::sctp::detail
