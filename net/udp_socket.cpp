#include "net/udp_socket.hpp"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "net/detail/loop_state.hpp"
#include "net/detail/udp_scratch.hpp"
#include "net/detail/watch.hpp"

namespace lucid::net {

namespace {

constexpr std::size_t max_waiting = 1024;  // datagrams kept while the kernel's buffer is full

bool set(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

void set_up(int fd, const core::Address& local, const UdpOptions& options) {
  if (!set(fd, SOL_SOCKET, SO_RCVBUFFORCE, options.receive_buffer)) {
    set(fd, SOL_SOCKET, SO_RCVBUF, options.receive_buffer);
  }
  if (!set(fd, SOL_SOCKET, SO_SNDBUFFORCE, options.send_buffer)) {
    set(fd, SOL_SOCKET, SO_SNDBUF, options.send_buffer);
  }
  if (options.batching == Batching::gso_gro) set(fd, SOL_UDP, UDP_GRO, 1);
  if (local.family() == core::Family::v4) {
    set(fd, IPPROTO_IP, IP_RECVTOS, 1);
    set(fd, IPPROTO_IP, IP_RECVERR, 1);
    if (local.ip.is_any()) set(fd, IPPROTO_IP, IP_PKTINFO, 1);
  } else {
    set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    set(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
    set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
    if (local.ip.is_any()) set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  }
}

}  // namespace

struct UdpSocket::State final : private detail::Watch::Handler {
  State(Loop& on, int fd, Receiver& to, Batching how)
      : loop{on},
        receiver{to},
        local{detail::local_address(fd)},
        batching{how},
        watch{on, fd, *this} {
    if (!loop.state().udp_scratch) {
      loop.state().udp_scratch = std::make_unique<detail::UdpScratch>(loop.pool());
    }
    watch.want_read();
  }

  void readable() override;
  void writable() override;
  std::size_t send_now(std::span<core::Datagram> batch, Batching how);
  std::size_t skip_refused(std::span<core::Datagram> run, int error);
  bool take_refusals();
  void tell_refusals();

  Loop& loop;
  Receiver& receiver;
  core::Address local;
  Batching batching;
  Stats stats;
  std::vector<core::Datagram> waiting;
  std::vector<Refusal> refusals;
  detail::Watch watch;
};

std::expected<std::unique_ptr<UdpSocket>, core::PathError> UdpSocket::open(
    Loop& loop, const core::Address& local, Receiver& receiver, const UdpOptions& options) {
  const int fd = socket(detail::family_of(local.ip), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return std::unexpected(detail::path_error_of(errno));
  set_up(fd, local, options);
  const detail::SocketAddress address{local};
  if (bind(fd, address.data(), address.size) != 0) {
    const int error = errno;
    close(fd);
    return std::unexpected(detail::path_error_of(error));
  }
  auto state = std::make_unique<State>(loop, fd, receiver, options.batching);
  return std::unique_ptr<UdpSocket>{new UdpSocket{std::move(state)}};
}

UdpSocket::UdpSocket(std::unique_ptr<State> state) : state_{std::move(state)} {}
UdpSocket::~UdpSocket() = default;

const core::Address& UdpSocket::local() const { return state_->local; }
const UdpSocket::Stats& UdpSocket::stats() const { return state_->stats; }

void UdpSocket::send(std::span<core::Datagram> batch) {
  State& state = *state_;
  if (state.waiting.empty()) batch = batch.subspan(state.send_now(batch, state.batching));
  for (core::Datagram& one : batch) {
    if (state.waiting.size() < max_waiting) {
      state.waiting.push_back(std::move(one));
    } else {
      ++state.stats.dropped_queue_full;
    }
  }
  if (!state.waiting.empty()) state.watch.want_write();
  state.tell_refusals();
}

void UdpSocket::State::writable() {
  const std::size_t done = send_now(waiting, batching);
  waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(done));
  if (!waiting.empty()) watch.want_write();
  tell_refusals();
}

// Sends until the kernel's buffer is full; how many datagrams are done with.
std::size_t UdpSocket::State::send_now(std::span<core::Datagram> batch, Batching how) {
  detail::UdpOutbox& outbox = loop.state().udp_scratch->outbox;
  std::size_t done = 0;
  while (done < batch.size()) {
    outbox.fill(batch.subspan(done), how, local);
    for (std::size_t message = 0; message < outbox.size();) {
      const int count = outbox.send(watch.fd(), message, how);
      ++stats.send_calls;
      if (count == -EAGAIN) return done;
      if (count == -ENOBUFS) {
        // The device's queue is full and has dropped it. The socket stays writable meanwhile, so
        // trying again would keep the processor busy, and the queue full.
        stats.dropped_by_device += outbox.count(message);
        done += outbox.count(message++);
        continue;
      }
      if (count < 0) {
        done += skip_refused(batch.subspan(done, outbox.count(message)), -count);
        break;  // the outbox may have been used in between
      }
      const std::size_t before = done;
      for (int i = 0; i < count; ++i) done += outbox.count(message++);
      stats.sent += done - before;
    }
  }
  return done;
}

// What to do about a message that the kernel refused. Returns how many datagrams are done with.
std::size_t UdpSocket::State::skip_refused(std::span<core::Datagram> run, int error) {
  if (run.size() > 1) {
    // No segmentation here: the device cannot (EIO), or the path is narrower than the datagrams.
    if (error == EIO) batching = Batching::mmsg;
    return send_now(run, Batching::mmsg);
  }
  // An ICMP error about an earlier datagram comes back from the next call, whatever that one sends.
  if (take_refusals() && error != EMSGSIZE) return 0;
  // What is too big is in the error queue already.
  if (error != EMSGSIZE) refusals.push_back({run.front().path, detail::path_error_of(error)});
  return 1;
}

// Empties the socket's error queue; true if there was anything.
bool UdpSocket::State::take_refusals() {
  const std::size_t before = refusals.size();
  while (true) {
    detail::SocketAddress to;
    detail::Control control;
    msghdr header{};
    header.msg_name = to.data();
    header.msg_namelen = to.size;
    header.msg_control = control.room.data();
    header.msg_controllen = control.room.size();
    if (recvmsg(watch.fd(), &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) break;
    for (cmsghdr* one = CMSG_FIRSTHDR(&header); one != nullptr; one = CMSG_NXTHDR(&header, one)) {
      const bool v4 = one->cmsg_level == IPPROTO_IP && one->cmsg_type == IP_RECVERR;
      const bool v6 = one->cmsg_level == IPPROTO_IPV6 && one->cmsg_type == IPV6_RECVERR;
      if (!v4 && !v6) continue;
      sock_extended_err report;
      std::memcpy(&report, CMSG_DATA(one), sizeof(report));
      refusals.push_back({{core::Transport::udp, local, detail::to_address(to.storage)},
                          detail::path_error_of(static_cast<int>(report.ee_errno))});
    }
  }
  return refusals.size() > before;
}

// Always the last thing done, as the receiver may destroy this socket.
void UdpSocket::State::tell_refusals() {
  if (refusals.empty()) return;
  stats.refused += refusals.size();
  const std::vector<Refusal> told = std::exchange(refusals, {});
  receiver.refused(told, loop.now());
}

void UdpSocket::State::readable() {
  detail::UdpInbox& inbox = loop.state().udp_scratch->inbox;
  const int count = inbox.read(watch.fd(), batching);
  ++stats.receive_calls;
  watch.want_read();
  if (count < 0) {
    if (count != -EAGAIN) take_refusals();
    return tell_refusals();
  }
  const auto batch = inbox.datagrams(local);
  stats.received += batch.size();
  // The receiver may destroy this socket; the batch is the loop's.
  receiver.received(batch, loop.now());
  inbox.clear();
}

}  // namespace lucid::net
