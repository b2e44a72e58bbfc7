#pragma once
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "net/loop.hpp"

namespace lucid::app {

// Where a waiting `lucid bundle offer` gets the answer from a `lucid bundle finish` of the same
// user on the same machine: a datagram socket in a folder of the user's own.
class BundleInbox {
 public:
  using Take = std::move_only_function<void(std::string)>;  // on the loop's thread

  // Without a folder for it there is none, and the answer can only be pasted.
  BundleInbox(net::Loop& loop, Take take);
  ~BundleInbox();
  BundleInbox(const BundleInbox&) = delete;
  BundleInbox& operator=(const BundleInbox&) = delete;

  // False: nobody is waiting.
  static bool send(const std::string& text);

 private:
  void run();

  net::Loop& loop_;
  Take take_;
  int socket_ = -1;
  int wake_ = -1;
  std::thread thread_;
};

}  // namespace lucid::app
