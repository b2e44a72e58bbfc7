// A DCEP message that parses is the same again after serialize and parse.
#include "core/check.hpp"
#include "sctp/dcep.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lucid;
  const auto message = sctp::dcep::parse({data, size});
  if (!message) return 0;
  const auto again = sctp::dcep::parse(sctp::dcep::serialize(*message));
  core::check(again && *again == *message);
  return 0;
}
