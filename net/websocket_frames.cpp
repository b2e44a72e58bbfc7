#include "net/websocket_frames.hpp"

#include <openssl/evp.h>

#include <algorithm>

#include "core/handle.hpp"

namespace lucid::net {

namespace {

constexpr std::uint8_t fin = 0x80;
constexpr std::uint8_t reserved = 0x70;
constexpr std::uint8_t masked = 0x80;
constexpr std::size_t keep_capacity = 4096;

enum Opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10
};

bool is_control(std::uint8_t opcode) { return (opcode & 8) != 0; }

// RFC 6455 7.4: codes that may stand in a frame.
bool valid_close_code(std::uint16_t code) {
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
         (code >= 3000 && code <= 4999);
}

void append_header(std::uint8_t opcode, std::size_t length, std::optional<MaskingKey> mask,
                   std::vector<std::uint8_t>& out) {
  std::array<std::uint8_t, 14> room;
  core::ByteWriter header{room};
  header.u8(fin | opcode);
  const std::uint8_t mask_bit = mask ? masked : 0;
  if (length < 126) {
    header.u8(static_cast<std::uint8_t>(mask_bit | length));
  } else if (length <= 0xFFFF) {
    header.u8(mask_bit | 126);
    header.u16(static_cast<std::uint16_t>(length));
  } else {
    header.u8(mask_bit | 127);
    header.u64(length);
  }
  if (mask) header.bytes(*mask);
  out.insert(out.end(), header.written().begin(), header.written().end());
}

void append(std::uint8_t opcode, core::Bytes payload, std::optional<MaskingKey> mask,
            std::vector<std::uint8_t>& out) {
  append_header(opcode, payload.size(), mask, out);
  const std::size_t start = out.size();
  out.insert(out.end(), payload.begin(), payload.end());
  if (!mask) return;
  for (std::size_t i = 0; i < payload.size(); ++i) out[start + i] ^= (*mask)[i % 4];
}

// RFC 3629 4: no overlong forms, no surrogates, nothing above U+10FFFF. The size of the character
// at the front; 0 when there is none.
std::size_t character_size(core::Bytes bytes) {
  const std::uint8_t lead = bytes[0];
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (bytes.size() < size) return 0;
  const std::uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const std::uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (bytes[1] < low || bytes[1] > high) return 0;
  const auto tail = bytes.subspan(2, size - 2);
  return std::ranges::all_of(tail, [](auto one) { return (one & 0xC0) == 0x80; }) ? size : 0;
}

}  // namespace

WebSocketReader::WebSocketReader(WebSocketRole role, std::size_t max_message)
    : role_{role}, max_message_{max_message} {}

void WebSocketReader::feed(core::Bytes bytes) {
  if (error_) return;
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

std::optional<WebSocketItem> WebSocketReader::next() {
  while (!error_) {
    const auto head = header();
    if (!head) break;
    if (const auto code = objection(*head)) return fail(*code);
    if (bytes_.size() - begin_ < head->size + head->length) break;
    if (auto item = take(*head)) return item;
  }
  // What has been read goes; an idle connection keeps little.
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(begin_));
  begin_ = 0;
  if (bytes_.empty() && bytes_.capacity() > keep_capacity) bytes_.shrink_to_fit();
  return std::nullopt;
}

std::optional<WebSocketReader::Header> WebSocketReader::header() {
  core::ByteReader in{core::Bytes{bytes_}.subspan(begin_)};
  Header head;
  const std::uint8_t first = in.u8();
  const std::uint8_t second = in.u8();
  head.flags = first & 0xF0;
  head.opcode = first & 0x0F;
  head.length = second & 0x7F;
  if (head.length == 126) head.length = in.u16();
  if (head.length == 127) head.length = in.u64();
  const bool is_masked = (second & masked) != 0;
  if (is_masked) std::ranges::copy(in.bytes(4), head.mask.begin());
  if (!in.ok()) return std::nullopt;
  // RFC 6455 5.1: a client masks every frame, a server none.
  if (is_masked != (role_ == WebSocketRole::server)) fail(CloseCode::protocol_error);
  head.size = in.position();
  return head;
}

// Whether the frame may not come, judged by its header alone, so that nobody waits for a payload in
// vain.
std::optional<CloseCode> WebSocketReader::objection(const Header& head) const {
  if (error_) return error_;
  // RFC 6455 5.2: no extension was agreed on that would give the reserved bits a meaning.
  if ((head.flags & reserved) != 0) return CloseCode::protocol_error;
  if (is_control(head.opcode)) {
    // RFC 6455 5.5: control frames are short and whole.
    const bool known = head.opcode == close || head.opcode == ping || head.opcode == pong;
    if (!known || head.length > 125 || (head.flags & fin) == 0) return CloseCode::protocol_error;
    return std::nullopt;
  }
  // RFC 6455 5.4: a continuation continues something, and nothing else begins before its end.
  if (head.opcode > binary || (head.opcode == continuation) != partial_.has_value()) {
    return CloseCode::protocol_error;
  }
  const std::size_t before = partial_ ? partial_->data.size() : 0;
  if (head.length > max_message_ - before) return CloseCode::too_big;
  return std::nullopt;
}

std::optional<WebSocketItem> WebSocketReader::take(const Header& head) {
  const auto length = static_cast<std::size_t>(head.length);
  const core::Bytes payload = core::Bytes{bytes_}.subspan(begin_ + head.size, length);
  std::string text{core::as_text(payload)};
  if (role_ == WebSocketRole::server) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      text[i] = static_cast<char>(static_cast<std::uint8_t>(text[i]) ^ head.mask[i % 4]);
    }
  }
  begin_ += head.size + length;
  return is_control(head.opcode) ? control(head, std::move(text)) : data(head, std::move(text));
}

std::optional<WebSocketItem> WebSocketReader::control(const Header& head, std::string payload) {
  if (head.opcode == ping) return WebSocketPing{std::move(payload)};
  if (head.opcode == pong) return WebSocketPong{std::move(payload)};
  // RFC 6455 5.5.1: a code of two bytes and a reason in UTF-8, or nothing.
  if (payload.empty()) return WebSocketClose{};
  core::ByteReader in{core::as_bytes(payload)};
  const std::uint16_t code = in.u16();
  if (!in.ok() || !valid_close_code(code)) return fail(CloseCode::protocol_error);
  payload.erase(0, 2);
  if (!is_utf8(payload)) return fail(CloseCode::bad_data);
  return WebSocketClose{CloseCode{code}, std::move(payload)};
}

std::optional<WebSocketItem> WebSocketReader::data(const Header& head, std::string payload) {
  if (!partial_) {
    partial_ = WebSocketMessage{MessageKind{head.opcode}, std::move(payload)};
  } else {
    partial_->data += payload;
  }
  if ((head.flags & fin) == 0) return std::nullopt;
  WebSocketMessage message = std::move(*partial_);
  partial_.reset();
  // RFC 6455 8.1: text is UTF-8, or the connection fails.
  if (message.kind == MessageKind::text && !is_utf8(message.data)) {
    return fail(CloseCode::bad_data);
  }
  return message;
}

std::optional<WebSocketItem> WebSocketReader::fail(CloseCode code) {
  if (!error_) error_ = code;
  return std::nullopt;
}

void append_message(MessageKind kind, core::Bytes payload, std::optional<MaskingKey> mask,
                    std::vector<std::uint8_t>& out) {
  append(static_cast<std::uint8_t>(kind), payload, mask, out);
}

void append_frame(const WebSocketItem& item, std::optional<MaskingKey> mask,
                  std::vector<std::uint8_t>& out) {
  std::visit(
      core::Overloaded{
          [&](const WebSocketMessage& one) {
            append_message(one.kind, core::as_bytes(one.data), mask, out);
          },
          [&](const WebSocketPing& one) {
            append(ping,
                   core::as_bytes(one.data).first(std::min<std::size_t>(one.data.size(), 125)),
                   mask, out);
          },
          [&](const WebSocketPong& one) {
            append(pong,
                   core::as_bytes(one.data).first(std::min<std::size_t>(one.data.size(), 125)),
                   mask, out);
          },
          [&](const WebSocketClose& one) {
            if (one.code == CloseCode::none) return append(close, {}, mask, out);
            std::array<std::uint8_t, 125> room;
            core::ByteWriter payload{room};
            payload.u16(static_cast<std::uint16_t>(one.code));
            payload.text(std::string_view{one.reason}.substr(0, 123));
            append(close, payload.written(), mask, out);
          },
      },
      item);
}

std::string websocket_accept(std::string_view key) {
  std::string text{key};
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 1.3
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::array<unsigned char, 64> encoded;
  const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
  return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(length)};
}

bool is_utf8(std::string_view text) {
  core::Bytes rest = core::as_bytes(text);
  while (!rest.empty()) {
    const std::size_t size = character_size(rest);
    if (size == 0) return false;
    rest = rest.subspan(size);
  }
  return true;
}

}  // namespace lucid::net
