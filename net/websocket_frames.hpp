#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/bytes.hpp"

// The wire side of WebSocket (RFC 6455): frames and messages, without sockets.
namespace lucid::net {

enum class WebSocketRole : std::uint8_t { client, server };
enum class MessageKind : std::uint8_t { text = 1, binary = 2 };

// RFC 6455 7.4.1.
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported_data = 1003,
  none = 1005,      // never sent: the other side gave no code
  abnormal = 1006,  // never sent: the connection ended without a close frame
  bad_data = 1007,
  policy = 1008,
  too_big = 1009,
  internal_error = 1011,
};

// What comes in, put together from frames.
struct WebSocketMessage {
  MessageKind kind = MessageKind::text;
  std::string data;
};
struct WebSocketPing {
  std::string data;
};
struct WebSocketPong {
  std::string data;
};
struct WebSocketClose {
  CloseCode code = CloseCode::none;
  std::string reason;
};
using WebSocketItem = std::variant<WebSocketMessage, WebSocketPing, WebSocketPong, WebSocketClose>;

// Takes a byte stream apart into messages.
//
//    0                   1                   2                   3         (RFC 6455 5.2)
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-------+-+-------------+-------------------------------+
//   |F|R|R|R| opcode|M| length (7)  | 16 or 64 bits more of length  |
//   |I|S|S|S|  (4)  |A|             | if that was 126 or 127, then  |
//   |N|V|V|V|       |S|             | 32 bits of masking key if     |
//   | |1|2|3|       |K|             | MASK is set, then the payload |
//   +-+-+-+-+-------+-+-------------+-------------------------------+
class WebSocketReader {
 public:
  // `role` is whose reader this is. A message may have at most this many bytes.
  WebSocketReader(WebSocketRole role, std::size_t max_message);

  void feed(core::Bytes bytes);
  std::optional<WebSocketItem> next();
  // Set once the stream has broken a rule; nothing more comes out of it. The code to close with.
  std::optional<CloseCode> error() const { return error_; }

 private:
  struct Header {
    std::uint8_t flags = 0;
    std::uint8_t opcode = 0;
    std::size_t size = 0;  // of the header
    std::uint64_t length = 0;
    std::array<std::uint8_t, 4> mask{};
  };
  std::optional<Header> header();
  std::optional<CloseCode> objection(const Header& header) const;
  std::optional<WebSocketItem> take(const Header& header);
  std::optional<WebSocketItem> control(const Header& header, std::string payload);
  std::optional<WebSocketItem> data(const Header& header, std::string payload);
  std::optional<WebSocketItem> fail(CloseCode code);

  WebSocketRole role_;
  std::size_t max_message_;
  std::vector<std::uint8_t> bytes_;
  std::size_t begin_ = 0;
  std::optional<WebSocketMessage> partial_;  // fragments so far
  std::optional<CloseCode> error_;
};

// Appends one frame that is a whole message. A client passes a random masking key (RFC 6455 5.3).
using MaskingKey = std::array<std::uint8_t, 4>;
void append_frame(const WebSocketItem& item, std::optional<MaskingKey> mask,
                  std::vector<std::uint8_t>& out);
void append_message(MessageKind kind, core::Bytes payload, std::optional<MaskingKey> mask,
                    std::vector<std::uint8_t>& out);

// RFC 6455 4.2.2: what a server answers to a client's Sec-WebSocket-Key.
std::string websocket_accept(std::string_view key);
// RFC 3629.
bool is_utf8(std::string_view text);

}  // namespace lucid::net
