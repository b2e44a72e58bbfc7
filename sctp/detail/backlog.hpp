#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "sctp/message.hpp"

namespace lucid::sctp::detail {

// How many bytes of each stream were accepted and have not left yet.
class Backlog {
 public:
  std::size_t total() const { return total_; }
  std::size_t of(StreamId stream) const {
    return index(stream) < streams_.size() ? streams_[index(stream)].bytes : 0;
  }
  std::uint16_t weight(StreamId stream) const {
    return index(stream) < streams_.size() ? streams_[index(stream)].weight : Entry{}.weight;
  }
  void set_threshold(StreamId stream, std::size_t bytes) { entry(stream).threshold = bytes; }
  void set_weight(StreamId stream, std::uint16_t weight) { entry(stream).weight = weight; }

  void add(StreamId stream, std::size_t bytes) {
    entry(stream).bytes += bytes;
    total_ += bytes;
  }
  // True when this made the stream fall to its threshold.
  bool remove(StreamId stream, std::size_t bytes) {
    Entry& in = entry(stream);
    const bool was_above = in.bytes > in.threshold;
    bytes = std::min(bytes, in.bytes);
    in.bytes -= bytes;
    total_ -= bytes;
    return was_above && in.bytes <= in.threshold;
  }

 private:
  struct Entry {
    std::size_t bytes = 0;
    std::size_t threshold = 0;
    std::uint16_t weight = 256;  // RFC 8831 6.4: "low", the usual one
  };

  static std::size_t index(StreamId stream) { return static_cast<std::size_t>(stream); }
  Entry& entry(StreamId stream) {
    if (index(stream) >= streams_.size()) streams_.resize(index(stream) + 1);
    return streams_[index(stream)];
  }

  std::vector<Entry> streams_;  // up to the highest stream in use
  std::size_t total_ = 0;
};

}  // namespace lucid::sctp::detail
