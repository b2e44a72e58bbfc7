// Both sides change what they want at any moment, and often at once: perfect negotiation sorts it
// out. Runs two connections in one program, with offers that cross on purpose, and prints what
// happens.
#include <iostream>

#include "glass/options.hpp"
#include "net/driver.hpp"
#include "net/loop.hpp"
#include "peer/negotiator.hpp"
#include "peer/peer_connection.hpp"

using namespace lucid;
using namespace std::chrono_literals;
namespace events = peer::events;

constexpr auto usage = R"(perfect_negotiation [ROUNDS]
Two peers, one polite, add transceivers at the same moment, ROUNDS times (default 5).
)";

struct Side {
  Side(net::Loop& on, core::trace::Sink* sink, std::string is, peer::Politeness politeness)
      : loop{on},
        name{std::move(is)},
        pc{std::move(*peer::PeerConnection::create(
            {.wall_clock = on.wall_clock(), .gather_loopback = true}, on.context(sink), on.now()))},
        negotiator{pc, politeness},
        driver{on,
               pc,
               [this](const peer::Event& event, core::Time now) { handle(event, now); },
               {.tracer = on.context(sink).tracer("net")}} {}

  void handle(const peer::Event& event, core::Time now) {
    if (const auto* state = std::get_if<events::SignalingStateChange>(&event)) {
      std::cout << name << ": " << to_string(state->state) << "\n";
    }
    if (const auto* found = std::get_if<events::IceCandidate>(&event)) {
      loop.post([this, candidate = found->candidate] {
        (void)other->negotiator.on_candidate(candidate, loop.now());
        other->driver.pump();
      });
    }
    signal(negotiator.on_event(event, now));
  }
  // Signaling takes its time: the message arrives in a later turn of the loop.
  void signal(peer::Result<std::optional<peer::SessionDescription>> message) {
    if (!message) std::cout << name << ": " << message.error().text() << "\n";
    if (!message || !*message) return;
    std::cout << name << " sends " << to_string((*message)->type) << "\n";
    loop.post([this, description = **message] {
      auto answer = other->negotiator.on_description(description, loop.now());
      if (other->negotiator.ignoring_offer()) std::cout << other->name << " ignores it\n";
      other->signal(std::move(answer));
      other->driver.pump();
    });
  }

  net::Loop& loop;
  std::string name;
  Side* other = nullptr;
  peer::PeerConnection pc;
  peer::Negotiator negotiator;
  net::Driver<peer::PeerConnection> driver;
};

int main(int argc, char** argv) {
  const auto options = glass::Options::parse(argc, argv);
  if (!options || options->help) return glass::usage(options, usage);
  if (const auto word = options->unknown()) return glass::complain("There is no option " + *word);
  const int rounds = options->rest.empty() ? 5 : std::atoi(options->rest[0].c_str());
  net::Loop loop;
  const auto sink = glass::open_sinks(*options, loop.wall_clock());
  if (!sink) return glass::complain(sink.error());
  Side polite{loop, sink->get(), "polite", peer::Politeness::polite};
  Side impolite{loop, sink->get(), "impolite", peer::Politeness::impolite};
  polite.other = &impolite;
  impolite.other = &polite;
  const auto settled = [&] {
    return polite.pc.signaling_state() == peer::SignalingState::stable &&
           impolite.pc.signaling_state() == peer::SignalingState::stable &&
           polite.pc.get_transceivers().size() == impolite.pc.get_transceivers().size();
  };
  for (int round = 0; round < rounds; ++round) {
    std::cout << "-- round " << round + 1 << "\n";
    const auto kind = round % 2 == 0 ? core::MediaKind::audio : core::MediaKind::video;
    (void)polite.pc.add_transceiver(kind);
    (void)impolite.pc.add_transceiver(kind);
    polite.driver.pump();
    impolite.driver.pump();
    if (!loop.run_until(settled, 5s)) return glass::complain("They did not agree within 5 s.");
  }
  const bool connected = loop.run_until(
      [&] { return polite.pc.connection_state() == peer::ConnectionState::connected; }, 5s);
  std::cout << "sections: " << polite.pc.get_transceivers().size() << ", connection "
            << to_string(polite.pc.connection_state()) << "\n";
  return connected ? 0 : 1;
}
