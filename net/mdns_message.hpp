#pragma once
#include <chrono>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "core/address.hpp"
#include "core/bytes.hpp"

namespace lucid::net {

// RFC 1035 4.1, as RFC 6762 18 uses it: a header, then questions, then three lists of records. The
// lists of a message are as long as the four counts say.
//
//    0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15
//   +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//   |                      ID                       |
//   |QR|   Opcode  |AA|TC|RD|RA|   Z    |   RCODE   |
//   |  QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT, 16 bits each
//   +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
enum class RecordType : std::uint16_t { a = 1, aaaa = 28, nsec = 47, any = 255 };

constexpr std::size_t max_mdns_message = 9000;  // RFC 6762 17

enum class MdnsParseError : std::uint8_t { truncated, bad_name, not_a_query_or_response };
std::string_view to_string(MdnsParseError error);

struct MdnsQuestion {
  std::string name;
  RecordType type = RecordType::a;
  bool unicast = false;  // RFC 6762 5.4: the asker would rather have an answer of its own
  friend bool operator==(const MdnsQuestion&, const MdnsQuestion&) = default;
};

// An address record (A or AAAA, by the family), or the statement that there is no other kind.
struct MdnsRecord {
  std::string name;
  RecordType type = RecordType::a;
  core::Ip ip;  // of a and aaaa; of nsec: an address of the one family that there is
  std::chrono::duration<std::uint32_t> ttl{120};
  bool flush = true;  // RFC 6762 10.2: this is all there is of this name and type
  friend bool operator==(const MdnsRecord&, const MdnsRecord&) = default;
};

// What this stack needs of a multicast DNS message: questions about addresses, and addresses.
// Records of other types are read over.
struct MdnsMessage {
  enum class Kind : std::uint8_t { query, response };

  Kind kind = Kind::query;
  std::uint16_t id = 0;  // zero but in answers to one-shot queries (RFC 6762 18.1, 6.7)
  std::vector<MdnsQuestion> questions;
  std::vector<MdnsRecord> answers;  // in a query: those known already (RFC 6762 7.1)
  std::vector<MdnsRecord> additional;

  [[nodiscard]] static std::expected<MdnsMessage, MdnsParseError> parse(core::Bytes datagram);
  // At most 9,000 bytes of it (RFC 6762 17); the names must be valid.
  std::vector<std::uint8_t> serialize() const;
};

}  // namespace lucid::net
