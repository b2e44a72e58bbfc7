#include "net/mdns_message.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace lucid::net {

namespace {

constexpr std::uint16_t response_bit = 0x8000;
constexpr std::uint16_t authoritative_bit = 0x0400;
constexpr std::uint16_t opcode_and_rcode = 0x780F;
constexpr std::uint16_t class_in = 1;
constexpr std::uint16_t top_bit = 0x8000;  // of a class: unicast answer wanted, or cache flush
constexpr std::size_t max_name = 255;      // RFC 1035 2.3.4

// RFC 1035 5.1: in text, a dot within a label has a backslash before it.
void append_label(std::string& name, core::Bytes label) {
  if (!name.empty()) name += '.';
  for (const char c : core::as_text(label)) {
    if (c == '.' || c == '\\') name += '\\';
    name += c;
  }
}

// Reads one message; names may point back into it, so the whole of it is kept.
class Parser {
 public:
  explicit Parser(core::Bytes datagram) : all_{datagram}, in_{datagram} {}

  std::expected<MdnsMessage, MdnsParseError> parse();

 private:
  std::optional<std::string> name();
  bool labels_at(std::size_t at, std::string& name) const;
  bool question(MdnsMessage& message);
  bool record(std::vector<MdnsRecord>* into);

  core::Bytes all_;
  core::ByteReader in_;
};

std::expected<MdnsMessage, MdnsParseError> Parser::parse() {
  MdnsMessage message;
  message.id = in_.u16();
  const std::uint16_t flags = in_.u16();
  std::array<std::uint16_t, 4> counts{};
  for (std::uint16_t& count : counts) count = in_.u16();
  if (!in_.ok()) return std::unexpected(MdnsParseError::truncated);
  // RFC 6762 18.3, 18.11: messages with another opcode or a response code are ignored.
  if ((flags & opcode_and_rcode) != 0) {
    return std::unexpected(MdnsParseError::not_a_query_or_response);
  }
  message.kind =
      (flags & response_bit) != 0 ? MdnsMessage::Kind::response : MdnsMessage::Kind::query;
  const std::array<std::vector<MdnsRecord>*, 3> lists{&message.answers, nullptr,
                                                      &message.additional};
  bool names_good = true;
  for (int i = 0; i < counts[0] && names_good && in_.ok(); ++i) names_good = question(message);
  for (std::size_t list = 0; list < lists.size(); ++list) {
    for (int i = 0; i < counts[list + 1] && names_good && in_.ok(); ++i) {
      names_good = record(lists[list]);
    }
  }
  if (!in_.ok()) return std::unexpected(MdnsParseError::truncated);
  if (!names_good) return std::unexpected(MdnsParseError::bad_name);
  return message;
}

// RFC 1035 4.1.4: labels, ended by an empty one or by a pointer to the rest.
std::optional<std::string> Parser::name() {
  std::string name;
  while (in_.ok()) {
    const std::size_t start = in_.position();
    const std::uint8_t length = in_.u8();
    if (length == 0) return name;
    if ((length & 0xC0) == 0xC0) {
      const std::size_t target = static_cast<std::size_t>((length & 0x3F) << 8 | in_.u8());
      if (!in_.ok() || target >= start || !labels_at(target, name)) return std::nullopt;
      return name;
    }
    const core::Bytes label = in_.bytes(length);
    if (length > 63 || name.size() > max_name) return std::nullopt;
    append_label(name, label);
  }
  return std::nullopt;
}

// Each pointer must lead further back than the one before, so that this ends.
bool Parser::labels_at(std::size_t at, std::string& name) const {
  std::size_t limit = at + 1;
  while (at < all_.size()) {
    const std::uint8_t length = all_[at];
    if (length == 0) return true;
    if ((length & 0xC0) == 0xC0) {
      if (at + 1 >= all_.size()) return false;
      const std::size_t target = static_cast<std::size_t>((length & 0x3F) << 8 | all_[at + 1]);
      if (target + 1 >= limit) return false;
      at = target;
      limit = target + 1;
      continue;
    }
    if (length > 63 || at + 1 + length > all_.size() || name.size() > max_name) return false;
    append_label(name, all_.subspan(at + 1, length));
    at += 1U + length;
  }
  return false;
}

bool Parser::question(MdnsMessage& message) {
  auto asked = name();
  const std::uint16_t type = in_.u16();
  const std::uint16_t klass = in_.u16();
  if (!asked) return false;
  if ((klass & ~top_bit) == class_in || klass == 255) {
    message.questions.push_back({*std::move(asked), RecordType{type}, (klass & top_bit) != 0});
  }
  return true;
}

bool Parser::record(std::vector<MdnsRecord>* into) {
  auto owner = name();
  const RecordType type{in_.u16()};
  const std::uint16_t klass = in_.u16();
  const std::uint32_t ttl = in_.u32();
  const core::Bytes data = in_.bytes(in_.u16());
  if (!owner) return false;
  const bool address = (type == RecordType::a && data.size() == 4) ||
                       (type == RecordType::aaaa && data.size() == 16);
  if (!address || into == nullptr || (klass & ~top_bit) != class_in) return true;
  into->push_back({*std::move(owner), type, *core::Ip::from_bytes(data),
                   std::chrono::duration<std::uint32_t>{ttl}, (klass & top_bit) != 0});
  return true;
}

void write_name(core::ByteWriter& out, std::string_view name) {
  std::string label;
  const auto end_label = [&] {
    out.u8(static_cast<std::uint8_t>(label.size()));
    out.text(label);
    label.clear();
  };
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '.') {
      end_label();
    } else {
      if (name[i] == '\\' && i + 1 < name.size()) ++i;
      label += name[i];
    }
  }
  if (!name.empty()) end_label();
  out.u8(0);
}

// RFC 6762 6.1: the bitmap of a host that has one family of addresses. Bit 1 is A, bit 28 AAAA.
void write_nsec(core::ByteWriter& out, const MdnsRecord& record) {
  write_name(out, record.name);
  out.u8(0);  // window block
  if (record.ip.family() == core::Family::v4) {
    out.u8(1);
    out.u8(0x40);
  } else {
    out.u8(4);
    out.u32(0x00000008);
  }
}

void write_record(core::ByteWriter& out, const MdnsRecord& record) {
  write_name(out, record.name);
  out.u16(static_cast<std::uint16_t>(record.type));
  out.u16(static_cast<std::uint16_t>(class_in | (record.flush ? top_bit : 0)));
  out.u32(record.ttl.count());
  const std::size_t length_at = out.size();
  out.u16(0);
  if (record.type == RecordType::nsec) {
    write_nsec(out, record);
  } else {
    out.bytes(record.ip.bytes());
  }
  out.patch_u16(length_at, static_cast<std::uint16_t>(out.size() - length_at - 2));
}

}  // namespace

std::string_view to_string(MdnsParseError error) {
  switch (error) {
    case MdnsParseError::truncated:
      return "truncated";
    case MdnsParseError::bad_name:
      return "bad name";
    case MdnsParseError::not_a_query_or_response:
      return "not a query or response";
  }
  return "unknown";
}

std::expected<MdnsMessage, MdnsParseError> MdnsMessage::parse(core::Bytes datagram) {
  return Parser{datagram}.parse();
}

std::vector<std::uint8_t> MdnsMessage::serialize() const {
  std::vector<std::uint8_t> room(max_mdns_message);
  core::ByteWriter out{room};
  out.u16(id);
  // RFC 6762 18.2, 18.4: responses are authoritative.
  out.u16(kind == Kind::response ? response_bit | authoritative_bit : 0);
  out.u16(static_cast<std::uint16_t>(questions.size()));
  out.u16(static_cast<std::uint16_t>(answers.size()));
  out.u16(0);
  out.u16(static_cast<std::uint16_t>(additional.size()));
  for (const MdnsQuestion& one : questions) {
    write_name(out, one.name);
    out.u16(static_cast<std::uint16_t>(one.type));
    out.u16(static_cast<std::uint16_t>(class_in | (one.unicast ? top_bit : 0)));
  }
  for (const MdnsRecord& one : answers) write_record(out, one);
  for (const MdnsRecord& one : additional) write_record(out, one);
  room.resize(out.size());
  return room;
}

}  // namespace lucid::net
