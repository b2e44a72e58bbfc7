// The native side of the browser tests: test_peer [OPTIONS AS JSON] [--log ...]. See test_peer.hpp.
#include <iostream>
#include <string>
#include <thread>

#include "glass/options.hpp"
#include "tests/browser/native/test_peer.hpp"

using namespace lucid;

constexpr auto usage = R"(test_peer ['{"polite":true,"trickle":false,"mdns":true,...}']
A peer for tests, driven by JSON lines on standard input.
)";

int main(int argc, char** argv) {
  const auto options = glass::Options::parse(argc, argv);
  if (!options || options->help) return glass::usage(options, usage);
  const auto own = options->rest.empty() ? test::json::object()
                                         : test::json::parse(options->rest[0], nullptr, false);
  if (!own.is_object()) return glass::complain("The options are one JSON object.");
  net::Loop loop;
  const auto sink = glass::open_sinks(*options, loop.wall_clock());
  if (!sink) return glass::complain(sink.error());
  const auto peer = test::TestPeer::create(loop, own, sink->get());
  if (!peer) return 1;
  std::thread input{[&] {
    for (std::string text; std::getline(std::cin, text);) {
      loop.post([&peer, line = test::json::parse(text, nullptr, false)] { peer->take(line); });
    }
    loop.post([&] {
      peer->close();
      loop.stop();
    });
  }};
  loop.run();
  input.join();
}
