#pragma once
#include <cstdint>
#include <optional>
#include <vector>

namespace lucid::rtp::detail {

// Which incoming packet became which outgoing one, for the latest outgoing numbers: for packets
// that come late, and for those who ask again.
class SentNumbers {
 public:
  static constexpr std::int64_t window = 1024;

  enum class State : std::uint8_t { free, reserved, sent };
  struct Entry {
    std::int64_t outgoing = 0;
    std::int64_t incoming = 0;
    std::uint32_t era = 0;             // since which switch of sources
    std::uint16_t picture_offset = 0;  // what a picture id of that place is moved by
    State state = State::free;
  };

  Entry& add(const Entry& entry) {
    if (entries_.empty()) entries_.resize(static_cast<std::size_t>(window));
    newest_ = entry.outgoing;
    return entries_[index(entry.outgoing)] = entry;
  }
  Entry* find(std::int64_t outgoing) {
    if (entries_.empty()) return nullptr;
    Entry& entry = entries_[index(outgoing)];
    return entry.state != State::free && entry.outgoing == outgoing ? &entry : nullptr;
  }
  // Late packets are late by little, so the search begins at the newest.
  template <class Matches>
  Entry* find_if(Matches&& matches) {
    for (std::int64_t number = newest_; number > newest_ - window; --number) {
      Entry* entry = find(number);
      if (entry == nullptr) return nullptr;
      if (matches(*entry)) return entry;
    }
    return nullptr;
  }

 private:
  static std::size_t index(std::int64_t outgoing) {
    return static_cast<std::size_t>(static_cast<std::uint64_t>(outgoing) % window);
  }

  std::vector<Entry> entries_;
  std::int64_t newest_ = 0;
};

}  // namespace lucid::rtp::detail
