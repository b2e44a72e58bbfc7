// What idle WebSockets cost a server: one iteration opens 2,000 of them. Both ends are in this
// process, so a connection's memory is at most the figure shown; the server's end is about half of
// it.
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <sys/resource.h>

#include <vector>

#include "net/http_server.hpp"

namespace {

using namespace std::chrono_literals;
using namespace lucid;

constexpr std::size_t clients = 2000;

void allow_descriptors(rlim_t count) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::min(count, limit.rlim_max);
  setrlimit(RLIMIT_NOFILE, &limit);
}

void idle_websockets(benchmark::State& state) {
  allow_descriptors(3 * clients);
  for (auto _ : state) {
    net::Loop loop;
    std::vector<net::WebSocket> far;
    std::vector<net::WebSocket> near;
    far.reserve(clients);
    near.reserve(clients);
    const auto server = net::HttpServer::listen(
        loop, {.listen = {core::Ip::loopback(core::Family::v4), 0}, .tls = {}, .limits = {}},
        [&](net::HttpExchange exchange) { far.push_back(exchange.accept()); });
    if (!server) return state.SkipWithError("no listener");
    const std::string url = "ws://127.0.0.1:" + std::to_string((*server)->local().port);
    const std::size_t before = mallinfo2().uordblks;
    for (std::size_t i = 0; i < clients; ++i) {
      const net::WebSocketConnect connect{loop, url, {}, [&](auto outcome) {
                                            if (outcome) near.push_back(*std::move(outcome));
                                          }};
      if (!loop.run_until([&] { return near.size() == i + 1 && far.size() == i + 1; }, 2s)) {
        return state.SkipWithError("a WebSocket did not open");
      }
      near.back().send("join");
    }
    if (!loop.run_until([&] { return (*server)->stats().websockets == clients; }, 2s)) {
      return state.SkipWithError("a WebSocket was lost");
    }
    state.counters["heap_bytes_of_both_ends"] =
        static_cast<double>(mallinfo2().uordblks - before) / clients;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * clients));
}
BENCHMARK(idle_websockets)->Unit(benchmark::kMillisecond)->Iterations(2);

}  // namespace
