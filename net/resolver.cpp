#include "net/detail/resolver.hpp"

#include <netdb.h>

#include <algorithm>
#include <deque>
#include <mutex>
#include <thread>

#include "core/handle.hpp"
#include "net/detail/sockaddr.hpp"

namespace lucid::net::detail {

namespace {

constexpr int max_threads = 4;

std::vector<core::Ip> look_up(const std::string& name) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* first = nullptr;
  if (getaddrinfo(name.c_str(), nullptr, &hints, &first) != 0) return {};
  const core::Handle<addrinfo, freeaddrinfo> list{first};
  std::vector<core::Ip> ips;
  for (const addrinfo* one = first; one != nullptr; one = one->ai_next) {
    SocketAddress address;
    std::copy_n(reinterpret_cast<const std::uint8_t*>(one->ai_addr), one->ai_addrlen,
                reinterpret_cast<std::uint8_t*>(&address.storage));
    const core::Ip ip = to_address(address.storage).ip;
    if (std::ranges::find(ips, ip) == ips.end()) ips.push_back(ip);
  }
  return ips;
}

}  // namespace

// What the threads hold on to; it outlives the resolver when a lookup takes longer than that.
struct Resolver::Shared {
  struct Job {
    std::string name;
    Done done;
  };
  std::mutex mutex;
  std::deque<Job> jobs;
  int threads = 0;
  Loop* loop;  // null once the resolver is gone

  static void work(const std::shared_ptr<Shared>& self) {
    std::unique_lock lock{self->mutex};
    while (self->loop != nullptr && !self->jobs.empty()) {
      Job job = std::move(self->jobs.front());
      self->jobs.pop_front();
      lock.unlock();
      std::vector<core::Ip> ips = look_up(job.name);
      lock.lock();
      if (self->loop == nullptr) break;
      self->loop->post([done = std::move(job.done), found = std::move(ips)]() mutable {
        done(std::move(found));
      });
    }
    --self->threads;
  }
};

Resolver::Resolver(Loop& loop) : shared_{std::make_shared<Shared>()} { shared_->loop = &loop; }

Resolver::~Resolver() {
  const std::lock_guard lock{shared_->mutex};
  shared_->loop = nullptr;
  shared_->jobs.clear();
}

void Resolver::resolve(std::string name, Done done) {
  const std::lock_guard lock{shared_->mutex};
  shared_->jobs.push_back({std::move(name), std::move(done)});
  if (shared_->threads == max_threads) return;
  ++shared_->threads;
  std::thread{[shared = shared_] { Shared::work(shared); }}.detach();
}

}  // namespace lucid::net::detail
