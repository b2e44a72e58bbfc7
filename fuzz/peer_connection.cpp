// Whatever is called with whatever text and packets, a refused description changes no state.
#include "peer/peer_connection.hpp"

using namespace lucid;
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  core::SeededRandom random{1};
  core::Pool pool;
  core::Time now{std::chrono::hours{1}};
  static const auto certificate = *dtls::Certificate::generate({}, now);
  const auto make = [&] {
    return *peer::PeerConnection::create({.certificates = {certificate}}, {random, pool}, now);
  };
  peer::PeerConnection ends[2] = {make(), make()};
  for (core::Bytes in{data, std::min(size, std::size_t{2048})}; !in.empty(); in = in.subspan(1)) {
    auto& self = ends[in[0] & 1];
    const unsigned step = in[0] >> 1 & 15;
    const auto before = self.signaling_state();
    auto text = ends[~in[0] & 1].local_description();
    if (text && in[0] >= 192) text->sdp[in.size() * 37 % text->sdp.size()] ^= 1;
    peer::Result<void> set{};
    if (step == 0) (void)self.create_data_channel("d", now);
    if (step == 1) (void)self.add_transceiver(core::MediaKind{in[0] >= 128});
    if (step == 2) set = self.set_local_description(now);
    if (step == 3 && text) set = self.set_remote_description(*text, now);
    if (step == 4) set = self.set_local_description({peer::SdpType::rollback, ""}, now);
    if (auto all = self.get_transceivers(); step == 6 && !all.empty()) (void)all[0].stop(now);
    if (step == 8)
      (void)self.add_ice_candidate(peer::IceCandidate{std::string{core::as_text(in)}, "0"}, now);
    if (step == 9) self.handle_datagram({{}, {}, pool.copy(in.subspan(1))}, now);
    if (step == 10) self.handle_timeout(now += std::chrono::milliseconds{in.size()});
    if (step == 5) self.restart_ice();
    if (step == 11) (void)self.get_stats(now).json();
    if (step == 12) set = self.set_remote_description({{}, std::string{core::as_text(in)}}, now);
    if (step == 13 && in[0] >= 224) self.close(now);
    while (step == 14 && (self.poll_event() || self.poll_transmit()));
    const bool may_change = set && before != peer::SignalingState::closed;
    core::check(may_change || step == 13 || self.signaling_state() == before);
  }
  return 0;
}
