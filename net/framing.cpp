#include "net/framing.hpp"

namespace lucid::net {

namespace {

constexpr std::size_t stun_header = 20;
constexpr std::size_t channel_header = 4;

constexpr std::size_t padding_of(std::size_t size) { return (4 - size % 4) % 4; }

// RFC 8489 5 and RFC 8656 12.4: the first two bits are 0 for STUN, 1 for ChannelData. The size of
// the message that begins with these four bytes.
std::optional<std::size_t> stun_size(core::Bytes head) {
  core::ByteReader in{head};
  const std::uint16_t type = in.u16();
  const std::uint16_t length = in.u16();
  if (!in.ok()) return std::nullopt;
  if (type >> 14 == 0 && length % 4 == 0) return stun_header + length;
  if (type >> 14 == 1) return channel_header + length;
  return std::nullopt;
}

}  // namespace

MessageReader::MessageReader(core::Framing framing, core::Pool& pool)
    : framing_{framing}, pool_{pool} {}

void MessageReader::feed(core::Bytes bytes) {
  if (broken_) return;
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(begin_));
  begin_ = 0;
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

std::optional<core::Buffer> MessageReader::next() {
  while (const auto at = extent()) {
    const core::Bytes message = core::Bytes{bytes_}.subspan(begin_ + at->prefix, at->message);
    begin_ += at->prefix + at->message + at->padding;
    // RFC 4571 2: an empty frame is allowed, and carries nothing.
    if (!message.empty()) return pool_.copy(message);
  }
  return std::nullopt;
}

// Where the next message lies, once all of it is there.
std::optional<MessageReader::Extent> MessageReader::extent() {
  const core::Bytes bytes = core::Bytes{bytes_}.subspan(begin_);
  if (broken_) return std::nullopt;
  Extent at;
  if (framing_ == core::Framing::rfc4571) {
    if (bytes.size() < 2) return std::nullopt;
    at = {.prefix = 2, .message = core::ByteReader{bytes}.u16(), .padding = 0};
  } else {
    if (bytes.size() < 4) return std::nullopt;
    const auto size = stun_size(bytes);
    if (!size) {
      broken_ = true;
      return std::nullopt;
    }
    // RFC 8656 12.5: over TCP and TLS, ChannelData is padded to four bytes; the length leaves it
    // out.
    at = {.prefix = 0, .message = *size, .padding = padding_of(*size)};
  }
  if (bytes.size() < at.prefix + at.message + at.padding) return std::nullopt;
  return at;
}

bool append_framed(core::Framing framing, core::Bytes message, std::vector<std::uint8_t>& out) {
  std::size_t padding = 0;
  if (framing == core::Framing::rfc4571) {
    if (message.size() > 0xFFFF) return false;
    out.push_back(static_cast<std::uint8_t>(message.size() >> 8));
    out.push_back(static_cast<std::uint8_t>(message.size()));
  } else {
    if (stun_size(message) != message.size()) return false;
    padding = padding_of(message.size());
  }
  out.insert(out.end(), message.begin(), message.end());
  out.insert(out.end(), padding, 0);
  return true;
}

}  // namespace lucid::net
