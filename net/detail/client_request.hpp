#pragma once
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/detail/byte_channel.hpp"
#include "net/detail/http_parser.hpp"
#include "net/http_client.hpp"

namespace lucid::net::detail {

// What a server answered, and the connection it came by.
struct ClientAnswer {
  HttpResponse response;
  std::unique_ptr<ByteChannel> channel;
  std::vector<std::uint8_t> rest;  // what has come behind the response
};

// The way of one request: resolve, connect (one address after the other), TLS, send, read.
class ClientRequest final : private ByteChannel::Owner {
 public:
  using Done = std::move_only_function<void(std::expected<ClientAnswer, ConnectError>)>;

  ClientRequest(Loop& loop, std::string_view url, HttpRequest request, HttpClientOptions options,
                Done done);
  ~ClientRequest() override;

 private:
  void resolve();
  void connect_next(ConnectError otherwise);
  bool connect_to(const core::Ip& ip);
  std::string request_text() const;
  void fail(ConnectError error);  // may destroy this
  void fail_later(ConnectError error);

  void channel_opened() override;
  void channel_received(core::Bytes bytes) override;
  void channel_ended(core::PathError error) override;

  Loop& loop_;
  std::optional<Url> url_;
  HttpRequest request_;
  HttpClientOptions options_;
  Done done_;
  HttpParser parser_;
  std::vector<core::Ip> addresses_;
  std::unique_ptr<ByteChannel> channel_;
  ConnectError error_ = ConnectError::timed_out;  // what the timer tells when it expires
  Timer timer_;
  std::shared_ptr<ClientRequest*> self_ = std::make_shared<ClientRequest*>(this);
};

}  // namespace lucid::net::detail
