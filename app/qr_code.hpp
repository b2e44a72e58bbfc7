#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace lucid::app {

enum class QrError : std::uint8_t {
  unsupported,  // the program was built without libqrencode
  empty,        // there is nothing to encode
  too_long,     // more than the largest code holds
};
std::string_view to_string(QrError error);  // a sentence

// QR codes (ISO/IEC 18004), with the least error correction, as the texts are long.
constexpr std::size_t qr_capacity = 2953;  // bytes, ISO/IEC 18004 table 7: version 40-L

// For a terminal: in half-block characters, dark on light whatever its colours.
[[nodiscard]] std::expected<std::string, QrError> qr_code(std::string_view text);
// For a page: an SVG picture.
[[nodiscard]] std::expected<std::string, QrError> qr_svg(std::string_view text);

}  // namespace lucid::app
