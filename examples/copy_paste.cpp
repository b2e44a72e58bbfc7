// Two terminals and a clipboard: each prints one line of JSON, {"sdp":{"type","sdp"},"candidates"},
// to be pasted into the other, or into the page for it. Then lines typed in one appear in the
// other.
#include <algorithm>
#include <iostream>
#include <vector>

#include "examples/signaling_json.hpp"
#include "glass/options.hpp"
#include "net/dispatch.hpp"
#include "net/driver.hpp"

using namespace lucid;
using nlohmann::json;
namespace events = peer::events;

constexpr auto usage = R"(copy_paste [--offer] [--stun URL]
Run it twice, once with --offer. Paste each one's line into the other, then type.
)";

int main(int argc, char** argv) {
  auto options = glass::Options::parse(argc, argv);
  if (!options || options->help) return glass::usage(options, usage);
  std::vector<std::string>& rest = options->rest;
  const bool offer = std::erase(rest, "--offer") > 0;
  const bool stun = rest.size() == 2 && rest[0] == "--stun";
  if (!stun && !rest.empty()) return glass::complain("There is no option " + rest[0]);
  net::Loop loop;
  const auto sink = glass::open_sinks(*options, loop.wall_clock());
  if (!sink) return glass::complain(sink.error());
  peer::Configuration configuration{.wall_clock = loop.wall_clock()};
  if (stun) configuration.ice_servers.push_back({.urls = {rest[1]}});
  auto made = peer::PeerConnection::create(configuration, loop.context(sink->get()), loop.now());
  if (!made) return glass::complain(made.error().text());
  peer::PeerConnection& pc = *made;

  peer::DataChannel channel;
  json candidates = json::array();
  // The bundle: the description and all candidates, so that one paste is enough.
  const auto print_bundle = [&] {
    std::cerr << "Copy this line to the other terminal:\n";
    examples::say(
        {{"sdp", examples::to_json(*pc.local_description())}, {"candidates", candidates}});
  };
  net::Driver driver{
      loop,
      pc,
      net::on_events<peer::PeerConnection>(
          [&](events::IceCandidate it) {
            if (it.candidate)
              candidates.push_back(examples::to_json(it.candidate));
            else
              print_bundle();
          },
          [&](events::ConnectionStateChange it) {
            std::cerr << "connection: " << to_string(it.state) << "\n";
          },
          [&](events::ChannelOpen it) {
            channel = it.channel;
            std::cerr << "Type away.\n";
          },
          [&](events::ChannelMessage it) { std::cout << "< " << it.message.text() << std::endl; },
          [](auto&&) {}),
      {.tracer = loop.context(sink->get()).tracer("net")}};
  // A bundle of the other's, or a line to send.
  const auto take = [&](const std::string& text) {
    const json line = json::parse(text, nullptr, false);
    if (const auto description = examples::description_of(line)) {
      examples::report(pc.set_remote_description(*description, loop.now()));
      for (const json& each : line.value("candidates", json::array())) {
        examples::report(pc.add_ice_candidate(examples::candidate_of(each), loop.now()));
      }
      if (description->type == peer::SdpType::offer) {
        examples::report(pc.set_local_description(loop.now()));
      }
    } else {
      examples::report(channel.send(text, loop.now()));
    }
    driver.pump();
  };
  if (offer) {
    (void)pc.create_data_channel("chat", loop.now());
    examples::report(pc.set_local_description(loop.now()));
  } else {
    std::cerr << "Paste the line of the terminal that offers:\n";
  }
  driver.pump();
  examples::run_with_input(loop, take, [&] {
    pc.close(loop.now());
    driver.pump();
  });
}
