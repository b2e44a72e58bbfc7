#pragma once
#include <cstdint>
#include <string_view>

// The code points of STUN: attributes, methods, errors and password algorithms, under their names
// in IANA's registry "Session Traversal Utilities for NAT (STUN) Parameters".
namespace lucid::stun {

enum class Method : std::uint16_t {
  binding = 0x001,
  allocate = 0x003,           // RFC 8656
  refresh = 0x004,            // RFC 8656
  send = 0x006,               // RFC 8656
  data = 0x007,               // RFC 8656
  create_permission = 0x008,  // RFC 8656
  channel_bind = 0x009,       // RFC 8656
};

// RFC 8489 14: below 0x8000 a receiver must understand the attribute; from there on it may ignore
// it.
enum class AttributeType : std::uint16_t {
  mapped_address = 0x0001,
  change_request = 0x0003,  // RFC 5780
  username = 0x0006,
  message_integrity = 0x0008,
  error_code = 0x0009,
  unknown_attributes = 0x000A,
  channel_number = 0x000C,    // RFC 8656
  lifetime = 0x000D,          // RFC 8656
  xor_peer_address = 0x0012,  // RFC 8656
  data = 0x0013,              // RFC 8656
  realm = 0x0014,
  nonce = 0x0015,
  xor_relayed_address = 0x0016,       // RFC 8656
  requested_address_family = 0x0017,  // RFC 8656
  even_port = 0x0018,                 // RFC 8656
  requested_transport = 0x0019,       // RFC 8656
  dont_fragment = 0x001A,             // RFC 8656
  message_integrity_sha256 = 0x001C,
  password_algorithm = 0x001D,
  userhash = 0x001E,
  xor_mapped_address = 0x0020,
  reservation_token = 0x0022,          // RFC 8656
  priority = 0x0024,                   // RFC 8445
  use_candidate = 0x0025,              // RFC 8445
  padding = 0x0026,                    // RFC 5780
  response_port = 0x0027,              // RFC 5780
  additional_address_family = 0x8000,  // RFC 8656
  address_error_code = 0x8001,         // RFC 8656
  password_algorithms = 0x8002,
  alternate_domain = 0x8003,
  icmp = 0x8004,  // RFC 8656
  software = 0x8022,
  alternate_server = 0x8023,
  cache_timeout = 0x8027,  // RFC 5780
  fingerprint = 0x8028,
  ice_controlled = 0x8029,   // RFC 8445
  ice_controlling = 0x802A,  // RFC 8445
  response_origin = 0x802B,  // RFC 5780
  other_address = 0x802C,    // RFC 5780
  nomination = 0xC001,       // draft-thatcher-ice-renomination, at the number browsers use
};

constexpr bool comprehension_required(AttributeType type) {
  return static_cast<std::uint16_t>(type) < 0x8000;
}

// RFC 8489 18.3: reserved, for RFC 3489 had them: RESPONSE-ADDRESS, SOURCE-ADDRESS,
// CHANGED-ADDRESS, PASSWORD, REFLECTED-FROM. Old servers put them into what they answer.
constexpr bool is_of_rfc3489(AttributeType type) {
  const auto number = static_cast<std::uint16_t>(type);
  return number == 0x0002 || number == 0x0004 || number == 0x0005 || number == 0x0007 ||
         number == 0x000B;
}

constexpr bool is_xored(AttributeType type) {
  return type == AttributeType::xor_mapped_address || type == AttributeType::xor_peer_address ||
         type == AttributeType::xor_relayed_address;
}

enum class ErrorCode : std::uint16_t {
  try_alternate = 300,
  bad_request = 400,
  unauthenticated = 401,
  forbidden = 403,  // RFC 8656
  unknown_attribute = 420,
  allocation_mismatch = 437,  // RFC 8656
  stale_nonce = 438,
  address_family_not_supported = 440,  // RFC 8656
  wrong_credentials = 441,             // RFC 8656
  unsupported_transport = 442,         // RFC 8656
  peer_address_family_mismatch = 443,  // RFC 8656
  allocation_quota_reached = 486,      // RFC 8656
  role_conflict = 487,                 // RFC 8445
  server_error = 500,
  insufficient_capacity = 508,  // RFC 8656
};

// RFC 8489 18.5
enum class PasswordAlgorithm : std::uint16_t { md5 = 0x0001, sha256 = 0x0002 };

// "USERNAME", "Binding", "Stale Nonce"; "unknown" for a number without a name here.
std::string_view to_string(Method method);
std::string_view to_string(AttributeType type);
std::string_view to_string(ErrorCode code);
std::string_view to_string(PasswordAlgorithm algorithm);

}  // namespace lucid::stun
