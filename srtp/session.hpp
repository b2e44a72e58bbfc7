#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <string_view>
#include <vector>

#include "core/buffer.hpp"
#include "core/bytes.hpp"
#include "srtp/profile.hpp"

namespace lucid::srtp {

namespace detail {
class Engine;
}

// A master key and salt (RFC 3711 8.2), of the sizes that the profile asks for.
struct MasterKey {
  std::vector<std::uint8_t> key;
  std::vector<std::uint8_t> salt;
};

enum class EngineKind : std::uint8_t { openssl, libsrtp2 };
std::string_view to_string(EngineKind kind);
bool available(EngineKind kind);

enum class SetupError : std::uint8_t {
  bad_key_size,
  bad_salt_size,
  engine_missing,  // built without it
  engine_cannot,   // libsrtp2 has no AES-192 as RFC 6188 wants it, and no way to set SRTCP's index
  library,
};
std::string_view to_string(SetupError error);

// Why a packet is not passed on.
enum class Refusal : std::uint8_t {
  malformed,         // no RTP or RTCP header, too short for its tag, or beyond 1 MiB
  no_room,           // the room given is smaller than the result
  bad_tag,           // altered, forged, or protected with other keys
  replayed,          // its index has been seen (RFC 3711 3.3.2); or, sending, been used
  too_old,           // its index is behind the replay window
  not_encrypted,     // SRTCP without the E flag where it is asked for
  too_many_streams,  // one SSRC more than `max_streams`
  key_expired,       // RFC 3711 9.2: the master key has protected all it may
};
constexpr std::size_t refusal_count = 8;
std::string_view to_string(Refusal refusal);

enum class Direction : std::uint8_t { send, receive };

// What SRTCP does to its payload. `authenticated` exists for RFC 7714 17.3: browsers always
// encrypt.
enum class RtcpMode : std::uint8_t { encrypted, authenticated };

// Whether an RTP index may be protected twice, as a retransmission without RTX needs. With AEAD two
// different packets under one index give the authentication key away (RFC 7714 8.1).
enum class Resend : std::uint8_t { refuse, allow };

// Both directions of one SRTP association (RFC 3711, RFC 7714): any number of SSRCs each way, each
// with its rollover counter and replay window. No allocation for a packet, except the first of an
// SSRC. `from` and `into` may be the very same memory, but must not overlap otherwise.
class Session {
 public:
  struct Config {
    Profile profile = Profile::aead_aes_128_gcm;
    MasterKey local;   // protects what is sent
    MasterKey remote;  // opens what is received
    EngineKind engine = EngineKind::openssl;
    RtcpMode rtcp = RtcpMode::encrypted;
    Resend resend = Resend::refuse;
    std::size_t max_streams = 4096;  // each way, so that forged SSRCs cannot use up memory
  };
  // Each packet counts once: as protected, as opened, or by the reason for its refusal.
  struct Stats {
    std::uint64_t rtp_protected = 0;
    std::uint64_t rtcp_protected = 0;
    std::uint64_t rtp_opened = 0;
    std::uint64_t rtcp_opened = 0;
    std::uint64_t send_refused[refusal_count] = {};
    std::uint64_t receive_refused[refusal_count] = {};
    std::uint64_t sent_refusals(Refusal reason) const {
      return send_refused[static_cast<std::size_t>(reason)];
    }
    std::uint64_t received_refusals(Refusal reason) const {
      return receive_refused[static_cast<std::size_t>(reason)];
    }
  };

  [[nodiscard]] static std::expected<Session, SetupError> create(const Config& config);
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  // New keys after a new DTLS association: indices start anew. Packets under the old keys that are
  // still under way are accepted until the first one under the new keys has arrived.
  [[nodiscard]] std::expected<void, SetupError> rekey(Profile profile, const MasterKey& local,
                                                      const MasterKey& remote);

  // Writes the protected packet, or the opened one, to the front of `into`, and returns that part.
  // A refused packet leaves `into` unspecified: nothing of it may be used.
  using Result = std::expected<core::MutableBytes, Refusal>;
  [[nodiscard]] Result protect_rtp(core::Bytes from, core::MutableBytes into);
  [[nodiscard]] Result protect_rtcp(core::Bytes from, core::MutableBytes into);
  [[nodiscard]] Result unprotect_rtp(core::Bytes from, core::MutableBytes into);
  [[nodiscard]] Result unprotect_rtcp(core::Bytes from, core::MutableBytes into);

  // The same in place: the buffer grows into its tail room, or shrinks.
  [[nodiscard]] std::expected<void, Refusal> protect_rtp(core::Buffer& packet);
  [[nodiscard]] std::expected<void, Refusal> protect_rtcp(core::Buffer& packet);
  [[nodiscard]] std::expected<void, Refusal> unprotect_rtp(core::Buffer& packet);
  [[nodiscard]] std::expected<void, Refusal> unprotect_rtcp(core::Buffer& packet);

  // For joining a stream that has wrapped before (RFC 3711 3.3.1): the next packet of this SSRC has
  // this counter. And for SRTCP that continues; its first index is 1 otherwise.
  void set_rollover_counter(Direction direction, std::uint32_t ssrc, std::uint32_t counter);
  [[nodiscard]] std::expected<void, SetupError> set_next_rtcp_index(std::uint32_t ssrc,
                                                                    std::uint32_t index);

  Profile profile() const { return config_.profile; }
  std::size_t rtp_overhead() const { return srtp::rtp_overhead(profile()); }
  std::size_t rtcp_overhead() const { return srtp::rtcp_overhead(profile()); }
  const Stats& stats() const { return stats_; }

 private:
  explicit Session(Config config, std::unique_ptr<detail::Engine> engine);
  using Work = Result (detail::Engine::*)(core::Bytes, core::MutableBytes);
  Result send(Work work, std::size_t overhead, std::uint64_t& counter, core::Bytes from,
              core::MutableBytes into);
  Result receive(Work work, std::uint64_t& counter, core::Bytes from, core::MutableBytes into);
  Result receive_in_transition(Work work, core::Bytes from, core::MutableBytes into);
  template <class Protect>
  std::expected<void, Refusal> grow(core::Buffer& packet, std::size_t growth, Protect protect);

  Config config_;  // without its keys
  std::unique_ptr<detail::Engine> engine_;
  std::unique_ptr<detail::Engine> previous_;  // opens what was under way when the keys changed
  std::vector<std::uint8_t> scratch_;
  Stats stats_;
};

}  // namespace lucid::srtp
