// How long virtual time takes: 1,000 s at 1,000 packets/s and 5 % loss through two NATs.
#include <benchmark/benchmark.h>

#include <deque>

#include "sim/actor.hpp"

namespace {

using namespace lucid;
using namespace std::chrono_literals;

// Sends a datagram of 200 bytes at each interval and counts what it gets.
class Caller {
 public:
  using Datagram = core::Datagram;
  using Transmit = core::Datagram;
  using Event = std::variant<std::monostate>;

  Caller(core::Path path, core::Duration interval, core::Context context)
      : pool_{context.pool}, path_{path}, interval_{interval} {}
  void start(core::Time now) { next_ = now; }
  void handle_datagram(core::Datagram, core::Time) { ++received; }
  void handle_timeout(core::Time now) {
    while (next_ && *next_ <= now) {
      out_.push_back({path_, core::Ecn::ect1, pool_.take(200)});
      next_ = *next_ + interval_;
    }
  }
  std::optional<core::Datagram> poll_transmit() {
    if (out_.empty()) return std::nullopt;
    std::optional<core::Datagram> front{std::move(out_.front())};
    out_.pop_front();
    return front;
  }
  std::optional<Event> poll_event() { return std::nullopt; }
  std::optional<core::Time> next_timeout() const { return next_; }

  std::uint64_t received = 0;

 private:
  core::Pool& pool_;
  core::Path path_;
  core::Duration interval_;
  std::optional<core::Time> next_;
  std::deque<core::Datagram> out_;
};

// Two homes, each behind a NAT that lets in who was sent to. The right one sends at `back`.
std::uint64_t call(core::Duration duration, core::Duration back) {
  sim::World world{sim::Seed{1}};
  const sim::Link lossy{.delay = 10ms, .loss = 0.05};
  const auto caller = [&](std::string_view here, std::string_view there,
                          core::Duration interval) -> auto& {
    sim::Gateway& home = world.add_gateway({.address = *core::Ip::parse(here),
                                            .nat = sim::Nat::port_restricted(),
                                            .access = {.up = lossy, .down = {.delay = 10ms}}});
    sim::Host& host = world.add_host("caller");
    host.connect(home.inside(), "192.168.1.2");
    const core::Path path{core::Transport::udp,
                          *core::Address::parse("192.168.1.2:5000"),
                          {*core::Ip::parse(there), 5000}};
    auto& machine = host.run([=](core::Context c) { return Caller{path, interval, c}; });
    host.bind(machine, path.local);
    machine->start(world.now());
    return machine;
  };
  auto& left = caller("203.0.113.1", "203.0.113.2", 1ms);
  auto& right = caller("203.0.113.2", "203.0.113.1", back);
  world.run_for(duration);
  return left.machine.received + right.machine.received;
}

void thousand_seconds(benchmark::State& state, core::Duration back) {
  std::uint64_t received = 0;
  for (auto _ : state) received = call(1000s, back);
  state.counters["packets"] = static_cast<double>(received);
}
BENCHMARK_CAPTURE(thousand_seconds, one_way, 1s)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(thousand_seconds, both_ways, 1ms)->Unit(benchmark::kMillisecond);

}  // namespace
