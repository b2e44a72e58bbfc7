// One in, many out: passes a publisher's packets on to every viewer, renumbered, with no codec.
#include <map>

#include "examples/signaling_json.hpp"
#include "glass/options.hpp"
#include "net/dispatch.hpp"
#include "net/driver.hpp"
#include "net/loop.hpp"

using namespace lucid;
using examples::json;
namespace events = peer::events;

constexpr auto usage = R"(forward [RID]
Lines on stdin and stdout as data_channel_echo has them, each with the name of its peer:
  {"peer":"publisher","type":"offer","sdp":...}   {"peer":"ann","candidate":{...}|null}
The peer named "publisher" offers what it sends; each other one offers to receive it.
  RID  of the publisher's simulcast encodings the one to pass on (default: the first that comes)
)";

struct Guest {
  peer::PeerConnection pc;
  std::map<core::MediaKind, peer::Sender> senders{};
  std::unique_ptr<net::Driver<peer::PeerConnection>> driver{};
};

struct Forward {
  void pass_on(const events::Packet& it) {
    if (const int count = ++counts[it.packet.rid]; count % 100 == 0)
      say("publisher", {{"event", "packets"}, {"rid", it.packet.rid}, {"count", count}});
    if (rid.empty()) rid = it.packet.rid;
    if (!it.packet.rid.empty() && it.packet.rid != rid) return;
    for (auto& [name, guest] : guests) {
      const auto sender = guest.senders.find(it.transceiver.kind());
      if (sender != guest.senders.end()) sender->second.send(it.packet, loop.now());
      guest.driver->pump();
    }
  }
  void want_key_frame() {
    const auto publisher = guests.find("publisher");
    if (publisher == guests.end()) return;
    for (auto& it : publisher->second.pc.get_receivers()) it.request_key_frame(loop.now(), rid);
    publisher->second.driver->pump();
  }
  static void say(const std::string& name, json line) {
    examples::say((line["peer"] = name, line));
  }
  Guest& admit(const std::string& name) {
    // Every leg has the same codecs, as nothing is transcoded.
    peer::Configuration with{.wall_clock = loop.wall_clock(),
                             .codecs = {{"video/VP8"}, {"video/rtx"}, {"audio/opus", 48000, 2}}};
    auto made = peer::PeerConnection::create(std::move(with), loop.context(sink), loop.now());
    Guest& guest = guests.emplace(name, Guest{std::move(*made)}).first->second;
    auto handler = net::on_events<peer::PeerConnection>(
        [=](events::IceCandidate i) { say(name, {{"candidate", examples::to_json(i.candidate)}}); },
        [=, this](events::ConnectionStateChange it) {
          say(name, {{"event", "connection"}, {"state", to_string(it.state)}});
          if (it.state == peer::ConnectionState::connected) want_key_frame();
        },
        [](events::Track i) { i.transceiver.receiver().set_output(peer::ReceiverOutput::packets); },
        [this](events::Packet it) { pass_on(it); },
        [this](events::KeyFrameRequested) { want_key_frame(); }, [](auto&&) {});
    guest.driver = std::make_unique<net::Driver<peer::PeerConnection>>(
        loop, guest.pc, handler, net::EdgeOptions{.tracer = loop.context(sink).tracer("net")});
    return guest;
  }
  void take(const std::string& text) {
    const json line = json::parse(text, nullptr, false);
    if (!line.is_object() || !line.contains("peer") || !line["peer"].is_string()) return;
    const std::string name = line["peer"];
    Guest& guest = guests.contains(name) ? guests.at(name) : admit(name);
    if (examples::take_signal(guest.pc, line, loop.now())) {
      for (auto each : guest.pc.get_transceivers()) {
        if (name == "publisher" || !each.set_direction(peer::Direction::sendonly)) continue;
        guest.senders[each.kind()] = each.sender();
      }
      examples::report(guest.pc.set_local_description(loop.now()));
      say(name, examples::to_json(*guest.pc.local_description()));
    }
    guest.driver->pump();
  }

  net::Loop& loop;
  core::trace::Sink* sink;
  std::string rid;
  std::map<std::string, int> counts{};  // of packets by rid
  std::map<std::string, Guest> guests{};
};

int main(int argc, char** argv) {
  auto options = glass::Options::parse(argc, argv);
  if (!options || options->help || options->rest.size() > 1) return glass::usage(options, usage);
  if (const auto word = options->unknown()) return glass::complain("There is no option " + *word);
  net::Loop loop;
  const auto sink = glass::open_sinks(*options, loop.wall_clock());
  if (!sink) return glass::complain(sink.error());
  Forward forward{loop, sink->get(), options->rest.empty() ? "" : options->rest[0]};
  examples::run_with_input(
      loop, [&](const std::string& text) { forward.take(text); }, [&] { forward.guests.clear(); });
}
