#pragma once
#include <memory>
#include <vector>

#include "net/http.hpp"

namespace lucid::net::detail {

// Takes HTTP/1.1 messages from a byte stream (RFC 9112), one after the other; chunked bodies come
// out whole.
class HttpParser {
 public:
  enum class Expects : std::uint8_t { requests, responses, response_to_head };
  enum class State : std::uint8_t { more, complete, header_too_large, body_too_large, malformed };

  HttpParser(Expects what, std::size_t max_header, std::size_t max_body);
  ~HttpParser();
  HttpParser(HttpParser&&) noexcept;
  HttpParser& operator=(HttpParser&&) noexcept;

  void feed(core::Bytes bytes);
  State parse();
  State end();  // the other end has closed: a message without a length ends here

  bool idle() const;  // nothing of a next message has come
  std::size_t waiting() const { return bytes_.size(); }
  bool wants_continue() const;  // RFC 9110 10.1.1: the sender waits before it sends the body
  bool keep_alive() const;
  // After State::complete. The parser is ready for the next message then.
  HttpRequest take_request();
  HttpResponse take_response();
  // What has come behind the last message: the beginning of another protocol.
  std::vector<std::uint8_t> take_rest() { return std::move(bytes_); }

 private:
  struct Engine;
  void renew();

  Expects what_;
  std::size_t max_header_;
  std::size_t max_body_;
  std::unique_ptr<Engine> engine_;  // made when the first byte of a message comes
  std::vector<std::uint8_t> bytes_;
};

}  // namespace lucid::net::detail
