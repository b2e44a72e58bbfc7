// Sends back every message on every data channel. Descriptions and candidates go over standard
// input and output, one JSON object a line: a person, a script or a browser's page can be the peer.
#include <atomic>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "glass/text_log.hpp"
#include "net/dispatch.hpp"
#include "net/driver.hpp"
#include "net/loop.hpp"
#include "peer/peer_connection.hpp"

using namespace lucid;
using nlohmann::json;
namespace events = peer::events;

constexpr auto usage = R"(data_channel_echo [--offer] [--json] [--log[=MODULE,...]]
Echoes every message on every data channel. Lines on stdin and stdout:
  {"type":"offer"|"answer","sdp":...}   {"candidate":{...}|null}   {"event":"open",...}
  --offer  create a channel and offer, instead of waiting for an offer)";

void say(const json& line) { std::cout << line.dump() << std::endl; }

json to_json(const std::optional<peer::IceCandidate>& it) {
  if (!it) return nullptr;
  return {{"candidate", it->candidate}, {"sdpMid", it->sdp_mid.value_or("")},
          {"sdpMLineIndex", it->sdp_m_line_index.value_or(0)},
          {"usernameFragment", it->username_fragment.value_or("")}};
}

std::optional<peer::IceCandidate> candidate_of(const json& it) {
  if (it.is_null()) return std::nullopt;
  peer::IceCandidate made{.candidate = it.value("candidate", "")};
  if (it.contains("sdpMid") && it["sdpMid"].is_string()) made.sdp_mid = it["sdpMid"];
  if (it.contains("sdpMLineIndex") && it["sdpMLineIndex"].is_number()) made.sdp_m_line_index = it["sdpMLineIndex"];
  if (it.contains("usernameFragment") && it["usernameFragment"].is_string()) made.username_fragment = it["usernameFragment"];
  return made;
}

void report(const peer::Result<void>& result) {
  if (!result) say({{"event", "error"}, {"message", result.error().text()}});
}
void say_local(const peer::PeerConnection& pc) {
  const auto description = pc.local_description();
  say({{"type", to_string(description->type)}, {"sdp", description->sdp}});
}

// One line of the peer's.
void take(peer::PeerConnection& pc, const json& line, core::Time now) {
  if (!line.is_object()) return;
  if (line.contains("candidate")) return report(pc.add_ice_candidate(candidate_of(line["candidate"]), now));
  const auto type = peer::sdp_type_from_string(line.value("type", ""));
  if (!type) return;
  const auto set = pc.set_remote_description({*type, line.value("sdp", "")}, now);
  report(set);
  if (!set || *type != peer::SdpType::offer) return;
  report(pc.set_local_description(now));
  say_local(pc);
}

int main(int argc, char** argv) {
  bool offer = false;
  std::optional<glass::TextLog> log;
  for (const std::string_view each : std::span{argv + 1, argv + argc}) {
    if (each == "--help") return std::cout << usage << "\n", 0;
    if (each == "--offer") offer = true;
    if (each.starts_with("--log")) log.emplace(stderr, each.size() > 6 ? each.substr(6) : "");
  }
  net::Loop loop;
  auto made = peer::PeerConnection::create({.wall_clock = loop.wall_clock()}, loop.context(log ? &*log : nullptr), loop.now());
  peer::PeerConnection& pc = *made;
  net::Driver driver{loop, pc, net::on_events<peer::PeerConnection>(
      [&](events::IceCandidate it) { say({{"candidate", to_json(it.candidate)}}); },
      [&](events::ConnectionStateChange it) { say({{"event", "connection"}, {"state", to_string(it.state)}}); },
      [&](events::ChannelOpen it) { say({{"event", "open"}, {"label", it.channel.label()}}); },
      [&](events::ChannelMessage it) {
        const auto bytes = core::Bytes{it.message.data};
        say({{"event", "message"}, {"binary", it.message.binary}, {"size", bytes.size()}});
        report(it.message.binary ? it.channel.send(bytes, loop.now()) : it.channel.send(it.message.text(), loop.now()));
      },
      [&](events::ChannelClosed) { say({{"event", "closed"}}); },
      [&](events::TransportError it) { say({{"event", "error"}, {"message", it.error.text()}}); },
      [](auto&&) {})};
  if (offer) {
    (void)pc.create_data_channel("echo", loop.now());
    report(pc.set_local_description(loop.now()));
    say_local(pc);
  }
  driver.pump();
  std::thread input{[&] {
    for (std::string text; std::getline(std::cin, text);) {
      loop.post([&, text] { take(pc, json::parse(text, nullptr, false), loop.now()); driver.pump(); });
    }
    loop.post([&] { pc.close(loop.now()); driver.pump(); loop.stop(); });
  }};
  loop.run();
  input.join();
}
