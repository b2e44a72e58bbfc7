#include "stun/describe.hpp"

#include <algorithm>

namespace lucid::stun {
namespace {

constexpr const char* malformed = "malformed: ";

std::string hex(std::uint64_t value, int digits) {
  std::string text = "0x";
  for (int i = digits - 1; i >= 0; --i) text += "0123456789abcdef"[value >> (4 * i) & 0xF];
  return text;
}

// Printable characters as they are, others as \xNN.
std::string quoted(core::Bytes bytes) {
  std::string text = "\"";
  for (const std::uint8_t byte : bytes) {
    if (byte == '"' || byte == '\\') {
      text += '\\';
      text += static_cast<char>(byte);
    } else if (byte < 0x20 || byte == 0x7F) {
      text += "\\x" + hex(byte, 2).substr(2);
    } else {
      text += static_cast<char>(byte);
    }
  }
  return text + "\"";
}

// The length of the UTF-8 character at the head of the text, 0 when there is none.
std::size_t utf8_length(std::string_view text) {
  const auto first = static_cast<std::uint8_t>(text[0]);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  if (length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<std::uint8_t>(text[i]) & 0xC0) != 0x80) return 0;
  }
  return length;
}

std::string error_text(const std::optional<Error>& error) {
  if (!error) return {};
  return std::to_string(static_cast<unsigned>(error->code)) + " " + std::string{error->reason};
}

std::string list_of_types(core::Bytes value) {
  std::string text;
  core::ByteReader in{value};
  while (in.remaining() >= 2) {
    if (!text.empty()) text += ", ";
    text += name_of(AttributeType{in.u16()});
  }
  return text;
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
    case AttributeType::icmp:
      return "type " + std::to_string(value >> 8 & 0xFF) + " code " + std::to_string(value & 0xFF);
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
    case AttributeType::address_error_code:
      return Form::error;
    case AttributeType::unknown_attributes:
      return Form::types;
    case AttributeType::password_algorithm:
    case AttributeType::password_algorithms:
      return Form::algorithms;
    case AttributeType::message_integrity:
    case AttributeType::message_integrity_sha256:
    case AttributeType::userhash:
    case AttributeType::even_port:
    case AttributeType::reservation_token:
    case AttributeType::padding:
    case AttributeType::icmp:
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

// RFC 8259 7. Bytes that are no UTF-8 become U+FFFD.
std::string json(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    const std::size_t length = utf8_length(text.substr(i));
    if (byte == '"' || byte == '\\') {
      out += '\\';
      out += text[i];
    } else if (byte < 0x20) {
      out += "\\u00" + hex(byte, 2).substr(2);
    } else {
      out += length == 0 ? "\xEF\xBF\xBD" : text.substr(i, length);
    }
    i += std::max<std::size_t>(length, 1);
  }
  return out + "\"";
}

std::string address_text(const Message& message, const Attribute& attribute) {
  const auto address = is_xored(attribute.type)
                           ? parse_xor_address(attribute.value, message.transaction())
                           : parse_address(attribute.value);
  return address ? address->text() : std::string{};
}

}  // namespace

std::string describe(const Message& message, const Attribute& attribute) {
  const core::Bytes value = attribute.value;
  std::string text;
  switch (form_of(attribute.type)) {
    case Form::opaque:
      return core::to_hex(value);
    case Form::text:
      return quoted(value);
    case Form::flag:
      if (value.empty()) return {};
      break;
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
    case Form::types:
      text = list_of_types(value);
      break;
    case Form::algorithms:
      text = algorithms(value);
      break;
  }
  return text.empty() ? malformed + core::to_hex(value) : text;
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
    list += "{\"type\":" + json(name_of(attribute.type)) +
            ",\"length\":" + std::to_string(attribute.value.size()) +
            ",\"value\":" + json(describe(message, attribute)) + "}";
  }
  return "{\"source\":" + json(source) + ",\"method\":" + json(name_of(message.method())) +
         ",\"class\":" + json(to_string(message.message_class())) +
         ",\"transaction\":" + json(core::to_hex(message.transaction())) +
         ",\"length\":" + std::to_string(message.bytes().size() - header_size) +
         ",\"attributes\":[" + list + "],\"integrity\":" + json(integrity_text(message, key)) +
         ",\"fingerprint\":" + json(to_string(check_fingerprint(message))) + "}";
}

std::string to_json(ParseError error, std::string_view source) {
  return "{\"source\":" + json(source) + ",\"error\":" + json(to_string(error)) + "}";
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
