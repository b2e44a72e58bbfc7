#pragma once
#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "core/bytes.hpp"

namespace lucid::stun {

// tests/vectors/stun/messages.txt: name -> bytes.
inline std::map<std::string, std::vector<std::uint8_t>> read_vectors() {
  std::map<std::string, std::vector<std::uint8_t>> vectors;
  std::ifstream file{LUCID_VECTORS "/stun/messages.txt"};
  std::string name;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    if (const auto bytes = core::from_hex(line)) {
      vectors[name].insert(vectors[name].end(), bytes->begin(), bytes->end());
    } else {
      name = line;
    }
  }
  return vectors;
}

inline std::vector<std::uint8_t> vector(const std::string& name) { return read_vectors().at(name); }

constexpr std::string_view rfc5769_password = "VOkJxbRl1RmTxUk/WvJxBt";
constexpr std::string_view matrix_username =
    "\xE3\x83\x9E\xE3\x83\x88\xE3\x83\xAA\xE3\x83\x83\xE3\x82\xAF\xE3\x82\xB9";

}  // namespace lucid::stun
