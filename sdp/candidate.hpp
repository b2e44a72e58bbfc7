#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/address.hpp"
#include "sdp/section.hpp"

namespace lucid::sdp {

// RFC 8839 5.1, RFC 6544 4.5 for TCP:
//   candidate:<foundation> <component> <transport> <priority> <address> <port> typ <type>
//             [raddr <address>] [rport <port>] [tcptype <type>] *(<name> <value>)
struct Candidate {
  enum class Type : std::uint8_t { host, srflx, prflx, relay, other };
  enum class Tcp : std::uint8_t { active, passive, so };
  struct Extension {
    std::string name;
    std::string value;
    friend bool operator==(const Extension&, const Extension&) = default;
  };

  static constexpr std::string_view key = "a=candidate";
  std::string foundation = "1";
  std::uint16_t component = 1;
  std::string transport = "udp";  // as written: some write it in capitals
  std::uint32_t priority = 0;
  std::string address;  // an IP, a name ending in .local, or another name
  std::uint16_t port = 0;
  std::string type_name = "host";
  std::optional<std::string> related_address;
  std::optional<std::uint16_t> related_port;
  std::vector<Extension>
      extensions;  // the rest in its order: tcptype, generation, ufrag, network-cost

  Type type() const;
  bool is_udp() const;
  bool is_tcp() const;
  std::optional<core::Ip> ip() const;  // nullopt for a name
  std::optional<Tcp> tcptype() const;
  std::optional<std::string_view> extension(std::string_view name) const;
  std::optional<std::string_view> ufrag() const { return extension("ufrag"); }

  // The value of the attribute, what follows "candidate:".
  static std::expected<Candidate, SyntaxError> parse(std::string_view text);
  std::string value() const;
  friend bool operator==(const Candidate&, const Candidate&) = default;
};
std::string_view to_string(Candidate::Type type);
std::string_view to_string(Candidate::Tcp tcp);

// A candidate on its own, as RTCIceCandidate.candidate has it: "candidate:…", with or without "a="
// before it and an end of line after it. Column counts in the whole string.
[[nodiscard]] std::expected<Candidate, ParseError> parse_candidate(std::string_view text);
std::string serialize(const Candidate& candidate);  // "candidate:…"

}  // namespace lucid::sdp
