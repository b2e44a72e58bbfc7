// Property: whatever arrives, in whatever order, a session neither crashes nor releases anything to
// a peer whose fingerprint it does not know. The length says who has started; the rest is a script.
#include "core/check.hpp"
#include "dtls/record.hpp"
#include "dtls/session.hpp"
#include "sim/clock_seam.hpp"

using namespace lucid;
using dtls::Session;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const dtls::Certificate certificate = *dtls::Certificate::generate({}, core::Time{});
  core::SeededRandom random{1};
  core::Pool pool;
  core::Time now = sim::virtual_start;
  Session ends[2] = {{{.certificate = certificate}, {random, pool, nullptr, 0}},
                     {{.certificate = certificate}, {random, pool, nullptr, 1}}};
  core::ByteReader in{{data, size}};
  ends[1].set_remote_fingerprints({{{}, std::vector<std::uint8_t>(32)}}, now);
  for (std::uint8_t i = 0; i < 2; ++i) {
    const sim::VirtualTimeScope scope{now, random};
    if ((size >> i & 4) == 0) ends[i].start(dtls::Role{i}, dtls::SrtpUse::optional, now);
  }
  for (int steps = 0; in.remaining() > 0 && steps < 300; ++steps) {
    const std::uint8_t step = in.u8();
    Session& to = ends[step & 1];
    now += core::Duration{in.u8() * 10'000};
    const sim::VirtualTimeScope scope{now, random};
    auto datagram = ends[~step & 1].poll_transmit();
    if ((step & 2) != 0 && datagram) datagram->data()[in.u16() % datagram->size()] = in.u8();
    if ((step & 4) == 0 && datagram) to.handle_datagram(*datagram, now);
    if ((step & 8) != 0) to.handle_datagram(in.bytes(step >> 4), now);
    if ((step & 16) != 0) dtls::describe(in.bytes(step >> 2));
    to.handle_timeout(now);
    while (const auto event = to.poll_event()) {
      core::check(std::holds_alternative<Session::Failed>(*event));
    }
  }
  return 0;
}
