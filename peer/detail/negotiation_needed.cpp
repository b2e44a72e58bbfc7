#include "peer/detail/negotiation_needed.hpp"

#include <algorithm>

#include "sdp/negotiate.hpp"
#include "sdp/rtp.hpp"

namespace lucid::peer::detail {
namespace {

const sdp::MediaSection* section_of(const std::optional<Description>& description,
                                    const std::optional<std::string>& mid) {
  return description && mid ? description->session.find_mid(*mid) : nullptr;
}

// The streams that the section announces against those that the sender belongs to.
bool streams_differ(const sdp::MediaSection& section, const TransceiverState& transceiver) {
  const auto announced = section.all<sdp::Msid>();
  if (announced.empty()) return true;
  std::vector<std::string> streams;
  for (const sdp::Msid& msid : announced) {
    if (msid.stream != "-") streams.push_back(msid.stream);
  }
  std::vector<std::string> wanted = transceiver.sender.streams;
  std::ranges::sort(streams);
  std::ranges::sort(wanted);
  return streams != wanted;
}

bool direction_differs(const Model& model, const TransceiverState& transceiver,
                       const sdp::MediaSection& local) {
  const auto wanted = static_cast<sdp::Direction>(transceiver.direction);
  const sdp::MediaSection* remote = section_of(model.current_remote, transceiver.mid);
  const sdp::Direction said = model.current_local->session.direction(local);
  const sdp::Direction heard = remote == nullptr
                                   ? sdp::Direction::inactive
                                   : sdp::reverse(model.current_remote->session.direction(*remote));
  if (model.current_local->type == SdpType::offer) return said != wanted && heard != wanted;
  return said != sdp::intersect(wanted, heard);
}

bool differs(const Model& model, const TransceiverState& transceiver) {
  const sdp::MediaSection* local = section_of(model.current_local, transceiver.mid);
  if (transceiver.stopping && !transceiver.stopped) return true;
  if (transceiver.stopped) {
    if (local == nullptr) return false;
    const sdp::MediaSection* remote = section_of(model.current_remote, transceiver.mid);
    return !local->is_rejected() && (remote == nullptr || !remote->is_rejected());
  }
  if (local == nullptr) return true;
  // An answer to who does not receive announces no streams; direction_differs() looks at the rest.
  const bool announces =
      sends(transceiver.direction) && sdp::sends(model.current_local->session.direction(*local));
  if (announces && streams_differ(*local, transceiver)) return true;
  return direction_differs(model, transceiver, *local);
}

bool has_data_section(const std::optional<Description>& description) {
  return description && std::ranges::any_of(description->session.media,
                                            [](const auto& section) { return section.is_data(); });
}

}  // namespace

bool negotiation_needed(const Model& model) {
  if (!model.ufrags_to_replace.empty()) return true;
  if (model.data_wanted && !has_data_section(model.current_local)) return true;
  return std::ranges::any_of(model.transceivers,
                             [&](const TransceiverState& each) { return differs(model, each); });
}

}  // namespace lucid::peer::detail
