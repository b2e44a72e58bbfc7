#include "peer/detail/model.hpp"

#include <algorithm>
#include <array>

namespace lucid::peer::detail {

SessionDescription Description::text() const {
  if (!unnamed) return {type, sdp::serialize(session)};
  sdp::Session bare = session;
  for (sdp::MediaSection& section : bare.media) section.erase<sdp::Mid>();
  return {type, sdp::serialize(bare)};
}

const Description* Model::local() const {
  if (pending_local) return &*pending_local;
  return current_local ? &*current_local : nullptr;
}

const Description* Model::remote() const {
  if (pending_remote) return &*pending_remote;
  return current_remote ? &*current_remote : nullptr;
}

TransceiverState* Model::find(TransceiverId id) {
  const auto it = std::ranges::find(transceivers, id, &TransceiverState::id);
  return it == transceivers.end() ? nullptr : &*it;
}

const TransceiverState* Model::find(TransceiverId id) const {
  return const_cast<Model*>(this)->find(id);
}

TransceiverState* Model::find_mid(std::string_view mid) {
  const auto it = std::ranges::find_if(
      transceivers, [mid](const TransceiverState& each) { return each.mid == mid; });
  return it == transceivers.end() ? nullptr : &*it;
}

const TransceiverState* Model::find_mid(std::string_view mid) const {
  return const_cast<Model*>(this)->find_mid(mid);
}

TransceiverState new_transceiver(Model& model, core::MediaKind kind, core::Random& random) {
  TransceiverState transceiver;
  transceiver.id = TransceiverId{model.next_transceiver++};
  transceiver.kind = kind;
  transceiver.sender.track_id = new_track_id(random);
  transceiver.sender.encodings.emplace_back();
  transceiver.sender.sources.push_back(new_source(random));
  transceiver.receiver.track = {kind, new_track_id(random)};
  return transceiver;
}

EncodingSource new_source(core::Random& random) {
  // RFC 3550 8.1: SSRCs are random. Zero is left out: some take it for "none".
  EncodingSource source{random.u32() | 1U, random.u32()};
  if (source.rtx_ssrc == source.ssrc || source.rtx_ssrc == 0) source.rtx_ssrc = source.ssrc + 1;
  return source;
}

std::string new_track_id(core::Random& random) {
  // RFC 4122 4.4, as browsers name their tracks.
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
  std::string text = core::to_hex(bytes);
  for (const std::size_t at : {8, 13, 18, 23}) text.insert(at, 1, '-');
  return text;
}

}  // namespace lucid::peer::detail
