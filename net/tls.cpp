#include "net/tls.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "core/address.hpp"
#include "core/check.hpp"
#include "net/detail/tls_state.hpp"

namespace lucid::net {

namespace {

using Bio = core::Handle<BIO, BIO_free_all>;
using Key = core::Handle<EVP_PKEY, EVP_PKEY_free>;
using X509Handle = core::Handle<X509, X509_free>;

Bio borrow(std::string_view text) {
  return Bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

void add_extension(X509* certificate, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const core::Handle<X509_EXTENSION, X509_EXTENSION_free> extension{
      X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str())};
  core::check(extension != nullptr);
  X509_add_ext(certificate, extension.get(), -1);
}

// RFC 5280 4.2.1.6: what a certificate is good for stands in subjectAltName.
std::string alternative_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ',';
    text += (core::Ip::parse(name) ? "IP:" : "DNS:") + name;
  }
  return text;
}

core::Handle<SSL_CTX, SSL_CTX_free> new_context() {
  ERR_clear_error();
  core::Handle<SSL_CTX, SSL_CTX_free> context{SSL_CTX_new(TLS_method())};
  core::check(context != nullptr);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  // An end of file without close_notify is an end: messages carry their own lengths here.
  SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
  return context;
}

bool add_authorities(SSL_CTX* context, std::string_view authorities) {
  const Bio bio = borrow(authorities);
  int count = 0;
  while (X509Handle one{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), one.get()) != 1) return false;
    ++count;
  }
  ERR_clear_error();
  return count > 0;
}

bool use_chain(SSL_CTX* context, std::string_view chain) {
  const Bio bio = borrow(chain);
  const X509Handle leaf{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
  if (leaf == nullptr || SSL_CTX_use_certificate(context, leaf.get()) != 1) return false;
  while (X509* next = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    SSL_CTX_add_extra_chain_cert(context, next);  // takes it
  }
  ERR_clear_error();
  return true;
}

}  // namespace

std::string_view to_string(TlsError error) {
  switch (error) {
    case TlsError::bad_certificate:
      return "the certificate is not PEM, or empty";
    case TlsError::bad_key:
      return "the key is not PEM, or not that of the certificate";
    case TlsError::bad_authority:
      return "no authority can be read";
  }
  return "unknown";
}

Certificate self_signed_certificate(const std::vector<std::string>& names,
                                    std::chrono::days lifetime) {
  const Key key{EVP_EC_gen("P-256")};
  const X509Handle certificate{X509_new()};
  core::check(key != nullptr && certificate != nullptr);
  X509* x509 = certificate.get();
  X509_set_version(x509, X509_VERSION_3);
  std::uint32_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial));
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial);
  X509_gmtime_adj(X509_getm_notBefore(x509), -86400);  // clocks differ
  X509_gmtime_adj(X509_getm_notAfter(x509),
                  static_cast<long>(std::chrono::seconds{lifetime}.count()));
  X509_set_pubkey(x509, key.get());
  X509_NAME* subject = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>("lucid"), -1, -1, 0);
  X509_set_issuer_name(x509, subject);
  add_extension(x509, NID_basic_constraints, "critical,CA:TRUE");
  if (!names.empty()) add_extension(x509, NID_subject_alt_name, alternative_names(names));
  core::check(X509_sign(x509, key.get(), EVP_sha256()) > 0);

  const Bio chain{BIO_new(BIO_s_mem())};
  const Bio secret{BIO_new(BIO_s_mem())};
  PEM_write_bio_X509(chain.get(), x509);
  PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return {text_of(chain.get()), text_of(secret.get())};
}

std::expected<TlsContext, TlsError> TlsContext::client(std::string_view authorities) {
  auto context = new_context();
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (authorities.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else if (!add_authorities(context.get(), authorities)) {
    return std::unexpected(TlsError::bad_authority);
  }
  return TlsContext{std::make_shared<const detail::TlsState>(std::move(context))};
}

std::expected<TlsContext, TlsError> TlsContext::server(const Certificate& certificate) {
  auto context = new_context();
  if (!use_chain(context.get(), certificate.chain)) {
    return std::unexpected(TlsError::bad_certificate);
  }
  const Bio bio = borrow(certificate.key);
  const Key key{PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr)};
  if (key == nullptr || SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return std::unexpected(TlsError::bad_key);
  }
  return TlsContext{std::make_shared<const detail::TlsState>(std::move(context))};
}

}  // namespace lucid::net
