#pragma once
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/machine.hpp"
#include "dtls/session.hpp"
#include "ice/agent.hpp"
#include "peer/error.hpp"
#include "peer/states.hpp"
#include "srtp/session.hpp"

namespace lucid::peer::detail {

// One way to the peer: ICE finds it, DTLS secures it, SRTP takes its keys from there (RFC
// 8827 6.5). It carries whatever is bundled onto it, and knows nothing of what that is.
//
//   datagram --first byte, RFC 7983 7-- 0..3 STUN, 64..79 TURN ----> ice
//                                    |-- 20..63 DTLS --------------> dtls --> Data (SCTP)
//                                    `-- 128..191 RTP or RTCP -----> srtp --> Rtp, Rtcp
class Transport {
 public:
  using Datagram = core::Datagram;
  using Transmit = core::Datagram;

  struct Config {
    ice::Config ice;
    dtls::Session::Config dtls;
  };
  struct IceChanged {};  // ask ice()
  struct LocalCandidate {
    ice::Candidate candidate;
  };
  struct ServerFailed {
    ice::Agent::ServerFailed failure;
  };
  struct DtlsChanged {
    DtlsState state;
  };
  struct Secured {};  // data and media may be sent
  struct Data {
    core::Buffer bytes;
  };
  struct Rtp {
    core::Buffer packet;
    core::Ecn ecn;
  };
  struct Rtcp {
    core::Buffer packet;
  };
  struct Failed {
    Error error;
  };
  using Event = std::variant<IceChanged, LocalCandidate, ServerFailed, DtlsChanged, Secured, Data,
                             Rtp, Rtcp, Failed, core::Effect>;

  struct Stats {
    std::uint64_t datagrams_sent = 0;
    std::uint64_t datagrams_received = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    std::uint64_t selections = 0;         // of candidate pairs
    std::uint64_t dropped_unknown = 0;    // a first byte that RFC 7983 gives to nobody here
    std::uint64_t dropped_not_ready = 0;  // media before its keys
    std::uint64_t dropped_refused = 0;    // SRTP would not open or protect it
  };

  // What the peer's description says of its end.
  struct Remote {
    std::vector<dtls::Fingerprint> fingerprints;
    dtls::Role our_role = dtls::Role::client;
    dtls::SrtpUse srtp = dtls::SrtpUse::optional;
  };

  Transport(Config config, core::Context context);

  ice::Agent& ice() { return ice_; }
  const ice::Agent& ice() const { return ice_; }
  const dtls::Session& dtls() const { return dtls_; }
  // Once: DTLS starts as soon as this is known and a path works, whichever comes last.
  void set_remote(Remote remote, core::Time now);
  const std::optional<Remote>& remote() const { return remote_; }

  // Dropped and counted before Secured.
  void send_data(core::Bytes bytes, core::Time now);
  // Leaves the packet as it is: the cipher writes from it into a buffer of its own.
  void send_rtp(core::Bytes packet, core::Time now);
  void send_rtcp(core::Buffer packet, core::Time now);
  void close(core::Time now);

  void handle_datagram(core::Datagram datagram, core::Time now);
  void handle_timeout(core::Time now);
  // Takes up what commands to ice() have brought about.
  void settle(core::Time now);
  std::optional<core::Datagram> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<core::Time> next_timeout() const;

  DtlsState dtls_state() const { return dtls_state_; }
  bool secured() const { return dtls_state_ == DtlsState::connected; }
  std::optional<dtls::Role> dtls_role() const { return dtls_.role(); }
  const std::vector<std::uint8_t>& remote_certificate() const { return remote_certificate_; }
  const std::string& cipher_suite() const { return cipher_suite_; }
  std::optional<srtp::Profile> srtp_profile() const;
  const Stats& stats() const { return stats_; }

 private:
  void take(core::Datagram datagram, core::Time now);
  void take_media(core::Datagram datagram);
  void take_ice_events(core::Time now);
  void take_dtls_events(core::Time now);
  void start_dtls(core::Time now);
  void on(dtls::Session::Connected& connected, core::Time now);
  void on(dtls::Session::Failed& failed, core::Time now);
  void flush_dtls(core::Time now);
  void send(core::Buffer bytes, core::Time now);
  void dtls_changed(DtlsState state, std::string_view reason, core::Time now);

  core::trace::Tracer tracer_;
  core::Pool& pool_;
  ice::Agent ice_;
  dtls::Session dtls_;
  std::optional<srtp::Session> srtp_;
  std::optional<Remote> remote_;
  DtlsState dtls_state_ = DtlsState::new_;
  std::deque<Event> events_;
  std::deque<core::Datagram> last_words_;  // what close() had to say; ICE says no more after it
  std::vector<std::uint8_t> remote_certificate_;
  std::string cipher_suite_;
  Stats stats_;
};
static_assert(core::Machine<Transport>);

}  // namespace lucid::peer::detail
