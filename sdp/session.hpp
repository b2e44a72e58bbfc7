#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/media.hpp"
#include "sdp/section.hpp"

namespace lucid::sdp {

// RFC 8866 5.2: o=<username> <sess-id> <sess-version> <nettype> <addrtype> <unicast-address>
struct Origin {
  static constexpr std::string_view key = "o=";
  std::string username = "-";
  std::string session_id = "0";  // decimal digits; kept as text, as some are longer than 64 bits
  std::uint64_t session_version = 0;
  std::string address = "IN IP4 127.0.0.1";

  static std::expected<Origin, SyntaxError> parse(std::string_view text);
  std::string value() const;
  friend bool operator==(const Origin&, const Origin&) = default;
};

// RFC 8866 5.7: c=IN IP4 0.0.0.0
struct Connection {
  static constexpr std::string_view key = "c=";
  std::string address_type = "IP4";
  std::string address = "0.0.0.0";

  static std::expected<Connection, SyntaxError> parse(std::string_view text);
  std::string value() const;
  friend bool operator==(const Connection&, const Connection&) = default;
};

// RFC 8866 5.8: b=AS:2000 (kbit/s), b=TIAS:2000000 (bit/s, RFC 3890)
struct Bandwidth {
  static constexpr std::string_view key = "b=";
  std::string type = "AS";
  std::uint64_t amount = 0;

  static std::expected<Bandwidth, SyntaxError> parse(std::string_view text);
  std::string value() const;
  friend bool operator==(const Bandwidth&, const Bandwidth&) = default;
};

// RFC 8866 5.14: m=<media> <port>[/<number of ports>] <proto> <fmt> ...
struct MediaLine {
  static constexpr std::string_view key = "m=";
  std::string media = "application";
  std::uint16_t port = 9;
  std::uint16_t port_count = 1;
  std::string protocol = "UDP/DTLS/SCTP";
  std::vector<std::string> formats{"webrtc-datachannel"};

  static std::expected<MediaLine, SyntaxError> parse(std::string_view text);
  std::string value() const;
  friend bool operator==(const MediaLine&, const MediaLine&) = default;
};

// One m= section. Its first line is the m= line, always.
class MediaSection : public Section {
 public:
  explicit MediaSection(MediaLine line);
  MediaSection(MediaLine parsed, Line line);

  const MediaLine& media_line() const { return media_line_; }
  void set_media_line(MediaLine line);

  std::optional<core::MediaKind> kind() const;  // audio or video, otherwise nullopt
  bool is_data() const;                         // application, over DTLS and SCTP (RFC 8841)
  bool is_rtp() const;                          // any RTP profile (RFC 9429 5.1.2)
  bool uses_dtls() const;                       // the protocol says TLS or DTLS
  // RFC 3264 6: port zero refuses, unless bundle-only says that the bundle carries it (RFC 9143 6).
  bool is_rejected() const;
  const std::string& mid() const { return first_mid(); }  // empty without a=mid
  std::uint32_t line_number() const { return lines().front().number; }

 private:
  MediaLine media_line_;
};

// How much text a description may have.
struct Limits {
  std::size_t bytes = 4 << 20;
  std::size_t lines = 50'000;
  std::size_t section_lines = 5'000;
  std::size_t line_bytes = 32 << 10;
  std::size_t sections = 1'024;
};

// A whole description (RFC 8866 5), to be read, changed and written.
class Session {
 public:
  Section head;  // v=, o=, s=, t= and the attributes of the session
  std::vector<MediaSection> media;

  // With v=, o=, s=- and t=0 0, and no media.
  static Session make(const Origin& origin);

  MediaSection* find_mid(std::string_view mid);
  const MediaSection* find_mid(std::string_view mid) const;
  Origin origin() const { return head.find<Origin>().value_or(Origin{}); }

  // What holds for a section: its own lines, or else the session's (ice-ufrag, fingerprint,
  // setup...).
  template <Field T>
  std::optional<T> effective(const Section& section) const {
    auto own = section.find<T>();
    return own ? own : head.find<T>();
  }
  template <Field T>
  std::vector<T> effective_all(const Section& section) const {
    auto own = section.all<T>();
    return own.empty() ? head.all<T>() : own;
  }
  Direction direction(const Section& section) const;  // sendrecv when nothing is said

  friend bool operator==(const Session&, const Session&) = default;
};

// Syntax only: every line, and every attribute that this module has a type for, can be read. What
// a description must hold is validate()'s question.
[[nodiscard]] std::expected<Session, ParseError> parse(std::string_view text,
                                                       const Limits& limits = {});
// RFC 8840 9: application/trickle-ice-sdpfrag, a description without v=, o=, s= and t=.
[[nodiscard]] std::expected<Session, ParseError> parse_fragment(std::string_view text,
                                                                const Limits& limits = {});
std::string serialize(const Session& session);

}  // namespace lucid::sdp
