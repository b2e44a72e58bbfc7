#include "dtls/session.hpp"

namespace lucid::dtls {

std::string_view to_string(Role role) { return role == Role::client ? "client" : "server"; }

std::string_view to_string(State state) {
  switch (state) {
    case State::idle:
      return "new";
    case State::connecting:
      return "connecting";
    case State::connected:
      return "connected";
    case State::closed:
      return "closed";
    case State::failed:
      return "failed";
  }
  return "";
}

std::string_view to_string(SendError error) {
  return error == SendError::not_connected ? "not_connected" : "too_large";
}

std::string_view to_string(ExportError error) {
  return error == ExportError::not_connected ? "not_connected" : "refused";
}

std::string_view to_string(SrtpProfile profile) {
  switch (profile) {
    case SrtpProfile::aes128_cm_sha1_80:
      return "AES128_CM_SHA1_80";
    case SrtpProfile::aead_aes_128_gcm:
      return "AEAD_AES_128_GCM";
    case SrtpProfile::aead_aes_256_gcm:
      return "AEAD_AES_256_GCM";
  }
  return "";
}

}  // namespace lucid::dtls
