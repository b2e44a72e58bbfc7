// A script of a TURN server's answers, good and bad, of its edge's and of time: the client
// survives, ends nowhere but in its own states, keeps its deadline ahead, and stays silent once it
// is closed.
#include "ice/turn_client.hpp"
#include "tests/ice/turn_script.hpp"

using namespace lucid;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  fuzz::TurnScript script{{data + 1, size - 1}, data[0]};
  while (script.in.remaining() > 0) script.step();
  script.end();
  return 0;
}
