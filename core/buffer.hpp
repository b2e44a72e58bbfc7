#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/bytes.hpp"
#include "core/check.hpp"

namespace lucid::core {

class Pool;

namespace detail {

class PoolShelf;

// The head of every slab; its bytes follow it in memory.
struct Slab {
  PoolShelf* shelf;  // where it goes back to; null for a slab of its own
  Slab* next;        // in the shelf's list of free slabs
  std::size_t capacity;

  std::uint8_t* bytes() { return reinterpret_cast<std::uint8_t*>(this + 1); }
};

void release(Slab* slab) noexcept;

}  // namespace detail

// Room that lower layers need around a payload: TURN channel header, SRTP tag and trailer, RTP
// extensions in front; so that a packet is written once and never copied again.
constexpr std::size_t default_head_room = 64;
constexpr std::size_t default_tail_room = 64;

// The bytes of one packet: move-only, with room before and behind for the headers and tags that
// layers add. Comes from a Pool and goes back there when destroyed, from any thread.
//
//   |<- head room ->|<- bytes() ->|<- tail room ->|
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept
      : slab_{std::exchange(other.slab_, nullptr)},
        begin_{std::exchange(other.begin_, 0)},
        size_{std::exchange(other.size_, 0)} {}
  Buffer& operator=(Buffer&& other) noexcept {
    if (this != &other) {
      reset();
      slab_ = std::exchange(other.slab_, nullptr);
      begin_ = std::exchange(other.begin_, 0);
      size_ = std::exchange(other.size_, 0);
    }
    return *this;
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { reset(); }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  std::uint8_t* data() { return slab_ == nullptr ? nullptr : slab_->bytes() + begin_; }
  const std::uint8_t* data() const { return slab_ == nullptr ? nullptr : slab_->bytes() + begin_; }
  MutableBytes bytes() { return {data(), size_}; }
  Bytes bytes() const { return {data(), size_}; }
  operator Bytes() const { return bytes(); }

  std::size_t head_room() const { return begin_; }
  std::size_t tail_room() const { return slab_ == nullptr ? 0 : slab_->capacity - begin_ - size_; }

  // Grow or shrink at either end. Growing beyond the room is a bug of the caller: ask first.
  MutableBytes prepend(std::size_t count) {
    check(count <= head_room());
    begin_ -= count;
    size_ += count;
    return bytes().first(count);
  }
  MutableBytes append(std::size_t count) {
    check(count <= tail_room());
    size_ += count;
    return bytes().last(count);
  }
  void drop_front(std::size_t count) {
    check(count <= size_);
    begin_ += count;
    size_ -= count;
  }
  void drop_back(std::size_t count) {
    check(count <= size_);
    size_ -= count;
  }
  void resize(std::size_t size) {
    check(size <= size_ + tail_room());
    size_ = size;
  }

 private:
  friend class Pool;
  Buffer(detail::Slab* slab, std::size_t begin, std::size_t size)
      : slab_{slab}, begin_{begin}, size_{size} {}
  void reset() noexcept {
    if (slab_ != nullptr) detail::release(std::exchange(slab_, nullptr));
    begin_ = 0;
    size_ = 0;
  }

  detail::Slab* slab_ = nullptr;
  std::size_t begin_ = 0;
  std::size_t size_ = 0;
};

// Hands out Buffers and takes them back, so that the steady state allocates nothing. One owner
// takes; buffers may return from any thread and may outlive the pool.
class Pool {
 public:
  // Slabs of this size are kept for reuse; a larger request gets a slab of its own.
  static constexpr std::size_t slab_size = 2048;

  Pool();
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // A buffer of `size` bytes of unspecified content, with at least this much room around it.
  Buffer take(std::size_t size, std::size_t head_room = default_head_room,
              std::size_t tail_room = default_tail_room);
  Buffer copy(Bytes bytes, std::size_t head_room = default_head_room,
              std::size_t tail_room = default_tail_room);

  // How often memory had to come from the heap: constant in the steady state.
  std::size_t allocations() const { return allocations_; }

 private:
  detail::PoolShelf* shelf_;
  std::size_t allocations_ = 0;
};

}  // namespace lucid::core
