#pragma once
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "media/outbox.hpp"
#include "media/send_pipeline.hpp"
#include "net/loop.hpp"
#include "peer/rtp_parameters.hpp"

namespace lucid::app {

// What this program sends: one source of each kind, encoded once for each codec that is asked for,
// and shared by all calls. A source is opened when the first call is connected and closed after the
// last one, so that no camera light is on without one.
class Feeds {
 public:
  enum class Id : std::uint32_t {};
  using Deliver = std::move_only_function<void(const core::EncodedFrame&)>;

  Feeds(net::Loop& loop, std::string video, std::string audio)
      : loop_{loop}, sources_{std::move(audio), std::move(video)} {}

  // Whether there is a source of this kind at all.
  bool has(core::MediaKind kind) const { return source_of(kind) != "none"; }
  // `deliver` is called on the loop's thread. The error is a sentence.
  [[nodiscard]] std::expected<Id, std::string> subscribe(core::Codec codec, Deliver deliver);
  void unsubscribe(Id id);
  void request_key_frame(Id id);
  // What this listener's path can carry, and how much of it is lost: the encoder follows the
  // poorest one, but does not spoil the picture of several for one of them.
  void follow(Id id, std::span<const peer::EncodingTarget> targets);
  void mute(core::MediaKind kind, bool muted);
  bool muted(core::MediaKind kind) const { return muted_[static_cast<std::size_t>(kind)]; }

 private:
  static constexpr std::uint64_t most_bitrate = 1'200'000;
  static constexpr std::uint64_t least_shared_bitrate = 200'000;

  struct Listener {
    Deliver deliver;
    std::uint64_t bitrate = most_bitrate;
    std::uint8_t expected_loss = 0;
  };
  struct Feed {
    std::map<Id, Listener> listeners;
    double framerate = 30;
    std::optional<media::Outbox> outbox;
    std::uint64_t dropped = 0;  // by the outbox, as far as somebody has done something about it
    std::unique_ptr<media::VideoSendPipeline> video;
    std::unique_ptr<media::AudioSendPipeline> audio;
  };
  const std::string& source_of(core::MediaKind kind) const {
    return sources_[static_cast<std::size_t>(kind)];
  }
  std::optional<std::string> start(const std::shared_ptr<Feed>& feed, core::Codec codec);
  void deliver(Feed& feed);
  Feed* feed_of(Id id);
  void allocate(Feed& feed);

  net::Loop& loop_;
  std::string sources_[2];  // by kind
  bool muted_[2] = {false, false};
  std::map<core::Codec, std::shared_ptr<Feed>> feeds_;
  std::uint32_t next_ = 1;
};

}  // namespace lucid::app
