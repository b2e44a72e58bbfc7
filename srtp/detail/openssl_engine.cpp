#include "srtp/detail/openssl_engine.hpp"

#include <algorithm>
#include <cstring>

namespace lucid::srtp::detail {

namespace {

constexpr std::uint32_t rtcp_index_limit = 0x80000000;  // RFC 3711 3.4: 31 bits
constexpr std::size_t hmac_key_size = 20;               // RFC 3711 8.2

std::array<std::uint8_t, 4> four_bytes(std::uint32_t value) {
  std::array<std::uint8_t, 4> out;
  core::ByteWriter{out}.u32(value);
  return out;
}

void copy_unless_same(core::Bytes from, std::uint8_t* into) {
  if (!from.empty() && from.data() != into) std::memcpy(into, from.data(), from.size());
}

std::unexpected<Refusal> refused(Freshness freshness) {
  return std::unexpected(freshness == Freshness::replayed ? Refusal::replayed : Refusal::too_old);
}

}  // namespace

bool Transform::set_up(Profile profile, const MasterKey& master, Kind kind, Direction direction) {
  SessionKeys keys{
      .encryption = std::vector<std::uint8_t>(key_size(profile)),
      .authentication = std::vector<std::uint8_t>(is_aead(profile) ? 0 : hmac_key_size),
      .salt = std::vector<std::uint8_t>(salt_size(profile))};
  return derive(master, kind, Label::encryption, keys.encryption) &&
         derive(master, kind, Label::authentication, keys.authentication) &&
         derive(master, kind, Label::salt, keys.salt) && set_keys(profile, keys, kind, direction);
}

bool Transform::set_keys(Profile profile, const SessionKeys& keys, Kind kind, Direction direction) {
  aead_ = is_aead(profile);
  tag_size_ = kind == Kind::rtp ? srtp::rtp_overhead(profile)
                                : srtp::rtcp_overhead(profile) - rtcp_word_size;
  std::ranges::copy(keys.salt, salt_.begin());
  if (aead_) return gcm_.set_key(keys.encryption, direction);
  hmac_.set_key(keys.authentication);
  return counter_mode_.set_key(keys.encryption);
}

// RFC 3711 4.1.1: salt * 2^16 xor SSRC * 2^64 xor index * 2^16; the last two bytes count blocks.
bool Transform::crypt(Nonce nonce, core::Bytes in, std::uint8_t* out) {
  CounterMode::Iv iv{};
  core::ByteWriter writer{iv};
  writer.u32(0);
  writer.u32(nonce.ssrc);
  writer.u48(nonce.index);
  for (std::size_t i = 0; i < salt_.size(); ++i) iv[i] ^= salt_[i];
  return counter_mode_.crypt(iv, in, out);
}

// RFC 7714 8.1: zero (16), SSRC (32), rollover counter (32), sequence number (16), xor the salt.
// RFC 7714 9.1: zero (16), SSRC (32), zero (16), index (32), xor the salt. These are the same
// bytes.
Gcm::Iv Transform::gcm_iv(Nonce nonce) const {
  Gcm::Iv iv{};
  core::ByteWriter writer{iv};
  writer.u16(0);
  writer.u32(nonce.ssrc);
  writer.u48(nonce.index);
  for (std::size_t i = 0; i < iv.size(); ++i) iv[i] ^= salt_[i];
  return iv;
}

bool Transform::seal(Nonce nonce, Gcm::Associated associated, core::Bytes plain,
                     std::uint8_t* out) {
  return gcm_.seal(gcm_iv(nonce), associated, plain, out);
}

bool Transform::open(Nonce nonce, Gcm::Associated associated, core::Bytes tagged,
                     std::uint8_t* out) {
  return gcm_.open(gcm_iv(nonce), associated, tagged, out);
}

OpensslEngine::OpensslEngine(const Session::Config& config)
    : config_{without_keys(config)},
      sent_rtp_{config.max_streams},
      received_rtp_{config.max_streams},
      sent_rtcp_{config.max_streams},
      received_rtcp_{config.max_streams} {}

bool OpensslEngine::set_up(const Keys& keys) {
  const auto& [local, remote] = keys;
  const Profile profile = config_.profile;
  return send_rtp_.set_up(profile, local, Kind::rtp, Direction::send) &&
         send_rtcp_.set_up(profile, local, Kind::rtcp, Direction::send) &&
         receive_rtp_.set_up(profile, remote, Kind::rtp, Direction::receive) &&
         receive_rtcp_.set_up(profile, remote, Kind::rtcp, Direction::receive);
}

bool OpensslEngine::set_session_keys(const Transform::SessionKeys& keys) {
  const Profile profile = config_.profile;
  return send_rtp_.set_keys(profile, keys, Kind::rtp, Direction::send) &&
         send_rtcp_.set_keys(profile, keys, Kind::rtcp, Direction::send) &&
         receive_rtp_.set_keys(profile, keys, Kind::rtp, Direction::receive) &&
         receive_rtcp_.set_keys(profile, keys, Kind::rtcp, Direction::receive);
}

Session::Result OpensslEngine::protect_rtp(core::Bytes from, core::MutableBytes into) {
  const std::optional<RtpHeader> header = parse_rtp(from);
  if (!header) return std::unexpected(Refusal::malformed);
  RtpIndex* stream = sent_rtp_.find(header->ssrc);
  if (stream == nullptr) {
    if (sent_rtp_.full()) return std::unexpected(Refusal::too_many_streams);
    stream = &sent_rtp_.add(header->ssrc, {});
  }
  const std::uint64_t index = stream->guess(header->sequence);
  // RFC 3711 9.2: after 2^48 packets under one master key there must be a new one.
  if (index >= RtpIndex::limit || rtp_left_ == 0) return std::unexpected(Refusal::key_expired);
  const Freshness freshness = stream->check(index);
  if (freshness == Freshness::too_old ||
      (freshness == Freshness::replayed && config_.resend == Resend::refuse)) {
    return refused(freshness);
  }
  if (!seal_rtp({header->ssrc, index}, from, header->size, into)) {
    return std::unexpected(Refusal::malformed);
  }
  stream->accept(index);
  --rtp_left_;
  return into.first(from.size() + send_rtp_.tag_size());
}

bool OpensslEngine::seal_rtp(Transform::Nonce nonce, core::Bytes from, std::size_t header,
                             core::MutableBytes into) {
  copy_unless_same(from.first(header), into.data());
  const core::Bytes plain = from.subspan(header);
  // RFC 7714 8.2: the header is authenticated, the payload encrypted as well.
  if (send_rtp_.aead()) {
    return send_rtp_.seal(nonce, {into.first(header)}, plain, into.data() + header);
  }
  if (!send_rtp_.crypt(nonce, plain, into.data() + header)) return false;
  // RFC 3711 4.2: the tag covers the packet and the rollover counter.
  const auto counter = four_bytes(static_cast<std::uint32_t>(nonce.index >> 16));
  const auto digest = send_rtp_.sign(into.first(from.size()), counter);
  std::memcpy(into.data() + from.size(), digest.data(), send_rtp_.tag_size());
  return true;
}

Session::Result OpensslEngine::unprotect_rtp(core::Bytes from, core::MutableBytes into) {
  const std::optional<RtpHeader> header = parse_rtp(from);
  if (!header || header->size + receive_rtp_.tag_size() > from.size()) {
    return std::unexpected(Refusal::malformed);
  }
  RtpIndex* stream = received_rtp_.find(header->ssrc);
  RtpIndex unseen;
  const RtpIndex& known = stream != nullptr ? *stream : unseen;
  const std::uint64_t index = known.guess(header->sequence);
  if (index >= RtpIndex::limit) return std::unexpected(Refusal::key_expired);
  // RFC 3711 3.3: first the replay list, then the tag; only a genuine packet moves the list.
  if (const Freshness freshness = known.check(index); freshness != Freshness::fresh) {
    return refused(freshness);
  }
  if (stream == nullptr && received_rtp_.full()) {
    return std::unexpected(Refusal::too_many_streams);
  }
  if (!open_rtp({header->ssrc, index}, from, header->size, into)) {
    return std::unexpected(Refusal::bad_tag);
  }
  if (stream == nullptr) stream = &received_rtp_.add(header->ssrc, unseen);
  stream->accept(index);
  return into.first(from.size() - receive_rtp_.tag_size());
}

bool OpensslEngine::open_rtp(Transform::Nonce nonce, core::Bytes from, std::size_t header,
                             core::MutableBytes into) {
  const std::size_t end = from.size() - receive_rtp_.tag_size();
  if (receive_rtp_.aead()) {
    copy_unless_same(from.first(header), into.data());
    return receive_rtp_.open(nonce, {into.first(header)}, from.subspan(header),
                             into.data() + header);
  }
  const auto counter = four_bytes(static_cast<std::uint32_t>(nonce.index >> 16));
  const auto digest = receive_rtp_.sign(from.first(end), counter);
  const core::Bytes expected = core::Bytes{digest}.first(receive_rtp_.tag_size());
  if (!core::equal_constant_time(expected, from.subspan(end))) return false;
  copy_unless_same(from.first(header), into.data());
  return receive_rtp_.crypt(nonce, from.first(end).subspan(header), into.data() + header);
}

Session::Result OpensslEngine::protect_rtcp(core::Bytes from, core::MutableBytes into) {
  const std::optional<std::uint32_t> ssrc = parse_rtcp_ssrc(from);
  if (!ssrc) return std::unexpected(Refusal::malformed);
  NextRtcp* next = sent_rtcp_.find(*ssrc);
  if (next == nullptr) {
    if (sent_rtcp_.full()) return std::unexpected(Refusal::too_many_streams);
    next = &sent_rtcp_.add(*ssrc, {});
  }
  // RFC 3711 9.2: 2^31 packets, then there must be a new master key.
  if (next->index >= rtcp_index_limit) return std::unexpected(Refusal::key_expired);
  if (!seal_rtcp({*ssrc, next->index}, from, into)) return std::unexpected(Refusal::malformed);
  ++next->index;
  return into.first(from.size() + send_rtcp_.tag_size() + rtcp_word_size);
}

bool OpensslEngine::seal_rtcp(Transform::Nonce nonce, core::Bytes from, core::MutableBytes into) {
  const auto word =
      four_bytes(static_cast<std::uint32_t>(nonce.index) | (encrypted() ? encrypted_flag : 0));
  const std::size_t clear = encrypted() ? rtcp_header_size : from.size();
  copy_unless_same(from.first(clear), into.data());
  const core::Bytes plain = from.subspan(clear);
  std::uint8_t* const behind = into.data() + from.size();
  if (send_rtcp_.aead()) {
    // RFC 7714 9.2 and 9.3: header and word are authenticated; the word comes last.
    std::memcpy(behind + send_rtcp_.tag_size(), word.data(), word.size());
    return send_rtcp_.seal(nonce, {into.first(clear), word}, plain, into.data() + clear);
  }
  if (!send_rtcp_.crypt(nonce, plain, into.data() + clear)) return false;
  std::memcpy(behind, word.data(), word.size());
  const auto digest = send_rtcp_.sign(into.first(from.size()), word);
  std::memcpy(behind + word.size(), digest.data(), send_rtcp_.tag_size());
  return true;
}

Session::Result OpensslEngine::unprotect_rtcp(core::Bytes from, core::MutableBytes into) {
  const std::optional<std::uint32_t> ssrc = parse_rtcp_ssrc(from);
  const std::optional<std::uint32_t> word =
      parse_rtcp_word(from, receive_rtcp_.tag_size(), receive_rtcp_.aead());
  if (!ssrc || !word) return std::unexpected(Refusal::malformed);
  // RFC 3711 3.4: the E flag tells whether the packet is encrypted. Here that is not the packet's
  // to choose.
  if (((*word & encrypted_flag) != 0) != encrypted()) {
    return std::unexpected(Refusal::not_encrypted);
  }
  const std::uint32_t index = *word & ~encrypted_flag;
  RtcpSeen* stream = received_rtcp_.find(*ssrc);
  RtcpSeen unseen;
  const RtcpSeen& known = stream != nullptr ? *stream : unseen;
  if (const Freshness freshness = known.check(index); freshness != Freshness::fresh) {
    return refused(freshness);
  }
  if (stream == nullptr && received_rtcp_.full()) {
    return std::unexpected(Refusal::too_many_streams);
  }
  if (!open_rtcp({*ssrc, index}, from, into)) return std::unexpected(Refusal::bad_tag);
  if (stream == nullptr) stream = &received_rtcp_.add(*ssrc, unseen);
  stream->accept(index);
  return into.first(from.size() - receive_rtcp_.tag_size() - rtcp_word_size);
}

bool OpensslEngine::open_rtcp(Transform::Nonce nonce, core::Bytes from, core::MutableBytes into) {
  const std::size_t tag = receive_rtcp_.tag_size();
  const std::size_t end = from.size() - tag - rtcp_word_size;
  const std::size_t clear = encrypted() ? rtcp_header_size : end;
  if (receive_rtcp_.aead()) {
    std::array<std::uint8_t, rtcp_word_size> word;
    std::ranges::copy(from.last(word.size()), word.begin());
    copy_unless_same(from.first(clear), into.data());
    return receive_rtcp_.open(nonce, {into.first(clear), word},
                              from.subspan(clear, end - clear + tag), into.data() + clear);
  }
  const auto digest = receive_rtcp_.sign(from.first(end), from.subspan(end, rtcp_word_size));
  if (!core::equal_constant_time(core::Bytes{digest}.first(tag), from.last(tag))) return false;
  copy_unless_same(from.first(clear), into.data());
  return receive_rtcp_.crypt(nonce, from.first(end).subspan(clear), into.data() + clear);
}

void OpensslEngine::set_rollover_counter(Direction direction, std::uint32_t ssrc,
                                         std::uint32_t counter) {
  Streams<RtpIndex>& streams = direction == Direction::send ? sent_rtp_ : received_rtp_;
  RtpIndex* stream = streams.find(ssrc);
  (stream != nullptr ? *stream : streams.add(ssrc, {})).join(counter);
}

bool OpensslEngine::set_next_rtcp_index(std::uint32_t ssrc, std::uint32_t index) {
  sent_rtcp_.add(ssrc, {index});
  return true;
}

std::unique_ptr<Engine> make_openssl_engine(const Session::Config& config, const Keys& keys) {
  auto engine = std::make_unique<OpensslEngine>(config);
  if (!engine->set_up(keys)) return nullptr;
  return engine;
}

}  // namespace lucid::srtp::detail
