// Two DTLS sessions meet over a simulated link: every datagram with its time, size and content.
#include <cstdio>
#include <string>

#include "dtls/record.hpp"
#include "dtls/session.hpp"
#include "glass/options.hpp"
#include "sim/simulation.hpp"

using namespace lucid;
using dtls::Session;

namespace {

constexpr auto usage = R"(dtls_handshake [OPTION...]
Prints the flights of a DTLS handshake in virtual time, and what came of it. Exit status 1 if it failed.
  --delay MS          one way (default 50)
  --loss PERCENT      of the datagrams, each way (default 0)
  --mtu BYTES         the largest datagram (default 1200)
  --seed N            another run, keys and losses included (default 1)
  --rsa               certificates with RSA keys: the flights grow
  --wrong             the server is told a wrong fingerprint
  --json              one JSON object a line
)";

double milliseconds(core::Time now) {
  return static_cast<double>((now - sim::virtual_start).count()) / 1000;
}

void print_flight(bool json, core::Time now, const char* who, core::Bytes datagram) {
  std::printf(json ? "{\"time_ms\":%.1f,\"who\":\"%s\",\"size\":%zu,\"what\":\"%s\"}\n"
                   : "%8.1f ms  %-6s  %5zu bytes  %s\n",
              milliseconds(now), who, datagram.size(), dtls::describe(datagram).c_str());
}

std::string text_of(const Session::Event& event) {
  if (const auto* it = std::get_if<Session::Failed>(&event)) {
    return "failed, " + std::string{to_string(it->reason)} + ": " + it->explanation;
  }
  const auto* connected = std::get_if<Session::Connected>(&event);
  if (connected == nullptr) return "closed";
  return "connected: " + connected->cipher_suite + ", SRTP " +
         std::string{to_string(connected->srtp->profile)} + ", peer " +
         connected->peer_fingerprint.text();
}

void print_outcome(bool json, core::Time now, const char* who, const Session::Event& event) {
  std::printf(
      json ? "{\"time_ms\":%.1f,\"who\":\"%s\",\"event\":\"%s\"}\n" : "%8.1f ms  %-6s  %s\n",
      milliseconds(now), who, text_of(event).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  auto options = glass::Options::parse(argc, argv);
  if (!options || options->help) return glass::usage(options, usage);
  const core::Duration delay{static_cast<std::int64_t>(options->number("--delay", 50) * 1000)};
  const sim::Link link{.delay = delay, .loss = options->number("--loss", 0) / 100};
  const auto mtu = static_cast<std::size_t>(options->number("--mtu", 1200));
  const sim::Seed seed{static_cast<std::uint64_t>(options->number("--seed", 1))};
  const auto key = options->flag("--rsa") ? dtls::KeyType::rsa : dtls::KeyType::ecdsa;
  const std::size_t told = options->flag("--wrong") ? 1 : 0;
  if (!options->rest.empty()) return glass::complain("What is " + options->rest[0] + "?");
  const auto sink = glass::open_sinks(*options, sim::virtual_wall_clock);
  if (!sink) return glass::complain(sink.error());

  std::vector<dtls::Fingerprint> fingerprints;
  const auto make = [&](core::Context context) {
    const auto own = dtls::Certificate::generate(
        {.key = key, .wall_clock = sim::virtual_wall_clock}, sim::virtual_start);
    fingerprints.push_back(own->fingerprint());
    context.sink = sink->get();
    context.id = static_cast<std::uint32_t>(fingerprints.size());
    return Session{{*own, sim::virtual_wall_clock, mtu}, context};
  };
  sim::Simulation sim{make, make, link, seed};
  const core::Path path{{}, {core::Ip::v4(0xC0000201), 5000}, {core::Ip::v4(0xC0000202), 5000}};
  const auto show = [&](const char* who, core::trace::Direction direction) {
    return [&, who, direction](sim::Packet& it) {
      core::trace::Tracer{sink->get(), {"sim", 1}}.packet(sim.now(), direction, path, it.bytes);
      print_flight(options->json, sim.now(), who, it.bytes);
      return true;
    };
  };
  sim.left_to_right.filter(show("client", core::trace::Direction::out));
  sim.right_to_left.filter(show("server", core::trace::Direction::in));
  sim.left.on_event = [&](auto& it) { print_outcome(options->json, sim.now(), "client", it); };
  sim.right.on_event = [&](auto& it) { print_outcome(options->json, sim.now(), "server", it); };
  for (auto* side : {&sim.left, &sim.right}) (*side)->set_round_trip(2 * link.delay);
  sim.left->set_remote_fingerprints({fingerprints[1]}, sim.now());
  sim.right->set_remote_fingerprints({fingerprints[told]}, sim.now());
  sim.right->start(dtls::Role::server, dtls::SrtpUse::required, sim.now());
  sim.left->start(dtls::Role::client, dtls::SrtpUse::required, sim.now());
  sim.run_for(std::chrono::minutes{2});
  return sim.left.saw<Session::Connected>() && sim.right.saw<Session::Connected>() ? 0 : 1;
}
