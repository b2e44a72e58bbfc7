#pragma once
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace lucid::core {

// First in, first out, in memory that is kept: std::deque takes and gives back a block every few
// elements, which the path of a packet must not (docs/decisions/0070).
template <class T>
class Queue {
 public:
  bool empty() const { return front_ == items_.size(); }
  std::size_t size() const { return items_.size() - front_; }
  T& front() { return items_[front_]; }
  const T& front() const { return items_[front_]; }
  T& back() { return items_.back(); }
  const T& back() const { return items_.back(); }
  T& operator[](std::size_t index) { return items_[front_ + index]; }
  const T& operator[](std::size_t index) const { return items_[front_ + index]; }
  auto begin() { return items_.begin() + static_cast<std::ptrdiff_t>(front_); }
  auto end() { return items_.end(); }
  auto begin() const { return items_.begin() + static_cast<std::ptrdiff_t>(front_); }
  auto end() const { return items_.end(); }

  void push_back(T item) { items_.push_back(std::move(item)); }
  std::optional<T> pop() {
    if (empty()) return std::nullopt;
    std::optional<T> item{std::move(items_[front_])};
    ++front_;
    compact();
    return item;
  }
  void pop_front() { pop(); }
  void clear() {
    items_.clear();
    front_ = 0;
  }
  template <class Predicate>
  void erase_if(Predicate&& gone) {
    items_.erase(items_.begin(), begin());
    front_ = 0;
    std::erase_if(items_, std::forward<Predicate>(gone));
  }

 private:
  // Moving what is left costs less than what was taken since the last time.
  void compact() {
    if (front_ * 2 < items_.size()) return;
    items_.erase(items_.begin(), begin());
    front_ = 0;
  }

  std::vector<T> items_;
  std::size_t front_ = 0;  // before it are items that were taken
};

}  // namespace lucid::core
