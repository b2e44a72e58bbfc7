#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/media.hpp"
#include "sdp/session.hpp"

namespace lucid::sdp {

// RFC 8866 6.6: a=rtpmap:<payload type> <name>/<clock rate>[/<channels>]
struct Rtpmap {
  static constexpr std::string_view key = "a=rtpmap";
  std::uint8_t payload_type = 0;
  std::string name;
  std::uint32_t clock_rate = 0;
  std::uint16_t channels = 0;  // 0 when not written
  static std::expected<Rtpmap, SyntaxError> parse(std::string_view text);
  std::string value() const;
  friend bool operator==(const Rtpmap&, const Rtpmap&) = default;
};

// RFC 8866 6.15: a=fmtp:<format> <parameters>. The format is not always a payload type.
struct Fmtp {
  static constexpr std::string_view key = "a=fmtp";
  std::string format;
  std::string parameters;
  static std::expected<Fmtp, SyntaxError> parse(std::string_view text);
  std::string value() const;
  friend bool operator==(const Fmtp&, const Fmtp&) = default;
};

// RFC 4585 4.2: "nack", "nack pli", "ccm fir", "goog-remb", "transport-cc"
struct Feedback {
  std::string type;
  std::string parameter;
  friend bool operator==(const Feedback&, const Feedback&) = default;
};
struct RtcpFb {
  static constexpr std::string_view key = "a=rtcp-fb";
  std::optional<std::uint8_t> payload_type;  // nullopt: "*", all
  Feedback feedback;
  static std::expected<RtcpFb, SyntaxError> parse(std::string_view text);
  std::string value() const;
  friend bool operator==(const RtcpFb&, const RtcpFb&) = default;
};

// The parameters of a format in their order. Names are found without regard to case. Formats that
// do not speak in name=value ("0-15" of telephone-event, "111/111" of RED) are one name without
// value.
class Parameters {
 public:
  struct Entry {
    std::string name;
    std::string value;
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  static Parameters parse(std::string_view text);
  std::string text() const;  // "minptime=10;useinbandfec=1"

  bool empty() const { return entries_.empty(); }
  std::span<const Entry> entries() const { return entries_; }
  std::optional<std::string_view> find(std::string_view name) const;
  std::optional<std::uint64_t> number(std::string_view name) const;
  void set(std::string_view name, std::string_view value);
  void erase(std::string_view name);
  friend bool operator==(const Parameters&, const Parameters&) = default;

 private:
  std::vector<Entry> entries_;
};

// One payload type of a section: rtpmap, fmtp and rtcp-fb together.
struct Codec {
  std::uint8_t payload_type = 0;
  std::string name;  // "VP8", "opus", "rtx", "red", "ulpfec", "telephone-event"
  std::uint32_t clock_rate = 0;
  std::uint16_t channels = 1;
  Parameters parameters;
  std::vector<Feedback> feedback;

  bool is(std::string_view other_name) const;  // without regard to case (RFC 4855 3)
  bool is_rtx() const { return is("rtx"); }
  // Carries no media of its own: rtx, red, ulpfec, flexfec-03, telephone-event, CN.
  bool is_auxiliary() const;
  std::optional<std::uint8_t> apt() const;  // RFC 4588 8.6: the payload type that rtx repairs
  bool has_feedback(std::string_view type, std::string_view parameter = {}) const;
  std::string mime_type(core::MediaKind kind) const;  // "video/VP8"
  friend bool operator==(const Codec&, const Codec&) = default;
};

// RFC 3551 6: the payload type that a codec has of old, such as 0 for PCMU.
std::optional<std::uint8_t> static_payload_type(const Codec& codec);

// The codecs of a section in order of preference (that of its m= line); static payload types
// without rtpmap are filled in (RFC 3551 6), formats that nothing describes are left out.
std::vector<Codec> codecs(const MediaSection& section);
// Writes formats, rtpmap, fmtp and rtcp-fb anew. A section that is not RTP stays as it is.
void set_codecs(MediaSection& section, std::span<const Codec> codecs);

const Codec* find_payload_type(std::span<const Codec> codecs, std::uint8_t payload_type);
// The rtx codec whose apt is this payload type.
const Codec* find_rtx(std::span<const Codec> codecs, std::uint8_t payload_type);

// RFC 6184 8.1: what profile-level-id means.
struct H264Profile {
  enum class Profile : std::uint8_t {
    constrained_baseline,
    baseline,
    main,
    constrained_high,
    high,
    predictive_high_444
  };
  // Level 1b has its own place between 1 (10) and 1.1 (11).
  static constexpr std::uint8_t level_1b = 0;

  Profile profile = Profile::baseline;
  std::uint8_t level = 10;  // level_idc: 31 is level 3.1
  static std::optional<H264Profile> parse(std::string_view profile_level_id);
  static std::optional<H264Profile> of(const Codec& codec);  // RFC 6184 8.1: 42000A when not said
  std::string text() const;
  friend bool operator==(const H264Profile&, const H264Profile&) = default;
};
bool is_lower_level(std::uint8_t a, std::uint8_t b);

// Whether two descriptions mean one codec, whatever their payload types: name, clock rate,
// channels, and by codec H.264 profile and packetization-mode (RFC 6184 8.2.2), H.265 profile, tier
// and tx-mode (RFC 7798 7.2.2), VP9 profile-id (RFC 9628 6), AV1 profile. Not for rtx and red:
// these mean what they refer to, see matches_in.
bool matches(const Codec& a, const Codec& b);
// As above, with rtx matched by the codecs that both apt name, red by the first payload it carries.
bool matches_in(const Codec& a, std::span<const Codec> codecs_a, const Codec& b,
                std::span<const Codec> codecs_b);

}  // namespace lucid::sdp
