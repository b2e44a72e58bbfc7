#include "app/qr_code.hpp"

#ifdef LUCID_QRENCODE
#include <qrencode.h>

#include "core/handle.hpp"
#endif

namespace lucid::app {

#ifdef LUCID_QRENCODE
std::string qr_code(const std::string& text) {
  const core::Handle<QRcode, QRcode_free> code{
      QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_L)};
  if (code == nullptr) return {};
  constexpr int margin = 2;
  const auto dark = [&](int x, int y) {
    return x >= 0 && y >= 0 && x < code->width && y < code->width &&
           (code->data[y * code->width + x] & 1) != 0;
  };
  std::string out;
  // Two rows of modules in one of text; the light ones are drawn, in black on white.
  for (int y = -margin; y < code->width + margin; y += 2) {
    out += "\x1b[30;107m";
    for (int x = -margin; x < code->width + margin; ++x) {
      const bool upper = dark(x, y), lower = dark(x, y + 1);
      out += upper ? (lower ? "█" : "▀") : (lower ? "▄" : " ");
    }
    out += "\x1b[0m\n";
  }
  return out;
}
#else
std::string qr_code(const std::string&) { return {}; }
#endif

}  // namespace lucid::app
