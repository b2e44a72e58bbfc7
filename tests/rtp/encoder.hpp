#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

// Real encoder output for the tests: made by the ffmpeg program while they run.
namespace lucid::rtp::testing {

inline bool has_ffmpeg() {
  static const bool found = std::system("ffmpeg -version >/dev/null 2>&1") == 0;
  return found;
}

inline std::vector<std::uint8_t> run_ffmpeg(const std::string& arguments,
                                            const std::string& extension) {
  namespace fs = std::filesystem;
  const fs::path path =
      fs::temp_directory_path() / ("lucid_rtp_" + std::to_string(getpid()) + "." + extension);
  const std::string command =
      "ffmpeg -v error -y " + arguments + " " + path.string() + " </dev/null >/dev/null 2>&1";
  if (std::system(command.c_str()) != 0) return {};
  std::ifstream file{path, std::ios::binary};
  std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>{file}, {}};
  file.close();
  fs::remove(path);
  return bytes;
}

}  // namespace lucid::rtp::testing
