#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/feeds.hpp"
#include "app/timeline.hpp"
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
  core::trace::Sink* sink = nullptr;
  std::uint32_t id = 0;
};

// One call of the robot: a PeerConnection on a loop that sends the feeds from when it is connected.
// Chat on data channels is echoed (the word "echo" turns the media back as well), files are taken
// and forgotten, statistics are told once a second to who opens a channel for them (app/README.md).
class Session {
 public:
  Session(net::Loop& loop, std::shared_ptr<Feeds> feeds, SessionConfig config,
          SessionHandlers handlers);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] peer::Result<peer::SessionDescription> offer();
  // An offer, the first or a later one, gives our answer; an answer nothing.
  [[nodiscard]] peer::Result<std::optional<peer::SessionDescription>> take(
      const peer::SessionDescription& description);
  // Once the description has been said: candidates come after it.
  void pump();
  [[nodiscard]] peer::Result<void> add_candidate(
      const std::optional<peer::IceCandidate>& candidate);
  const peer::PeerConnection& connection() const { return *pc_; }
  // On: it sends what it receives, frame by frame, in place of the feeds.
  void echo_media(bool on);
  void close();

 private:
  struct File {
    std::uint64_t size = 0;
    std::uint64_t received = 0;
    bool begun = false;
  };

  void handle(peer::Event event);
  void hear(peer::events::ChannelMessage& it);
  void take_file(peer::DataChannel channel, const peer::DataMessage& message);
  void tell_statistics();
  void send_feeds();
  void stop_feeds();
  void send(peer::Sender sender, const core::EncodedFrame& frame, const void* source);

  net::Loop& loop_;
  std::shared_ptr<Feeds> feeds_;
  SessionHandlers handlers_;
  std::unique_ptr<peer::PeerConnection> pc_;
  std::unique_ptr<net::Driver<peer::PeerConnection>> driver_;
  struct Sent {
    core::Codec codec{};
    std::optional<Feeds::Id> feed;  // none while echoing
    Timeline timeline;
  };
  std::map<peer::TransceiverId, Sent> sent_;
  bool echoing_ = false;
  std::map<std::uint32_t, File> files_;        // by DataChannel::key
  std::vector<peer::DataChannel> statistics_;  // opened by who wants ours
  net::Timer tick_;
};

}  // namespace lucid::app
