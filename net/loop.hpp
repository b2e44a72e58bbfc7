#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "core/machine.hpp"
#include "core/random.hpp"
#include "core/time.hpp"

namespace lucid::net {

namespace detail {
struct LoopState;
}

// One thread's event loop: it waits for sockets and deadlines and calls whoever waits for them. All
// objects of net/ belong to one loop and are touched on its thread alone; only post() and stop()
// may be called from elsewhere.
class Loop {
 public:
  using Task = std::move_only_function<void()>;

  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run();   // until stop()
  void stop();  // from any thread
  // Runs until `done` holds, and says whether it came to hold within `limit`.
  [[nodiscard]] bool run_until(const std::function<bool()>& done, core::Duration limit);
  // Runs the task on the loop's thread, soon. From any thread.
  void post(Task task);

  core::Time now() const;              // the steady clock
  core::WallClock wall_clock() const;  // as of now: the system's calendar may be set
  core::Pool& pool();
  // What a machine on this loop is lent: the system's entropy, the loop's memory.
  core::Context context(core::trace::Sink* sink = nullptr, std::uint32_t id = 0);

  detail::LoopState& state() { return *state_; }

 private:
  std::unique_ptr<detail::LoopState> state_;
};

// A deadline on a loop, set and moved as often as the owner likes. Moving it later costs nothing:
// an alarm that comes too early looks at the deadline and sets itself anew.
class Timer {
 public:
  Timer(Loop& loop, Loop::Task expired);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void set(std::optional<core::Time> deadline);  // nullopt stops it

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the alarm under way
};

}  // namespace lucid::net
