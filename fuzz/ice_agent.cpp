// An agent survives any script of inputs: candidates, commands, answers of the edge, time, forged
// and genuine messages of its peer, its own packets turned back; and what it keeps stays bounded.
#include "tests/ice/script.hpp"

using namespace lucid;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  ice::Config config;
  config.role = static_cast<ice::Role>(data[0] & 1);
  config.mode = (data[0] & 2) != 0 ? ice::Mode::lite : ice::Mode::full;
  config.renomination = (data[0] & 4) != 0;
  if ((data[0] & 8) != 0) config.servers.push_back({.host = "192.0.2.7"});
  fuzz::Script script{{data + 1, size - 1}, config};
  while (script.in.remaining() > 0) script.step();
  return 0;
}
