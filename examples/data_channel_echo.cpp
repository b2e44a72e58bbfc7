// Sends back every message on every data channel. Descriptions and candidates go over standard
// input and output, one JSON object a line: a person, a script or a browser's page can be the peer.
#include <algorithm>
#include <iostream>

#include "examples/signaling_json.hpp"
#include "glass/options.hpp"
#include "net/dispatch.hpp"
#include "net/driver.hpp"
#include "net/loop.hpp"
#include "peer/peer_connection.hpp"

using namespace lucid;
using examples::report;
using examples::say;
using examples::say_local;
namespace events = peer::events;

constexpr auto usage = R"(data_channel_echo [--offer]
Echoes every message on every data channel. Lines on stdin and stdout:
  {"type":"offer"|"answer","sdp":...}   {"candidate":{...}|null}   {"event":"open",...}
  --offer  create a channel and offer, instead of waiting for an offer
)";

int main(int argc, char** argv) {
  auto options = glass::Options::parse(argc, argv);
  if (!options || options->help) return glass::usage(options, usage);
  const bool offer = std::erase(options->rest, "--offer") > 0;
  if (!options->rest.empty()) return glass::complain("There is no option " + options->rest[0]);
  net::Loop loop;
  const auto sink = glass::open_sinks(*options, loop.wall_clock());
  if (!sink) return glass::complain(sink.error());
  auto made = peer::PeerConnection::create({.wall_clock = loop.wall_clock()},
                                           loop.context(sink->get()), loop.now());
  if (!made) return glass::complain(made.error().text());
  peer::PeerConnection& pc = *made;
  net::Driver driver{
      loop,
      pc,
      net::on_events<peer::PeerConnection>(
          [&](events::IceCandidate it) { say({{"candidate", examples::to_json(it.candidate)}}); },
          [&](events::ConnectionStateChange it) {
            say({{"event", "connection"}, {"state", to_string(it.state)}});
          },
          [&](events::ChannelOpen it) { say({{"event", "open"}, {"label", it.channel.label()}}); },
          [&](events::ChannelMessage it) {
            const auto bytes = core::Bytes{it.message.data};
            say({{"event", "message"}, {"binary", it.message.binary}, {"size", bytes.size()}});
            report(it.message.binary ? it.channel.send(bytes, loop.now())
                                     : it.channel.send(it.message.text(), loop.now()));
          },
          [&](events::ChannelClosed) { say({{"event", "closed"}}); },
          [&](events::TransportError it) {
            say({{"event", "error"}, {"message", it.error.text()}});
          },
          [](auto&&) {}),
      {.tracer = loop.context(sink->get()).tracer("net")}};
  if (offer) {
    (void)pc.create_data_channel("echo", loop.now());
    report(pc.set_local_description(loop.now()));
    say_local(pc);
  }
  driver.pump();
  examples::run_with_input(
      loop,
      [&](const std::string& line) {
        examples::take(pc, line, loop.now());
        driver.pump();
      },
      [&] {
        pc.close(loop.now());
        driver.pump();
      });
}
