#pragma once
#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"

namespace lucid::net {

namespace detail {
struct TlsState;
}

// A certificate chain and its key, in PEM.
struct Certificate {
  std::string chain;
  std::string key;
};

// An ECDSA certificate that signs itself, for these DNS names and IP addresses: for tests, and for
// pages that need a secure context on a network without names.
Certificate self_signed_certificate(const std::vector<std::string>& names,
                                    std::chrono::days lifetime = std::chrono::days{365});

enum class TlsError : std::uint8_t { bad_certificate, bad_key, bad_authority };
std::string_view to_string(TlsError error);

// What all TLS connections of one kind share (TLS 1.2 or later). Copies share it as well.
class TlsContext {
 public:
  // Trusts the system's authorities; with `authorities` (PEM) those alone.
  [[nodiscard]] static std::expected<TlsContext, TlsError> client(
      std::string_view authorities = {});
  [[nodiscard]] static std::expected<TlsContext, TlsError> server(const Certificate& certificate);

  const detail::TlsState& state() const { return *state_; }

 private:
  explicit TlsContext(std::shared_ptr<const detail::TlsState> state) : state_{std::move(state)} {}
  std::shared_ptr<const detail::TlsState> state_;
};

}  // namespace lucid::net
