#pragma once
#include <optional>
#include <utility>
#include <vector>

#include "dtls/session.hpp"
#include "sim/simulation.hpp"

// Two sessions that know each other, as most tests want them.
namespace lucid::dtls::test {

using namespace std::chrono_literals;

inline Certificate make_certificate(Certificate::Config config = {}) {
  config.wall_clock = sim::virtual_wall_clock;
  return *Certificate::generate(config, sim::virtual_start);
}

// For tests that do not care: made once, since a key costs a quarter of a millisecond.
inline const Certificate& alice() {
  static const Certificate certificate = make_certificate();
  return certificate;
}
inline const Certificate& bob() {
  static const Certificate certificate = make_certificate();
  return certificate;
}

inline Session::Config config_with(const Certificate& certificate) {
  return {.certificate = certificate, .wall_clock = sim::virtual_wall_clock};
}
inline auto make(Session::Config config) {
  return [config = std::move(config)](core::Context context) { return Session{config, context}; };
}

using Simulation = sim::Simulation<Session, Session>;

// The left is the client; each end has been told the other's fingerprint.
inline void introduce(Simulation& sim, const Certificate& left = alice(),
                      const Certificate& right = bob(), SrtpUse srtp = SrtpUse::required) {
  sim.left->set_remote_fingerprints({right.fingerprint()}, sim.now());
  sim.right->set_remote_fingerprints({left.fingerprint()}, sim.now());
  sim.right->start(Role::server, srtp, sim.now());
  sim.left->start(Role::client, srtp, sim.now());
}

inline bool connected(const Simulation& sim) {
  return sim.left.saw<Session::Connected>() && sim.right.saw<Session::Connected>();
}
inline bool connect(Simulation& sim, core::Duration limit = 60s) {
  return sim.run_until([&] { return connected(sim); }, limit);
}

}  // namespace lucid::dtls::test
