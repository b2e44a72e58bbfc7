#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "media/receive_pipeline.hpp"
#include "media/send_pipeline.hpp"
#include "net/loop.hpp"
#include "peer/peer_connection.hpp"
#include "tests/browser/native/report.hpp"

namespace lucid::test {

// Test pictures and tones for what a connection sends, and a close look at what it receives.
class Tracks {
 public:
  Tracks(net::Loop& loop, peer::PeerConnection& pc, std::function<void()> pump);
  ~Tracks();

  // What the transceiver sends, once it does: a specification of capture's.
  void set_source(peer::TransceiverId id, std::string specification);
  // Starts and stops encoders as negotiation has it.
  void follow();
  void received(peer::Transceiver from, core::EncodedFrame frame, core::Time now);
  void key_frame_requested(peer::TransceiverId id, const std::string& rid);
  // Asks the peer for one, and counts the frames until it comes.
  void request_key_frame(peer::Transceiver from, core::Time now);
  void mute(peer::TransceiverId id, bool muted);
  json received_report() const;
  json sent_report() const;
  void stop();

 private:
  struct Sending {
    core::Codec codec = core::Codec::vp8;
    std::unique_ptr<media::VideoSendPipeline> video;
    std::unique_ptr<media::AudioSendPipeline> audio;
    std::uint64_t frames = 0;
    std::uint64_t requests = 0;  // of key frames, by the peer
    std::optional<int> waits;    // frames since such a request
    int longest_wait = 0;
  };
  // Counted on the pipeline's thread.
  struct Seen {
    std::mutex mutex;
    std::uint64_t pictures = 0;
    std::uint64_t numbered = 0;  // pictures with a number that could be read
    std::uint64_t gaps = 0;      // steps of more than one
    std::uint64_t backward = 0;
    std::uint64_t dark = 0;  // black pictures
    std::optional<std::uint16_t> last;
    std::uint64_t sounds = 0;
    std::uint64_t loud = 0;
    std::uint64_t silent = 0;
  };
  struct Receiving {
    core::Codec codec = core::Codec::vp8;
    std::uint64_t frames = 0;
    std::uint64_t keys = 0;
    std::optional<int> waits;  // frames since a key frame was asked for
    int longest_wait = 0;
    std::shared_ptr<Seen> seen = std::make_shared<Seen>();
    std::unique_ptr<media::VideoReceivePipeline> video;
    std::unique_ptr<media::AudioReceivePipeline> audio;
  };
  using Stream = std::pair<peer::TransceiverId, std::string>;

  void start(peer::Transceiver transceiver, core::Codec codec);
  media::Deliver to(peer::Sender sender);
  Receiving receiving(peer::Transceiver from);
  static void look(Seen& seen, const core::VideoFrame& picture);
  static void listen(Seen& seen, const core::AudioFrame& sound);

  net::Loop& loop_;
  peer::PeerConnection& pc_;
  std::function<void()> pump_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::map<peer::TransceiverId, std::string> sources_;
  std::map<peer::TransceiverId, Sending> sending_;
  std::map<Stream, Receiving> receiving_;
};

}  // namespace lucid::test
