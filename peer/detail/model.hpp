#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "peer/description.hpp"
#include "peer/rtp_parameters.hpp"
#include "peer/states.hpp"
#include "peer/transceiver.hpp"
#include "sdp/rtp.hpp"
#include "sdp/session.hpp"
#include "sdp/transport.hpp"

// All that negotiation knows, as a value. A description is applied to a copy, and the copy takes
// the place of the original when all has gone well: that is how it applies in one step or not at
// all.
namespace lucid::peer::detail {

// A description as applied, and as its getter shows it: candidates are added to it as they come.
struct Description {
  SdpType type = SdpType::offer;
  sdp::Session session;
  // RFC 9429 5.10: the text has no a=mid; sections were given some to be told apart.
  bool unnamed = false;

  SessionDescription text() const;
};

// Streams of one source that are sent or taken at the peer's wish; more have no use.
constexpr std::size_t most_encodings = 16;

// The SSRCs under which one encoding is sent.
struct EncodingSource {
  std::uint32_t ssrc = 0;
  std::uint32_t rtx_ssrc = 0;
};

// The W3C's internal slots of a transceiver, its sender and its receiver.
struct TransceiverState {
  TransceiverId id{};
  core::MediaKind kind = core::MediaKind::audio;
  std::optional<std::string> mid;
  Direction direction = Direction::sendrecv;
  std::optional<Direction> current_direction;
  std::optional<Direction> fired_direction;  // what `track` events have told so far
  bool stopping = false;
  bool stopped = false;
  bool added_by_track = false;  // add_track has made it or taken it
  bool ever_sent = false;       // so remove_track and add_track may not recycle its sender
  std::vector<RtpCodec> preferences;

  struct SenderState {
    std::optional<MediaStreamTrack> track;
    std::string track_id;  // what msid says: the first track's id, or a made-up one
    std::vector<std::string> streams;
    std::vector<RtpEncoding> encodings;
    std::vector<EncodingSource> sources;  // one for each encoding
    std::optional<std::string> transaction;
  } sender;

  struct ReceiverState {
    MediaStreamTrack track;
    std::vector<std::string> streams;
    bool muted = true;
    ReceiverOutput output = ReceiverOutput::frames;
  } receiver;

  // What a rollback goes back to.
  struct Stable {
    std::optional<std::string> mid;
    std::optional<Direction> fired_direction;
    std::vector<std::string> receiver_streams;
    std::vector<RtpEncoding> encodings;
    std::vector<EncodingSource> sources;
    bool existed = true;  // false: an offer of the peer that is not answered yet made it
  } stable;

  bool gone() const { return stopped || stopping; }
};

struct Model {
  SignalingState signaling = SignalingState::stable;
  std::optional<Description> current_local;
  std::optional<Description> current_remote;
  std::optional<Description> pending_local;
  std::optional<Description> pending_remote;

  std::vector<TransceiverState> transceivers;
  std::uint32_t next_transceiver = 1;
  bool data_wanted = false;  // a data channel was created

  // What create_offer and create_answer gave last: nothing else may be set (W3C 4.4.1.5).
  struct Created {
    std::string sdp;
    std::optional<sdp::Session> session;
    std::vector<std::optional<TransceiverId>> transceivers;  // by section
  };
  Created last_offer;
  Created last_answer;
  sdp::Origin origin;  // of our next description
  std::string cname;
  std::vector<sdp::Extmap> extensions;  // that ever had an id in our descriptions, each uri once
  bool negotiation_needed = false;
  std::vector<std::string> ufrags_to_replace;  // restart_ice: these are not to be used any more
  std::vector<std::string> outdated_ufrags;  // set_configuration: nor these, when there is an offer

  const Description* local() const;  // pending before current
  const Description* remote() const;
  TransceiverState* find(TransceiverId id);
  const TransceiverState* find(TransceiverId id) const;
  TransceiverState* find_mid(std::string_view mid);
  const TransceiverState* find_mid(std::string_view mid) const;
};

// A transceiver with one encoding, not yet in the model; its ids and SSRCs are made up.
TransceiverState new_transceiver(Model& model, core::MediaKind kind, core::Random& random);
EncodingSource new_source(core::Random& random);
std::string new_track_id(core::Random& random);

}  // namespace lucid::peer::detail
