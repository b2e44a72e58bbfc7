#include "peer/detail/transport.hpp"

#include "core/handle.hpp"
#include "rtp/packet.hpp"

namespace lucid::peer::detail {
namespace {

enum class Protocol : std::uint8_t { stun, dtls, turn, media, unknown };

// RFC 7983 7: the first byte tells them apart.
Protocol protocol_of(core::Bytes bytes) {
  if (bytes.empty()) return Protocol::unknown;
  const std::uint8_t first = bytes[0];
  if (first <= 3) return Protocol::stun;
  if (first >= 20 && first <= 63) return Protocol::dtls;
  if (first >= 64 && first <= 79) return Protocol::turn;
  if (first >= 128 && first <= 191) return Protocol::media;
  return Protocol::unknown;
}

Error error_of(const dtls::Session::Failed& failed) {
  Error error;
  error.message = failed.explanation;
  error.detail = failed.reason == dtls::FailureReason::fingerprint_mismatch
                     ? ErrorDetail::fingerprint_failure
                     : ErrorDetail::dtls_failure;
  if (failed.alert) {
    const auto alert = static_cast<std::uint8_t>(*failed.alert);
    if (failed.reason == dtls::FailureReason::alert_received) {
      error.received_alert = alert;
    } else {
      error.sent_alert = alert;
    }
  }
  return error;
}

}  // namespace

Transport::Transport(Config config, core::Context context)
    : tracer_{context.tracer("peer")},
      pool_{context.pool},
      ice_{std::move(config.ice), context},
      dtls_{std::move(config.dtls), context} {}

void Transport::set_remote(Remote remote, core::Time now) {
  if (remote_) return;
  remote_ = std::move(remote);
  dtls_.set_remote_fingerprints(remote_->fingerprints, now);
  start_dtls(now);
  settle(now);
}

void Transport::start_dtls(core::Time now) {
  if (!remote_ || dtls_state_ != DtlsState::new_) return;
  // RFC 8445 12.1: any valid pair will do. The server listens from the first moment on.
  const bool usable = ice_.path().has_value();
  if (usable) {
    if (const auto round_trip = ice_.round_trip()) dtls_.set_round_trip(*round_trip);
    dtls_changed(DtlsState::connecting, "a path works", now);
  }
  if (usable || remote_->our_role == dtls::Role::server) {
    dtls_.start(remote_->our_role, remote_->srtp, now);
  }
}

void Transport::send_data(core::Bytes bytes, core::Time now) {
  if (!secured() || !dtls_.send(bytes, now)) {
    ++stats_.dropped_not_ready;
    return;
  }
  flush_dtls(now);
}

void Transport::send_rtp(core::Bytes packet, core::Time now) {
  if (!srtp_ || !secured()) {
    ++stats_.dropped_not_ready;
    return;
  }
  core::Buffer wire = pool_.take(packet.size() + srtp_->rtp_overhead());
  const auto written = srtp_->protect_rtp(packet, wire.bytes());
  if (!written) {
    ++stats_.dropped_refused;
    return;
  }
  wire.resize(written->size());
  send(std::move(wire), now);
}

void Transport::send_rtcp(core::Buffer packet, core::Time now) {
  if (!srtp_ || !secured()) {
    ++stats_.dropped_not_ready;
  } else if (!srtp_->protect_rtcp(packet)) {
    ++stats_.dropped_refused;
  } else {
    send(std::move(packet), now);
  }
}

void Transport::send(core::Buffer bytes, core::Time now) {
  const auto path = ice_.path();
  if (!path) {
    ++stats_.dropped_not_ready;
    return;
  }
  ++stats_.datagrams_sent;
  stats_.bytes_sent += bytes.size();
  ice_.send({*path, core::Ecn::not_ect, std::move(bytes)}, now);
}

void Transport::close(core::Time now) {
  dtls_.close(now);
  flush_dtls(now);
  while (auto datagram = ice_.poll_transmit()) last_words_.push_back(std::move(*datagram));
  ice_.close(now);
  settle(now);
  dtls_state_ = DtlsState::closed;
  srtp_.reset();
  // Sockets are closed still; everything else is of no interest any more.
  std::erase_if(events_, [](const Event& it) { return !std::holds_alternative<core::Effect>(it); });
}

void Transport::handle_datagram(core::Datagram datagram, core::Time now) {
  take(std::move(datagram), now);
  settle(now);
}

void Transport::take(core::Datagram datagram, core::Time now) {
  const Protocol protocol = protocol_of(datagram.bytes);
  if (protocol == Protocol::stun || protocol == Protocol::turn) {
    ice_.handle_datagram(std::move(datagram), now);
    return;
  }
  if (dtls_state_ == DtlsState::closed) return;
  if (protocol == Protocol::unknown) {
    ++stats_.dropped_unknown;
    return;
  }
  ++stats_.datagrams_received;
  stats_.bytes_received += datagram.bytes.size();
  ice_.received(datagram.path, datagram.bytes.size(), now);
  if (protocol == Protocol::dtls) {
    dtls_.handle_datagram(datagram.bytes, now);
  } else {
    take_media(std::move(datagram));
  }
}

void Transport::take_media(core::Datagram datagram) {
  if (!srtp_) {
    ++stats_.dropped_not_ready;
    return;
  }
  const bool rtcp = rtp::is_rtcp(datagram.bytes);
  const auto opened =
      rtcp ? srtp_->unprotect_rtcp(datagram.bytes) : srtp_->unprotect_rtp(datagram.bytes);
  if (!opened) {
    ++stats_.dropped_refused;
  } else if (rtcp) {
    events_.push_back(Rtcp{std::move(datagram.bytes)});
  } else {
    events_.push_back(Rtp{std::move(datagram.bytes), datagram.ecn});
  }
}

void Transport::handle_timeout(core::Time now) {
  ice_.handle_timeout(now);
  dtls_.handle_timeout(now);
  settle(now);
}

void Transport::settle(core::Time now) {
  take_ice_events(now);
  take_dtls_events(now);
  flush_dtls(now);
}

void Transport::take_ice_events(core::Time now) {
  while (auto event = ice_.poll_event()) {
    std::visit(core::Overloaded{
                   [&](ice::Agent::LocalCandidate& each) {
                     events_.push_back(LocalCandidate{std::move(each.candidate)});
                   },
                   [&](ice::Agent::GatheringChanged&) { events_.push_back(IceChanged{}); },
                   [&](ice::Agent::ConnectionChanged&) { events_.push_back(IceChanged{}); },
                   [&](ice::Agent::Usable&) { start_dtls(now); },
                   [&](ice::Agent::Selected&) {
                     ++stats_.selections;
                     if (const auto rtt = ice_.round_trip()) dtls_.set_round_trip(*rtt);
                     start_dtls(now);
                   },
                   [&](ice::Agent::RoleChanged&) {},
                   [&](ice::Agent::ServerFailed& each) {
                     events_.push_back(ServerFailed{std::move(each)});
                   },
                   [&](ice::Agent::Received& each) { take(std::move(each.datagram), now); },
                   [&](core::Effect& effect) { events_.push_back(std::move(effect)); },
               },
               *event);
  }
}

void Transport::take_dtls_events(core::Time now) {
  while (auto event = dtls_.poll_event()) {
    std::visit(
        core::Overloaded{
            [&](dtls::Session::Connected& each) { on(each, now); },
            [&](dtls::Session::Data& each) { events_.push_back(Data{std::move(each.bytes)}); },
            [&](dtls::Session::Closed&) {
              dtls_changed(DtlsState::closed, "the peer has closed it", now);
            },
            [&](dtls::Session::Failed& each) { on(each, now); },
        },
        *event);
  }
}

void Transport::on(dtls::Session::Connected& connected, core::Time now) {
  remote_certificate_ = std::move(connected.peer_certificate);
  cipher_suite_ = std::move(connected.cipher_suite);
  if (connected.srtp) {
    srtp::Session::Config config;
    const auto profile =
        srtp::profile_from_dtls(static_cast<std::uint16_t>(connected.srtp->profile));
    config.local = {connected.srtp->local.key, connected.srtp->local.salt};
    config.remote = {connected.srtp->remote.key, connected.srtp->remote.salt};
    if (profile) config.profile = *profile;
    if (auto session = srtp::Session::create(config)) srtp_ = std::move(*session);
  }
  dtls_changed(DtlsState::connected, "the peer's certificate is the one that was signalled", now);
  events_.push_back(Secured{});
}

void Transport::on(dtls::Session::Failed& failed, core::Time now) {
  tracer_.failure(
      now, "dtls", failed.explanation,
      "Compare both descriptions' a=fingerprint and a=setup lines, and negotiate anew.");
  dtls_changed(DtlsState::failed, to_string(failed.reason), now);
  events_.push_back(Failed{error_of(failed)});
}

void Transport::flush_dtls(core::Time now) {
  // Until a path works, DTLS keeps its flight: nothing is taken out that could not be sent.
  while (ice_.path()) {
    auto record = dtls_.poll_transmit();
    if (!record) return;
    send(std::move(*record), now);
  }
}

void Transport::dtls_changed(DtlsState state, std::string_view reason, core::Time now) {
  if (state == dtls_state_) return;
  tracer_.state(now, "dtls_transport", to_string(dtls_state_), to_string(state), reason);
  dtls_state_ = state;
  events_.push_back(DtlsChanged{state});
}

std::optional<core::Datagram> Transport::poll_transmit() {
  if (last_words_.empty()) return ice_.poll_transmit();
  core::Datagram datagram = std::move(last_words_.front());
  last_words_.pop_front();
  return datagram;
}

std::optional<Transport::Event> Transport::poll_event() {
  if (events_.empty()) return std::nullopt;
  Event event = std::move(events_.front());
  events_.pop_front();
  return event;
}

std::optional<core::Time> Transport::next_timeout() const {
  return core::earliest(ice_.next_timeout(), dtls_.next_timeout());
}

std::optional<srtp::Profile> Transport::srtp_profile() const {
  return srtp_ ? std::optional{srtp_->profile()} : std::nullopt;
}

}  // namespace lucid::peer::detail
