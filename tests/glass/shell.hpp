#pragma once
#include <unistd.h>

#include <cstdio>
#include <string>

namespace lucid::glass::test {

// What a program prints; nothing when it is not there.
inline std::string output_of(const std::string& command) {
  std::string out;
  std::FILE* pipe = popen(("{ " + command + "; } 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) return out;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) out += static_cast<char>(c);
  pclose(pipe);
  return out;
}
inline bool have_tshark() { return !output_of("command -v tshark").empty(); }

// A file of this process's own, gone in the end.
struct Capture {
  explicit Capture(const std::string& stem)
      : name{"/tmp/" + stem + "." + std::to_string(getpid()) + ".pcapng"} {}
  ~Capture() { std::remove(name.c_str()); }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  std::FILE* open() const { return std::fopen(name.c_str(), "wb"); }
  std::string tshark(const std::string& arguments) const {
    return output_of("tshark -r " + name + " " + arguments);
  }
  std::string name;
};

}  // namespace lucid::glass::test
