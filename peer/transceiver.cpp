#include "peer/transceiver.hpp"

#include <algorithm>

#include "peer/detail/codecs.hpp"
#include "peer/detail/connection.hpp"
#include "peer/detail/media_plan.hpp"
#include "sdp/negotiate.hpp"
#include "sdp/rtp.hpp"

namespace lucid::peer {
namespace {

const detail::TransceiverState* state_of(const detail::Connection* owner, TransceiverId id) {
  return owner == nullptr ? nullptr : owner->model.find(id);
}

auto empty_handle() {
  return refuse(ErrorName::invalid_state_error, "The handle is of no transceiver.");
}

// The codecs and extensions of a section as one side of it describes them.
void describe(const std::optional<detail::Description>& description,
              const detail::TransceiverState& state, std::vector<RtpCodecParameters>& codecs,
              std::vector<RtpHeaderExtension>& extensions) {
  const sdp::MediaSection* section =
      description && state.mid ? description->session.find_mid(*state.mid) : nullptr;
  if (section == nullptr) return;
  for (const sdp::Codec& codec : sdp::codecs(*section)) {
    codecs.push_back({detail::w3c_codec(codec, state.kind), codec.payload_type});
  }
  for (const sdp::Extmap& extmap : description->session.effective_all<sdp::Extmap>(*section)) {
    extensions.push_back({extmap.uri, static_cast<std::uint8_t>(extmap.id)});
  }
}

// Of an offer of the peer's, what our answer has taken. Who offered gets an answer with no more
// than that.
void keep_negotiated(const detail::Model& model, const std::string& mid,
                     std::vector<RtpCodecParameters>& codecs) {
  if (!model.current_local || !model.current_remote) return;
  const sdp::MediaSection* ours = model.current_local->session.find_mid(mid);
  const sdp::MediaSection* theirs = model.current_remote->session.find_mid(mid);
  if (ours == nullptr || theirs == nullptr) return;
  const auto negotiated = sdp::negotiate(sdp::codecs(*ours), sdp::codecs(*theirs));
  std::erase_if(codecs, [&](const RtpCodecParameters& each) {
    return std::ranges::find(negotiated, each.payload_type,
                             &sdp::NegotiatedCodec::send_payload_type) == negotiated.end();
  });
}

}  // namespace

std::optional<MediaStreamTrack> Sender::track() const {
  const auto* state = state_of(owner_, id_);
  return state == nullptr ? std::nullopt : state->sender.track;
}

Result<void> Sender::replace_track(std::optional<MediaStreamTrack> track) {
  if (owner_ == nullptr) return empty_handle();
  return owner_->replace_track(id_, std::move(track));
}

Result<void> Sender::set_streams(std::vector<std::string> streams) {
  detail::TransceiverState* state = owner_ == nullptr ? nullptr : owner_->model.find(id_);
  if (state == nullptr || owner_->closed()) return empty_handle();
  state->sender.streams = std::move(streams);
  owner_->update_negotiation_needed();
  return {};
}

RtpSendParameters Sender::get_parameters() {
  RtpSendParameters parameters;
  detail::TransceiverState* state = owner_ == nullptr ? nullptr : owner_->model.find(id_);
  if (state == nullptr) return parameters;
  state->sender.transaction = owner_->context.random.text(16);
  parameters.transaction_id = *state->sender.transaction;
  parameters.encodings = state->sender.encodings;
  parameters.cname = owner_->model.cname;
  describe(owner_->model.current_remote, *state, parameters.codecs, parameters.header_extensions);
  if (state->mid) keep_negotiated(owner_->model, *state->mid, parameters.codecs);
  return parameters;
}

Result<void> Sender::set_parameters(const RtpSendParameters& parameters) {
  if (owner_ == nullptr) return empty_handle();
  return owner_->set_parameters(id_, parameters);
}

void Sender::send(const core::EncodedFrame& frame, core::Time now) {
  if (owner_ != nullptr) owner_->send_frame(id_, frame, now);
}

void Sender::send(const RtpPacket& packet, core::Time now) {
  if (owner_ != nullptr) owner_->send_packet(id_, packet, now);
}

std::vector<EncodingTarget> Sender::targets() const {
  return owner_ == nullptr ? std::vector<EncodingTarget>{} : owner_->targets_of(id_);
}

MediaStreamTrack Receiver::track() const {
  const auto* state = state_of(owner_, id_);
  return state == nullptr ? MediaStreamTrack{} : state->receiver.track;
}

RtpReceiveParameters Receiver::get_parameters() const {
  RtpReceiveParameters parameters;
  const auto* state = state_of(owner_, id_);
  if (state == nullptr) return parameters;
  describe(owner_->model.current_local, *state, parameters.codecs, parameters.header_extensions);
  return parameters;
}

void Receiver::set_output(ReceiverOutput output) {
  if (owner_ != nullptr) owner_->set_output(id_, output);
}

void Receiver::request_key_frame(core::Time now, std::string_view rid) {
  if (owner_ != nullptr) owner_->request_key_frame(id_, rid, now);
}

core::MediaKind Transceiver::kind() const {
  const auto* state = state_of(owner_, id_);
  return state == nullptr ? core::MediaKind::audio : state->kind;
}

std::optional<std::string> Transceiver::mid() const {
  const auto* state = state_of(owner_, id_);
  return state == nullptr ? std::nullopt : state->mid;
}

Direction Transceiver::direction() const {
  const auto* state = state_of(owner_, id_);
  return state == nullptr || state->gone() ? Direction::stopped : state->direction;
}

std::optional<Direction> Transceiver::current_direction() const {
  const auto* state = state_of(owner_, id_);
  if (state == nullptr || state->stopped) return Direction::stopped;
  return state->current_direction;
}

Result<void> Transceiver::set_direction(Direction direction) {
  if (owner_ == nullptr) return empty_handle();
  return owner_->set_direction(id_, direction);
}

Result<void> Transceiver::stop(core::Time now) {
  if (owner_ == nullptr) return empty_handle();
  auto result = owner_->stop_transceiver(id_, now);
  owner_->pump(now);
  return result;
}

Result<void> Transceiver::set_codec_preferences(std::vector<RtpCodec> codecs) {
  detail::TransceiverState* state = owner_ == nullptr ? nullptr : owner_->model.find(id_);
  if (state == nullptr) return empty_handle();
  if (auto fine = detail::check_preferences(codecs, owner_->configuration.codecs, state->kind);
      !fine) {
    return fine;
  }
  state->preferences = std::move(codecs);
  return {};
}

}  // namespace lucid::peer
