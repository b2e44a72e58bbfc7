// Built in place of libsrtp2_engine.cpp where the library is not installed.
#include "srtp/detail/engine.hpp"

namespace lucid::srtp {

bool available(EngineKind kind) { return kind == EngineKind::openssl; }

namespace detail {

std::unique_ptr<Engine> make_libsrtp2_engine(const Session::Config&, const Keys&) {
  return nullptr;
}

}  // namespace detail
}  // namespace lucid::srtp
