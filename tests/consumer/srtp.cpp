// What a stranger writes who wants SRTP alone: a packet protected and opened, by each engine.
#include <srtp/session.hpp>

using namespace lucid;

int main() {
  const srtp::MasterKey key{std::vector<std::uint8_t>(16, 1), std::vector<std::uint8_t>(12, 2)};
  core::Pool pool;
  for (const auto engine : {srtp::EngineKind::openssl, srtp::EngineKind::libsrtp2}) {
    if (!srtp::available(engine)) continue;
    auto session = srtp::Session::create({.local = key, .remote = key, .engine = engine});
    core::Buffer packet = pool.copy(*core::from_hex("80600001000000010000000568656c6c6f"));
    if (!session || !session->protect_rtp(packet) || packet.size() != 33) return 1;
    if (!session->unprotect_rtp(packet) || packet.size() != 17) return 1;
  }
  return 0;
}
