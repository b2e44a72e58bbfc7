#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace lucid::peer {

// The names that the W3C API gives its exceptions.
enum class ErrorName : std::uint8_t {
  invalid_state_error,         // not in this state, or closed
  invalid_access_error,        // an argument that does not fit this connection
  invalid_modification_error,  // a description or parameter changed where it may not
  operation_error,             // could not be done; `detail` may say more
  not_supported_error,
  syntax_error,
  range_error,
  type_error,
};
std::string_view to_string(ErrorName name);  // "InvalidStateError"

// RTCErrorDetailType.
enum class ErrorDetail : std::uint8_t {
  none,
  data_channel_failure,
  dtls_failure,
  fingerprint_failure,
  sctp_failure,
  sdp_syntax_error,
  hardware_encoder_not_available,
  hardware_encoder_error,
};
std::string_view to_string(ErrorDetail detail);  // "sdp-syntax-error"

// Why a call was refused, or why a transport or channel failed (DOMException and RTCError in one).
struct Error {
  ErrorName name = ErrorName::operation_error;
  std::string message{};  // one sentence: what is wrong and what to do
  ErrorDetail detail = ErrorDetail::none;
  std::optional<std::uint32_t> sdp_line_number{};
  std::optional<std::uint32_t> sdp_column{};
  std::string sdp_rule{};  // the RFC's rule that the line breaks
  std::optional<std::uint16_t> sctp_cause_code{};
  std::optional<std::uint8_t> received_alert{};
  std::optional<std::uint8_t> sent_alert{};

  std::string text() const;  // "InvalidStateError: ... (line 12, RFC 8122 5)"
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> refuse(ErrorName name, std::string message) {
  return std::unexpected(Error{.name = name, .message = std::move(message)});
}

}  // namespace lucid::peer
