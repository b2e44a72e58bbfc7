#include "media/video_chain.hpp"

#include <algorithm>
#include <cmath>

namespace lucid::media {

namespace {

using namespace std::chrono_literals;

constexpr double overloaded = 0.85;
constexpr double at_ease = 0.4;
constexpr int ease_needed = 300;  // pictures: ten seconds at 30
constexpr double step_down = 0.75;
constexpr double least_scale = 0.25;
constexpr double smoothing = 0.05;
// Pictures do not come evenly to the microsecond; this much too early is not too early.
constexpr core::Duration slack = 5ms;

std::uint16_t scaled(std::uint16_t size, double factor) {
  // Even sizes spare encoders a padded column.
  const auto pixels = static_cast<std::uint16_t>(std::lround(size * factor));
  return std::max<std::uint16_t>(16, pixels & ~std::uint16_t{1});
}

}  // namespace

VideoChain::VideoChain(codec::VideoEncoderConfig base, Allocation allocation)
    : base_{std::move(base)} {
  allocate(std::move(allocation));
}

void VideoChain::allocate(Allocation allocation) {
  for (Encoding& encoding : allocation) {
    const auto same = [&](const Branch& branch) { return branch.encoding.rid == encoding.rid; };
    auto found = std::ranges::find_if(branches_, same);
    if (found == branches_.end()) found = branches_.insert(branches_.end(), Branch{});
    // An encoding that was switched on again is of no use without a key frame.
    if (encoding.active && !found->encoding.active) found->key_wanted = true;
    if (encoding.temporal_layers != found->encoding.temporal_layers) found->encoder.reset();
    if (found->encoder && encoding.bitrate > 0) {
      (void)found->encoder->set_rates(encoding.bitrate, encoding.framerate);
    }
    found->encoding = std::move(encoding);
  }
}

void VideoChain::request_key_frame(const std::string& rid) {
  for (Branch& branch : branches_) {
    if (rid.empty() || branch.encoding.rid == rid) branch.key_wanted = true;
  }
}

bool VideoChain::due(Branch& branch, core::Time time) const {
  const core::Duration interval{static_cast<std::int64_t>(1e6 / branch.encoding.framerate)};
  if (branch.next && time + slack < *branch.next) return false;
  const bool behind = !branch.next || time - *branch.next > interval;
  branch.next = (behind ? time : *branch.next) + interval;
  return true;
}

std::vector<core::EncodedFrame> VideoChain::encode(const core::VideoFrame& picture) {
  ++stats_.pictures;
  std::vector<core::EncodedFrame> out;
  core::VideoFrame dark;
  if (muted_) {
    dark = codec::black(picture.width, picture.height);
    dark.capture_time = picture.capture_time;
    dark.rtp_timestamp = picture.rtp_timestamp;
  }
  for (Branch& branch : branches_) {
    if (!branch.encoding.active || branch.encoding.bitrate == 0) continue;
    if (!due(branch, picture.capture_time)) {
      ++stats_.dropped;
      continue;
    }
    encode_branch(branch, muted_ ? dark : picture, out);
  }
  return out;
}

void VideoChain::encode_branch(Branch& branch, const core::VideoFrame& picture,
                               std::vector<core::EncodedFrame>& out) {
  const double factor = stats_.overload_scale / std::max(1.0, branch.encoding.scale_down);
  const std::uint16_t width = scaled(picture.width, factor);
  const std::uint16_t height = scaled(picture.height, factor);
  if (!branch.encoder) {
    codec::VideoEncoderConfig config = base_;
    config.width = width;
    config.height = height;
    config.bitrate = branch.encoding.bitrate;
    config.framerate = branch.encoding.framerate;
    config.temporal_layers = branch.encoding.temporal_layers;
    config.rid = branch.encoding.rid;
    auto made = codec::make_encoder(config);
    if (!made) {
      ++stats_.failures;
      return;
    }
    branch.encoder = std::move(*made);
  }
  const auto key = branch.key_wanted ? codec::KeyFrame::now : codec::KeyFrame::if_needed;
  const bool same_size = width == picture.width && height == picture.height;
  auto frames =
      branch.encoder->encode(same_size ? picture : codec::scale(picture, width, height), key);
  if (!frames) {
    // It begins anew with the next picture, with a key frame.
    ++stats_.failures;
    branch.encoder.reset();
    branch.key_wanted = true;
    return;
  }
  if (frames->empty()) ++stats_.dropped;
  for (core::EncodedFrame& frame : *frames) {
    if (frame.key) branch.key_wanted = false;
    ++stats_.encoded;
    out.push_back(std::move(frame));
  }
}

void VideoChain::took(core::Duration time) {
  double fastest = 1;
  for (const Branch& branch : branches_) {
    if (branch.encoding.active) fastest = std::max(fastest, branch.encoding.framerate);
  }
  const double share = static_cast<double>(time.count()) * fastest / 1e6;
  load_ += (share - load_) * smoothing;
  easy_pictures_ = load_ < at_ease ? easy_pictures_ + 1 : 0;
  if (load_ > overloaded && stats_.overload_scale > least_scale) {
    stats_.overload_scale = std::max(least_scale, stats_.overload_scale * step_down);
    load_ *= step_down * step_down;  // fewer pixels, and not to be judged by the old load
  } else if (easy_pictures_ >= ease_needed && stats_.overload_scale < 1) {
    stats_.overload_scale = std::min(1.0, stats_.overload_scale / step_down);
    easy_pictures_ = 0;
  }
}

}  // namespace lucid::media
