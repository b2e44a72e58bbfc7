#include "dtls/detail/engine.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "core/check.hpp"
#include "dtls/detail/library_reason.hpp"
#include "dtls/record.hpp"

namespace lucid::dtls::detail {

using namespace std::chrono_literals;

namespace {

constexpr core::Duration first_wait_unknown = 400ms;  // until the round-trip time is known
constexpr core::Duration shortest_first_wait = 50ms;
constexpr core::Duration longest_first_wait = 1s;  // RFC 6347 4.2.4.1: the initial value there
constexpr core::Duration longest_wait = 4s;
constexpr std::size_t usual_mtu = 1500;
constexpr std::size_t aead_nonce = 8;  // RFC 5288 3: AES-GCM sends it, ChaCha20-Poly1305 does not
constexpr std::size_t aead_tag = 16;
// Packing a flight, OpenSSL forgets what an AEAD adds to the Finished message: nonce and tag.
constexpr std::size_t aead_overhead = aead_nonce + aead_tag;
constexpr std::size_t smallest_mtu = 256 + aead_overhead;  // OpenSSL refuses less than 256
constexpr std::size_t largest_mtu = 16384;
constexpr long largest_certificate_chain = 32L * 1024;

// RFC 5705 4, RFC 5764 4.2.
constexpr std::string_view srtp_label = "EXTRACTOR-dtls_srtp";

struct ProfileShape {
  SrtpProfile profile;
  const char* name;  // OpenSSL's
  std::size_t key_size;
  std::size_t salt_size;
};
// RFC 5764 4.1.2, RFC 7714 14.2.
constexpr std::array<ProfileShape, 3> shapes{{
    {SrtpProfile::aes128_cm_sha1_80, "SRTP_AES128_CM_SHA1_80", 16, 14},
    {SrtpProfile::aead_aes_128_gcm, "SRTP_AEAD_AES_128_GCM", 16, 12},
    {SrtpProfile::aead_aes_256_gcm, "SRTP_AEAD_AES_256_GCM", 32, 12},
}};

const ProfileShape* shape_of(std::uint16_t id) {
  const auto it = std::ranges::find(shapes, SrtpProfile{id}, &ProfileShape::profile);
  return it == shapes.end() ? nullptr : &*it;
}

std::string profile_list(std::span<const SrtpProfile> profiles) {
  std::string out;
  for (const SrtpProfile profile : profiles) {
    const ProfileShape* shape = shape_of(static_cast<std::uint16_t>(profile));
    if (shape == nullptr) continue;
    if (!out.empty()) out += ':';
    out += shape->name;
  }
  return out;
}

}  // namespace

// A memory BIO forgets where a datagram ends, and 3.0 has no BIO_s_dgram_mem; this one keeps the
// borders: one write is one datagram, one read is the whole of one.
struct Engine::Callbacks {
  static Engine& engine(BIO* bio) { return *static_cast<Engine*>(BIO_get_data(bio)); }
  static Engine& engine(const SSL* ssl) { return engine(SSL_get_rbio(ssl)); }

  static int write(BIO* bio, const char* data, int size) noexcept {
    Engine& self = engine(bio);
    const core::Bytes record{reinterpret_cast<const std::uint8_t*>(data),
                             static_cast<std::size_t>(size)};
    // RFC 6347 4.1.1: a datagram may carry several records. OpenSSL repeats a flight record by
    // record; in one datagram it is lost with one loss, not with one of five.
    core::Buffer* const last = self.transmits.empty() ? nullptr : &self.transmits.back();
    if (!std::exchange(self.first_of_call_, false) && last != nullptr &&
        last->size() + record.size() <= self.mtu_ &&
        last->tail_room() >= record.size() + core::default_tail_room) {
      std::ranges::copy(record, last->append(record.size()).begin());
    } else {
      self.transmits.push_back(self.pool_.copy(record));
    }
    return size;
  }
  static int read(BIO* bio, char* data, int size) noexcept {
    Engine& self = engine(bio);
    BIO_clear_retry_flags(bio);
    if (self.input_.empty()) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const std::size_t count = std::min(static_cast<std::size_t>(size), self.input_.size());
    std::memcpy(data, self.input_.data(), count);
    self.input_ = {};
    return static_cast<int>(count);
  }
  static long control(BIO* bio, int command, long, void*) noexcept {
    switch (command) {
      case BIO_CTRL_FLUSH:
        return 1;
      case BIO_CTRL_DGRAM_QUERY_MTU:
      case BIO_CTRL_DGRAM_GET_MTU:
      case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
        return static_cast<long>(engine(bio).mtu_);
      default:
        return 0;
    }
  }
  static BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {  // constant once made
      BIO_METHOD* const m = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "datagram");
      BIO_meth_set_write(m, write);
      BIO_meth_set_read(m, read);
      BIO_meth_set_ctrl(m, control);
      return m;
    }();
    return made;
  }

  // RFC 6347 4.2.4.1 asks for 1 s and doubling. With the round-trip time at hand the first wait is
  // in proportion to it, so that one lost datagram costs little more than a round trip.
  static unsigned int next_wait(SSL* ssl, unsigned int last_us) noexcept {
    const core::Duration last{last_us};
    const auto& round_trip = engine(ssl).round_trip_;
    core::Duration next = std::min(last * 2, longest_wait);
    if (last_us == 0) {
      next = round_trip ? std::clamp<core::Duration>(*round_trip * 2 + 20ms, shortest_first_wait,
                                                     longest_first_wait)
                        : first_wait_unknown;
    }
    return static_cast<unsigned int>(next.count());
  }

  // In place of the library's search for an authority: identity is the fingerprint.
  static int verify(X509_STORE_CTX* store, void*) noexcept {
    const auto* ssl = static_cast<const SSL*>(
        X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    Engine& self = engine(ssl);
    std::optional<Alert> refusal = self.judge_.judge_certificate(X509_STORE_CTX_get0_cert(store));
    // Either end knows the profile by the time it sees the other's certificate.
    const bool srtp = SSL_get_selected_srtp_profile(const_cast<SSL*>(ssl)) != nullptr;
    if (!refusal) refusal = self.judge_.judge_srtp(srtp);
    if (!refusal) return 1;
    X509_STORE_CTX_set_error(store, verify_result(*refusal));
    return 0;
  }
  // RFC 5764 4.1: a client that carries media offers use_srtp.
  static int client_hello(SSL* ssl, int* alert, void*) noexcept {
    const unsigned char* extension = nullptr;
    std::size_t size = 0;
    const bool offered =
        SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_use_srtp, &extension, &size) == 1;
    if (!engine(ssl).judge_.judge_srtp(offered)) return SSL_CLIENT_HELLO_SUCCESS;
    *alert = SSL_AD_HANDSHAKE_FAILURE;
    return SSL_CLIENT_HELLO_ERROR;
  }
  static void info(const SSL* ssl, int where, int value) noexcept {
    if ((where & SSL_CB_ALERT) == 0) return;
    Alerts& alerts = engine(ssl).alerts;
    const bool received = (where & SSL_CB_READ) != 0;
    ++(received ? alerts.received_count : alerts.sent_count);
    // RFC 5246 7.2: the level stands above the description; a warning ends nothing.
    if (value >> 8 != SSL3_AL_FATAL) return;
    (received ? alerts.received : alerts.sent) = Alert{static_cast<std::uint8_t>(value & 0xFF)};
  }
  static void message(int is_write, int, int type, const void* data, std::size_t size, SSL* ssl,
                      void*) noexcept {
    if (type != SSL3_RT_HANDSHAKE || size == 0) return;
    Engine& self = engine(ssl);
    self.tracer_.event(self.now_, is_write != 0 ? "message_sent" : "message_received",
                       {{"message", handshake_name(*static_cast<const std::uint8_t*>(data))},
                        {"size", std::uint64_t{size}}});
  }
  static void key_log(const SSL* ssl, const char* line) noexcept {
    Engine& self = engine(ssl);
    self.tracer_.secret(self.now_, line);
  }
};

core::Handle<SSL_CTX, SSL_CTX_free> make_context() {
  core::Handle<SSL_CTX, SSL_CTX_free> context{SSL_CTX_new(DTLS_method())};
  SSL_CTX* ctx = context.get();
  // RFC 8827 6.5: DTLS 1.2, and suites with forward secrecy. Only AEAD suites, which every browser
  // has; Deviation from RFC 8827 6.5: none of the CBC suites that it keeps for old peers. What the
  // library does not take leaves its own defaults, which are weaker: then there is no context.
  const bool strict =
      ctx != nullptr && SSL_CTX_set_min_proto_version(ctx, DTLS1_2_VERSION) == 1 &&
      SSL_CTX_set_cipher_list(ctx,
                              "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
                              "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
                              "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305") == 1 &&
      SSL_CTX_set1_groups_list(ctx, "X25519:P-256:P-384") == 1 &&
      SSL_CTX_set1_sigalgs_list(ctx,
                                "ECDSA+SHA256:RSA-PSS+SHA256:RSA+SHA256:ECDSA+SHA384:"
                                "RSA-PSS+SHA384:RSA+SHA384:ECDSA+SHA512:RSA-PSS+SHA512:"
                                "RSA+SHA512") == 1;
  if (!strict) return nullptr;
  SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                               SSL_OP_NO_QUERY_MTU | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(ctx, largest_certificate_chain);
  // RFC 5763 5: both ends present a certificate.
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(ctx, Engine::Callbacks::verify, nullptr);
  SSL_CTX_set_client_hello_cb(ctx, Engine::Callbacks::client_hello, nullptr);
  SSL_CTX_set_info_callback(ctx, Engine::Callbacks::info);
  SSL_CTX_set_keylog_callback(ctx, Engine::Callbacks::key_log);
  return context;
}

Engine::Engine(const Credentials& credentials, const Session::Config& config, core::Context context,
               Judge& judge)
    : ssl_{SSL_new(credentials.context.get())},
      pool_{context.pool},
      tracer_{context.tracer("dtls")},
      judge_{judge},
      mtu_{std::clamp(config.mtu, smallest_mtu, largest_mtu)} {
  core::check(ssl_ != nullptr);
  BIO* bio = BIO_new(Callbacks::method());
  core::check(bio != nullptr);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_mtu(ssl_.get(), static_cast<long>(mtu_ - aead_overhead));
  DTLS_set_timer_cb(ssl_.get(), Callbacks::next_wait);
  const std::string profiles = profile_list(config.srtp_profiles);
  // The library's way of saying that it took them is zero.
  if (!profiles.empty()) core::check(SSL_set_tlsext_use_srtp(ssl_.get(), profiles.c_str()) == 0);
  if (tracer_.listening()) SSL_set_msg_callback(ssl_.get(), Callbacks::message);
}

Engine::Progress Engine::start(Role role, core::Time now) {
  if (role == Role::client) {
    SSL_set_connect_state(ssl_.get());
    return handshake({}, now);
  }
  SSL_set_accept_state(ssl_.get());
  return Progress::under_way;
}

void Engine::begin(core::Bytes datagram, core::Time now) {
  now_ = now;
  input_ = datagram;
  first_of_call_ = true;
  ERR_clear_error();
}

Engine::Progress Engine::handshake(core::Bytes datagram, core::Time now) {
  begin(datagram, now);
  const Progress progress = result(SSL_do_handshake(ssl_.get()));
  input_ = {};
  return progress;
}

Engine::Progress Engine::read(core::Bytes datagram, std::deque<Session::Event>& out,
                              core::Time now) {
  begin(datagram, now);
  // A record's plain text is smaller than its datagram. What the handshake's last datagram left
  // over is no larger than a path's usual MTU.
  const std::size_t room = std::max<std::size_t>(datagram.size(), usual_mtu);
  Progress progress = Progress::finished;
  while (true) {
    core::Buffer buffer = pool_.take(room);
    ERR_clear_error();
    const int count = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (count <= 0) {
      progress = result(count);
      break;
    }
    buffer.resize(static_cast<std::size_t>(count));
    out.push_back(Session::Data{std::move(buffer)});
  }
  input_ = {};
  return progress == Progress::under_way ? Progress::finished : progress;
}

Engine::Progress Engine::time_out(core::Time now) {
  begin({}, now);
  if (DTLSv1_handle_timeout(ssl_.get()) >= 0) return Progress::under_way;
  return result(-1);
}

bool Engine::write(core::Bytes data, core::Time now) {
  begin({}, now);
  return SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size())) > 0;
}

void Engine::shut_down(core::Time now) {
  begin({}, now);
  if (SSL_is_init_finished(ssl_.get()) == 1) SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

Engine::Progress Engine::result(int returned) {
  if (returned > 0) return Progress::finished;
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return Progress::under_way;
    case SSL_ERROR_ZERO_RETURN:
      return Progress::closed;
    default:
      break;
  }
  const unsigned long code = ERR_peek_error();
  const char* const reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  error_ = reason != nullptr ? reason : "unexpected end";
  reason_ = meaning_of(code);
  ERR_clear_error();
  return Progress::failed;
}

std::optional<core::Duration> Engine::wait() const {
  timeval left{};
  if (DTLSv1_get_timeout(ssl_.get(), &left) != 1) return std::nullopt;
  return std::chrono::seconds{left.tv_sec} + std::chrono::microseconds{left.tv_usec};
}

core::Handle<X509, X509_free> Engine::peer_certificate() const {
  return core::Handle<X509, X509_free>{SSL_get1_peer_certificate(ssl_.get())};
}

std::optional<std::vector<std::uint8_t>> Engine::export_keying_material(std::string_view label,
                                                                        std::size_t size) const {
  std::vector<std::uint8_t> out(size);
  ERR_clear_error();
  if (SSL_export_keying_material(ssl_.get(), out.data(), size, label.data(), label.size(), nullptr,
                                 0, 0) != 1) {
    return std::nullopt;
  }
  return out;
}

std::optional<SrtpKeys> Engine::srtp_keys() const {
  const SRTP_PROTECTION_PROFILE* chosen = SSL_get_selected_srtp_profile(ssl_.get());
  if (chosen == nullptr) return std::nullopt;
  const ProfileShape* shape = shape_of(static_cast<std::uint16_t>(chosen->id));
  if (shape == nullptr) return std::nullopt;
  auto material = export_keying_material(srtp_label, 2 * (shape->key_size + shape->salt_size));
  if (!material) return std::nullopt;
  // RFC 5764 4.2: client key, server key, client salt, server salt.
  core::ByteReader in{*material};
  const auto take = [&](std::size_t size) {
    const core::Bytes part = in.bytes(size);
    return std::vector<std::uint8_t>(part.begin(), part.end());
  };
  SrtpKey client{.key = take(shape->key_size), .salt = {}};
  SrtpKey server{.key = take(shape->key_size), .salt = {}};
  client.salt = take(shape->salt_size);
  server.salt = take(shape->salt_size);
  OPENSSL_cleanse(material->data(), material->size());
  if (SSL_is_server(ssl_.get()) == 1) std::swap(client, server);
  return SrtpKeys{shape->profile, std::move(client), std::move(server)};
}

std::size_t Engine::smallest_cipher_text() const {
  const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl_.get());
  const bool chacha =
      cipher != nullptr && SSL_CIPHER_get_cipher_nid(cipher) == NID_chacha20_poly1305;
  return chacha ? aead_tag : aead_nonce + aead_tag;
}

std::string Engine::cipher_suite() const {
  const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl_.get());
  return cipher == nullptr ? "" : SSL_CIPHER_standard_name(cipher);
}

bool Engine::extended_master_secret() const { return SSL_get_extms_support(ssl_.get()) == 1; }

}  // namespace lucid::dtls::detail
