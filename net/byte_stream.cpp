#include "net/byte_stream.hpp"

#include "net/detail/byte_channel.hpp"
#include "net/detail/loop_state.hpp"
#include "net/detail/resolver.hpp"

namespace lucid::net {

namespace {

constexpr core::Duration open_within = std::chrono::seconds{5};

ConnectError connect_error_of(core::PathError error) {
  switch (error) {
    case core::PathError::refused:
      return ConnectError::refused;
    case core::PathError::timed_out:
      return ConnectError::timed_out;
    default:
      return ConnectError::unreachable;
  }
}

}  // namespace

struct ByteStream::State final : detail::ByteChannel::Owner {
  State(Loop& on, std::uint16_t to, ByteStreamHandlers what)
      : loop{on},
        port{to},
        handlers{std::move(what)},
        patience{on, [this] { close(ConnectError::timed_out); }} {
    patience.set(loop.now() + open_within);
  }

  void connect(const core::Ip& ip) {
    const auto fd = detail::start_connect({core::Ip::any(ip.family()), 0}, {ip, port});
    if (!fd) {
      failure = connect_error_of(fd.error());
      return patience.set(loop.now());
    }
    Owner& owner = *this;
    channel = std::make_unique<detail::ByteChannel>(loop, owner, *fd, detail::Connection{*fd},
                                                    detail::ByteChannel::Side::connecting);
  }
  void close(ConnectError error) {
    patience.set(std::nullopt);
    channel.reset();
    auto last = std::exchange(handlers, {});  // it may destroy this
    if (last.closed) last.closed(failure.value_or(error));
  }
  void channel_opened() override {
    patience.set(std::nullopt);
    if (handlers.opened) handlers.opened();
  }
  void channel_received(core::Bytes bytes) override {
    if (handlers.received) handlers.received(bytes);
  }
  void channel_ended(core::PathError error) override { close(connect_error_of(error)); }

  Loop& loop;
  std::uint16_t port;
  ByteStreamHandlers handlers;
  std::optional<ConnectError> failure;
  std::unique_ptr<detail::ByteChannel> channel;
  Timer patience;
};

ByteStream::ByteStream(Loop& loop, const std::string& host, std::uint16_t port,
                       ByteStreamHandlers handlers)
    : state_{std::make_shared<State>(loop, port, std::move(handlers))} {
  if (const auto ip = core::Ip::parse(host)) {
    state_->connect(*ip);
    return;
  }
  auto& resolver = loop.state().resolver;
  if (!resolver) resolver = std::make_unique<detail::Resolver>(loop);
  resolver->resolve(host, [weak = std::weak_ptr{state_}](const std::vector<core::Ip>& ips) {
    const auto state = weak.lock();
    if (!state) return;
    if (!ips.empty()) return state->connect(ips.front());
    state->close(ConnectError::unknown_host);
  });
}

ByteStream::~ByteStream() {
  state_->handlers = {};
  state_->channel.reset();
}

void ByteStream::send(core::Bytes bytes) {
  if (state_->channel) state_->channel->send(bytes);
}
std::size_t ByteStream::queued() const { return state_->channel ? state_->channel->queued() : 0; }

}  // namespace lucid::net
