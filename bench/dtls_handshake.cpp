// DTLS: keys and certificates, whole handshakes, data; beside OpenSSL with memory BIOs and nothing
// of ours.
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <openssl/ssl.h>

#include <memory>
#include <vector>

#include "core/random.hpp"
#include "dtls/session.hpp"

namespace {

using namespace lucid;
using namespace lucid::dtls;

Certificate make_certificate(KeyType key = KeyType::ecdsa) {
  return *Certificate::generate({.key = key}, core::Time{});
}

struct Pair {
  explicit Pair(const Certificate& certificate)
      : client{{.certificate = certificate}, {random, pool}},
        server{{.certificate = certificate}, {random, pool}} {
    client.set_remote_fingerprints({certificate.fingerprint()}, now);
    server.set_remote_fingerprints({certificate.fingerprint()}, now);
  }
  void connect() {
    server.start(Role::server, SrtpUse::required, now);
    client.start(Role::client, SrtpUse::required, now);
    while (carry(client, server) | carry(server, client)) {
    }
  }
  bool carry(Session& from, Session& to) const {
    bool any = false;
    while (const auto datagram = from.poll_transmit()) {
      to.handle_datagram(*datagram, now);
      any = true;
    }
    return any;
  }

  core::SeededRandom random{1};
  core::Pool pool;
  core::Time now{};
  Session client;
  Session server;
};

void certificate(benchmark::State& state, KeyType key) {
  for (auto _ : state) benchmark::DoNotOptimize(make_certificate(key));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(certificate, ecdsa, KeyType::ecdsa)->Unit(benchmark::kMicrosecond);

void handshake(benchmark::State& state) {
  const Certificate certificate = make_certificate();
  for (auto _ : state) {
    Pair pair{certificate};
    pair.connect();
    if (pair.client.state() != State::connected || pair.server.state() != State::connected) {
      return state.SkipWithError("not connected");
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(handshake)->Unit(benchmark::kMicrosecond);

int accept_any(X509_STORE_CTX*, void*) { return 1; }

// The same suites, groups and certificates, each end's output in one memory BIO.
void raw_handshake(benchmark::State& state) {
  SSL_CTX* context = SSL_CTX_new(DTLS_method());
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* x509 = X509_new();
  X509_gmtime_adj(X509_getm_notBefore(x509), 0);
  X509_gmtime_adj(X509_getm_notAfter(x509), 86400);
  X509_set_pubkey(x509, key);
  X509_sign(x509, key, EVP_sha256());
  SSL_CTX_use_certificate(context, x509);
  SSL_CTX_use_PrivateKey(context, key);
  SSL_CTX_set_cipher_list(context, "ECDHE-ECDSA-AES128-GCM-SHA256");
  SSL_CTX_set1_groups_list(context, "X25519:P-256");
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(context, accept_any, nullptr);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_QUERY_MTU);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_tlsext_use_srtp(context, "SRTP_AEAD_AES_128_GCM");
  for (auto _ : state) {
    SSL* client = SSL_new(context);
    SSL* server = SSL_new(context);
    BIO* to_client = BIO_new(BIO_s_mem());
    BIO* to_server = BIO_new(BIO_s_mem());
    for (BIO* bio : {to_client, to_server}) BIO_set_mem_eof_return(bio, -1);
    BIO_up_ref(to_client);
    BIO_up_ref(to_server);
    SSL_set_bio(client, to_client, to_server);
    SSL_set_bio(server, to_server, to_client);
    for (SSL* ssl : {client, server}) SSL_set_mtu(ssl, 16000);  // one flight, one datagram
    SSL_set_connect_state(client);
    SSL_set_accept_state(server);
    for (int i = 0; i < 4; ++i) {
      SSL_do_handshake(client);
      SSL_do_handshake(server);
    }
    if (SSL_is_init_finished(client) == 0) state.SkipWithError("not connected");
    SSL_free(client);
    SSL_free(server);
  }
  state.SetItemsProcessed(state.iterations());
  X509_free(x509);
  EVP_PKEY_free(key);
  SSL_CTX_free(context);
}
BENCHMARK(raw_handshake)->Unit(benchmark::kMicrosecond);

void data(benchmark::State& state) {
  Pair pair{make_certificate()};
  pair.connect();
  while (pair.server.poll_event()) {
  }
  const std::vector<std::uint8_t> message(1150, 7);
  for (auto _ : state) {
    if (!pair.client.send(message, pair.now)) return state.SkipWithError("not sent");
    pair.carry(pair.client, pair.server);
    benchmark::DoNotOptimize(pair.server.poll_event());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(message.size()));
}
BENCHMARK(data);

void idle_memory(benchmark::State& state) {
  const Certificate certificate = make_certificate();
  constexpr std::size_t count = 200;
  double bytes = 0;
  for (auto _ : state) {
    const std::size_t before = mallinfo2().uordblks;
    std::vector<std::unique_ptr<Pair>> pairs;
    for (std::size_t i = 0; i < count; ++i) {
      pairs.push_back(std::make_unique<Pair>(certificate));
      pairs.back()->connect();
      while (pairs.back()->client.poll_event() || pairs.back()->server.poll_event()) {
      }
    }
    bytes = static_cast<double>(mallinfo2().uordblks - before) / (2 * count);
  }
  state.counters["bytes_a_session"] = bytes;
}
BENCHMARK(idle_memory)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
