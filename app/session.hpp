#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "media/receive_pipeline.hpp"
#include "media/send_pipeline.hpp"
#include "net/driver.hpp"
#include "net/loop.hpp"
#include "peer/peer_connection.hpp"

namespace lucid::app {

// What a session tells its owner, on the loop's thread. None of these may destroy the session: post
// that.
struct SessionHandlers {
  std::move_only_function<void(const peer::IceCandidate&)> candidate;
  std::move_only_function<void(peer::ConnectionState)> state;
};

struct SessionConfig {
  std::string video = "test";
  std::string audio = "tone";
  core::trace::Sink* sink = nullptr;
  std::uint32_t id = 0;
};

// One call: a PeerConnection on a loop, what it sends (opened only once the call is connected, so
// that no camera light goes on before), and what it receives. Messages on data channels are echoed.
class Session {
 public:
  Session(net::Loop& loop, SessionConfig config, SessionHandlers handlers);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Answers an offer, the first or a later one.
  [[nodiscard]] peer::Result<peer::SessionDescription> answer(
      const peer::SessionDescription& offer);
  [[nodiscard]] peer::Result<void> add_candidate(
      const std::optional<peer::IceCandidate>& candidate);
  // Whether a candidate with this user name fragment is of this call.
  bool has_remote_ufrag(std::string_view ufrag) const;
  void close();

  peer::PeerConnection& connection() { return *pc_; }
  std::uint64_t frames_received() const { return frames_received_; }

 private:
  void handle(peer::Event event);
  void connected();
  void send_video(peer::Sender sender);
  void send_audio(peer::Sender sender);
  media::Deliver to(peer::Sender sender);

  net::Loop& loop_;
  SessionConfig config_;
  SessionHandlers handlers_;
  std::unique_ptr<peer::PeerConnection> pc_;
  std::unique_ptr<net::Driver<peer::PeerConnection>> driver_;
  std::unique_ptr<media::VideoSendPipeline> video_;
  std::unique_ptr<media::AudioSendPipeline> audio_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::uint64_t frames_received_ = 0;
};

}  // namespace lucid::app
