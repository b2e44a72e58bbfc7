#include "net/edge.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "net/detail/loop_state.hpp"
#include "net/detail/mdns_service.hpp"
#include "net/detail/resolver.hpp"
#include "net/detail/streams.hpp"
#include "net/interfaces.hpp"

namespace lucid::net {

struct Edge::State final : UdpSocket::Receiver {
  State(Loop& on, Client& to, EdgeOptions how)
      : loop{on},
        client{to},
        options{std::move(how)},
        timer{on, [this] { client.deadline(loop.now()); }},
        streams{on, to, options} {}

  struct Bound {
    core::SocketId id;
    std::unique_ptr<UdpSocket> socket;
  };

  std::expected<std::unique_ptr<UdpSocket>, core::PathError> open(core::Address local);
  UdpSocket* socket_for(const core::Address& local);
  void send_run(std::span<core::Datagram> run);
  detail::MdnsService& mdns();
  void received(std::span<core::Datagram> batch, core::Time now) override {
    detail::report(options.tracer, core::trace::Direction::in, batch, now);
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
  detail::Streams streams;
  std::vector<std::string> published;
  std::optional<InterfaceWatch> interfaces;
  std::shared_ptr<State*> self = std::make_shared<State*>(this);  // for answers that come later
};

Edge::Edge(Loop& loop, Client& client, EdgeOptions options)
    : state_{std::make_unique<State>(loop, client, std::move(options))} {}
Edge::~Edge() {
  for (const std::string& name : state_->published) state_->mdns().withdraw(name);
}

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

void Edge::perform(core::OpenStream effect) { state_->streams.open(std::move(effect)); }
void Edge::perform(core::Listen effect) { state_->streams.listen(effect); }
void Edge::perform(core::CloseStream effect) { state_->streams.close(effect.id); }

void Edge::perform(core::Resolve effect) {
  auto answer = [id = effect.id, edge = std::weak_ptr{state_->self}](std::vector<core::Ip> ips) {
    if (const auto self = edge.lock()) (*self)->client.resolved(id, ips, (*self)->loop.now());
  };
  if (const auto ip = core::Ip::parse(effect.name)) return answer({*ip});
  if (core::is_mdns_name(effect.name)) {
    return state_->mdns().resolve(std::move(effect.name), std::move(answer));
  }
  auto& resolver = state_->loop.state().resolver;
  if (!resolver) resolver = std::make_unique<detail::Resolver>(state_->loop);
  resolver->resolve(std::move(effect.name), std::move(answer));
}

void Edge::perform(core::PublishName effect) {
  if (!core::is_mdns_name(effect.name)) return;
  state_->mdns().publish(effect.name, effect.ip);
  state_->published.push_back(std::move(effect.name));
}

void Edge::perform(const core::WithdrawName& effect) {
  if (std::erase(state_->published, effect.name) > 0) state_->mdns().withdraw(effect.name);
}

detail::MdnsService& Edge::State::mdns() {
  auto& service = loop.state().mdns;
  if (!service) service = std::make_unique<detail::MdnsService>(loop);
  return *service;
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

// Runs of one local end go to its socket together, runs of one stream to that.
void Edge::send(std::span<core::Datagram> batch) {
  detail::report(state_->options.tracer, core::trace::Direction::out, batch, now());
  while (!batch.empty()) {
    const core::Path& first = batch.front().path;
    const bool udp = first.transport == core::Transport::udp;
    const auto end = std::ranges::find_if(batch, [&](const core::Datagram& one) {
      return one.path.transport != first.transport || one.path.local != first.local ||
             (!udp && one.path.remote != first.remote);
    });
    const auto run = batch.first(static_cast<std::size_t>(end - batch.begin()));
    batch = batch.subspan(run.size());
    state_->send_run(run);
  }
}

// What has no socket or stream any more is dropped, as on a wire that was pulled.
void Edge::State::send_run(std::span<core::Datagram> run) {
  const core::Path& path = run.front().path;
  if (path.transport == core::Transport::udp) {
    if (UdpSocket* socket = socket_for(path.local)) socket->send(run);
  } else if (detail::MessageStream* stream = streams.find(path)) {
    stream->send(run);
  }
}

}  // namespace lucid::net
