#pragma once
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "app/feeds.hpp"
#include "app/sinks.hpp"
#include "app/totals.hpp"
#include "net/driver.hpp"
#include "net/http_client.hpp"
#include "peer/peer_connection.hpp"

namespace lucid::app {

struct WhipOptions {
  std::string url;
  std::string token;
  bool publishes = true;
  std::string video = "test";
  std::string audio = "tone";
  std::string record;
  std::optional<net::TlsContext> tls;
  core::trace::Sink* sink = nullptr;
};

// A publisher by WHIP (RFC 9725), or a viewer by WHEP: an offer with all its candidates goes up,
// the answer comes back with the address of the session.
class WhipClient {
 public:
  // On the loop's thread. None may destroy the client: post that.
  struct Handlers {
    std::move_only_function<void(std::string state)> state;  // in words
    std::move_only_function<void(std::string why)> failed;   // a sentence
    std::move_only_function<void()> ended;                   // after end()
  };

  WhipClient(net::Loop& loop, WhipOptions options, Handlers handlers);
  ~WhipClient();

  void end();  // DELETE, then `ended`
  Totals totals();
  bool connected() const { return pc_->connection_state() == peer::ConnectionState::connected; }
  std::optional<core::VideoFrame> picture() { return sinks_.picture(true); }

 private:
  std::expected<void, std::string> offer();
  void post();
  void answered(const std::expected<net::HttpResponse, net::ConnectError>& answer);
  void handle(peer::Event event);
  void send_feeds();
  net::HttpRequest request(std::string method) const;

  net::Loop& loop_;
  WhipOptions options_;
  Handlers handlers_;
  Feeds feeds_;
  Sinks sinks_;
  std::unique_ptr<peer::PeerConnection> pc_;
  std::unique_ptr<net::Driver<peer::PeerConnection>> driver_;
  std::map<peer::TransceiverId, Feeds::Id> sent_;
  std::unique_ptr<net::HttpCall> call_;
  std::string session_;  // its URL
  bool asked_ = false;
};

}  // namespace lucid::app
