#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "codec/video.hpp"
#include "core/media.hpp"
#include "core/time.hpp"

namespace lucid::media {

// What one encoding of a track gets: several of them are simulcast.
struct Encoding {
  std::string rid;
  bool active = true;
  std::uint32_t bitrate = 1'000'000;
  double scale_down = 1;  // of width and height each
  double framerate = 30;
  std::uint8_t temporal_layers = 1;
};
using Allocation = std::vector<Encoding>;

// One source's pictures through scaling and one encoder for each encoding. Has no thread and no
// clock, so a simulation can drive it: pictures go in with their times, encoded frames come out.
//
// Overload: while encoding takes more than most of the time between two pictures, the size goes
// down by a quarter at a time; it goes up again after a while of ease.
class VideoChain {
 public:
  VideoChain(codec::VideoEncoderConfig base, Allocation allocation);

  // Frames of all encodings, those of one picture together. `time` is the picture's, for the frame
  // rate.
  std::vector<core::EncodedFrame> encode(const core::VideoFrame& picture);
  // How long the last call took, by whatever clock the caller has.
  void took(core::Duration time);

  void allocate(Allocation allocation);
  // Of one encoding, or of all with an empty rid.
  void request_key_frame(const std::string& rid = {});
  // A black picture in place of what the source gives.
  void mute(bool muted) { muted_ = muted; }
  bool muted() const { return muted_; }

  struct Stats {
    std::uint64_t pictures = 0;
    std::uint64_t encoded = 0;
    std::uint64_t dropped = 0;  // by the frame rate or the rate control
    std::uint64_t failures = 0;
    double overload_scale = 1;  // what overload has made of the size
  };
  const Stats& stats() const { return stats_; }

 private:
  struct Branch {
    Encoding encoding;
    std::unique_ptr<codec::VideoEncoder> encoder;
    bool key_wanted = true;
    std::optional<core::Time> next;  // when its frame rate wants the next picture
  };
  void encode_branch(Branch& branch, const core::VideoFrame& picture,
                     std::vector<core::EncodedFrame>& out);
  bool due(Branch& branch, core::Time time) const;

  codec::VideoEncoderConfig base_;
  std::vector<Branch> branches_;
  bool muted_ = false;
  double load_ = 0;  // of the time between two pictures, smoothed
  int easy_pictures_ = 0;
  Stats stats_;
};

}  // namespace lucid::media
