#pragma once
#include <cstdint>
#include <cstdio>
#include <string>

namespace lucid::app {

// What the commands that call end with.
enum class ExitStatus : std::uint8_t {
  good = 0,       // a call has been held and ended, or we were told to quit
  failed = 1,     // something else went wrong, and was said
  usage = 2,      // the command line makes no sense
  no_server = 3,  // the signaling server cannot be reached, or refuses us
  no_answer = 4,  // who was called is not there, declined, or did not answer; or nobody called
  lost = 5,       // the connection could not be made, or broke for good
};

inline int complain(const std::string& sentence, ExitStatus status) {
  std::fprintf(stderr, "lucid: %s\n", sentence.c_str());
  return static_cast<int>(status);
}

}  // namespace lucid::app
