#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/bytes.hpp"

namespace lucid::dtls {

enum class ContentType : std::uint8_t {
  change_cipher_spec = 20,
  alert = 21,
  handshake = 22,
  application_data = 23,
};
std::string_view to_string(ContentType type);

// One record of a datagram, borrowing from it (RFC 6347 4.1).
//
//   0       1       2       3       4       5   ...  10      11      12      13
//   +-------+-------+-------+-------+-------+--------+-------+-------+--------- ...
//   | type  |    version    |     epoch     |  sequence (48)  |    length    | fragment
//   +-------+---------------+---------------+-----------------+--------------+- ...
struct Record {
  ContentType type;
  std::uint16_t version = 0;  // 0xfeff: 1.0, as in a first ClientHello; 0xfefd: 1.2
  std::uint16_t epoch = 0;    // 0: in the clear
  std::uint64_t sequence = 0;
  core::Bytes fragment;
};
// Takes the next record; nullopt at the end, or at what is no record.
std::optional<Record> next_record(core::ByteReader& datagram);

// The head of a handshake message, or of a piece of one (RFC 6347 4.2.2).
//
//   0       1   ...  3   4       5   6   ...  8   9   ...  11  12
//   +-------+---------+---------------+-----------------+---------------+------- ...
//   | type  | length  | message_seq   | fragment offset | fragment size | body
//   +-------+---------+---------------+-----------------+---------------+- ...
struct HandshakeHeader {
  std::uint8_t type = 0;
  std::uint32_t length = 0;
  std::uint16_t message_sequence = 0;
  std::uint32_t fragment_offset = 0;
  std::uint32_t fragment_length = 0;
};
// Takes one message or piece with its body; nullopt at the end, or at what is none.
std::optional<HandshakeHeader> next_handshake(core::ByteReader& fragment);
std::string_view handshake_name(std::uint8_t type);  // "client_hello"; "unknown" for others

// RFC 7983 7: first bytes from 20 to 63 are DTLS.
bool is_dtls(core::Bytes datagram);

// What is in a datagram, for people: "client_hello 0+1145/1363", "certificate, server_hello_done",
// "change_cipher_spec, handshake (encrypted)".
std::string describe(core::Bytes datagram);

}  // namespace lucid::dtls
