#include "capture/test_picture.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <numbers>
#include <string>

namespace lucid::capture {

namespace {

using namespace std::chrono_literals;

constexpr int number_bits = 16;
constexpr int cells = number_bits + 3;  // white, black, the bits, white
constexpr core::Duration flash = 100ms;
constexpr double tone_hertz = 440;
constexpr double beep_hertz = 1000;
constexpr double tone_level = 1500;
constexpr double beep_level = 12'000;

struct Colour {
  std::uint8_t y, u, v;
};
constexpr Colour white{235, 128, 128};
constexpr Colour black{16, 128, 128};
constexpr std::array bars{Colour{180, 128, 128}, Colour{162, 44, 142}, Colour{131, 156, 44},
                          Colour{112, 72, 58},   Colour{84, 184, 198}, Colour{65, 100, 212},
                          Colour{35, 212, 114}};

// Digits and a colon, five columns of seven dots each, the lowest bit on top.
constexpr std::array<std::array<std::uint8_t, 5>, 11> glyphs{{{0x3E, 0x51, 0x49, 0x45, 0x3E},
                                                              {0x00, 0x42, 0x7F, 0x40, 0x00},
                                                              {0x42, 0x61, 0x51, 0x49, 0x46},
                                                              {0x21, 0x41, 0x45, 0x4B, 0x31},
                                                              {0x18, 0x14, 0x12, 0x7F, 0x10},
                                                              {0x27, 0x45, 0x45, 0x45, 0x39},
                                                              {0x3C, 0x4A, 0x49, 0x49, 0x30},
                                                              {0x01, 0x71, 0x09, 0x05, 0x03},
                                                              {0x36, 0x49, 0x49, 0x49, 0x36},
                                                              {0x06, 0x49, 0x49, 0x29, 0x1E},
                                                              {0x00, 0x00, 0x24, 0x00, 0x00}}};

void fill(core::VideoFrame& frame, int left, int top, int right, int bottom, Colour colour) {
  left = std::clamp<int>(left, 0, frame.width);
  right = std::clamp<int>(right, left, frame.width);
  top = std::clamp<int>(top, 0, frame.height);
  bottom = std::clamp<int>(bottom, top, frame.height);
  for (int y = top; y < bottom; ++y) {
    std::fill_n(frame.planes.begin() + std::ptrdiff_t{y} * frame.width + left, right - left,
                colour.y);
  }
  const int chroma_width = (frame.width + 1) / 2;
  const auto u =
      static_cast<std::ptrdiff_t>(core::VideoFrame::luma_size(frame.width, frame.height));
  const auto v =
      u + static_cast<std::ptrdiff_t>(core::VideoFrame::chroma_size(frame.width, frame.height));
  for (int y = top / 2; y < (bottom + 1) / 2; ++y) {
    const std::ptrdiff_t row = std::ptrdiff_t{y} * chroma_width + left / 2;
    std::fill_n(frame.planes.begin() + u + row, (right + 1) / 2 - left / 2, colour.u);
    std::fill_n(frame.planes.begin() + v + row, (right + 1) / 2 - left / 2, colour.v);
  }
}

void write(core::VideoFrame& frame, std::string_view text, int left, int top, int dot) {
  for (const char c : text) {
    const auto& glyph = glyphs[c == ':' ? 10U : static_cast<std::size_t>(c - '0')];
    for (int column = 0; column < 5; ++column) {
      for (int row = 0; row < 7; ++row) {
        if ((glyph[static_cast<std::size_t>(column)] >> row & 1) == 0) continue;
        fill(frame, left + column * dot, top + row * dot, left + (column + 1) * dot,
             top + (row + 1) * dot, white);
      }
    }
    left += 6 * dot;
  }
}

std::string two(std::int64_t value) {
  std::string text = std::to_string(value % 100);
  return text.size() < 2 ? "0" + text : text;
}

struct Cell {
  int left, top, right, bottom;
};
Cell cell(int width, int height, int index) {
  return {width * index / cells, height - height / 10, width * (index + 1) / cells, height};
}

// The mean brightness of the middle of a rectangle, where compression blurs least.
int brightness(const core::VideoFrame& frame, const Cell& area) {
  const int across = (area.right - area.left) / 4;
  const int down = (area.bottom - area.top) / 4;
  int sum = 0;
  int count = 0;
  for (int y = area.top + down; y < area.bottom - down; ++y) {
    for (int x = area.left + across; x < area.right - across; ++x, ++count) {
      sum += frame.planes[static_cast<std::size_t>(y) * frame.width + static_cast<std::size_t>(x)];
    }
  }
  return count == 0 ? 0 : sum / count;
}

Cell flash_area(int width, int height) {
  return {width - width / 6, height / 20, width - width / 40, height / 4};
}

}  // namespace

TestPicture::TestPicture(std::uint16_t width, std::uint16_t height, double framerate)
    : width_{width}, height_{height}, framerate_{framerate} {
  background_.width = width;
  background_.height = height;
  background_.planes.resize(core::VideoFrame::luma_size(width, height) +
                            2 * core::VideoFrame::chroma_size(width, height));
  const int count = static_cast<int>(bars.size());
  for (int i = 0; i < count; ++i) {
    fill(background_, width * i / count, 0, width * (i + 1) / count, height,
         bars[static_cast<std::size_t>(i)]);
  }
  fill(background_, 0, height - height / 4, width, height, black);
}

core::Duration TestPicture::time_of(std::int64_t number) const {
  return core::Duration{static_cast<std::int64_t>(static_cast<double>(number) * 1e6 / framerate_)};
}

core::VideoFrame TestPicture::frame(std::int64_t number) const {
  core::VideoFrame frame = background_;
  const core::Duration time = time_of(number);
  frame.capture_time = core::Time{time};
  frame.rtp_timestamp = static_cast<std::uint32_t>(time.count() * 9 / 100);

  // The hand, as dots from the centre outwards.
  const double angle = static_cast<double>(time.count() % 1'000'000) * 2e-6 * std::numbers::pi;
  const int reach = height_ / 4;
  const int thick = std::max(2, height_ / 60);
  for (int r = 0; r < reach; r += thick) {
    const int x = width_ / 2 + static_cast<int>(r * std::sin(angle));
    const int y = height_ * 3 / 8 - static_cast<int>(r * std::cos(angle));
    fill(frame, x - thick, y - thick, x + thick, y + thick, white);
  }
  const int dot = std::max(1, height_ / 90);
  const std::int64_t seconds = time.count() / 1'000'000;
  write(frame, two(seconds / 3600) + ":" + two(seconds / 60 % 60) + ":" + two(seconds % 60),
        2 * dot, height_ - height_ / 4 + 2 * dot, dot);
  write(frame, std::to_string(number), width_ / 2 + 2 * dot, height_ - height_ / 4 + 2 * dot, dot);

  const Cell square = flash_area(width_, height_);
  const bool lit = time % 1s < flash;
  fill(frame, square.left, square.top, square.right, square.bottom, lit ? white : black);
  for (int i = 0; i < cells; ++i) {
    const bool bit = i >= 2 && i < 2 + number_bits && (number >> (number_bits + 1 - i) & 1) != 0;
    const bool on = i == 0 || i == cells - 1 || bit;
    const Cell area = cell(width_, height_, i);
    fill(frame, area.left, area.top, area.right, area.bottom, on ? white : black);
  }
  return frame;
}

std::optional<std::uint16_t> read_frame_number(const core::VideoFrame& frame) {
  if (frame.width < cells * 4 || frame.height < 40 ||
      frame.planes.size() < core::VideoFrame::luma_size(frame.width, frame.height)) {
    return std::nullopt;
  }
  const auto lit = [&](int index) {
    return brightness(frame, cell(frame.width, frame.height, index)) > 125;
  };
  if (!lit(0) || lit(1) || !lit(cells - 1)) return std::nullopt;
  unsigned number = 0;
  for (int i = 2; i < 2 + number_bits; ++i) number = number << 1 | (lit(i) ? 1U : 0U);
  return static_cast<std::uint16_t>(number);
}

bool is_flashing(const core::VideoFrame& frame) {
  return brightness(frame, flash_area(frame.width, frame.height)) > 125;
}

core::AudioFrame test_tone(std::int64_t number, std::uint32_t rate) {
  core::AudioFrame frame;
  frame.sample_rate = rate;
  const std::int64_t count = rate / 50;
  frame.capture_time = core::Time{number * 20ms};
  frame.rtp_timestamp = static_cast<std::uint32_t>(number * count);
  frame.samples.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = number * count; i < (number + 1) * count; ++i) {
    const double seconds = static_cast<double>(i) / rate;
    const bool beep = seconds - std::floor(seconds) < 0.1;
    const double hertz = beep ? beep_hertz : tone_hertz;
    const double level = beep ? beep_level : tone_level;
    frame.samples.push_back(
        static_cast<std::int16_t>(level * std::sin(2 * std::numbers::pi * hertz * seconds)));
  }
  return frame;
}

bool is_beeping(const core::AudioFrame& frame) {
  if (frame.samples.empty()) return false;
  double squares = 0;
  for (const std::int16_t sample : frame.samples) squares += static_cast<double>(sample) * sample;
  // Between the two levels, as effective values.
  return std::sqrt(squares / static_cast<double>(frame.samples.size())) > 4000;
}

}  // namespace lucid::capture
