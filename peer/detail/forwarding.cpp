#include "peer/detail/forwarding.hpp"

#include <algorithm>
#include <chrono>

namespace lucid::peer::detail {
namespace {

// Publishers that come and go change their SSRC: only so many of them can come back late.
constexpr std::size_t most_sources = 8;
// A source chosen and then not heard of for this long was not meant.
constexpr core::Duration patience = std::chrono::milliseconds{500};

rtp::ForwarderConfig describe(const rtp::SendStreamConfig& to) {
  return {.codec = to.format.codec,
          .ssrc = to.ssrc,
          .mid = to.mid,
          .rid = to.rid,
          .extensions = to.extensions};
}

}  // namespace

Forwarding::Forwarding(const rtp::SendStreamConfig& to, core::Context context)
    : pool_{&context.pool}, forwarder_{describe(to), context} {}

void Forwarding::send(const RtpPacket& packet, const rtp::SendStreamConfig& to, core::Time now) {
  const rtp::Packet view = packet.view();
  if (forwarder_.config().codec != to.format.codec) sources_.clear();
  forwarder_.reconfigure(describe(to));
  know(packet, view, to, now);
  const rtp::ForwardSource source{view.ssrc()};
  forwarder_.handle_datagram({source, pool_->copy(packet.bytes.bytes()), packet.capture_time}, now);
}

void Forwarding::know(const RtpPacket& packet, const rtp::Packet& view,
                      const rtp::SendStreamConfig& to, core::Time now) {
  const core::Serial<std::uint16_t> number{view.sequence()};
  const Source heard{view.ssrc(), view.payload_type(), to.payload_type, packet.extensions, number};
  const auto known = std::ranges::find(sources_, heard.ssrc, &Source::ssrc);
  const bool fresh = known == sources_.end();
  const bool newer = fresh || number.ahead_of(known->newest);
  const bool changed = fresh || known->payload_type != heard.payload_type ||
                       known->outgoing_payload_type != heard.outgoing_payload_type ||
                       known->extensions != heard.extensions;
  const rtp::ForwardSource source{heard.ssrc};
  if (changed) {
    forwarder_.add_source(source,
                          {{{heard.payload_type, heard.outgoing_payload_type}}, heard.extensions});
  }
  // What comes late belongs to where the source was; it does not bring the source back.
  if (!newer) return;
  if (!fresh) {
    std::rotate(known, known + 1, sources_.end());
    sources_.back() = heard;
  } else {
    if (sources_.size() == most_sources) {
      forwarder_.remove_source(rtp::ForwardSource{sources_.front().ssrc});
      sources_.erase(sources_.begin());
    }
    sources_.push_back(heard);
  }
  // Until the switch is made, what is being sent may go on beside what is to come.
  const bool goes_on = wanted_ && forwarder_.current() == source && now - wanted_at_ < patience;
  if (wanted_ == heard.ssrc) wanted_at_ = now;
  if (!fresh && (wanted_ == heard.ssrc || goes_on)) return;
  wanted_ = heard.ssrc;
  wanted_at_ = now;
  forwarder_.select(source, now);
}

bool Forwarding::poll_key_frame_wanted() {
  bool wanted = false;
  while (const auto event = forwarder_.poll_event()) {
    wanted = wanted || std::holds_alternative<rtp::Forwarder::KeyFrameWanted>(*event);
  }
  return wanted;
}

}  // namespace lucid::peer::detail
