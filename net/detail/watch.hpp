#pragma once
#include <memory>

#include "net/loop.hpp"

namespace lucid::net::detail {

// Readiness of one file descriptor, which it owns and closes. Each want_* is good for one call of
// the handler, which may destroy the watch.
class Watch {
 public:
  struct Handler {
    virtual ~Handler() = default;
    virtual void readable() = 0;
    virtual void writable() {}
  };

  Watch(Loop& loop, int fd, Handler& handler);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  int fd() const;
  void want_read();
  void want_write();

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the waits under way
};

}  // namespace lucid::net::detail
