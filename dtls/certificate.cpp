#include "dtls/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <array>
#include <ctime>

#include "core/bytes.hpp"
#include "dtls/detail/credentials.hpp"

namespace lucid::dtls {

namespace {

using X509Handle = core::Handle<X509, X509_free>;
using KeyHandle = core::Handle<EVP_PKEY, EVP_PKEY_free>;
using BioHandle = core::Handle<BIO, BIO_free_all>;
using NumberHandle = core::Handle<BIGNUM, BN_free>;

constexpr std::chrono::seconds longest_lifetime = std::chrono::days{365};  // W3C WebRTC 4.9.1
// Clocks of two peers differ: a certificate is valid from a day ago.
constexpr std::chrono::seconds backdated = std::chrono::days{1};

KeyHandle make_key(KeyType type) {
  switch (type) {
    case KeyType::ecdsa:
      return KeyHandle{EVP_EC_gen("P-256")};
    case KeyType::rsa:
      return KeyHandle{EVP_RSA_gen(2048)};
  }
  return nullptr;
}

bool set_serial_and_name(X509* certificate) {
  std::array<std::uint8_t, 16> random;
  if (RAND_bytes(random.data(), random.size()) != 1) return false;
  // RFC 5280 4.1.2.2: positive, at most 20 octets.
  random[0] = static_cast<std::uint8_t>((random[0] & 0x7F) | 0x40);
  const NumberHandle serial{BN_bin2bn(random.data(), 8, nullptr)};
  const std::string name = core::to_hex(core::Bytes{random}.last(8));
  X509_NAME* subject = X509_get_subject_name(certificate);
  return serial &&
         BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr &&
         X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                    reinterpret_cast<const unsigned char*>(name.data()),
                                    static_cast<int>(name.size()), -1, 0) == 1 &&
         X509_set_issuer_name(certificate, subject) == 1;
}

X509Handle make_certificate(EVP_PKEY* key, std::chrono::seconds lifetime,
                            std::chrono::seconds unix_now) {
  X509Handle certificate{X509_new()};
  X509* x509 = certificate.get();
  const bool ok = X509_set_version(x509, X509_VERSION_3) == 1 && set_serial_and_name(x509) &&
                  ASN1_TIME_set(X509_getm_notBefore(x509), (unix_now - backdated).count()) &&
                  ASN1_TIME_set(X509_getm_notAfter(x509), (unix_now + lifetime).count()) &&
                  X509_set_pubkey(x509, key) == 1 && X509_sign(x509, key, EVP_sha256()) > 0;
  return ok ? std::move(certificate) : nullptr;
}

std::expected<std::unique_ptr<detail::Credentials>, CertificateError> assemble(X509* certificate,
                                                                               EVP_PKEY* key) {
  if (!detail::key_type_of(key)) return std::unexpected(CertificateError::unsupported_key);
  if (X509_check_private_key(certificate, key) != 1) {
    return std::unexpected(CertificateError::key_mismatch);
  }
  auto credentials = std::make_unique<detail::Credentials>();
  credentials->context = detail::make_context();
  SSL_CTX* context = credentials->context.get();
  if (context == nullptr || SSL_CTX_use_certificate(context, certificate) != 1 ||
      SSL_CTX_use_PrivateKey(context, key) != 1) {
    return std::unexpected(CertificateError::library);
  }
  credentials->der = detail::to_der(certificate);
  return credentials;
}

BioHandle reader(std::string_view text) {
  return BioHandle{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

// Asked for a password: there is none, and nobody must be asked on a terminal.
int no_password(char*, int, int, void*) noexcept { return -1; }

template <class Write>
std::string written(Write write) {
  const BioHandle memory{BIO_new(BIO_s_mem())};
  if (write(memory.get()) != 1) return {};
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace

std::expected<Certificate, CertificateError> Certificate::generate(const Config& config,
                                                                   core::Time now) {
  if (config.lifetime <= std::chrono::seconds{0} || config.lifetime > longest_lifetime) {
    return std::unexpected(CertificateError::bad_lifetime);
  }
  ERR_clear_error();
  const auto unix_now = std::chrono::floor<std::chrono::seconds>(config.wall_clock.unix_time(now));
  const KeyHandle key = make_key(config.key);
  if (!key) return std::unexpected(CertificateError::library);
  const X509Handle certificate = make_certificate(key.get(), config.lifetime, unix_now);
  if (!certificate) return std::unexpected(CertificateError::library);
  auto credentials = assemble(certificate.get(), key.get());
  if (!credentials) return std::unexpected(credentials.error());
  return Certificate{*std::move(credentials)};
}

std::expected<Certificate, CertificateError> Certificate::from_pem(std::string_view pem) {
  ERR_clear_error();
  const X509Handle certificate{PEM_read_bio_X509(reader(pem).get(), nullptr, no_password, nullptr)};
  const KeyHandle key{PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, no_password, nullptr)};
  if (!certificate || !key) return std::unexpected(CertificateError::bad_pem);
  auto credentials = assemble(certificate.get(), key.get());
  if (!credentials) return std::unexpected(credentials.error());
  return Certificate{*std::move(credentials)};
}

Certificate::Certificate(std::unique_ptr<detail::Credentials> credentials)
    : credentials_{std::move(credentials)} {}
Certificate::Certificate(const Certificate& other) : credentials_{other.credentials_->share()} {}
Certificate& Certificate::operator=(const Certificate& other) {
  if (this != &other) credentials_ = other.credentials_->share();
  return *this;
}
Certificate::Certificate(Certificate&& other) noexcept = default;
Certificate& Certificate::operator=(Certificate&& other) noexcept = default;
Certificate::~Certificate() = default;

KeyType Certificate::key_type() const {
  return detail::key_type_of(credentials_->key()).value_or(KeyType::ecdsa);
}
const std::vector<std::uint8_t>& Certificate::der() const { return credentials_->der; }
Fingerprint Certificate::fingerprint(Hash hash) const { return Fingerprint::of(hash, der()); }
core::WallClock::Microseconds Certificate::not_before() const {
  return detail::unix_time(X509_get0_notBefore(credentials_->certificate()));
}
core::WallClock::Microseconds Certificate::not_after() const {
  return detail::unix_time(X509_get0_notAfter(credentials_->certificate()));
}

std::string Certificate::certificate_pem() const {
  return written([&](BIO* out) { return PEM_write_bio_X509(out, credentials_->certificate()); });
}
std::string Certificate::private_key_pem() const {
  return written([&](BIO* out) {
    return PEM_write_bio_PKCS8PrivateKey(out, credentials_->key(), nullptr, nullptr, 0, nullptr,
                                         nullptr);
  });
}

std::string_view to_string(KeyType type) {
  switch (type) {
    case KeyType::ecdsa:
      return "ECDSA";
    case KeyType::rsa:
      return "RSA";
  }
  return "";
}

std::string_view to_string(CertificateError error) {
  switch (error) {
    case CertificateError::bad_lifetime:
      return "bad_lifetime";
    case CertificateError::bad_pem:
      return "bad_pem";
    case CertificateError::key_mismatch:
      return "key_mismatch";
    case CertificateError::unsupported_key:
      return "unsupported_key";
    case CertificateError::library:
      return "library";
  }
  return "";
}

namespace detail {

std::unique_ptr<Credentials> Credentials::share() const {
  auto copy = std::make_unique<Credentials>();
  SSL_CTX_up_ref(context.get());
  copy->context.reset(context.get());
  copy->der = der;
  return copy;
}

std::vector<std::uint8_t> to_der(X509* certificate) {
  std::vector<std::uint8_t> der(static_cast<std::size_t>(i2d_X509(certificate, nullptr)));
  unsigned char* out = der.data();
  i2d_X509(certificate, &out);
  return der;
}

core::WallClock::Microseconds unix_time(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  const std::chrono::year_month_day date{
      std::chrono::year{parts.tm_year + 1900},
      std::chrono::month(static_cast<unsigned>(parts.tm_mon) + 1),
      std::chrono::day(static_cast<unsigned>(parts.tm_mday))};
  return std::chrono::sys_days{date}.time_since_epoch() + std::chrono::hours{parts.tm_hour} +
         std::chrono::minutes{parts.tm_min} + std::chrono::seconds{parts.tm_sec};
}

std::optional<KeyType> key_type_of(EVP_PKEY* key) {
  if (key == nullptr) return std::nullopt;
  if (EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_get_bits(key) >= 2048) return KeyType::rsa;
  std::array<char, 32> group{};
  if (EVP_PKEY_is_a(key, "EC") != 1 ||
      EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) != 1) {
    return std::nullopt;
  }
  const std::string_view curve{group.data()};
  if (curve == SN_X9_62_prime256v1 || curve == SN_secp384r1) return KeyType::ecdsa;
  return std::nullopt;
}

}  // namespace detail

}  // namespace lucid::dtls
