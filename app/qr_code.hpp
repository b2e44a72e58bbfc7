#pragma once
#include <string>

namespace lucid::app {

// A QR code (ISO/IEC 18004) in half-block characters, dark on light whatever the terminal's
// colours; empty where the program was built without libqrencode, or the text is too long for one.
std::string qr_code(const std::string& text);

}  // namespace lucid::app
