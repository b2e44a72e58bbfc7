#include <algorithm>
#include <cmath>
#include <cstring>

#include "codec/detail/engines.hpp"

namespace lucid::codec {

namespace {

constexpr std::uint8_t black_luma = 16;
constexpr std::uint8_t neutral_chroma = 128;

}  // namespace

namespace detail {

bool whole(const core::VideoFrame& frame) {
  return sound(frame.width, frame.height) &&
         frame.planes.size() == core::VideoFrame::luma_size(frame.width, frame.height) +
                                    2 * core::VideoFrame::chroma_size(frame.width, frame.height);
}

core::EncodedFrame encoded_from(core::Codec codec, const core::VideoFrame& frame,
                                const std::string& rid) {
  core::EncodedFrame out;
  out.codec = codec;
  out.width = frame.width;
  out.height = frame.height;
  out.capture_time = frame.capture_time;
  out.rtp_timestamp = frame.rtp_timestamp;
  out.rotation = frame.rotation;
  out.rid = rid;
  return out;
}

core::EncodedFrame encoded_from(core::Codec codec, const core::AudioFrame& frame, std::int64_t id) {
  core::EncodedFrame out;
  out.codec = codec;
  out.key = true;
  out.id = id;
  out.capture_time = frame.capture_time;
  out.rtp_timestamp = frame.rtp_timestamp;
  const auto samples = static_cast<std::int64_t>(frame.samples.size() / frame.channels);
  out.duration = core::Duration{samples * 1'000'000 / frame.sample_rate};
  return out;
}

core::AudioFrame fade(std::vector<std::int16_t>& last, std::uint32_t rate, core::Duration length) {
  core::AudioFrame out;
  out.sample_rate = rate;
  const std::int64_t count = std::max<std::int64_t>(0, length.count()) * rate / 1'000'000;
  out.samples.resize(static_cast<std::size_t>(count));
  for (std::int16_t& sample : last) sample = static_cast<std::int16_t>(sample / 2);
  for (std::size_t i = 0; i < out.samples.size() && !last.empty(); ++i) {
    out.samples[i] = last[i % last.size()];
  }
  return out;
}

std::uint8_t temporal_layer_at(std::uint8_t layers, std::int64_t picture) {
  constexpr std::uint8_t of_three[] = {0, 2, 1, 2};
  if (layers <= 1) return 0;
  if (layers == 2) return static_cast<std::uint8_t>(picture % 2);
  return of_three[picture % 4];
}

void Dependencies::next(core::EncodedFrame& frame, std::uint8_t temporal_layer) {
  frame.id = next_id_++;
  frame.temporal_layer = temporal_layer;
  frame.discardable = layers_ > 1 && temporal_layer + 1 == layers_;
  if (frame.key) {
    std::ranges::fill(latest_, -1);
    since_key_ = 0;
  } else {
    std::int64_t reference = latest_[0];
    for (std::uint8_t layer = 1; layer <= temporal_layer && layer + 1 < layers_; ++layer) {
      reference = std::max(reference, latest_[layer]);
    }
    if (reference >= 0) frame.depends_on.push_back(reference);
  }
  latest_[temporal_layer] = frame.id;
  ++since_key_;
}

void Dependencies::above(core::EncodedFrame& frame, const core::EncodedFrame& base,
                         std::int64_t layer_below) {
  frame.id = next_id_++;
  frame.key = false;
  frame.temporal_layer = base.temporal_layer;
  frame.discardable = base.discardable;
  frame.depends_on.push_back(layer_below);
  if (!base.depends_on.empty())
    frame.depends_on.push_back(frame.id - (base.id - base.depends_on.front()));
}

Planes planes_of(const core::VideoFrame& frame) {
  const std::uint8_t* y = frame.planes.data();
  const std::uint8_t* u = y + core::VideoFrame::luma_size(frame.width, frame.height);
  const std::uint8_t* v = u + core::VideoFrame::chroma_size(frame.width, frame.height);
  return {y, u, v, frame.width, (frame.width + 1) / 2};
}

core::VideoFrame frame_from(const Planes& planes, std::uint16_t width, std::uint16_t height) {
  core::VideoFrame frame;
  frame.width = width;
  frame.height = height;
  frame.planes.resize(core::VideoFrame::luma_size(width, height) +
                      2 * core::VideoFrame::chroma_size(width, height));
  std::uint8_t* out = frame.planes.data();
  const auto copy = [&out](const std::uint8_t* from, int stride, int columns, int rows) {
    for (int row = 0; row < rows; ++row) {
      std::memcpy(out, from + static_cast<std::ptrdiff_t>(row) * stride,
                  static_cast<std::size_t>(columns));
      out += columns;
    }
  };
  copy(planes.y, planes.luma_stride, width, height);
  copy(planes.u, planes.chroma_stride, (width + 1) / 2, (height + 1) / 2);
  copy(planes.v, planes.chroma_stride, (width + 1) / 2, (height + 1) / 2);
  return frame;
}

}  // namespace detail

core::VideoFrame black(std::uint16_t width, std::uint16_t height) {
  core::VideoFrame frame;
  frame.width = width;
  frame.height = height;
  frame.planes.assign(core::VideoFrame::luma_size(width, height), black_luma);
  frame.planes.resize(frame.planes.size() + 2 * core::VideoFrame::chroma_size(width, height),
                      neutral_chroma);
  return frame;
}

double psnr(const core::VideoFrame& a, const core::VideoFrame& b) {
  if (a.width != b.width || a.height != b.height || !detail::whole(a) || !detail::whole(b))
    return 0;
  const std::size_t pixels = core::VideoFrame::luma_size(a.width, a.height);
  double squares = 0;
  for (std::size_t i = 0; i < pixels; ++i) {
    const double difference = double{a.planes[i] * 1.0} - b.planes[i];
    squares += difference * difference;
  }
  if (squares == 0) return 100;
  return 10 * std::log10(255.0 * 255.0 * static_cast<double>(pixels) / squares);
}

}  // namespace lucid::codec
