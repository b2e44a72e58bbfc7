// Two DTLS sessions meet over a simulated link: every datagram with its time, size and content.
#include <cstdio>
#include <map>
#include <set>
#include <string>

#include "dtls/record.hpp"
#include "dtls/session.hpp"
#include "sim/simulation.hpp"

using namespace lucid;
using dtls::Session;

constexpr auto usage = R"(dtls_handshake [OPTION...]
Prints the flights of a DTLS handshake in virtual time, and what came of it. Exit status 1 if it failed.
  --delay MS     one way (default 50)
  --loss PERCENT of the datagrams, each way (default 0)
  --mtu BYTES    the largest datagram (default 1200)
  --seed N       another run, keys and losses included (default 1)
  --rsa          certificates with RSA keys: the flights grow
  --wrong        the server is told a wrong fingerprint
  --json         one JSON object a line
)";

struct Options {
  std::map<std::string, long> values{
      {"--delay", 50}, {"--loss", 0}, {"--mtu", 1200}, {"--seed", 1}};
  std::set<std::string> flags;

  bool parse(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
      const std::string name = argv[i];
      if (name == "--rsa" || name == "--wrong" || name == "--json" || name == "--help") {
        flags.insert(name);
      } else {
        if (!values.contains(name) || ++i == argc) return false;
        char* end = nullptr;
        values[name] = std::strtol(argv[i], &end, 10);
        if (*end != '\0' || values[name] < 0) return false;
      }
    }
    return true;
  }
};

void print(bool json, core::Time now, const char* who, std::size_t size, const std::string& what) {
  const double ms = static_cast<double>((now - sim::virtual_start).count()) / 1000;
  std::printf(json ? "{\"time_ms\":%.1f,\"who\":\"%s\",\"size\":%zu,\"what\":\"%s\"}\n"
                   : "%8.1f ms  %-6s  %5zu bytes  %s\n",
              ms, who, size, what.c_str());
}

std::string outcome(const Session::Event& event) {
  if (const auto* it = std::get_if<Session::Failed>(&event)) {
    return "failed, " + std::string{to_string(it->reason)} + ": " + it->explanation;
  }
  const auto* connected = std::get_if<Session::Connected>(&event);
  return connected == nullptr ? "closed"
                              : "connected: " + connected->cipher_suite + ", SRTP " +
                                    std::string{to_string(connected->srtp->profile)} + ", peer " +
                                    connected->peer_fingerprint.text();
}

int main(int argc, char** argv) {
  Options options;
  if (!options.parse(argc, argv)) return std::fputs(usage, stderr), 2;
  if (options.flags.contains("--help")) return std::fputs(usage, stdout), 0;
  const bool json = options.flags.contains("--json");
  const dtls::KeyType key =
      options.flags.contains("--rsa") ? dtls::KeyType::rsa : dtls::KeyType::ecdsa;
  const sim::Link link{.delay = std::chrono::milliseconds{options.values["--delay"]},
                       .loss = static_cast<double>(options.values["--loss"]) / 100};
  std::vector<dtls::Fingerprint> fingerprints;
  const auto make = [&](core::Context context) {
    const auto own = dtls::Certificate::generate(
        {.key = key, .wall_clock = sim::virtual_wall_clock}, sim::virtual_start);
    fingerprints.push_back(own->fingerprint());
    const auto mtu = static_cast<std::size_t>(options.values["--mtu"]);
    return Session{{*own, sim::virtual_wall_clock, mtu}, context};
  };
  sim::Simulation sim{make, make, link,
                      sim::Seed{static_cast<std::uint64_t>(options.values["--seed"])}};
  const auto show = [&](const char* who) {
    return [&, who](sim::Packet& it) {
      return print(json, sim.now(), who, it.bytes.size(), dtls::describe(it.bytes)), true;
    };
  };
  sim.left_to_right.filter(show("client"));
  sim.right_to_left.filter(show("server"));
  sim.left.on_event = [&](auto& it) { print(json, sim.now(), "client", 0, outcome(it)); };
  sim.right.on_event = [&](auto& it) { print(json, sim.now(), "server", 0, outcome(it)); };
  for (auto* side : {&sim.left, &sim.right}) (*side)->set_round_trip(2 * link.delay);
  sim.left->set_remote_fingerprints({fingerprints[1]}, sim.now());
  sim.right->set_remote_fingerprints({fingerprints[options.flags.contains("--wrong") ? 1 : 0]},
                                     sim.now());
  sim.right->start(dtls::Role::server, dtls::SrtpUse::required, sim.now());
  sim.left->start(dtls::Role::client, dtls::SrtpUse::required, sim.now());
  sim.run_for(std::chrono::minutes{2});
  return sim.left.saw<Session::Connected>() && sim.right.saw<Session::Connected>() ? 0 : 1;
}
