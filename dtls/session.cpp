#include "dtls/session.hpp"

#include <deque>
#include <utility>

#include "dtls/detail/credentials.hpp"
#include "dtls/detail/engine.hpp"
#include "dtls/detail/sieve.hpp"
#include "dtls/record.hpp"

namespace lucid::dtls {

namespace {

// What may wait for start() or for the fingerprints: two flights with long certificates.
constexpr std::size_t early_datagrams_limit = 16;
constexpr std::size_t early_bytes_limit = std::size_t{8} * 1024;
constexpr std::size_t largest_message = std::size_t{1}
                                        << 14;  // RFC 6347 4.1: a record's plain text
constexpr std::size_t largest_export = 4096;

}  // namespace

// The state machine; the handshake itself is the engine's.
class Session::Machine final : detail::Engine::Judge {
 public:
  Machine(Config config, core::Context context);

  void start(Role role, SrtpUse srtp, core::Time now);
  void set_remote_fingerprints(std::vector<Fingerprint> fingerprints, core::Time now);
  void set_round_trip(core::Duration round_trip) { engine_.set_round_trip(round_trip); }
  std::expected<void, SendError> send(core::Bytes data, core::Time now);
  std::expected<std::vector<std::uint8_t>, ExportError> export_keying_material(
      std::string_view label, std::size_t size) const;
  void close(core::Time now);
  void handle_datagram(core::Bytes datagram, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<core::Buffer> poll_transmit();
  std::optional<Event> poll_event();

  std::optional<core::Time> deadline;
  State state = State::idle;
  std::optional<Role> role;
  Stats stats;

 private:
  using Progress = detail::Engine::Progress;

  std::optional<Alert> judge_srtp(bool negotiated) override;
  std::optional<Alert> judge_certificate(X509* certificate) override;
  bool must_wait() const;
  void keep(core::Bytes datagram);
  void feed(core::Bytes datagram, core::Time now);
  void feed_early(core::Time now);
  void act_on(Progress progress, core::Time now);
  void drop_records(std::size_t count, core::Time now);
  void read(const detail::Sifted& in, core::Time now);
  void finish(core::Time now);
  void connect(std::vector<std::uint8_t> peer_certificate, core::Time now);
  void count_alerts();
  void refuse(FailureReason reason, core::Time now);
  void fail(core::Time now);
  void fail(FailureReason reason, std::optional<Alert> alert, std::string explanation,
            core::Time now);
  void transition(State next, std::string_view reason, core::Time now);

  Certificate certificate_;
  core::WallClock wall_clock_;
  core::trace::Tracer tracer_;
  core::Pool& pool_;
  detail::Engine engine_;
  bool handshake_done_ = false;
  SrtpUse srtp_use_ = SrtpUse::optional;
  std::vector<Fingerprint> fingerprints_;
  std::optional<FailureReason> refusal_;  // what a judge has found
  core::WallClock::Microseconds unix_now_{};
  std::deque<core::Buffer> early_;
  std::deque<Event> events_;
};

Session::Machine::Machine(Config config, core::Context context)
    : certificate_{std::move(config.certificate)},
      wall_clock_{config.wall_clock},
      tracer_{context.tracer("dtls")},
      pool_{context.pool},
      engine_{*certificate_.credentials_, config, context, *this} {}

void Session::Machine::start(Role as, SrtpUse srtp, core::Time now) {
  if (state != State::idle || role) return;
  role = as;
  srtp_use_ = srtp;
  transition(State::connecting, to_string(as), now);
  if (certificate_.not_after() <= wall_clock_.unix_time(now)) {
    ++stats.refused_certificate_date;
    return refuse(FailureReason::own_certificate_expired, now);
  }
  act_on(engine_.start(as, now), now);
  feed_early(now);
}

void Session::Machine::set_remote_fingerprints(std::vector<Fingerprint> fingerprints,
                                               core::Time now) {
  if (state != State::idle && state != State::connecting) return;
  fingerprints_ = std::move(fingerprints);
  if (!handshake_done_ || fingerprints_.empty()) return;
  finish(now);
  feed_early(now);
}

// Before start() nobody knows what to do with a datagram; between the handshake's end and the
// fingerprints nothing may be released.
bool Session::Machine::must_wait() const {
  return state == State::idle || (state == State::connecting && handshake_done_);
}

void Session::Machine::handle_datagram(core::Bytes datagram, core::Time now) {
  ++stats.datagrams_received;
  if (state == State::closed || state == State::failed) {
    ++stats.dropped_after_end;
  } else if (!is_dtls(datagram)) {
    ++stats.dropped_not_dtls;
  } else if (must_wait()) {
    keep(datagram);
  } else {
    feed(datagram, now);
  }
}

void Session::Machine::keep(core::Bytes datagram) {
  std::size_t bytes = datagram.size();
  for (const core::Buffer& waiting : early_) bytes += waiting.size();
  if (early_.size() == early_datagrams_limit || bytes > early_bytes_limit) {
    ++stats.dropped_early;
    return;
  }
  ++stats.early_kept;
  early_.push_back(pool_.copy(datagram));
}

void Session::Machine::feed_early(core::Time now) {
  while (!early_.empty() && (state == State::connected || state == State::connecting) &&
         !must_wait()) {
    const core::Buffer datagram = std::move(early_.front());
    early_.pop_front();
    feed(datagram, now);
  }
  if (!must_wait()) early_.clear();
}

void Session::Machine::feed(core::Bytes datagram, core::Time now) {
  unix_now_ = wall_clock_.unix_time(now);
  const detail::Sifted sifted = detail::sift(datagram, engine_.smallest_cipher_text());
  if (sifted.cut) drop_records(1, now);
  if (sifted.sound.empty()) return;
  if (state == State::connected) return read(sifted, now);
  act_on(engine_.handshake(sifted.sound, now), now);
}

void Session::Machine::drop_records(std::size_t count, core::Time now) {
  stats.dropped_bad_record += count;
  tracer_.event(now, "record_refused", {{"count", std::uint64_t{count}}});
}

void Session::Machine::act_on(Progress progress, core::Time now) {
  count_alerts();
  deadline.reset();
  switch (progress) {
    case Progress::under_way:
      if (const auto wait = engine_.wait()) deadline = now + *wait;
      return;
    case Progress::finished:
      // OpenSSL's timer goes on after the last flight; the peer repeats its own if that was lost.
      handshake_done_ = true;
      return finish(now);
    case Progress::closed:
      events_.push_back(Closed{});
      return transition(State::closed, "close_notify from the peer", now);
    case Progress::failed:
      return fail(now);
  }
}

void Session::Machine::read(const detail::Sifted& in, core::Time now) {
  const std::size_t events = events_.size();
  const std::size_t transmits = engine_.transmits.size();
  const std::uint64_t alerts = engine_.alerts.received_count;
  const Progress progress = engine_.read(in.sound, events_, now);
  const std::size_t opened =
      events_.size() - events + static_cast<std::size_t>(engine_.alerts.received_count - alerts);
  // A Finished that came again was opened if it was answered (RFC 6347 4.2.4).
  const bool answered = engine_.transmits.size() > transmits;
  if (opened < in.encrypted && !answered) drop_records(in.encrypted - opened, now);
  count_alerts();
  if (progress == Progress::failed) return fail(now);
  if (progress != Progress::closed) return;
  // RFC 5246 7.2.1: the other end answers a close_notify with one of its own.
  engine_.shut_down(now);
  count_alerts();
  events_.push_back(Closed{});
  transition(State::closed, "close_notify from the peer", now);
}

// The handshake is over; nothing leaves before the certificate has been compared.
void Session::Machine::finish(core::Time now) {
  if (fingerprints_.empty()) return tracer_.event(now, "waiting_for_fingerprints");
  const auto certificate = engine_.peer_certificate();
  unix_now_ = wall_clock_.unix_time(now);
  // Judged during the handshake already, but perhaps before the fingerprints were known.
  if (!certificate || judge_certificate(certificate.get())) {
    return refuse(refusal_.value_or(FailureReason::protocol_error), now);
  }
  connect(detail::to_der(certificate.get()), now);
}

void Session::Machine::connect(std::vector<std::uint8_t> peer_certificate, core::Time now) {
  Connected connected;
  connected.srtp = engine_.srtp_keys();
  if (judge_srtp(connected.srtp.has_value())) return refuse(*refusal_, now);
  connected.peer_fingerprint = Fingerprint::of(Hash::sha256, peer_certificate);
  connected.peer_certificate = std::move(peer_certificate);
  connected.cipher_suite = engine_.cipher_suite();
  connected.extended_master_secret = engine_.extended_master_secret();
  tracer_.event(now, "negotiated",
                {{"cipher_suite", std::string_view{connected.cipher_suite}},
                 {"srtp_profile", connected.srtp ? to_string(connected.srtp->profile) : "none"}});
  transition(State::connected, "finished and verified", now);
  events_.push_back(std::move(connected));
  read({}, now);  // what came in the same datagram as the peer's last message
}

std::optional<Alert> Session::Machine::judge_srtp(bool negotiated) {
  if (negotiated || srtp_use_ == SrtpUse::optional) return std::nullopt;
  if (refusal_ != FailureReason::no_srtp_profile) ++stats.refused_without_srtp;
  refusal_ = FailureReason::no_srtp_profile;
  return Alert::handshake_failure;
}

std::optional<Alert> Session::Machine::judge_certificate(X509* certificate) {
  // RFC 8122 6.2: a certificate that matches no fingerprint ends it with bad_certificate.
  if (!fingerprints_.empty() && !matches_any(detail::to_der(certificate), fingerprints_)) {
    ++stats.refused_fingerprint;
    refusal_ = FailureReason::fingerprint_mismatch;
    return Alert::bad_certificate;
  }
  if (!detail::key_type_of(X509_get0_pubkey(certificate))) {
    ++stats.refused_insufficient_security;
    refusal_ = FailureReason::insufficient_security;
    return Alert::unsupported_certificate;
  }
  // A date in the future is let pass: it tells of a wrong clock, not of an old key.
  if (detail::unix_time(X509_get0_notAfter(certificate)) <= unix_now_) {
    ++stats.refused_certificate_date;
    refusal_ = FailureReason::certificate_expired;
    return Alert::certificate_expired;
  }
  return std::nullopt;
}

void Session::Machine::handle_timeout(core::Time now) {
  if (!deadline || now < *deadline) return;
  unix_now_ = wall_clock_.unix_time(now);
  const std::size_t before = engine_.transmits.size();
  const Progress progress = engine_.time_out(now);
  if (engine_.transmits.size() > before) {
    ++stats.retransmissions;
    tracer_.event(now, "flight_repeated", {{"count", stats.retransmissions}});
  }
  if (progress == Progress::failed) {
    return refuse(FailureReason::timed_out, now);
  }
  act_on(progress, now);
}

std::expected<void, SendError> Session::Machine::send(core::Bytes data, core::Time now) {
  if (state != State::connected) return std::unexpected(SendError::not_connected);
  if (data.empty()) return {};
  if (data.size() > largest_message || !engine_.write(data, now)) {
    return std::unexpected(SendError::too_large);
  }
  return {};
}

std::expected<std::vector<std::uint8_t>, ExportError> Session::Machine::export_keying_material(
    std::string_view label, std::size_t size) const {
  if (state != State::connected) return std::unexpected(ExportError::not_connected);
  if (size == 0 || size > largest_export) return std::unexpected(ExportError::refused);
  auto material = engine_.export_keying_material(label, size);
  if (!material) return std::unexpected(ExportError::refused);
  return *std::move(material);
}

void Session::Machine::close(core::Time now) {
  if (state == State::closed || state == State::failed) return;
  engine_.shut_down(now);
  count_alerts();
  transition(State::closed, "closed by this end", now);
}

std::optional<core::Buffer> Session::Machine::poll_transmit() {
  if (engine_.transmits.empty()) return std::nullopt;
  core::Buffer out = std::move(engine_.transmits.front());
  engine_.transmits.pop_front();
  ++stats.datagrams_sent;
  return out;
}

std::optional<Session::Event> Session::Machine::poll_event() {
  if (events_.empty()) return std::nullopt;
  Event out = std::move(events_.front());
  events_.pop_front();
  return out;
}

void Session::Machine::count_alerts() {
  stats.alerts_received = engine_.alerts.received_count;
  stats.alerts_sent = engine_.alerts.sent_count;
}

// For what only shows after the handshake, when no alert but close_notify can be sent.
void Session::Machine::refuse(FailureReason reason, core::Time now) {
  engine_.shut_down(now);
  count_alerts();
  fail(reason, std::nullopt, std::string{explain(reason)}, now);
}

// The engine gave up. Who began it: a judge here, the peer with its alert, or the library.
void Session::Machine::fail(core::Time now) {
  const auto& [received, sent, received_count, sent_count] = engine_.alerts;
  const auto named = [](std::string_view who, Alert alert) {
    return std::string{who} + " sent the alert " + std::string{to_string(alert)} + ": " +
           std::string{explain(alert)};
  };
  if (refusal_) {
    return fail(*refusal_, sent, std::string{explain(*refusal_)}, now);
  }
  if (received) {
    return fail(FailureReason::alert_received, received, named("the peer", *received), now);
  }
  const FailureReason reason = engine_.last_reason();
  std::string explanation{explain(reason)};
  if (sent) explanation += "; " + named("this end", *sent);
  explanation += " (" + engine_.last_error() + ')';
  if (reason == FailureReason::insufficient_security) ++stats.refused_insufficient_security;
  if (reason == FailureReason::no_certificate) ++stats.refused_without_certificate;
  if (reason == FailureReason::handshake_altered) ++stats.refused_altered;
  fail(reason, sent, std::move(explanation), now);
}

void Session::Machine::fail(FailureReason reason, std::optional<Alert> alert,
                            std::string explanation, core::Time now) {
  deadline.reset();
  early_.clear();
  tracer_.failure(now, state == State::connected ? "connected" : "handshake", explanation,
                  next_step(reason));
  transition(State::failed, to_string(reason), now);
  events_.push_back(Failed{reason, alert, std::move(explanation)});
}

void Session::Machine::transition(State next, std::string_view reason, core::Time now) {
  deadline.reset();
  tracer_.state(now, "dtls_state", to_string(state), to_string(next), reason);
  state = next;
}

Session::Session(Config config, core::Context context)
    : machine_{std::make_unique<Machine>(std::move(config), context)} {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

void Session::start(Role role, SrtpUse srtp, core::Time now) { machine_->start(role, srtp, now); }
void Session::set_remote_fingerprints(std::vector<Fingerprint> fingerprints, core::Time now) {
  machine_->set_remote_fingerprints(std::move(fingerprints), now);
}
void Session::set_round_trip(core::Duration round_trip) { machine_->set_round_trip(round_trip); }
std::expected<void, SendError> Session::send(core::Bytes data, core::Time now) {
  return machine_->send(data, now);
}
std::expected<std::vector<std::uint8_t>, ExportError> Session::export_keying_material(
    std::string_view label, std::size_t size) const {
  return machine_->export_keying_material(label, size);
}
void Session::close(core::Time now) { machine_->close(now); }
void Session::handle_datagram(core::Bytes datagram, core::Time now) {
  machine_->handle_datagram(datagram, now);
}
void Session::handle_timeout(core::Time now) { machine_->handle_timeout(now); }
std::optional<core::Buffer> Session::poll_transmit() { return machine_->poll_transmit(); }
std::optional<Session::Event> Session::poll_event() { return machine_->poll_event(); }
std::optional<core::Time> Session::next_timeout() const { return machine_->deadline; }
State Session::state() const { return machine_->state; }
std::optional<Role> Session::role() const { return machine_->role; }
const Session::Stats& Session::stats() const { return machine_->stats; }

}  // namespace lucid::dtls
