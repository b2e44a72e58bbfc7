#include <atomic>
#include <cstring>
#include <new>

#include "core/buffer.hpp"

namespace lucid::core {

namespace detail {

// Free slabs of one pool. `returned` is a stack that any thread pushes to and only the owner
// empties, all at once, so that no ABA problem arises. The shelf lives until the pool and every
// slab are gone: `users` counts them.
class PoolShelf {
 public:
  Slab* take() {
    if (free_ == nullptr) free_ = returned_.exchange(nullptr, std::memory_order_acquire);
    Slab* slab = free_;
    if (slab != nullptr) free_ = slab->next;
    return slab;
  }
  void put(Slab* slab) noexcept {
    Slab* head = returned_.load(std::memory_order_relaxed);
    do {
      slab->next = head;
    } while (!returned_.compare_exchange_weak(head, slab, std::memory_order_release,
                                              std::memory_order_relaxed));
    leave();
  }
  void join() { users_.fetch_add(1, std::memory_order_relaxed); }
  void leave() noexcept {
    if (users_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    free_all(free_);
    free_all(returned_.load(std::memory_order_acquire));
    delete this;
  }

 private:
  static void free_all(Slab* slab) noexcept {
    while (slab != nullptr) ::operator delete(std::exchange(slab, slab->next));
  }

  std::atomic<Slab*> returned_{nullptr};
  std::atomic<std::size_t> users_{1};
  Slab* free_ = nullptr;
};

void release(Slab* slab) noexcept {
  if (slab->shelf == nullptr) {
    ::operator delete(slab);
  } else {
    slab->shelf->put(slab);
  }
}

}  // namespace detail

namespace {

detail::Slab* allocate(detail::PoolShelf* shelf, std::size_t capacity) {
  void* memory = ::operator new(sizeof(detail::Slab) + capacity);
  return new (memory) detail::Slab{shelf, nullptr, capacity};
}

}  // namespace

Pool::Pool() : shelf_{new detail::PoolShelf} {}

Pool::~Pool() { shelf_->leave(); }

Buffer Pool::take(std::size_t size, std::size_t head_room, std::size_t tail_room) {
  const std::size_t wanted = head_room + size + tail_room;
  if (wanted > slab_size) {
    ++allocations_;
    return Buffer{allocate(nullptr, wanted), head_room, size};
  }
  shelf_->join();
  detail::Slab* slab = shelf_->take();
  if (slab == nullptr) {
    ++allocations_;
    slab = allocate(shelf_, slab_size);
  }
  return Buffer{slab, head_room, size};
}

Buffer Pool::copy(Bytes bytes, std::size_t head_room, std::size_t tail_room) {
  Buffer buffer = take(bytes.size(), head_room, tail_room);
  if (!bytes.empty()) std::memcpy(buffer.data(), bytes.data(), bytes.size());
  return buffer;
}

}  // namespace lucid::core
