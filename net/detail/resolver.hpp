#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/loop.hpp"

namespace lucid::net::detail {

// The system's name resolution (getaddrinfo), which blocks, on threads that live while there is
// work.
class Resolver {
 public:
  using Done = std::move_only_function<void(std::vector<core::Ip>)>;

  explicit Resolver(Loop& loop);
  ~Resolver();  // forgets what is under way
  // `done` is called on the loop's thread; with nothing if there is no such name.
  void resolve(std::string name, Done done);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace lucid::net::detail
