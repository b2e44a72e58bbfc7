#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "sdp/section.hpp"

// What a section says of its transport: identification and grouping, ICE, DTLS, SCTP, RTCP.
namespace lucid::sdp {

// RFC 5888 4
struct Mid {
  static constexpr std::string_view key = "a=mid";
  std::string id;
  static std::expected<Mid, SyntaxError> parse(std::string_view text);
  std::string value() const { return id; }
  friend bool operator==(const Mid&, const Mid&) = default;
};

// RFC 5888 5: a=group:BUNDLE 0 1 (RFC 9143), a=group:LS 0 1
struct Group {
  static constexpr std::string_view key = "a=group";
  std::string semantics = "BUNDLE";
  std::vector<std::string> mids;
  static std::expected<Group, SyntaxError> parse(std::string_view text);
  std::string value() const;
  friend bool operator==(const Group&, const Group&) = default;
};

// RFC 8839 5.4: 4 to 256 ice-chars, 22 to 256.
struct IceUfrag {
  static constexpr std::string_view key = "a=ice-ufrag";
  std::string text;
  static std::expected<IceUfrag, SyntaxError> parse(std::string_view text);
  std::string value() const { return text; }
  friend bool operator==(const IceUfrag&, const IceUfrag&) = default;
};
struct IcePwd {
  static constexpr std::string_view key = "a=ice-pwd";
  std::string text;
  static std::expected<IcePwd, SyntaxError> parse(std::string_view text);
  std::string value() const { return text; }
  friend bool operator==(const IcePwd&, const IcePwd&) = default;
};
// RFC 8839 5.6: a=ice-options:trickle ice2
struct IceOptions {
  static constexpr std::string_view key = "a=ice-options";
  std::vector<std::string> tags;
  bool has(std::string_view tag) const;
  static std::expected<IceOptions, SyntaxError> parse(std::string_view text);
  std::string value() const;
  friend bool operator==(const IceOptions&, const IceOptions&) = default;
};

// RFC 8122 5: the hash of the certificate. Hash names are compared without case.
struct Fingerprint {
  static constexpr std::string_view key = "a=fingerprint";
  std::string hash = "sha-256";  // lower case
  std::vector<std::uint8_t> bytes;
  static std::expected<Fingerprint, SyntaxError> parse(std::string_view text);
  std::string value() const;
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};
// The length of a hash's value, for the hashes that RFC 8122 5 allows; nullopt for md5 and unknown
// ones.
std::optional<std::size_t> hash_length(std::string_view hash);

// RFC 4145 4, RFC 8842 5.
enum class Role : std::uint8_t { active, passive, actpass, holdconn };
std::string_view to_string(Role role);
struct Setup {
  static constexpr std::string_view key = "a=setup";
  Role role = Role::actpass;
  static std::expected<Setup, SyntaxError> parse(std::string_view text);
  std::string value() const { return std::string{to_string(role)}; }
  friend bool operator==(const Setup&, const Setup&) = default;
};

// RFC 8842 4: changes exactly when a new DTLS association is wanted.
struct TlsId {
  static constexpr std::string_view key = "a=tls-id";
  std::string id;
  static std::expected<TlsId, SyntaxError> parse(std::string_view text);
  std::string value() const { return id; }
  friend bool operator==(const TlsId&, const TlsId&) = default;
};

// RFC 8841 5
struct SctpPort {
  static constexpr std::string_view key = "a=sctp-port";
  std::uint16_t port = 5000;
  static std::expected<SctpPort, SyntaxError> parse(std::string_view text);
  std::string value() const;
  friend bool operator==(const SctpPort&, const SctpPort&) = default;
};
// RFC 8841 6: 64 KiB when absent, 0 means any size.
struct MaxMessageSize {
  static constexpr std::string_view key = "a=max-message-size";
  std::uint64_t bytes = 65'536;
  static std::expected<MaxMessageSize, SyntaxError> parse(std::string_view text);
  std::string value() const;
  friend bool operator==(const MaxMessageSize&, const MaxMessageSize&) = default;
};
// draft-ietf-mmusic-sctp-sdp-05, in offers of old stacks: a=sctpmap:5000 webrtc-datachannel 1024
struct Sctpmap {
  static constexpr std::string_view key = "a=sctpmap";
  std::uint16_t port = 5000;
  std::string protocol = "webrtc-datachannel";
  std::optional<std::uint32_t> streams;
  static std::expected<Sctpmap, SyntaxError> parse(std::string_view text);
  std::string value() const;
  friend bool operator==(const Sctpmap&, const Sctpmap&) = default;
};

// RFC 3605 2.1: a=rtcp:9 IN IP4 0.0.0.0
struct Rtcp {
  static constexpr std::string_view key = "a=rtcp";
  std::uint16_t port = 9;
  std::string address;  // "IN IP4 0.0.0.0", or empty
  static std::expected<Rtcp, SyntaxError> parse(std::string_view text);
  std::string value() const;
  friend bool operator==(const Rtcp&, const Rtcp&) = default;
};

}  // namespace lucid::sdp
