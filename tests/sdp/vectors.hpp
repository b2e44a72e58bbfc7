#pragma once
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace lucid::sdp {

struct Vector {
  std::string name;  // "chromium/data.offer.sdp"
  std::string text;
};

inline std::string read_vector(std::string_view name) {
  std::ifstream file{std::filesystem::path{LUCID_VECTORS} / "sdp" / name, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

// All descriptions below tests/vectors/sdp/FOLDER.
inline std::vector<Vector> read_vectors(std::string_view folder = {}) {
  const std::filesystem::path root = std::filesystem::path{LUCID_VECTORS} / "sdp";
  std::vector<Vector> vectors;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{root / folder}) {
    if (entry.path().extension() != ".sdp") continue;
    const std::string name = std::filesystem::relative(entry.path(), root).string();
    vectors.push_back({name, read_vector(name)});
  }
  return vectors;
}

}  // namespace lucid::sdp
