#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <type_traits>

namespace lucid::core {

// A number that wraps (RFC 1982): a < b when b is ahead of a by less than half the circle. There is
// no operator<=>: the relation is not transitive, so these must not be sorted. Unwrap to sort.
template <class Number>
class Serial {
  static_assert(std::is_unsigned_v<Number>);

 public:
  using Difference = std::make_signed_t<Number>;

  constexpr Serial() = default;
  constexpr explicit Serial(Number value) : value_{value} {}

  constexpr Number value() const { return value_; }
  friend constexpr bool operator==(Serial, Serial) = default;

  // How far `b` is ahead of `a`; negative when it is behind.
  static constexpr Difference distance(Serial a, Serial b) {
    return static_cast<Difference>(static_cast<Number>(b.value_ - a.value_));
  }
  constexpr bool ahead_of(Serial other) const { return distance(other, *this) > 0; }
  constexpr Serial operator+(Number count) const {
    return Serial{static_cast<Number>(value_ + count)};
  }
  constexpr Serial operator-(Number count) const {
    return Serial{static_cast<Number>(value_ - count)};
  }
  constexpr Serial& operator++() {
    ++value_;
    return *this;
  }

 private:
  Number value_ = 0;
};

// Turns wrapping numbers into ones that do not wrap, each taken as the nearest to the latest seen.
// The first one keeps its own value, so results may be negative where order demands it.
template <class Number>
class Unwrapper {
 public:
  std::int64_t unwrap(Number wrapped) {
    last_ = peek(wrapped);
    return *last_;
  }
  // The same answer, without moving the point of reference.
  std::int64_t peek(Number wrapped) const {
    if (!last_) return wrapped;
    return *last_ + Serial<Number>::distance(Serial<Number>{static_cast<Number>(*last_)},
                                             Serial<Number>{wrapped});
  }

 private:
  std::optional<std::int64_t> last_;
};

}  // namespace lucid::core
