#include "media/video_chain.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>

namespace lucid::media {

namespace {

using namespace std::chrono_literals;

constexpr double overloaded = 0.85;
constexpr double at_ease = 0.4;
constexpr int ease_needed = 300;  // pictures: ten seconds at 30
constexpr double step_down = 0.75;
constexpr double least_scale = 0.25;
constexpr double smoothing = 0.05;
// Of Encoder::coarseness, smoothed: from where a smaller picture looks better, and up to where
// there are bits to spare for a larger one.
constexpr double too_coarse = 0.95;
constexpr double fine = 0.6;
constexpr double coarseness_smoothing = 0.03;
constexpr int least_height = 90;
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
  std::erase_if(branches_, [&](const Branch& branch) {
    return std::ranges::find(allocation, branch.encoding.rid, &Encoding::rid) == allocation.end();
  });
  for (Encoding& encoding : allocation) {
    encoding.framerate = std::max(1.0, encoding.framerate);
    const auto same = [&](const Branch& branch) { return branch.encoding.rid == encoding.rid; };
    auto found = std::ranges::find_if(branches_, same);
    if (found == branches_.end()) {
      found = branches_.insert(branches_.end(), Branch{});
      found->stats.rid = encoding.rid;
    }
    // An encoding that was switched on again is of no use without a key frame.
    const bool was_on = found->encoding.active && found->encoding.bitrate > 0;
    if (encoding.active && encoding.bitrate > 0 && !was_on) found->key_wanted = true;
    if (encoding.temporal_layers != found->encoding.temporal_layers ||
        encoding.spatial_layers != found->encoding.spatial_layers) {
      found->encoder.reset();
    }
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

bool VideoChain::due(Branch& branch, core::Time time) {
  const core::Duration interval{static_cast<std::int64_t>(1e6 / branch.encoding.framerate)};
  // A source that counts anew is taken as it comes.
  const bool goes_on =
      branch.next && time - *branch.next <= interval && *branch.next - time <= 2 * interval;
  if (goes_on && time + slack < *branch.next) return false;
  branch.next = (goes_on ? *branch.next : time) + interval;
  return true;
}

VideoChain::Size VideoChain::size_of(const Branch& branch, const core::VideoFrame& picture) const {
  const double factor =
      stats_.overload_scale * branch.quality_scale / std::max(1.0, branch.encoding.scale_down);
  return {scaled(picture.width, factor), scaled(picture.height, factor)};
}

std::vector<core::EncodedFrame> VideoChain::encode(const core::VideoFrame& picture) {
  ++stats_.pictures;
  core::VideoFrame dark;
  if (muted_) {
    dark = codec::black(picture.width, picture.height);
    dark.capture_time = picture.capture_time;
    dark.rtp_timestamp = picture.rtp_timestamp;
  }
  const core::VideoFrame& original = muted_ ? dark : picture;
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < branches_.size(); ++i) {
    if (!branches_[i].encoding.active || branches_[i].encoding.bitrate == 0) continue;
    if (due(branches_[i], picture.capture_time)) {
      wanted.push_back(i);
    } else {
      ++stats_.dropped;
    }
  }
  // Largest first, each made from the one before it: halving a half costs a quarter.
  std::ranges::stable_sort(wanted, std::greater{}, [&](std::size_t i) {
    const Size size = size_of(branches_[i], original);
    return size.width * size.height;
  });
  std::vector<std::vector<core::EncodedFrame>> parts(branches_.size());
  core::VideoFrame smaller;
  const core::VideoFrame* from = &original;
  for (const std::size_t i : wanted) {
    const Size size = size_of(branches_[i], original);
    if (size.width != from->width || size.height != from->height) {
      smaller = codec::scale(*from, size.width, size.height);
      from = &smaller;
    }
    encode_branch(branches_[i], *from, parts[i]);
  }
  std::vector<core::EncodedFrame> out;
  for (auto& part : parts) std::ranges::move(part, std::back_inserter(out));
  return out;
}

void VideoChain::encode_branch(Branch& branch, const core::VideoFrame& picture,
                               std::vector<core::EncodedFrame>& out) {
  if (!branch.encoder) {
    codec::VideoEncoderConfig config = base_;
    config.width = picture.width;
    config.height = picture.height;
    config.bitrate = branch.encoding.bitrate;
    config.framerate = branch.encoding.framerate;
    config.temporal_layers = branch.encoding.temporal_layers;
    config.spatial_layers = branch.encoding.spatial_layers;
    config.rid = branch.encoding.rid;
    auto made = codec::make_encoder(config);
    if (!made) {
      ++stats_.failures;
      return;
    }
    branch.encoder = std::move(*made);
  }
  const auto key = branch.key_wanted ? codec::KeyFrame::now : codec::KeyFrame::if_needed;
  auto frames = branch.encoder->encode(picture, key);
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
    branch.stats.width = picture.width;
    branch.stats.height = picture.height;
    branch.stats.bytes += frame.data.size();
    if (frame.last_of_picture) ++branch.stats.frames;
    if (frame.key && frame.spatial_layer == 0) ++branch.stats.key_frames;
    out.push_back(std::move(frame));
  }
  watch_quality(branch);
}

void VideoChain::watch_quality(Branch& branch) {
  if (base_.content == codec::Content::screen || muted_) return;
  branch.coarseness += (branch.encoder->coarseness() - branch.coarseness) * coarseness_smoothing;
  branch.fine_pictures = branch.coarseness < fine ? branch.fine_pictures + 1 : 0;
  if (branch.coarseness > too_coarse && branch.stats.height * step_down >= least_height) {
    branch.quality_scale = std::max(least_scale, branch.quality_scale * step_down);
    branch.coarseness = (too_coarse + fine) / 2;
  } else if (branch.fine_pictures >= ease_needed && branch.quality_scale < 1) {
    branch.quality_scale = std::min(1.0, branch.quality_scale / step_down);
    branch.fine_pictures = 0;
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

void VideoChain::skipped() { ++stats_.skipped; }

VideoChain::Stats VideoChain::stats() const {
  Stats stats = stats_;
  for (const Branch& branch : branches_) {
    EncodingStats& each = stats.encodings.emplace_back(branch.stats);
    if (branch.quality_scale < 1) each.limitation = Limitation::bandwidth;
    if (stats.overload_scale < 1) each.limitation = Limitation::cpu;
  }
  return stats;
}

std::string_view to_string(Limitation limitation) {
  switch (limitation) {
    case Limitation::none:
      return "none";
    case Limitation::cpu:
      return "cpu";
    case Limitation::bandwidth:
      return "bandwidth";
  }
  return "unknown";
}

}  // namespace lucid::media
