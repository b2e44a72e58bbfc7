#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/machine.hpp"
#include "dtls/alert.hpp"
#include "dtls/certificate.hpp"
#include "dtls/failure.hpp"
#include "dtls/fingerprint.hpp"
#include "dtls/srtp_keys.hpp"

namespace lucid::dtls {

// RFC 5763 5: `a=setup:active` makes the client, `passive` the server.
enum class Role : std::uint8_t { client, server };
std::string_view to_string(Role role);

// Whether a peer that does not negotiate use_srtp is refused. It is offered in either case.
enum class SrtpUse : std::uint8_t { required, optional };

// RFC 8842 has no names for these; they are those of the W3C's RTCDtlsTransportState.
enum class State : std::uint8_t { idle, connecting, connected, closed, failed };
std::string_view to_string(State state);

enum class SendError : std::uint8_t { not_connected, too_large };
std::string_view to_string(SendError error);
enum class ExportError : std::uint8_t { not_connected, refused };
std::string_view to_string(ExportError error);

// One DTLS 1.2 association (RFC 6347) that authenticates by fingerprint (RFC 8122) and exports SRTP
// keys (RFC 5764). It can be made before anything is known of the peer: datagrams that come early
// are kept. No key and no byte leaves it before the peer's certificate has been compared.
//
//            start()             finished and verified             close(), close_notify
//   idle -------------> connecting ----------------------> connected ------------------> closed
//    | close()              | time-out, alert, mismatch         | alert
//    +--> closed            +------------> failed <-------------+
class Session {
 public:
  struct Config {
    Certificate certificate;
    core::WallClock wall_clock;  // against which certificates expire
    std::size_t mtu = 1200;      // the largest datagram that a handshake makes (RFC 6347 4.1.1.1)
    std::vector<SrtpProfile> srtp_profiles = {SrtpProfile::aead_aes_128_gcm,
                                              SrtpProfile::aead_aes_256_gcm,
                                              SrtpProfile::aes128_cm_sha1_80};
  };

  struct Connected {
    std::vector<std::uint8_t> peer_certificate;  // DER
    Fingerprint peer_fingerprint;                // sha-256 of it
    std::optional<SrtpKeys> srtp;                // none when the peer did not negotiate use_srtp
    std::string cipher_suite;                    // IANA's name
    bool extended_master_secret = false;         // RFC 7627
  };
  struct Data {
    core::Buffer bytes;
  };
  struct Closed {};  // by the peer's close_notify
  struct Failed {
    FailureReason reason;
    std::optional<Alert> alert;
    std::string explanation;  // which alert, from whom, what it means
  };
  using Datagram = core::Bytes;
  using Transmit = core::Buffer;
  using Event = std::variant<Connected, Data, Closed, Failed>;

  struct Stats {
    std::uint64_t datagrams_received = 0;
    std::uint64_t datagrams_sent = 0;
    std::uint64_t retransmissions = 0;     // flights sent again because our timer ran out
    std::uint64_t early_kept = 0;          // came before start() or before the fingerprints
    std::uint64_t dropped_early = 0;       // beyond 16 datagrams or 8 KiB of those
    std::uint64_t dropped_bad_record = 0;  // altered, replayed, or none that can be
    std::uint64_t dropped_not_dtls = 0;    // the first byte says so (RFC 7983 7)
    std::uint64_t dropped_after_end = 0;   // after Closed or Failed
    std::uint64_t refused_fingerprint = 0;
    std::uint64_t refused_certificate_date = 0;
    std::uint64_t refused_without_srtp = 0;
    std::uint64_t refused_without_certificate = 0;
    std::uint64_t refused_insufficient_security = 0;
    std::uint64_t refused_altered = 0;  // the ends did not see the same handshake
    std::uint64_t alerts_received = 0;
    std::uint64_t alerts_sent = 0;
  };

  Session(Config config, core::Context context);
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  // Begins as soon as the roles are agreed; a client sends its ClientHello at once. Only the first
  // call counts.
  void start(Role role, SrtpUse srtp, core::Time now);
  // May come before or after start(), even after the handshake: until then Connected is held back.
  // Once a certificate has been accepted, later calls change nothing: a new identity is a new
  // association (RFC 8842 4).
  void set_remote_fingerprints(std::vector<Fingerprint> fingerprints, core::Time now);
  // The path's round-trip time, as ICE measured it: retransmission waits in proportion to it.
  void set_round_trip(core::Duration round_trip);

  [[nodiscard]] std::expected<void, SendError> send(core::Bytes data, core::Time now);
  // RFC 5705. The label must not be one that TLS uses itself.
  [[nodiscard]] std::expected<std::vector<std::uint8_t>, ExportError> export_keying_material(
      std::string_view label, std::size_t size) const;
  void close(core::Time now);

  void handle_datagram(core::Bytes datagram, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<core::Buffer> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<core::Time> next_timeout() const;

  State state() const;
  std::optional<Role> role() const;
  const Stats& stats() const;

 private:
  class Machine;
  std::unique_ptr<Machine> machine_;  // on the heap, where the engine finds it however this moves
};
static_assert(core::Machine<Session>);

}  // namespace lucid::dtls
