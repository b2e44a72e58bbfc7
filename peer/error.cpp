#include "peer/error.hpp"

namespace lucid::peer {

std::string_view to_string(ErrorName name) {
  switch (name) {
    case ErrorName::invalid_state_error:
      return "InvalidStateError";
    case ErrorName::invalid_access_error:
      return "InvalidAccessError";
    case ErrorName::invalid_modification_error:
      return "InvalidModificationError";
    case ErrorName::operation_error:
      return "OperationError";
    case ErrorName::not_supported_error:
      return "NotSupportedError";
    case ErrorName::syntax_error:
      return "SyntaxError";
    case ErrorName::range_error:
      return "RangeError";
    case ErrorName::type_error:
      return "TypeError";
  }
  return "UnknownError";
}

std::string_view to_string(ErrorDetail detail) {
  switch (detail) {
    case ErrorDetail::none:
      return "";
    case ErrorDetail::data_channel_failure:
      return "data-channel-failure";
    case ErrorDetail::dtls_failure:
      return "dtls-failure";
    case ErrorDetail::fingerprint_failure:
      return "fingerprint-failure";
    case ErrorDetail::sctp_failure:
      return "sctp-failure";
    case ErrorDetail::sdp_syntax_error:
      return "sdp-syntax-error";
    case ErrorDetail::hardware_encoder_not_available:
      return "hardware-encoder-not-available";
    case ErrorDetail::hardware_encoder_error:
      return "hardware-encoder-error";
  }
  return "unknown";
}

std::string Error::text() const {
  std::string text{to_string(name)};
  text += ": ";
  text += message;
  if (!sdp_line_number) return text;
  text += " (line " + std::to_string(*sdp_line_number);
  if (sdp_column) text += ", column " + std::to_string(*sdp_column);
  if (!sdp_rule.empty()) text += ", " + sdp_rule;
  return text + ")";
}

}  // namespace lucid::peer
