#include "dtls/record.hpp"

#include "dtls/alert.hpp"

namespace lucid::dtls {

namespace {

// RFC 9147 4: a DTLS 1.3 record in cipher text begins with the bits 001.
bool is_unified_header(std::uint8_t first) { return (first & 0xE0) == 0x20; }

std::string describe_alert(const Record& record) {
  if (record.fragment.size() != 2) return "alert";
  return std::string{record.fragment[0] == 1 ? "warning " : "fatal "} +
         std::string{to_string(Alert{record.fragment[1]})};
}

std::string describe_handshake(const Record& record) {
  std::string out;
  core::ByteReader in{record.fragment};
  while (const std::optional<HandshakeHeader> message = next_handshake(in)) {
    if (!out.empty()) out += ", ";
    out += handshake_name(message->type);
    if (message->fragment_length != message->length) {
      out += ' ' + std::to_string(message->fragment_offset) + '+' +
             std::to_string(message->fragment_length) + '/' + std::to_string(message->length);
    }
  }
  return out.empty() ? "handshake" : out;
}

std::string describe(const Record& record) {
  if (record.epoch > 0) return std::string{to_string(record.type)} + " (encrypted)";
  if (record.type == ContentType::handshake) return describe_handshake(record);
  if (record.type == ContentType::alert) return describe_alert(record);
  return std::string{to_string(record.type)};
}

}  // namespace

std::string_view to_string(ContentType type) {
  switch (type) {
    case ContentType::change_cipher_spec:
      return "change_cipher_spec";
    case ContentType::alert:
      return "alert";
    case ContentType::handshake:
      return "handshake";
    case ContentType::application_data:
      return "application_data";
  }
  return "unknown";
}

std::optional<Record> next_record(core::ByteReader& datagram) {
  Record record;
  record.type = ContentType{datagram.u8()};
  record.version = datagram.u16();
  record.epoch = datagram.u16();
  record.sequence = datagram.u48();
  const std::uint16_t length = datagram.u16();
  record.fragment = datagram.bytes(length);
  // RFC 6347 4.1: the versions count downwards from 254.255; anything else is not DTLS before 1.3.
  if (!datagram.ok() || record.version >> 8 != 0xFE) return std::nullopt;
  return record;
}

std::optional<HandshakeHeader> next_handshake(core::ByteReader& fragment) {
  HandshakeHeader header;
  header.type = fragment.u8();
  header.length = fragment.u24();
  header.message_sequence = fragment.u16();
  header.fragment_offset = fragment.u24();
  header.fragment_length = fragment.u24();
  fragment.skip(header.fragment_length);
  const std::uint64_t end = std::uint64_t{header.fragment_offset} + header.fragment_length;
  if (!fragment.ok() || end > header.length) return std::nullopt;
  return header;
}

std::string_view handshake_name(std::uint8_t type) {
  switch (type) {  // IANA's "TLS HandshakeType"
    case 0:
      return "hello_request";
    case 1:
      return "client_hello";
    case 2:
      return "server_hello";
    case 3:
      return "hello_verify_request";
    case 4:
      return "new_session_ticket";
    case 8:
      return "encrypted_extensions";
    case 11:
      return "certificate";
    case 12:
      return "server_key_exchange";
    case 13:
      return "certificate_request";
    case 14:
      return "server_hello_done";
    case 15:
      return "certificate_verify";
    case 16:
      return "client_key_exchange";
    case 20:
      return "finished";
    default:
      return "unknown";
  }
}

bool is_dtls(core::Bytes datagram) {
  return !datagram.empty() && datagram[0] >= 20 && datagram[0] <= 63;
}

std::string describe(core::Bytes datagram) {
  std::string out;
  core::ByteReader in{datagram};
  while (in.remaining() > 0) {
    if (!out.empty()) out += ", ";
    if (is_unified_header(datagram[in.position()])) return out + "DTLS 1.3 record (encrypted)";
    const std::optional<Record> record = next_record(in);
    if (!record) return out + "not DTLS";
    out += describe(*record);
  }
  return out;
}

}  // namespace lucid::dtls
