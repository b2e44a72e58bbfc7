#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdp/section.hpp"

// What a section says of its RTP streams. Codecs are in sdp/codec.hpp.
namespace lucid::sdp {

// RFC 8285 5: a=extmap:<id>[/<direction>] <uri> [<attributes>]
struct Extmap {
  static constexpr std::string_view key = "a=extmap";
  std::uint16_t id = 0;
  std::optional<Direction> direction;
  std::string uri;
  std::string attributes;
  static std::expected<Extmap, SyntaxError> parse(std::string_view text);
  std::string value() const;
  friend bool operator==(const Extmap&, const Extmap&) = default;
};

// RFC 8830 2: a=msid:<stream id> <track id>; the stream "-" means none.
struct Msid {
  static constexpr std::string_view key = "a=msid";
  std::string stream = "-";
  std::string track;
  static std::expected<Msid, SyntaxError> parse(std::string_view text);
  std::string value() const;
  friend bool operator==(const Msid&, const Msid&) = default;
};

// RFC 5576 4.1: a=ssrc:<id> <attribute>[:<value>]
struct SsrcAttribute {
  static constexpr std::string_view key = "a=ssrc";
  std::uint32_t ssrc = 0;
  std::string name;  // "cname"
  std::string text;
  static std::expected<SsrcAttribute, SyntaxError> parse(std::string_view text);
  std::string value() const;
  friend bool operator==(const SsrcAttribute&, const SsrcAttribute&) = default;
};
// RFC 5576 4.2: a=ssrc-group:FID 1 2 (RFC 4588), FEC-FR (RFC 5956), SIM
struct SsrcGroup {
  static constexpr std::string_view key = "a=ssrc-group";
  std::string semantics = "FID";
  std::vector<std::uint32_t> ssrcs;
  static std::expected<SsrcGroup, SyntaxError> parse(std::string_view text);
  std::string value() const;
  friend bool operator==(const SsrcGroup&, const SsrcGroup&) = default;
};

enum class RidDirection : std::uint8_t { send, recv };
std::string_view to_string(RidDirection direction);

// RFC 8851 10: a=rid:<id> <send|recv> [pt=<list>;<restriction>=<value>;...]
struct Rid {
  struct Restriction {
    std::string name;  // "max-width"
    std::string value;
    friend bool operator==(const Restriction&, const Restriction&) = default;
  };
  static constexpr std::string_view key = "a=rid";
  std::string id;
  RidDirection direction = RidDirection::send;
  std::vector<std::uint8_t> payload_types;
  std::vector<Restriction> restrictions;
  static std::expected<Rid, SyntaxError> parse(std::string_view text);
  std::string value() const;
  friend bool operator==(const Rid&, const Rid&) = default;
};

// RFC 8853 5.1: a=simulcast:send 1,~4;2;3 recv 5: streams by ";", alternatives of one by ",".
struct Simulcast {
  struct Alternative {
    std::string rid;
    bool paused = false;
    friend bool operator==(const Alternative&, const Alternative&) = default;
  };
  using Stream = std::vector<Alternative>;  // in order of preference, never empty
  static constexpr std::string_view key = "a=simulcast";
  std::vector<Stream> send;
  std::vector<Stream> recv;
  static std::expected<Simulcast, SyntaxError> parse(std::string_view text);
  std::string value() const;
  friend bool operator==(const Simulcast&, const Simulcast&) = default;
};

// RFC 8866 6.4: milliseconds of audio in a packet.
struct Ptime {
  static constexpr std::string_view key = "a=ptime";
  double milliseconds = 20;
  static std::expected<Ptime, SyntaxError> parse(std::string_view text);
  std::string value() const;
  friend bool operator==(const Ptime&, const Ptime&) = default;
};
struct MaxPtime {
  static constexpr std::string_view key = "a=maxptime";
  double milliseconds = 120;
  static std::expected<MaxPtime, SyntaxError> parse(std::string_view text);
  std::string value() const;
  friend bool operator==(const MaxPtime&, const MaxPtime&) = default;
};

}  // namespace lucid::sdp
