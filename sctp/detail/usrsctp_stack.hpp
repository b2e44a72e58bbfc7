#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

#include "core/bytes.hpp"
#include "core/random.hpp"
#include "core/time.hpp"
#include "sctp/association.hpp"

// The engine's process-wide side. usrsctp keeps its settings and its list of sockets in globals,
// and would read the clock, tick all timers at once and draw entropy by itself. The linker leads
// those calls here (see CMakeLists.txt), so each association has its own time, timers and
// generator. This is the only place that knows (docs/decisions/0020).
namespace lucid::sctp::detail {

// Names one association to the engine, in place of a network address.
enum class EngineId : std::uintptr_t {};
void* engine_address(EngineId id);

// A timer that the engine has started: exact, and the association's own.
struct EngineTimer {
  void* callout;  // the engine's name for it
  core::Time deadline;
  void (*expired)(void*);
  void* argument;
};

// What an association lends the engine: a way out for packets, and a place for timers.
struct Seat {
  // The checksum field is still zero.
  virtual void packet_out(core::Bytes packet) = 0;
  std::vector<EngineTimer> timers;

  std::optional<core::Time> next_timer() const;

 protected:
  ~Seat() = default;
};

// The id is drawn from the association's own generator: with a live one it never comes again, with
// a seed the same run has the same ids (they show in the state cookie).
std::expected<EngineId, SetupError> enter_stack(Seat& seat, core::Random& random);
// After this nothing of the engine reaches the seat.
void leave_stack(EngineId id);
// Once the socket is closed.
void forget_address(EngineId id);

// All calls into the engine happen inside one of these: it says what time it is, whose entropy
// serves and whose timers are started.
class Drive {
 public:
  Drive(Seat& seat, core::Time now, core::Random& random);
  ~Drive();
  Drive(const Drive&) = delete;
  Drive& operator=(const Drive&) = delete;

  void run_timers();  // those of the seat that are due

  struct Scope {
    Seat* seat = nullptr;
    core::Time now{};
    core::Random* random = nullptr;
  };

 private:
  Scope outer_;
};

// Room for what is being read, shared by all.
core::MutableBytes reading_room();

}  // namespace lucid::sctp::detail
