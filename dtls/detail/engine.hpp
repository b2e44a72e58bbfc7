#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/buffer.hpp"
#include "core/handle.hpp"
#include "core/trace.hpp"
#include "dtls/alert.hpp"
#include "dtls/detail/credentials.hpp"
#include "dtls/session.hpp"

namespace lucid::dtls::detail {

// OpenSSL as dtls::Session needs it: datagrams in, datagrams and answers out. Its file is the only
// one that calls the library's SSL functions.
class Engine {
 public:
  enum class Progress : std::uint8_t { under_way, finished, closed, failed };
  // Asked as soon as the handshake shows it whether the peer is welcome: nothing, or the alert that
  // tells it why not.
  struct Judge {
    virtual std::optional<Alert> judge_srtp(bool negotiated) = 0;
    virtual std::optional<Alert> judge_certificate(X509* certificate) = 0;

   protected:
    ~Judge() = default;
  };
  // Alerts as they pass: the latest that was fatal, and how many of either level.
  struct Alerts {
    std::optional<Alert> received;
    std::optional<Alert> sent;
    std::uint64_t received_count = 0;
    std::uint64_t sent_count = 0;
  };

  Engine(const Credentials& credentials, const Session::Config& config, core::Context context,
         Judge& judge);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // All take a datagram or nothing; what they want sent is in `transmits`.
  Progress start(Role role, core::Time now);
  Progress handshake(core::Bytes datagram, core::Time now);
  Progress read(core::Bytes datagram, std::deque<Session::Event>& out, core::Time now);
  Progress time_out(core::Time now);
  bool write(core::Bytes data, core::Time now);
  void shut_down(core::Time now);  // sends close_notify, if there is a connection to close

  // How long the library wants to wait for an answer to its flight.
  std::optional<core::Duration> wait() const;
  void set_round_trip(core::Duration round_trip) { round_trip_ = round_trip; }

  core::Handle<X509, X509_free> peer_certificate() const;
  std::optional<SrtpKeys> srtp_keys() const;
  std::optional<std::vector<std::uint8_t>> export_keying_material(std::string_view label,
                                                                  std::size_t size) const;
  std::string cipher_suite() const;
  // What the cipher adds to a record; nothing that is shorter can be opened. While no cipher is
  // known, that of the usual one.
  std::size_t smallest_cipher_text() const;
  bool extended_master_secret() const;
  // Of the call that failed: the library's words, and what they mean.
  const std::string& last_error() const { return error_; }
  FailureReason last_reason() const { return reason_; }

  Alerts alerts;
  std::deque<core::Buffer> transmits;

 private:
  struct Callbacks;  // what the library calls; in engine.cpp
  friend struct Callbacks;
  friend core::Handle<SSL_CTX, SSL_CTX_free> make_context();

  void begin(core::Bytes datagram, core::Time now);
  Progress result(int returned);

  core::Handle<SSL, SSL_free> ssl_;
  core::Pool& pool_;
  core::trace::Tracer tracer_;
  Judge& judge_;
  core::Bytes input_;  // the datagram being handled; OpenSSL reads it once, whole
  core::Time now_{};
  std::size_t mtu_;
  bool first_of_call_ = true;  // nothing has been written yet since the last begin()
  std::optional<core::Duration> round_trip_;
  std::string error_;
  FailureReason reason_ = FailureReason::protocol_error;
};

}  // namespace lucid::dtls::detail
