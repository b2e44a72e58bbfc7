#pragma once
#include <memory>

#include "srtp/session.hpp"

namespace lucid::srtp::detail {

// What Session needs of a library, or of our own. `into` is as large as the result may become; the
// two spans are the same memory or do not overlap.
class Engine {
 public:
  virtual ~Engine() = default;

  virtual Session::Result protect_rtp(core::Bytes from, core::MutableBytes into) = 0;
  virtual Session::Result protect_rtcp(core::Bytes from, core::MutableBytes into) = 0;
  virtual Session::Result unprotect_rtp(core::Bytes from, core::MutableBytes into) = 0;
  virtual Session::Result unprotect_rtcp(core::Bytes from, core::MutableBytes into) = 0;
  virtual void set_rollover_counter(Direction direction, std::uint32_t ssrc,
                                    std::uint32_t counter) = 0;
  virtual bool set_next_rtcp_index(std::uint32_t ssrc, std::uint32_t index) = 0;
};

// All but the keys, of which only engines keep anything.
inline Session::Config without_keys(const Session::Config& config) {
  return {.profile = config.profile,
          .local = {},
          .remote = {},
          .engine = config.engine,
          .rtcp = config.rtcp,
          .resend = config.resend,
          .max_streams = config.max_streams};
}

// The master keys that Session::Config would carry, but not copied.
struct Keys {
  const MasterKey& local;
  const MasterKey& remote;
};

// Null when the library will not, or is not there.
std::unique_ptr<Engine> make_openssl_engine(const Session::Config& config, const Keys& keys);
std::unique_ptr<Engine> make_libsrtp2_engine(const Session::Config& config, const Keys& keys);

}  // namespace lucid::srtp::detail
