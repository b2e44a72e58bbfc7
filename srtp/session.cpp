#include "srtp/session.hpp"

#include <utility>

#include "srtp/detail/engine.hpp"

namespace lucid::srtp {

namespace {

// RFC 3711 4.1.1: no packet may use more than 2^23 bits of key stream; the block counter would run
// into the next packet's.
constexpr std::size_t longest_packet = std::size_t{1} << 20;

std::expected<std::unique_ptr<detail::Engine>, SetupError> make_engine(
    const Session::Config& config, const detail::Keys& keys) {
  for (const MasterKey* master : {&keys.local, &keys.remote}) {
    if (master->key.size() != key_size(config.profile)) {
      return std::unexpected(SetupError::bad_key_size);
    }
    if (master->salt.size() != salt_size(config.profile)) {
      return std::unexpected(SetupError::bad_salt_size);
    }
  }
  if (!available(config.engine)) return std::unexpected(SetupError::engine_missing);
  auto engine = config.engine == EngineKind::openssl ? detail::make_openssl_engine(config, keys)
                                                     : detail::make_libsrtp2_engine(config, keys);
  if (!engine) {
    return std::unexpected(config.engine == EngineKind::openssl ? SetupError::library
                                                                : SetupError::engine_cannot);
  }
  return engine;
}

}  // namespace

std::expected<Session, SetupError> Session::create(const Config& config) {
  auto engine = make_engine(config, {config.local, config.remote});
  if (!engine) return std::unexpected(engine.error());
  return Session{detail::without_keys(config), *std::move(engine)};
}

Session::Session(Config config, std::unique_ptr<detail::Engine> engine)
    : config_{std::move(config)}, engine_{std::move(engine)} {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

std::expected<void, SetupError> Session::rekey(Profile profile, const MasterKey& local,
                                               const MasterKey& remote) {
  Config config = config_;
  config.profile = profile;
  auto engine = make_engine(config, {local, remote});
  if (!engine) return std::unexpected(engine.error());
  previous_ = std::exchange(engine_, *std::move(engine));
  config_.profile = profile;
  return {};
}

Session::Result Session::protect_rtp(core::Bytes from, core::MutableBytes into) {
  return send(&detail::Engine::protect_rtp, rtp_overhead(), stats_.rtp_protected, from, into);
}
Session::Result Session::protect_rtcp(core::Bytes from, core::MutableBytes into) {
  return send(&detail::Engine::protect_rtcp, rtcp_overhead(), stats_.rtcp_protected, from, into);
}
Session::Result Session::unprotect_rtp(core::Bytes from, core::MutableBytes into) {
  return receive(&detail::Engine::unprotect_rtp, stats_.rtp_opened, from, into);
}
Session::Result Session::unprotect_rtcp(core::Bytes from, core::MutableBytes into) {
  return receive(&detail::Engine::unprotect_rtcp, stats_.rtcp_opened, from, into);
}

Session::Result Session::send(Work work, std::size_t overhead, std::uint64_t& counter,
                              core::Bytes from, core::MutableBytes into) {
  Result result = std::unexpected(Refusal::no_room);
  if (from.size() > longest_packet) {
    result = std::unexpected(Refusal::malformed);
  } else if (into.size() >= from.size() + overhead) {
    result = (engine_.get()->*work)(from, into);
  }
  ++(result ? counter : stats_.send_refused[static_cast<std::size_t>(result.error())]);
  return result;
}

Session::Result Session::receive(Work work, std::uint64_t& counter, core::Bytes from,
                                 core::MutableBytes into) {
  Result result = std::unexpected(Refusal::no_room);
  if (from.size() > longest_packet + rtcp_overhead()) {
    result = std::unexpected(Refusal::malformed);
  } else if (into.size() >= from.size()) {
    result =
        previous_ ? receive_in_transition(work, from, into) : (engine_.get()->*work)(from, into);
  }
  ++(result ? counter : stats_.receive_refused[static_cast<std::size_t>(result.error())]);
  return result;
}

// AEAD writes before it knows whether the tag is right, so a second attempt needs the packet as it
// was.
Session::Result Session::receive_in_transition(Work work, core::Bytes from,
                                               core::MutableBytes into) {
  scratch_.assign(from.begin(), from.end());
  Result result = (engine_.get()->*work)(from, into);
  if (result) {
    previous_.reset();
  } else if (const Result earlier = (previous_.get()->*work)(scratch_, into)) {
    return earlier;
  }
  return result;
}

std::expected<void, Refusal> Session::protect_rtp(core::Buffer& packet) {
  return grow(packet, rtp_overhead(),
              [&](auto from, auto into) { return protect_rtp(from, into); });
}
std::expected<void, Refusal> Session::protect_rtcp(core::Buffer& packet) {
  return grow(packet, rtcp_overhead(),
              [&](auto from, auto into) { return protect_rtcp(from, into); });
}
std::expected<void, Refusal> Session::unprotect_rtp(core::Buffer& packet) {
  return grow(packet, 0, [&](auto from, auto into) { return unprotect_rtp(from, into); });
}
std::expected<void, Refusal> Session::unprotect_rtcp(core::Buffer& packet) {
  return grow(packet, 0, [&](auto from, auto into) { return unprotect_rtcp(from, into); });
}

template <class Protect>
std::expected<void, Refusal> Session::grow(core::Buffer& packet, std::size_t growth,
                                           Protect protect) {
  const std::size_t size = packet.size();
  const std::size_t room = std::min(growth, packet.tail_room());
  packet.append(room);
  const Result result = protect(core::Bytes{packet.data(), size}, packet.bytes());
  packet.resize(result ? result->size() : size);
  if (!result) return std::unexpected(result.error());
  return {};
}

void Session::set_rollover_counter(Direction direction, std::uint32_t ssrc, std::uint32_t counter) {
  engine_->set_rollover_counter(direction, ssrc, counter);
}

std::expected<void, SetupError> Session::set_next_rtcp_index(std::uint32_t ssrc,
                                                             std::uint32_t index) {
  if (!engine_->set_next_rtcp_index(ssrc, index)) {
    return std::unexpected(SetupError::engine_cannot);
  }
  return {};
}

std::string_view to_string(EngineKind kind) {
  return kind == EngineKind::openssl ? "openssl" : "libsrtp2";
}

std::string_view to_string(SetupError error) {
  switch (error) {
    case SetupError::bad_key_size:
      return "bad_key_size";
    case SetupError::bad_salt_size:
      return "bad_salt_size";
    case SetupError::engine_missing:
      return "engine_missing";
    case SetupError::engine_cannot:
      return "engine_cannot";
    case SetupError::library:
      return "library";
  }
  return "";
}

std::string_view to_string(Refusal refusal) {
  switch (refusal) {
    case Refusal::malformed:
      return "malformed";
    case Refusal::no_room:
      return "no_room";
    case Refusal::bad_tag:
      return "bad_tag";
    case Refusal::replayed:
      return "replayed";
    case Refusal::too_old:
      return "too_old";
    case Refusal::not_encrypted:
      return "not_encrypted";
    case Refusal::too_many_streams:
      return "too_many_streams";
    case Refusal::key_expired:
      return "key_expired";
  }
  return "";
}

}  // namespace lucid::srtp
