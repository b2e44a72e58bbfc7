// libsrtp2 as an engine: the oracle that our own is compared with, and a second source. Its global
// initialisation lives here and nowhere else.
#include <srtp2/srtp.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/handle.hpp"
#include "srtp/detail/crypto.hpp"
#include "srtp/detail/engine.hpp"
#include "srtp/detail/packet.hpp"

namespace lucid::srtp {

bool available(EngineKind) { return true; }

namespace detail {

namespace {

using Context = core::Handle<srtp_ctx_t_, srtp_dealloc>;

bool initialised() {
  static const bool done = srtp_init() == srtp_err_status_ok;
  return done;
}

void set_policy(Profile profile, srtp_crypto_policy_t& rtp, srtp_crypto_policy_t& rtcp) {
  switch (profile) {
    case Profile::aes128_cm_sha1_80:
    case Profile::aes128_cm_sha1_32:
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&rtp);
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&rtcp);
      break;
    case Profile::aes192_cm_sha1_80:
    case Profile::aes192_cm_sha1_32:
      break;  // refused by can_do()
    case Profile::aes256_cm_sha1_80:
    case Profile::aes256_cm_sha1_32:
      srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&rtp);
      srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&rtcp);
      break;
    case Profile::aead_aes_128_gcm:
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&rtp);
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&rtcp);
      break;
    case Profile::aead_aes_256_gcm:
      srtp_crypto_policy_set_aes_gcm_256_16_auth(&rtp);
      srtp_crypto_policy_set_aes_gcm_256_16_auth(&rtcp);
      break;
  }
  rtp.auth_tag_len = static_cast<int>(rtp_overhead(profile));
}

// libsrtp2 derives 192-bit keys with AES-256, and reads eight bytes behind the master key for that:
// not what RFC 6188 3 says. There is nothing to compare with.
bool can_do(Profile profile) {
  return profile != Profile::aes192_cm_sha1_80 && profile != Profile::aes192_cm_sha1_32;
}

Refusal refusal(srtp_err_status_t status) {
  switch (status) {
    case srtp_err_status_auth_fail:
    case srtp_err_status_cipher_fail:
      return Refusal::bad_tag;
    case srtp_err_status_replay_fail:
      return Refusal::replayed;
    case srtp_err_status_replay_old:
    case srtp_err_status_pkt_idx_old:
      return Refusal::too_old;
    case srtp_err_status_cant_check:
      return Refusal::not_encrypted;
    case srtp_err_status_key_expired:
    case srtp_err_status_pkt_idx_adv:
      return Refusal::key_expired;
    default:
      return Refusal::malformed;
  }
}

// One direction: libsrtp2 wants a context for each.
class OneWay {
 public:
  ~OneWay() { wipe(key_); }

  bool set_up(const Session::Config& config, const MasterKey& master, Direction direction) {
    key_.resize(master.key.size() + master.salt.size());  // once, so that nothing stays behind
    std::ranges::copy(master.salt, std::ranges::copy(master.key, key_.begin()).out);
    policy_ = {};
    set_policy(config.profile, policy_.rtp, policy_.rtcp);
    if (config.rtcp == RtcpMode::authenticated) policy_.rtcp.sec_serv = sec_serv_auth;
    policy_.ssrc.type = direction == Direction::send ? ssrc_any_outbound : ssrc_any_inbound;
    policy_.key = key_.data();
    policy_.window_size = 1024;
    policy_.allow_repeat_tx = config.resend == Resend::allow ? 1 : 0;
    srtp_t context = nullptr;
    if (srtp_create(&context, &policy_) != srtp_err_status_ok) return false;
    context_.reset(context);
    return true;
  }
  void set_rollover_counter(std::uint32_t ssrc, std::uint32_t counter) {
    if (srtp_set_stream_roc(context_.get(), ssrc, counter) == srtp_err_status_ok) return;
    srtp_policy_t own = policy_;  // the stream does not exist yet
    own.ssrc.type = ssrc_specific;
    own.ssrc.value = ssrc;
    if (srtp_add_stream(context_.get(), &own) == srtp_err_status_ok) {
      srtp_set_stream_roc(context_.get(), ssrc, counter);
    }
  }
  template <class Function>
  Session::Result run(Function function, core::Bytes from, core::MutableBytes into) {
    if (from.data() != into.data()) std::memcpy(into.data(), from.data(), from.size());
    int size = static_cast<int>(from.size());
    const srtp_err_status_t status = function(context_.get(), into.data(), &size);
    if (status != srtp_err_status_ok) return std::unexpected(refusal(status));
    return into.first(static_cast<std::size_t>(size));
  }

 private:
  Context context_;
  srtp_policy_t policy_{};
  std::vector<std::uint8_t> key_;  // the policy points to it
};

class Libsrtp2Engine final : public Engine {
 public:
  bool set_up(const Session::Config& config, const Keys& keys) {
    profile_ = config.profile;
    encrypted_ = config.rtcp == RtcpMode::encrypted;
    return can_do(config.profile) && initialised() &&
           send_.set_up(config, keys.local, Direction::send) &&
           receive_.set_up(config, keys.remote, Direction::receive);
  }

  Session::Result protect_rtp(core::Bytes from, core::MutableBytes into) override {
    if (!parse_rtp(from)) return std::unexpected(Refusal::malformed);
    return send_.run(srtp_protect, from, into);
  }
  Session::Result protect_rtcp(core::Bytes from, core::MutableBytes into) override {
    if (!parse_rtcp_ssrc(from)) return std::unexpected(Refusal::malformed);
    return send_.run(srtp_protect_rtcp, from, into);
  }
  Session::Result unprotect_rtp(core::Bytes from, core::MutableBytes into) override {
    const auto header = parse_rtp(from);
    if (!header || header->size + rtp_overhead(profile_) > from.size()) {
      return std::unexpected(Refusal::malformed);
    }
    return receive_.run(srtp_unprotect, from, into);
  }
  Session::Result unprotect_rtcp(core::Bytes from, core::MutableBytes into) override {
    const auto word =
        parse_rtcp_word(from, rtcp_overhead(profile_) - rtcp_word_size, is_aead(profile_));
    if (!word || !parse_rtcp_ssrc(from)) return std::unexpected(Refusal::malformed);
    // With AEAD libsrtp2 leaves it to the packet whether it is encrypted.
    if (((*word & encrypted_flag) != 0) != encrypted_) {
      return std::unexpected(Refusal::not_encrypted);
    }
    return receive_.run(srtp_unprotect_rtcp, from, into);
  }
  void set_rollover_counter(Direction direction, std::uint32_t ssrc,
                            std::uint32_t counter) override {
    (direction == Direction::send ? send_ : receive_).set_rollover_counter(ssrc, counter);
  }
  bool set_next_rtcp_index(std::uint32_t, std::uint32_t) override { return false; }

 private:
  Profile profile_{};
  bool encrypted_ = true;
  OneWay send_;
  OneWay receive_;
};

}  // namespace

std::unique_ptr<Engine> make_libsrtp2_engine(const Session::Config& config, const Keys& keys) {
  auto engine = std::make_unique<Libsrtp2Engine>();
  if (!engine->set_up(config, keys)) return nullptr;
  return engine;
}

}  // namespace detail
}  // namespace lucid::srtp
