#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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
  std::uint8_t spatial_layers = 1;  // VP9
};
using Allocation = std::vector<Encoding>;

// Why an encoding is smaller than asked for (webrtc-stats, qualityLimitationReason).
enum class Limitation : std::uint8_t { none, cpu, bandwidth };
std::string_view to_string(Limitation limitation);

// One source's pictures through a chain of scalers and one encoder for each encoding. Has no thread
// and no clock, so a simulation can drive it: pictures go in with their times, encoded frames come
// out.
//
// Overload: while encoding takes more than most of the time between two pictures, the size of all
// goes down by a quarter at a time; it goes up again after a while of ease. Quality: while an
// encoder can keep its rate only with the coarsest quantizer, the size of its encoding goes down
// likewise, but not that of a screen, where letters would go.
class VideoChain {
 public:
  VideoChain(codec::VideoEncoderConfig base, Allocation allocation);

  // Frames of all encodings, those of one picture together. `time` is the picture's, for the frame
  // rate.
  std::vector<core::EncodedFrame> encode(const core::VideoFrame& picture);
  // How long the last call took, by whatever clock the caller has.
  void took(core::Duration time);
  // A picture was left out because it came too late.
  void skipped();

  // Encodings that are not in the new allocation end.
  void allocate(Allocation allocation);
  // Of one encoding, or of all with an empty rid.
  void request_key_frame(const std::string& rid = {});
  // A black picture in place of what the source gives.
  void mute(bool muted) { muted_ = muted; }
  bool muted() const { return muted_; }

  struct EncodingStats {
    std::string rid;
    std::uint16_t width = 0;
    std::uint16_t height = 0;
    std::uint64_t frames = 0;
    std::uint64_t key_frames = 0;
    std::uint64_t bytes = 0;
    Limitation limitation = Limitation::none;
  };
  struct Stats {
    std::uint64_t pictures = 0;
    std::uint64_t encoded = 0;
    std::uint64_t dropped = 0;  // by the frame rate or the rate control
    std::uint64_t skipped = 0;  // too late to be worth encoding
    std::uint64_t failures = 0;
    double overload_scale = 1;  // what overload has made of the size
    std::vector<EncodingStats> encodings{};
  };
  Stats stats() const;

 private:
  struct Branch {
    Encoding encoding;
    std::unique_ptr<codec::VideoEncoder> encoder;
    bool key_wanted = true;
    std::optional<core::Time> next;  // when its frame rate wants the next picture
    double quality_scale = 1;
    double coarseness = 0;  // smoothed
    int fine_pictures = 0;
    EncodingStats stats{};
  };
  struct Size {
    std::uint16_t width;
    std::uint16_t height;
  };
  Size size_of(const Branch& branch, const core::VideoFrame& picture) const;
  void encode_branch(Branch& branch, const core::VideoFrame& picture,
                     std::vector<core::EncodedFrame>& out);
  void watch_quality(Branch& branch);
  static bool due(Branch& branch, core::Time time);

  codec::VideoEncoderConfig base_;
  std::vector<Branch> branches_;
  bool muted_ = false;
  double load_ = 0;  // of the time between two pictures, smoothed
  int easy_pictures_ = 0;
  Stats stats_;
};

}  // namespace lucid::media
