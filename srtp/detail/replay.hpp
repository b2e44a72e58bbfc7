#pragma once
#include <array>
#include <cstdint>
#include <optional>

namespace lucid::srtp::detail {

enum class Freshness : std::uint8_t { fresh, replayed, too_old };

// Which of the latest `Bits` indices have been seen (RFC 3711 3.3.2). A ring: moving on clears what
// falls out, and costs nothing else.
template <std::size_t Bits>
class ReplayWindow {
  static_assert(Bits % 64 == 0);

 public:
  std::uint64_t highest() const { return highest_; }

  Freshness check(std::uint64_t index) const {
    if (index > highest_) return Freshness::fresh;
    if (highest_ - index >= Bits) return Freshness::too_old;
    return seen(index) ? Freshness::replayed : Freshness::fresh;
  }
  void accept(std::uint64_t index) {
    if (index > highest_) move_to(index);
    words_[index % Bits / 64] |= bit(index);
  }
  void start_at(std::uint64_t index) {
    highest_ = index;
    words_ = {};
  }

 private:
  static std::uint64_t bit(std::uint64_t index) { return std::uint64_t{1} << (index % 64); }
  bool seen(std::uint64_t index) const { return (words_[index % Bits / 64] & bit(index)) != 0; }
  void move_to(std::uint64_t index) {
    if (index - highest_ >= Bits) {
      words_ = {};
    } else {
      for (std::uint64_t i = highest_ + 1; i <= index; ++i) words_[i % Bits / 64] &= ~bit(i);
    }
    highest_ = index;
  }

  std::uint64_t highest_ = 0;
  std::array<std::uint64_t, Bits / 64> words_{};
};

// The 48-bit packet index of one SSRC (RFC 3711 3.3.1): the rollover counter, which is never sent,
// in front of the sequence number.
class RtpIndex {
 public:
  static constexpr std::uint64_t limit = std::uint64_t{1} << 48;

  // RFC 3711 3.3.1: of the three rollover counters near ours, the one that gives the index nearest
  // to the highest seen. In a stream's first 2^15 packets nothing lies before zero.
  std::uint64_t guess(std::uint16_t sequence) const {
    if (joining_) return std::uint64_t{*joining_} << 16 | sequence;
    const std::uint64_t highest = window_.highest();
    if (highest <= std::uint64_t{half}) return sequence;
    const auto last = static_cast<std::uint16_t>(highest);
    std::uint64_t counter = highest >> 16;
    if (last < half) {
      if (sequence - last > half) --counter;
    } else {
      if (last - half > sequence) ++counter;
    }
    return counter << 16 | sequence;
  }
  Freshness check(std::uint64_t index) const {
    return joining_ ? Freshness::fresh : window_.check(index);
  }
  void accept(std::uint64_t index) {
    if (joining_) window_.start_at(index);
    joining_.reset();
    window_.accept(index);
  }
  // The next packet is taken to have this rollover counter.
  void join(std::uint32_t rollover_counter) { joining_ = rollover_counter; }

 private:
  static constexpr int half = 1 << 15;

  ReplayWindow<1024> window_;  // as large as browsers have it: NACK brings packets back late
  std::optional<std::uint32_t> joining_;
};

}  // namespace lucid::srtp::detail
