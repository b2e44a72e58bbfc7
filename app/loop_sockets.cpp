#include "app/call.hpp"
#include "app/loop.hpp"

namespace lucid::app {

namespace {

using namespace std::chrono_literals;

constexpr core::Duration sockets_connect_within = 15s;

// One of the two: a call, whose words go straight to the other one.
struct SocketSide {
  SocketSide(net::Loop& on, const LoopOptions& options, const LoopWatch& watch, const char* is,
             peer::Politeness politeness, core::Time start)
      : loop{on},
        feeds{on, options.video, options.audio},
        call{on,
             {.loopback = true,
              .codec = options.codec,
              .snapshot = {},
              .keeps_picture = true,
              .sink = options.sink},
             politeness,
             feeds,
             nullptr,
             {[this](const peer::SessionDescription& description) {
                loop.post([other = other, description] { other->take(description); });
              },
              [this](const std::optional<peer::IceCandidate>& candidate) {
                loop.post([other = other, candidate] { other->take(candidate); });
              },
              [this, &watch, is, start](const json& event) {
                if (text_of(event, "event") == "state") {
                  watch(loop.now() - start, is, text_of(event, "machine"), text_of(event, "state"));
                } else if (text_of(event, "event") == "error") {
                  problem = text_of(event, "message");
                }
              },
              [](peer::ConnectionState) {}, [this] { problem = "the connection was lost"; }}} {}

  template <class Words>
  void take(const Words& words) {
    if (auto taken = call.take(words); !taken) problem = taken.error().text();
  }
  bool connected() {
    return call.connection().connection_state() == peer::ConnectionState::connected;
  }
  LoopSide result() {
    return {call.totals(), call.phases(), pair_in_use(call.connection().get_stats(loop.now()))};
  }

  net::Loop& loop;
  SocketSide* other = nullptr;
  std::string problem;
  Feeds feeds;
  Call call;
};

}  // namespace

LoopOutcome loop_over_sockets(const LoopOptions& options, const LoopWatch& watch) {
  net::Loop loop;
  const core::Time start = loop.now();
  SocketSide left{loop, options, watch, "left", peer::Politeness::impolite, start};
  SocketSide right{loop, options, watch, "right", peer::Politeness::polite, start};
  left.other = &right;
  right.other = &left;
  left.call.offer();
  const bool connected =
      loop.run_until([&] { return left.connected() && right.connected(); }, sockets_connect_within);
  for (SocketSide* side : {&left, &right}) {
    if (!side->problem.empty()) return std::unexpected(side->problem);
  }
  if (!connected) return std::unexpected("the two have not found each other within 15 s");
  (void)loop.run_until([] { return false; },
                       core::Duration{static_cast<std::int64_t>(options.seconds * 1e6)});
  LoopResult result{left.result(), right.result(), loop.now() - start,
                    right.call.sinks().picture(true)};
  left.call.close();
  right.call.close();
  return result;
}

}  // namespace lucid::app
