#include "net/edge.hpp"

#include <algorithm>
#include <vector>

#include "net/interfaces.hpp"

namespace lucid::net {

struct Edge::State final : UdpSocket::Receiver {
  State(Loop& on, Client& to, EdgeOptions how)
      : loop{on}, client{to}, options{how}, timer{on, [this] { client.deadline(loop.now()); }} {}

  struct Bound {
    core::SocketId id;
    std::unique_ptr<UdpSocket> socket;
  };

  std::expected<std::unique_ptr<UdpSocket>, core::PathError> open(core::Address local);
  UdpSocket* socket_for(const core::Address& local);
  void received(std::span<core::Datagram> batch, core::Time now) override {
    client.received(batch, now);
  }
  void refused(std::span<const UdpSocket::Refusal> refusals, core::Time now) override {
    client.path_errors(refusals, now);
  }

  Loop& loop;
  Client& client;
  EdgeOptions options;
  Timer timer;
  std::vector<Bound> sockets;
  std::optional<InterfaceWatch> interfaces;
};

Edge::Edge(Loop& loop, Client& client, EdgeOptions options)
    : state_{std::make_unique<State>(loop, client, options)} {}
Edge::~Edge() = default;

core::Time Edge::now() const { return state_->loop.now(); }
void Edge::wake_at(std::optional<core::Time> deadline) { state_->timer.set(deadline); }

std::span<const core::Interface> Edge::watch_interfaces() {
  State& state = *state_;
  if (!state.interfaces) {
    state.interfaces.emplace(state.loop, [&state](std::span<const core::Interface> list) {
      state.client.interfaces(list, state.loop.now());
    });
  }
  return state.interfaces->current();
}

void Edge::perform(core::BindUdp effect) {
  State& state = *state_;
  auto socket = state.open(effect.local);
  if (!socket) return state.client.bind_failed(effect.id, socket.error(), now());
  const core::Address local = (*socket)->local();
  state.sockets.push_back({effect.id, *std::move(socket)});
  state.client.bound(effect.id, local, now());
}

void Edge::perform(core::CloseUdp effect) {
  std::erase_if(state_->sockets, [&](const auto& one) { return one.id == effect.id; });
}

std::expected<std::unique_ptr<UdpSocket>, core::PathError> Edge::State::open(core::Address local) {
  if (local.port != 0 || options.first_port == 0) {
    return UdpSocket::open(loop, local, *this, options.udp);
  }
  // Starting anywhere in the range, so that a restarted program does not meet its old peers.
  const std::uint32_t count = 1U + options.last_port - options.first_port;
  const auto start = static_cast<std::uint32_t>(loop.context().random.below(count));
  for (std::uint32_t i = 0;; ++i) {
    local.port = static_cast<std::uint16_t>(options.first_port + (start + i) % count);
    auto socket = UdpSocket::open(loop, local, *this, options.udp);
    if (socket || i + 1 == count) return socket;
  }
}

UdpSocket* Edge::State::socket_for(const core::Address& local) {
  for (const Bound& one : sockets) {
    if (one.socket->local() == local) return one.socket.get();
  }
  for (const Bound& one : sockets) {
    const core::Address& bound = one.socket->local();
    if (bound.port == local.port && bound.ip == core::Ip::any(local.family())) {
      return one.socket.get();
    }
  }
  return nullptr;
}

void Edge::send(std::span<core::Datagram> batch) {
  while (!batch.empty()) {
    const core::Path& first = batch.front().path;
    const auto end = std::ranges::find_if(batch, [&](const core::Datagram& one) {
      return one.path.local != first.local || one.path.transport != first.transport;
    });
    const auto run = batch.first(static_cast<std::size_t>(end - batch.begin()));
    if (UdpSocket* socket = state_->socket_for(first.local)) socket->send(run);
    batch = batch.subspan(run.size());
  }
}

}  // namespace lucid::net
