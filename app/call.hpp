#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "app/call_options.hpp"
#include "app/channels.hpp"
#include "app/feeds.hpp"
#include "app/sinks.hpp"
#include "app/totals.hpp"
#include "net/driver.hpp"
#include "peer/negotiator.hpp"
#include "peer/peer_connection.hpp"

namespace lucid::app {

// One call of the native caller: a connection, what it sends and what becomes of what it receives.
// Either side may change anything at any time (perfect negotiation). When the connection breaks it
// restarts ICE, three times; then it is lost.
class Call {
 public:
  // On the loop's thread. None may destroy the call: post that.
  struct Handlers {
    std::move_only_function<void(const peer::SessionDescription&)> describe;
    std::move_only_function<void(const std::optional<peer::IceCandidate>&)> trickle;
    std::move_only_function<void(json)> tell;  // an event for people and programs
    std::move_only_function<void(peer::ConnectionState)> state;
    std::move_only_function<void()> lost;
  };

  // The configuration must have been accepted by check().
  Call(net::Loop& loop, CallConfig config, peer::Politeness politeness, Feeds& feeds,
       capture::Window* window, Handlers handlers);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // Whether calls can be made with this configuration; the error is a sentence.
  [[nodiscard]] static std::expected<void, std::string> check(net::Loop& loop,
                                                              const CallConfig& config);

  void offer();  // begins: what we have, what we want, a channel for chat
  [[nodiscard]] peer::Result<void> take(const peer::SessionDescription& description);
  [[nodiscard]] peer::Result<void> take(const std::optional<peer::IceCandidate>& candidate);
  // Whether a description is of another connection of the peer's: it has another certificate.
  bool is_over_for(std::string_view sdp) const;

  [[nodiscard]] peer::Result<void> add_track(core::MediaKind kind);
  [[nodiscard]] peer::Result<void> remove_track(core::MediaKind kind);
  [[nodiscard]] peer::Result<void> renegotiate();
  void restart_ice();
  bool say(const std::string& text);
  [[nodiscard]] std::expected<void, std::string> send_file(const std::string& path);
  // To a page that wants to show both sides' statistics.
  void tell_statistics();
  void close();

  peer::PeerConnection& connection() { return pc_; }
  Sinks& sinks() { return sinks_; }
  Channels& channels() { return channels_; }
  // All found so far.
  const std::vector<peer::IceCandidate>& local_candidates() const { return candidates_; }
  Phases phases() const;
  // As of now; after close() as they were then. They never fall, whatever comes and goes.
  Totals totals();

 private:
  struct Sent {
    Feeds::Id feed{};
    core::Codec codec{};
  };
  static peer::Configuration configure(net::Loop& loop, const CallConfig& config);
  void handle(peer::Event event);
  void changed(peer::ConnectionState state);
  void agreed();
  void expect(peer::Transceiver transceiver);
  void describe(const peer::SessionDescription& description);
  peer::Result<void> answer_first(const peer::SessionDescription& offer);
  peer::Result<void> take_early();
  void prefer(peer::Transceiver transceiver);
  void sync_senders();
  void send(peer::Sender sender, core::Codec codec);
  void limit(peer::Sender sender);
  void try_again();
  void pump() { driver_.pump(); }
  core::Time now() const { return loop_.now(); }

  net::Loop& loop_;
  CallConfig config_;
  Feeds& feeds_;
  Handlers handlers_;
  peer::PeerConnection pc_;
  peer::Negotiator negotiator_;
  Sinks sinks_;
  Channels channels_;
  Phases phases_;
  std::map<peer::TransceiverId, Sent> sent_;
  std::vector<peer::IceCandidate> candidates_;
  std::vector<std::optional<peer::IceCandidate>> early_;  // came before the first description
  Counted counted_;
  std::optional<Totals> final_;
  bool offers_ = false;
  bool held_back_ = false;  // a description that waits for all candidates
  int tracks_ = 0;          // made so far
  int restarts_ = 0;
  net::Timer retry_;
  net::Driver<peer::PeerConnection> driver_;
};

}  // namespace lucid::app
