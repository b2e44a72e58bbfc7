#pragma once
#include <array>
#include <cstdio>
#include <optional>
#include <string>

namespace lucid {

// What a command prints, complaints and all; nullopt when it fails or is not installed.
inline std::optional<std::string> output_of(const std::string& command) {
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::string text;
  std::array<char, 4096> part{};
  while (pipe != nullptr && std::fgets(part.data(), part.size(), pipe) != nullptr)
    text += part.data();
  return pipe != nullptr && pclose(pipe) == 0 ? std::optional{text} : std::nullopt;
}

}  // namespace lucid
