#include "stun/describe.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace lucid::stun {
namespace {

constexpr const char* malformed = "malformed: ";

std::string hex(std::uint64_t value, int digits) {
  std::string text = "0x";
  for (int i = digits - 1; i >= 0; --i) text += "0123456789abcdef"[value >> (4 * i) & 0xF];
  return text;
}

// Printable characters as they are; quotes and backslashes behind a backslash; control characters
// and bytes that are no UTF-8 as \xNN, for it may go to a terminal.
std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = core::utf8_length(text);
    const auto byte = static_cast<std::uint8_t>(text[0]);
    const bool control = byte < 0x20 || byte == 0x7F ||
                         (byte == 0xC2 && length == 2 && static_cast<std::uint8_t>(text[1]) < 0xA0);
    const std::string_view character = text.substr(0, std::max<std::size_t>(length, 1));
    if (length == 0 || control) {
      for (const std::uint8_t each : core::as_bytes(character))
        out += "\\x" + hex(each, 2).substr(2);
    } else {
      if (byte == '"' || byte == '\\') out += '\\';
      out += character;
    }
    text.remove_prefix(character.size());
  }
  return out;
}

std::string quoted(core::Bytes bytes) { return "\"" + escaped(core::as_text(bytes)) + "\""; }

std::string error_text(const std::optional<Error>& error) {
  if (!error) return {};
  return std::to_string(static_cast<unsigned>(error->code)) + " " + escaped(error->reason);
}

std::string family_text(std::uint32_t value) {
  switch (value >> 24) {
    case 1:
      return "IPv4";
    case 2:
      return "IPv6";
    default:
      return {};
  }
}

// RFC 8656 18.12: the family stands where ERROR-CODE has nothing.
std::string address_error_text(core::Bytes value) {
  const std::string family = value.empty() ? "" : family_text(std::uint32_t{value[0]} << 24);
  const std::string error = error_text(parse_error_code(value));
  return family.empty() || error.empty() ? "" : family + " " + error;
}

// RFC 8656 18.13: seven bits of type, nine of code, what else the ICMP message holds.
std::string icmp_text(core::Bytes value) {
  core::ByteReader in{value};
  in.skip(2);
  const unsigned both = in.u16();
  const std::uint32_t data = in.u32();
  if (!in.ok() || in.remaining() != 0) return {};
  return "type " + std::to_string(both >> 9) + " code " + std::to_string(both & 0x1FFU) + " data " +
         hex(data, 8);
}

// RFC 8656 18.6: one bit.
std::string even_port_text(core::Bytes value) {
  if (value.size() != 1) return {};
  return (value[0] & 0x80) != 0 ? "and the next one reserved" : "alone";
}

std::string list_of_types(core::Bytes value) {
  std::string text;
  core::ByteReader in{value};
  while (in.remaining() > 0) {
    if (!text.empty()) text += ", ";
    text += name_of(AttributeType{in.u16()});
  }
  return in.ok() ? text : std::string{};
}

std::string algorithms(core::Bytes value) {
  std::string text;
  core::ByteReader in{value};
  while (in.remaining() > 0) {
    const PasswordAlgorithm algorithm{in.u16()};
    const std::size_t parameters = in.u16();
    in.skip(parameters + padding(parameters));
    if (!in.ok()) return {};
    if (!text.empty()) text += ", ";
    text += to_string(algorithm);
  }
  return text;
}

std::string change_text(std::uint32_t value) {
  const bool ip = (value & 4) != 0;
  const bool port = (value & 2) != 0;
  if (ip && port) return "address and port";
  return ip ? "address" : port ? "port" : "nothing";
}

std::string number_text(AttributeType type, std::uint32_t value) {
  switch (type) {
    case AttributeType::channel_number:
      return hex(value >> 16, 4);
    case AttributeType::lifetime:
    case AttributeType::cache_timeout:
      return std::to_string(value) + " s";
    case AttributeType::requested_transport: {
      const std::uint32_t protocol = value >> 24;
      return protocol == 17 ? "UDP" : protocol == 6 ? "TCP" : std::to_string(protocol);
    }
    case AttributeType::requested_address_family:
    case AttributeType::additional_address_family:
      return family_text(value);
    case AttributeType::change_request:
      return change_text(value);
    case AttributeType::response_port:
      return std::to_string(value >> 16);
    case AttributeType::fingerprint:
      return hex(value, 8);
    default:
      return std::to_string(value);
  }
}

// What the form of an attribute's value is.
enum class Form : std::uint8_t {
  opaque,
  flag,
  text,
  number,
  wide,
  address,
  error,
  address_error,
  icmp,
  even_port,
  types,
  algorithms
};

Form form_of(AttributeType type) {
  switch (type) {
    case AttributeType::username:
    case AttributeType::realm:
    case AttributeType::nonce:
    case AttributeType::software:
    case AttributeType::alternate_domain:
      return Form::text;
    case AttributeType::mapped_address:
    case AttributeType::xor_mapped_address:
    case AttributeType::xor_peer_address:
    case AttributeType::xor_relayed_address:
    case AttributeType::alternate_server:
    case AttributeType::response_origin:
    case AttributeType::other_address:
      return Form::address;
    case AttributeType::channel_number:
    case AttributeType::lifetime:
    case AttributeType::requested_address_family:
    case AttributeType::requested_transport:
    case AttributeType::priority:
    case AttributeType::additional_address_family:
    case AttributeType::cache_timeout:
    case AttributeType::fingerprint:
    case AttributeType::nomination:
    case AttributeType::change_request:
    case AttributeType::response_port:
      return Form::number;
    case AttributeType::ice_controlled:
    case AttributeType::ice_controlling:
      return Form::wide;
    case AttributeType::use_candidate:
    case AttributeType::dont_fragment:
      return Form::flag;
    case AttributeType::error_code:
      return Form::error;
    case AttributeType::address_error_code:
      return Form::address_error;
    case AttributeType::icmp:
      return Form::icmp;
    case AttributeType::even_port:
      return Form::even_port;
    case AttributeType::unknown_attributes:
      return Form::types;
    case AttributeType::password_algorithm:
    case AttributeType::password_algorithms:
      return Form::algorithms;
    case AttributeType::message_integrity:
    case AttributeType::message_integrity_sha256:
    case AttributeType::userhash:
    case AttributeType::reservation_token:
    case AttributeType::padding:
    case AttributeType::data:
      return Form::opaque;
  }
  return Form::opaque;
}

std::string_view integrity_text(const Message& message, const Key* key) {
  const bool there = message.has(AttributeType::message_integrity) ||
                     message.has(AttributeType::message_integrity_sha256);
  if (!there) return to_string(Integrity::absent);
  return key == nullptr ? "not checked"
                        : to_string(check_integrity(message, *key, CutTags::allowed));
}

std::string address_text(const Message& message, const Attribute& attribute) {
  const auto address = is_xored(attribute.type)
                           ? parse_xor_address(attribute.value, message.transaction())
                           : parse_address(attribute.value);
  return address ? address->text() : std::string{};
}

// Of what is shown in hex: RFC 8489 14.4 to 14.6, RFC 8656 18.9.
bool has_its_size(const Attribute& attribute) {
  const std::size_t size = attribute.value.size();
  switch (attribute.type) {
    case AttributeType::message_integrity:
      return size == 20;
    case AttributeType::message_integrity_sha256:
      return size >= 16 && size <= 32 && size % 4 == 0;
    case AttributeType::userhash:
      return size == 32;
    case AttributeType::reservation_token:
      return size == 8;
    default:
      return true;
  }
}

// None when the value is not of its type's form.
std::optional<std::string> value_text(const Message& message, const Attribute& attribute) {
  const core::Bytes value = attribute.value;
  std::string text;
  switch (form_of(attribute.type)) {
    case Form::opaque:
      return has_its_size(attribute) ? std::optional{core::to_hex(value)} : std::nullopt;
    case Form::text:
      return quoted(value);
    case Form::flag:
      return value.empty() ? std::optional{std::string{}} : std::nullopt;
    case Form::number:
      if (value.size() == 4) text = number_text(attribute.type, core::ByteReader{value}.u32());
      break;
    case Form::wide:
      if (value.size() == 8) text = hex(core::ByteReader{value}.u64(), 16);
      break;
    case Form::address:
      text = address_text(message, attribute);
      break;
    case Form::error:
      text = error_text(parse_error_code(value));
      break;
    case Form::address_error:
      text = address_error_text(value);
      break;
    case Form::icmp:
      text = icmp_text(value);
      break;
    case Form::even_port:
      text = even_port_text(value);
      break;
    case Form::types:
      text = list_of_types(value);
      break;
    case Form::algorithms:
      text = algorithms(value);
      break;
  }
  return text.empty() ? std::nullopt : std::optional{text};
}

}  // namespace

std::string describe(const Message& message, const Attribute& attribute) {
  const auto text = value_text(message, attribute);
  return text ? *text : malformed + core::to_hex(attribute.value);
}

std::optional<AttributeType> first_malformed(const Message& message) {
  for (const Attribute attribute : message.attributes()) {
    if (!value_text(message, attribute)) return attribute.type;
  }
  return std::nullopt;
}

std::string to_text(const Message& message, const Key* key) {
  std::string text = name_of(message.method());
  text.append(" ").append(to_string(message.message_class())).append(", transaction ");
  text.append(core::to_hex(message.transaction())).append(", ");
  text.append(std::to_string(message.bytes().size())).append(" bytes\n");
  for (const Attribute attribute : message.attributes()) {
    std::string name = name_of(attribute.type);
    name.resize(std::max<std::size_t>(name.size(), 24), ' ');
    text.append("  ").append(name).append(" ").append(describe(message, attribute)).append("\n");
  }
  text.append("  integrity ").append(integrity_text(message, key));
  text.append(", fingerprint ").append(to_string(check_fingerprint(message))).append("\n");
  return text;
}

std::string to_json(const Message& message, const Key* key, std::string_view source) {
  std::string list;
  for (const Attribute attribute : message.attributes()) {
    if (!list.empty()) list += ",";
    list += "{\"type\":" + core::json(name_of(attribute.type)) +
            ",\"length\":" + std::to_string(attribute.value.size()) +
            ",\"value\":" + core::json(describe(message, attribute)) + "}";
  }
  return "{\"source\":" + core::json(source) +
         ",\"method\":" + core::json(name_of(message.method())) +
         ",\"class\":" + core::json(to_string(message.message_class())) +
         ",\"transaction\":" + core::json(core::to_hex(message.transaction())) +
         ",\"length\":" + std::to_string(message.bytes().size() - header_size) +
         ",\"attributes\":[" + list +
         "],\"integrity\":" + core::json(integrity_text(message, key)) +
         ",\"fingerprint\":" + core::json(to_string(check_fingerprint(message))) + "}";
}

std::string to_json(ParseError error, std::string_view source) {
  return "{\"source\":" + core::json(source) + ",\"error\":" + core::json(to_string(error)) + "}";
}

std::string name_of(AttributeType type) {
  const std::string_view name = to_string(type);
  return name == "unknown" ? hex(static_cast<std::uint16_t>(type), 4) : std::string{name};
}

std::string name_of(Method method) {
  const std::string_view name = to_string(method);
  return name == "unknown" ? hex(static_cast<std::uint16_t>(method), 3) : std::string{name};
}

}  // namespace lucid::stun
