#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "ice/candidate.hpp"
#include "peer/configuration.hpp"
#include "peer/detail/model.hpp"
#include "sdp/candidate.hpp"
#include "sdp/codec.hpp"
#include "sdp/rtp.hpp"
#include "sdp/transport.hpp"

// How one m= section of ours is written. What goes into it is decided by offer.cpp and answer.cpp.
namespace lucid::peer::detail {

// A transport of ours, as descriptions tell of it.
struct LocalTransport {
  std::vector<std::string> mids;  // the sections that it serves, or is to serve
  ice::Credentials credentials;
  std::vector<sdp::Candidate> candidates;
  bool gathered = false;          // no more candidates will come
  std::optional<sdp::Role> role;  // settled by an earlier negotiation

  bool serves(std::string_view mid) const;
};

// What descriptions are made from, beside the model.
struct Means {
  const Configuration& configuration;
  core::Random& random;
  std::span<const sdp::Fingerprint> fingerprints;
  std::vector<LocalTransport> transports;  // make_offer and make_answer add those to be
  std::optional<ice::Credentials> pooled;  // of transports that gather already

  // For a new transport: those of the pool once.
  ice::Credentials fresh_credentials();
};

// The tail of a section: what says how it is carried.
struct Carriage {
  const LocalTransport* transport = nullptr;
  sdp::Role role = sdp::Role::actpass;
  bool bundle_only = false;  // the transport is that of the bundle, or there is none
};

struct MediaContent {
  core::MediaKind kind = core::MediaKind::audio;
  std::string mid;
  std::string protocol = "UDP/TLS/RTP/SAVPF";
  sdp::Direction direction = sdp::Direction::sendrecv;
  bool rtcp_mux = true;      // an answer says what the offer's section said
  bool mux_only = false;     // RFC 8858: RTCP has no port of its own
  bool reduced_size = true;  // RFC 5506
  std::vector<sdp::Codec> codecs;
  std::vector<sdp::Extmap> extmaps;
  std::vector<sdp::Rid> rids;
  std::optional<sdp::Simulcast> simulcast;
  const TransceiverState* sender = nullptr;  // for msid and ssrc lines; null: nothing is sent
  std::string cname;
};

struct DataContent {
  std::string mid;
  std::string protocol = "UDP/DTLS/SCTP";
  std::uint32_t max_message_size = 0;
};

sdp::MediaSection media_section(const MediaContent& content, const Carriage& carriage,
                                const Means& means);
sdp::MediaSection data_section(const DataContent& content, const Carriage& carriage,
                               const Means& means);
// RFC 3264 6: port zero, and otherwise only what identifies the section.
sdp::MediaSection rejected_section(sdp::MediaLine line, std::string_view mid);

sdp::Session session_head(const sdp::Origin& origin, std::span<const sdp::Group> groups);

// Whether our description has said SSRCs in this section. It goes on saying them while nothing is
// sent, as browsers do: Chromium shows nothing of a stream that went from the description and came
// back under the same SSRC.
bool has_announced(const Model& model, const std::string& mid);

// Whether one of these sections is the first of a BUNDLE group of the description.
bool bundles(const sdp::Session& session, std::span<const std::string> mids);

ice::Credentials new_credentials(core::Random& random);

}  // namespace lucid::peer::detail
