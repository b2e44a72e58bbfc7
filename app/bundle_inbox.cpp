#include "app/bundle_inbox.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>

namespace lucid::app {

namespace {

constexpr std::size_t most_line = std::size_t{256} * 1024;

// A folder that nobody else can put anything into.
std::string folder() {
  if (const char* runtime = std::getenv("XDG_RUNTIME_DIR");
      runtime != nullptr && *runtime != '\0') {
    return runtime;
  }
  const std::string own = "/tmp/lucid-" + std::to_string(getuid());
  mkdir(own.c_str(), 0700);
  struct stat found{};
  const bool ours = lstat(own.c_str(), &found) == 0 && S_ISDIR(found.st_mode) &&
                    found.st_uid == getuid() && (found.st_mode & 077) == 0;
  return ours ? own : std::string{};
}

bool address(sockaddr_un& to) {
  const std::string where = folder();
  const std::string path = where + "/bundle.socket";
  if (where.empty() || path.size() >= sizeof to.sun_path) return false;
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, path.c_str(), path.size() + 1);
  return true;
}

}  // namespace

BundleInbox::BundleInbox(net::Loop& loop, Take take) : loop_{loop}, take_{std::move(take)} {
  sockaddr_un own{};
  if (!address(own)) return;
  socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  unlink(own.sun_path);  // of one that has not cleaned up; the latest offer gets the answer
  if (bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) {
    close(std::exchange(socket_, -1));
    return;
  }
  wake_ = eventfd(0, EFD_CLOEXEC);
  thread_ = std::thread{[this] { run(); }};
}

BundleInbox::~BundleInbox() {
  if (socket_ < 0) return;
  const std::uint64_t one = 1;
  (void)!write(wake_, &one, sizeof one);
  thread_.join();
  sockaddr_un own{};
  if (address(own)) unlink(own.sun_path);
  close(socket_);
  close(wake_);
}

void BundleInbox::run() {
  std::array<pollfd, 2> watched{{{wake_, POLLIN, 0}, {socket_, POLLIN, 0}}};
  std::string text(most_line, '\0');
  while (true) {
    if (poll(watched.data(), watched.size(), -1) < 0) continue;
    if (watched[0].revents != 0) return;
    const ssize_t got = recv(socket_, text.data(), text.size(), 0);
    if (got <= 0) continue;
    loop_.post([this, heard = text.substr(0, static_cast<std::size_t>(got))] { take_(heard); });
  }
}

bool BundleInbox::send(const std::string& text) {
  sockaddr_un to{};
  if (!address(to)) return false;
  const int out = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const ssize_t sent = sendto(out, text.data(), text.size(), MSG_NOSIGNAL,
                              reinterpret_cast<const sockaddr*>(&to), sizeof to);
  close(out);
  return sent == static_cast<ssize_t>(text.size());
}

}  // namespace lucid::app
