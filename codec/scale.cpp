#include <algorithm>

#include "codec/detail/engines.hpp"

namespace lucid::codec {

namespace {

struct Plane {
  const std::uint8_t* from;
  std::uint8_t* to;
  int from_width, from_height, to_width, to_height;
};

constexpr int fraction_bits = 8;
constexpr int one = 1 << fraction_bits;

// Where a sample of the output lies between two of the input, pixel centres to pixel centres.
struct Position {
  int low, high, weight;
};
Position locate(int index, int from, int to) {
  const std::int64_t at = ((2 * std::int64_t{index} + 1) * from * one / to - one) / 2;
  const int clamped =
      static_cast<int>(std::clamp<std::int64_t>(at, 0, std::int64_t{from - 1} * one));
  const int low = clamped >> fraction_bits;
  return {low, std::min(low + 1, from - 1), clamped & (one - 1)};
}

void scale_plane(const Plane& plane) {
  std::vector<Position> columns(static_cast<std::size_t>(plane.to_width));
  for (int x = 0; x < plane.to_width; ++x) {
    columns[static_cast<std::size_t>(x)] = locate(x, plane.from_width, plane.to_width);
  }
  std::uint8_t* out = plane.to;
  for (int y = 0; y < plane.to_height; ++y) {
    const Position row = locate(y, plane.from_height, plane.to_height);
    const std::uint8_t* above =
        plane.from + static_cast<std::ptrdiff_t>(row.low) * plane.from_width;
    const std::uint8_t* below =
        plane.from + static_cast<std::ptrdiff_t>(row.high) * plane.from_width;
    for (const Position& column : columns) {
      const int top =
          above[column.low] * (one - column.weight) + above[column.high] * column.weight;
      const int bottom =
          below[column.low] * (one - column.weight) + below[column.high] * column.weight;
      *out++ = static_cast<std::uint8_t>((top * (one - row.weight) + bottom * row.weight) >>
                                         2 * fraction_bits);
    }
  }
}

// Halving by averaging four samples: sharper and without the aliases of bilinear far below one
// half.
core::VideoFrame halve(const core::VideoFrame& frame) {
  const auto width = static_cast<std::uint16_t>(frame.width / 2);
  const auto height = static_cast<std::uint16_t>(frame.height / 2);
  core::VideoFrame out = black(width, height);
  const detail::Planes from = detail::planes_of(frame);
  std::uint8_t* to = out.planes.data();
  const auto average = [&to](const std::uint8_t* plane, int stride, int columns, int rows,
                             int last_row) {
    for (int y = 0; y < rows; ++y) {
      const std::uint8_t* above = plane + static_cast<std::ptrdiff_t>(2 * y) * stride;
      const std::uint8_t* below =
          plane + static_cast<std::ptrdiff_t>(std::min(2 * y + 1, last_row)) * stride;
      for (int x = 0; x < columns; ++x) {
        const int left = 2 * x;
        const int right = std::min(left + 1, stride - 1);
        *to++ = static_cast<std::uint8_t>(
            (above[left] + above[right] + below[left] + below[right] + 2) / 4);
      }
    }
  };
  const int chroma_rows = (frame.height + 1) / 2;
  average(from.y, from.luma_stride, width, height, frame.height - 1);
  average(from.u, from.chroma_stride, (width + 1) / 2, (height + 1) / 2, chroma_rows - 1);
  average(from.v, from.chroma_stride, (width + 1) / 2, (height + 1) / 2, chroma_rows - 1);
  return out;
}

}  // namespace

core::VideoFrame scale(const core::VideoFrame& frame, std::uint16_t width, std::uint16_t height) {
  if (!detail::whole(frame) || !detail::sound(width, height))
    return black(std::max<std::uint16_t>(width, 2), std::max<std::uint16_t>(height, 2));
  core::VideoFrame made;
  const core::VideoFrame* source = &frame;
  while (source->width / 2 >= width && source->height / 2 >= height) {
    made = halve(*source);
    source = &made;
  }
  if (source->width != width || source->height != height) {
    core::VideoFrame out = black(width, height);
    const detail::Planes from = detail::planes_of(*source);
    const detail::Planes to = detail::planes_of(out);
    const int chroma_width = (source->width + 1) / 2;
    const int chroma_height = (source->height + 1) / 2;
    scale_plane(
        {from.y, const_cast<std::uint8_t*>(to.y), source->width, source->height, width, height});
    scale_plane({from.u, const_cast<std::uint8_t*>(to.u), chroma_width, chroma_height,
                 (width + 1) / 2, (height + 1) / 2});
    scale_plane({from.v, const_cast<std::uint8_t*>(to.v), chroma_width, chroma_height,
                 (width + 1) / 2, (height + 1) / 2});
    made = std::move(out);
  } else if (source == &frame) {
    made = frame;
  }
  made.capture_time = frame.capture_time;
  made.rtp_timestamp = frame.rtp_timestamp;
  made.rotation = frame.rotation;
  return made;
}

}  // namespace lucid::codec
