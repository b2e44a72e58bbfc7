#include "app/half_blocks.hpp"

#include <algorithm>
#include <cmath>

namespace lucid::app {

namespace {

struct Colour {
  int red = 0, green = 0, blue = 0;
  friend bool operator==(const Colour&, const Colour&) = default;
};

class Pixels {
 public:
  explicit Pixels(const core::VideoFrame& frame)
      : frame_{frame},
        luma_{core::VideoFrame::luma_size(frame.width, frame.height)},
        chroma_{core::VideoFrame::chroma_size(frame.width, frame.height)} {}

  // The mean of a box of the picture. Limited-range BT.601.
  Colour mean(std::size_t left, std::size_t top, std::size_t right, std::size_t bottom) const {
    int y = 0, u = 0, v = 0, count = 0;
    const std::size_t step_x = std::max<std::size_t>(1, (right - left) / 4);
    const std::size_t step_y = std::max<std::size_t>(1, (bottom - top) / 4);
    const std::size_t half_width = (std::size_t{frame_.width} + 1) / 2;
    for (std::size_t row = top; row < bottom; row += step_y) {
      for (std::size_t column = left; column < right; column += step_x) {
        const std::size_t chroma = row / 2 * half_width + column / 2;
        y += frame_.planes[row * frame_.width + column];
        u += frame_.planes[luma_ + chroma];
        v += frame_.planes[luma_ + chroma_ + chroma];
        ++count;
      }
    }
    if (count == 0) return {};
    const double luma = 1.164 * (static_cast<double>(y) / count - 16);
    const double blue = static_cast<double>(u) / count - 128;
    const double red = static_cast<double>(v) / count - 128;
    return {level(luma + 1.596 * red), level(luma - 0.392 * blue - 0.813 * red),
            level(luma + 2.017 * blue)};
  }

 private:
  static int level(double value) {
    return static_cast<int>(std::clamp(std::lround(value), 0L, 255L));
  }
  const core::VideoFrame& frame_;
  std::size_t luma_, chroma_;
};

std::string set_colour(int what, const Colour& colour) {
  return "\x1b[" + std::to_string(what) + ";2;" + std::to_string(colour.red) + ";" +
         std::to_string(colour.green) + ";" + std::to_string(colour.blue) + "m";
}

}  // namespace

std::vector<std::string> half_blocks(const core::VideoFrame& picture, std::size_t columns,
                                     std::size_t rows) {
  const std::size_t need = core::VideoFrame::luma_size(picture.width, picture.height) +
                           2 * core::VideoFrame::chroma_size(picture.width, picture.height);
  if (columns == 0 || rows == 0 || picture.width == 0 || picture.height == 0 ||
      picture.planes.size() < need) {
    return {};
  }
  // A character is one pixel wide and two high, and about twice as high as wide.
  const double scale = std::min(static_cast<double>(columns) / picture.width,
                                2.0 * static_cast<double>(rows) / picture.height);
  const auto width = std::max<std::size_t>(1, static_cast<std::size_t>(picture.width * scale));
  const auto height =
      std::max<std::size_t>(2, static_cast<std::size_t>(picture.height * scale)) / 2;
  const Pixels pixels{picture};
  const auto box = [&](std::size_t column, std::size_t line) {
    return pixels.mean(
        column * picture.width / width, line * picture.height / (2 * height),
        std::max((column + 1) * picture.width / width, column * picture.width / width + 1),
        std::max((line + 1) * picture.height / (2 * height),
                 line * picture.height / (2 * height) + 1));
  };
  std::vector<std::string> lines;
  for (std::size_t row = 0; row < height; ++row) {
    std::string line;
    std::optional<Colour> above, below;
    for (std::size_t column = 0; column < width; ++column) {
      const Colour upper = box(column, 2 * row);
      const Colour lower = box(column, 2 * row + 1);
      if (above != upper) line += set_colour(38, upper);
      if (below != lower) line += set_colour(48, lower);
      above = upper;
      below = lower;
      line += "▀";
    }
    lines.push_back(line + "\x1b[0m");
  }
  return lines;
}

}  // namespace lucid::app
