#pragma once
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "net/driver.hpp"
#include "net/loop.hpp"
#include "peer/peer_connection.hpp"
#include "signaling/sdp_fragment.hpp"

namespace lucid::app {

// One connection of a relay: takes in the packets of a publisher, or passes packets to a viewer. No
// codec is touched.
class RelayLeg {
 public:
  // On the loop's thread. None of these may destroy the leg: post that.
  struct Handlers {
    std::move_only_function<void()> ready;  // the answer has all our candidates
    std::move_only_function<void(const peer::events::Packet&)> packet;
    std::move_only_function<void()> key_frame_wanted;
    std::move_only_function<void(peer::ConnectionState)> state;
  };

  RelayLeg(net::Loop& loop, core::trace::Sink* sink, std::uint32_t id, Handlers handlers);
  ~RelayLeg();

  // The errors are sentences.
  [[nodiscard]] std::expected<void, std::string> publish(const std::string& offer);
  // `codecs`: what will be passed on, the publisher's.
  [[nodiscard]] std::expected<void, std::string> view(const std::string& offer,
                                                      const std::vector<peer::RtpCodec>& codecs);
  [[nodiscard]] std::expected<void, std::string> restart(const signaling::SdpFragment& fragment);
  void trickle(const signaling::SdpFragment& fragment);

  std::string answer() const;  // as of now
  peer::ConnectionState state() const { return pc_->connection_state(); }
  std::vector<peer::RtpCodec> codecs();  // that this publisher may send
  void request_key_frame(const std::string& rid);
  void pass_on(const peer::events::Packet& packet);

 private:
  void handle(peer::Event event);
  std::expected<void, std::string> reply();
  void tell_ready();

  net::Loop& loop_;
  Handlers handlers_;
  std::unique_ptr<peer::PeerConnection> pc_;
  std::unique_ptr<net::Driver<peer::PeerConnection>> driver_;
  net::Timer patience_;  // for candidates
  bool waiting_ = false;
};

}  // namespace lucid::app
