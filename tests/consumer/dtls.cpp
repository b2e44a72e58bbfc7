// What a stranger writes who wants DTLS alone: two sessions that shake hands in memory.
#include <core/random.hpp>
#include <dtls/session.hpp>

using namespace lucid;

int main() {
  core::SeededRandom random{1};
  core::Pool pool;
  const core::Time now{std::chrono::seconds{1}};
  const auto certificate = dtls::Certificate::generate({}, now);
  if (!certificate) return 1;
  dtls::Session client{{.certificate = *certificate}, {random, pool}};
  dtls::Session server{{.certificate = *certificate}, {random, pool}};
  client.set_remote_fingerprints({certificate->fingerprint()}, now);
  server.set_remote_fingerprints({certificate->fingerprint()}, now);
  server.start(dtls::Role::server, dtls::SrtpUse::required, now);
  client.start(dtls::Role::client, dtls::SrtpUse::required, now);
  for (int flight = 0; flight < 4; ++flight) {
    while (auto datagram = client.poll_transmit()) server.handle_datagram(*datagram, now);
    while (auto datagram = server.poll_transmit()) client.handle_datagram(*datagram, now);
  }
  return client.state() == dtls::State::connected && server.state() == dtls::State::connected ? 0
                                                                                              : 1;
}
