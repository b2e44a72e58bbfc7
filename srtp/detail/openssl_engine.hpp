#pragma once
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "srtp/detail/crypto.hpp"
#include "srtp/detail/engine.hpp"
#include "srtp/detail/packet.hpp"
#include "srtp/detail/replay.hpp"

namespace lucid::srtp::detail {

// The cipher of one direction, for RTP or for RTCP, with its session keys. It knows no SSRC.
class Transform {
 public:
  // What makes each packet's nonce: RTP's rollover counter and sequence number, or SRTCP's index.
  struct Nonce {
    std::uint32_t ssrc;
    std::uint64_t index;
  };

  // What a master key is turned into (RFC 3711 4.3); `authentication` is empty with AEAD.
  struct SessionKeys {
    std::vector<std::uint8_t> encryption;
    std::vector<std::uint8_t> authentication;
    std::vector<std::uint8_t> salt;

    ~SessionKeys() {
      for (auto* secret : {&encryption, &authentication, &salt}) wipe(*secret);
    }
  };
  ~Transform() { wipe(salt_); }

  bool set_up(Profile profile, const MasterKey& master, Kind kind, Direction direction);
  bool set_keys(Profile profile, const SessionKeys& keys, Kind kind, Direction direction);
  std::size_t tag_size() const { return tag_size_; }
  bool aead() const { return aead_; }

  // Counter mode, for either direction; and its tag, over `packet` and four bytes more that are
  // the rollover counter or SRTCP's word.
  bool crypt(Nonce nonce, core::Bytes in, std::uint8_t* out);
  HmacSha1::Digest sign(core::Bytes packet, core::Bytes four) const {
    return hmac_.sign(packet, four);
  }
  // AEAD; the cipher text is followed by its tag.
  bool seal(Nonce nonce, Gcm::Associated associated, core::Bytes plain, std::uint8_t* out);
  bool open(Nonce nonce, Gcm::Associated associated, core::Bytes tagged, std::uint8_t* out);

 private:
  Gcm::Iv gcm_iv(Nonce nonce) const;

  bool aead_ = false;
  std::size_t tag_size_ = 0;
  CounterMode counter_mode_;
  HmacSha1 hmac_;
  Gcm gcm_;
  std::array<std::uint8_t, 14> salt_{};
};

// The state of every SSRC of one direction. An SSRC enters with its first packet that is genuine,
// so that forgeries cannot fill the table.
template <class State>
class Streams {
 public:
  explicit Streams(std::size_t limit) : limit_{limit} {}

  State* find(std::uint32_t ssrc) {
    if (last_ != nullptr && last_ssrc_ == ssrc) return last_;  // packets come in runs
    const auto it = states_.find(ssrc);
    if (it == states_.end()) return nullptr;
    last_ssrc_ = ssrc;
    return last_ = &it->second;
  }
  bool full() const { return states_.size() >= limit_; }
  State& add(std::uint32_t ssrc, const State& state) {
    last_ssrc_ = ssrc;
    return *(last_ = &states_.insert_or_assign(ssrc, state).first->second);
  }

 private:
  std::size_t limit_;
  std::unordered_map<std::uint32_t, State> states_;
  std::uint32_t last_ssrc_ = 0;
  State* last_ = nullptr;
};

// SRTP written here, on OpenSSL's ciphers (RFC 3711, RFC 7714).
class OpensslEngine final : public Engine {
 public:
  explicit OpensslEngine(const Session::Config& config);
  bool set_up(const Keys& keys);
  // Without derivation, the same everywhere: as RFC 7714 16 and 17 give their vectors.
  bool set_session_keys(const Transform::SessionKeys& keys);

  Session::Result protect_rtp(core::Bytes from, core::MutableBytes into) override;
  Session::Result protect_rtcp(core::Bytes from, core::MutableBytes into) override;
  Session::Result unprotect_rtp(core::Bytes from, core::MutableBytes into) override;
  Session::Result unprotect_rtcp(core::Bytes from, core::MutableBytes into) override;
  void set_rollover_counter(Direction direction, std::uint32_t ssrc,
                            std::uint32_t counter) override;
  bool set_next_rtcp_index(std::uint32_t ssrc, std::uint32_t index) override;

 private:
  static constexpr std::uint64_t rtp_lifetime = std::uint64_t{1} << 48;

  struct NextRtcp {
    std::uint32_t index = 1;
  };
  using RtcpSeen = ReplayWindow<128>;

  bool seal_rtp(Transform::Nonce nonce, core::Bytes from, std::size_t header,
                core::MutableBytes into);
  bool open_rtp(Transform::Nonce nonce, core::Bytes from, std::size_t header,
                core::MutableBytes into);
  bool seal_rtcp(Transform::Nonce nonce, core::Bytes from, core::MutableBytes into);
  bool open_rtcp(Transform::Nonce nonce, core::Bytes from, core::MutableBytes into);
  bool encrypted() const { return config_.rtcp == RtcpMode::encrypted; }

  Session::Config config_;  // without its keys
  Transform send_rtp_, send_rtcp_, receive_rtp_, receive_rtcp_;
  Streams<RtpIndex> sent_rtp_, received_rtp_;
  Streams<NextRtcp> sent_rtcp_;
  Streams<RtcpSeen> received_rtcp_;
  std::uint64_t rtp_left_ = rtp_lifetime;  // RFC 3711 9.2: packets that the master key may protect
};

}  // namespace lucid::srtp::detail
