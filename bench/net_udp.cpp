// Datagrams through real sockets on the loopback interface, both ends on one thread: how many
// 1,200-byte packets a second pass with each way to batch them, and how long a 64-byte round trip
// through the loop takes.
#include <benchmark/benchmark.h>

#include <vector>

#include "net/driver.hpp"
#include "net/udp_socket.hpp"

namespace {

using namespace std::chrono_literals;
using namespace lucid;

constexpr std::size_t packet_size = 1200;
constexpr std::size_t burst = 64;

struct Counter final : net::UdpSocket::Receiver {
  std::size_t count = 0;
  void received(std::span<core::Datagram> batch, core::Time) override { count += batch.size(); }
  void refused(std::span<const net::UdpSocket::Refusal>, core::Time) override {}
};

void packets(benchmark::State& state, net::Batching batching) {
  net::Loop loop;
  Counter counter;
  const core::Address anywhere{core::Ip::loopback(core::Family::v4), 0};
  net::UdpOptions options;
  options.batching = batching;
  auto from = net::UdpSocket::open(loop, anywhere, counter, options);
  auto to = net::UdpSocket::open(loop, anywhere, counter, options);
  if (!from || !to) return state.SkipWithError("no socket");
  const core::Path path{core::Transport::udp, (*from)->local(), (*to)->local()};
  const std::vector<std::uint8_t> payload(packet_size, 0x5A);

  std::vector<core::Datagram> batch;
  for (std::size_t i = 0; i < burst; ++i) {
    batch.push_back({path, core::Ecn::ect1, loop.pool().copy(payload)});
  }
  std::size_t sent = 0;
  for (auto _ : state) {
    (*from)->send(batch);
    sent += burst;
    if (!loop.run_until([&] { return counter.count == sent; }, 1s)) {
      return state.SkipWithError("packets were lost");
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(counter.count));
  state.SetBytesProcessed(static_cast<std::int64_t>(counter.count * packet_size));
}
BENCHMARK_CAPTURE(packets, one_call_a_packet, net::Batching::none);
BENCHMARK_CAPTURE(packets, mmsg, net::Batching::mmsg);
BENCHMARK_CAPTURE(packets, gso, net::Batching::gso);
BENCHMARK_CAPTURE(packets, gso_gro, net::Batching::gso_gro);

// Sends back what it hears, and counts.
class Reflector {
 public:
  using Datagram = core::Datagram;
  using Transmit = core::Datagram;
  using Event = std::variant<core::BindUdp>;

  core::Address local;
  std::uint64_t heard = 0;

  void start() { bind_ = core::BindUdp{{}, {core::Ip::loopback(core::Family::v4), 0}}; }
  void send(core::Datagram datagram) { out_ = std::move(datagram); }
  void bound(core::SocketId, core::Address address, core::Time) { local = address; }

  void handle_datagram(core::Datagram in, core::Time) {
    ++heard;
    out_ = std::move(in);
  }
  void handle_timeout(core::Time) {}
  std::optional<core::Datagram> poll_transmit() { return std::exchange(out_, std::nullopt); }
  std::optional<Event> poll_event() { return std::exchange(bind_, std::nullopt); }
  std::optional<core::Time> next_timeout() const { return std::nullopt; }

 private:
  std::optional<Event> bind_;
  std::optional<core::Datagram> out_;
};

// One iteration is one round trip between two machines, each with its driver, on one loop.
void ping_pong(benchmark::State& state) {
  net::Loop loop;
  Reflector left;
  Reflector right;
  net::Driver left_driver{loop, left, [](Reflector::Event, core::Time) {}};
  net::Driver right_driver{loop, right, [](Reflector::Event, core::Time) {}};
  left.start();
  right.start();
  left_driver.pump();
  right_driver.pump();
  left.send({{core::Transport::udp, left.local, right.local}, {}, loop.pool().take(64)});
  left_driver.pump();
  std::uint64_t rounds = 0;
  for (auto _ : state) {
    ++rounds;
    if (!loop.run_until([&] { return left.heard >= rounds; }, 1s)) {
      return state.SkipWithError("the ball was lost");
    }
  }
}
BENCHMARK(ping_pong)->Unit(benchmark::kMicrosecond);

}  // namespace
