#pragma once
#include <cstddef>

namespace lucid::rtp::detail {

// Cuts `size` bytes into as few parts as fit `limit`, all about equally long: a last part of a few
// bytes would cost a packet as dear as a full one.
class EqualSplit {
 public:
  EqualSplit() = default;
  EqualSplit(std::size_t size, std::size_t limit)
      : left_{size}, parts_{limit == 0 ? 0 : (size + limit - 1) / limit} {}

  bool done() const { return parts_ == 0; }
  std::size_t parts() const { return parts_; }
  // The size of the next part.
  std::size_t take() {
    const std::size_t part = (left_ + parts_ - 1) / parts_;
    left_ -= part;
    --parts_;
    return part;
  }

 private:
  std::size_t left_ = 0;
  std::size_t parts_ = 0;
};

}  // namespace lucid::rtp::detail
