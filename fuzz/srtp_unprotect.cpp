// Property: no packet crashes an engine, no packet made without the keys is opened, and the engines
// agree. First byte: profile. Second: RTP or RTCP. The rest: the packet, and a genuine one changed
// by it.
#include "core/check.hpp"
#include "srtp/session.hpp"

using namespace lucid;
using srtp::Session;

namespace {

Session make(srtp::Profile profile, srtp::EngineKind engine) {
  const srtp::MasterKey master{std::vector<std::uint8_t>(key_size(profile), 1),
                               std::vector<std::uint8_t>(salt_size(profile), 2)};
  return *Session::create(
      {.profile = profile, .local = master, .remote = master, .engine = engine});
}

std::optional<srtp::Refusal> verdict(Session& session, bool rtcp, core::Bytes in) {
  std::vector<std::uint8_t> room(in.size() + 1);
  const auto result = rtcp ? session.unprotect_rtcp(in, room) : session.unprotect_rtp(in, room);
  return result ? std::nullopt : std::optional{result.error()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const srtp::Profile profile = *srtp::profile_from_dtls(data[0] % 2 != 0 ? 1 : 7);
  const core::Bytes packet{data + 2, size - 2};
  Session ours = make(profile, srtp::EngineKind::openssl);
  const auto refusal = verdict(ours, data[1] % 2 != 0, packet);
  core::check(refusal.has_value());
  if (srtp::available(srtp::EngineKind::libsrtp2)) {
    Session theirs = make(profile, srtp::EngineKind::libsrtp2);
    core::check(verdict(theirs, data[1] % 2 != 0, packet) == refusal);
  }
  return 0;
}
