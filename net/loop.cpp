#include "net/loop.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/detail/interface_monitor.hpp"
#include "net/detail/loop_state.hpp"
#include "net/detail/mdns_service.hpp"
#include "net/detail/resolver.hpp"
#include "net/detail/udp_scratch.hpp"
#include "net/detail/websocket_session.hpp"

namespace lucid::net {

namespace asio = boost::asio;

namespace {

// The system counts in nanoseconds, which end after 292 years.
std::chrono::steady_clock::time_point at(core::Time time) {
  constexpr core::Time latest{std::chrono::years{250}};
  return std::chrono::steady_clock::time_point{std::min(time, latest).time_since_epoch()};
}

}  // namespace

namespace detail {
LoopState::LoopState() = default;
LoopState::~LoopState() = default;
}  // namespace detail

Loop::Loop() : state_{std::make_unique<detail::LoopState>()} {}
// What other threads post to the loop ends first, then what uses its descriptors.
Loop::~Loop() {
  state_->resolver.reset();
  state_->mdns.reset();
  state_->websockets.clear();
}

void Loop::run() {
  state_->context.run();
  state_->context.restart();
}

void Loop::stop() { state_->context.stop(); }

bool Loop::run_until(const std::function<bool()>& done, core::Duration limit) {
  const core::Time start = now();
  const auto end = at(limit < core::Time::max() - start ? start + limit : core::Time::max());
  while (!done()) {
    if (state_->context.run_one_until(end) == 0) return done();
  }
  return true;
}

void Loop::post(Task task) { asio::post(state_->context, std::move(task)); }

core::Time Loop::now() const { return steady_now(); }
core::WallClock Loop::wall_clock() const { return system_wall_clock(); }
core::Pool& Loop::pool() { return state_->pool; }

core::Context Loop::context(core::trace::Sink* sink, std::uint32_t id) {
  return {state_->random, state_->pool, sink, id};
}

struct Timer::State {
  State(asio::io_context& context, Loop::Task task) : alarm{context}, expired{std::move(task)} {}

  asio::steady_timer alarm;
  Loop::Task expired;
  std::optional<core::Time> deadline;
  std::optional<core::Time> armed;
  bool owned = true;

  static void arm(const std::shared_ptr<State>& self, core::Time deadline) {
    self->armed = deadline;
    self->alarm.expires_at(at(deadline));  // an alarm already set ends as aborted
    self->alarm.async_wait([self](boost::system::error_code error) {
      if (!error && self->owned) went_off(self);
    });
  }
  static void went_off(const std::shared_ptr<State>& self) {
    // The alarm may have gone off just before it was moved; then another one is under way.
    const core::Time now = steady_now();
    if (self->armed && *self->armed > now) return;
    self->armed.reset();
    if (!self->deadline) return;
    if (*self->deadline > now) return arm(self, *self->deadline);
    self->deadline.reset();
    self->expired();
  }
};

Timer::Timer(Loop& loop, Loop::Task expired)
    : state_{std::make_shared<State>(loop.state().context, std::move(expired))} {}

Timer::~Timer() {
  state_->owned = false;
  state_->alarm.cancel();
}

void Timer::set(std::optional<core::Time> deadline) {
  state_->deadline = deadline;
  if (!deadline || (state_->armed && *state_->armed <= *deadline)) return;
  State::arm(state_, *deadline);
}

}  // namespace lucid::net
