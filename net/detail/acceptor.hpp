#pragma once
#include "net/detail/watch.hpp"

namespace lucid::net::detail {

// Takes in the connections of a listening socket.
class Acceptor final : private Watch::Handler {
 public:
  struct Owner {
    virtual ~Owner() = default;
    virtual void accepted(int fd) = 0;  // to keep; it may not destroy the acceptor
  };

  Acceptor(Loop& loop, int listener, Owner& owner);

  int fd() const { return watch_.fd(); }

 private:
  void readable() override;

  Loop& loop_;
  Owner& owner_;
  Timer pause_;
  Watch watch_;
};

}  // namespace lucid::net::detail
