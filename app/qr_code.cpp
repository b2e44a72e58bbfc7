#include "app/qr_code.hpp"

#include <vector>

#ifdef LUCID_QRENCODE
#include <qrencode.h>

#include "core/handle.hpp"
#endif

namespace lucid::app {

namespace {

// The modules of a code in rows, light outside of it.
struct Modules {
  int width = 0;
  std::vector<std::uint8_t> dark{};

  bool at(int x, int y) const {
    return x >= 0 && y >= 0 && x < width && y < width &&
           dark[static_cast<std::size_t>(y * width + x)] != 0;
  }
};

#ifdef LUCID_QRENCODE
std::expected<Modules, QrError> encode(std::string_view text) {
  if (text.empty()) return std::unexpected(QrError::empty);
  if (text.size() > qr_capacity) return std::unexpected(QrError::too_long);
  const core::Handle<QRcode, QRcode_free> code{
      QRcode_encodeData(static_cast<int>(text.size()),
                        reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_L)};
  if (code == nullptr) return std::unexpected(QrError::too_long);
  Modules modules{code->width};
  for (int i = 0; i < code->width * code->width; ++i) modules.dark.push_back(code->data[i] & 1);
  return modules;
}
#else
std::expected<Modules, QrError> encode(std::string_view) {
  return std::unexpected(QrError::unsupported);
}
#endif

}  // namespace

std::string_view to_string(QrError error) {
  switch (error) {
    case QrError::unsupported:
      return "This program was built without QR codes: libqrencode was missing.";
    case QrError::empty:
      return "There is no text to make a QR code of.";
    case QrError::too_long:
      return "The text is too long for a QR code, which holds 2953 bytes. Copy it instead.";
  }
  return {};
}

std::expected<std::string, QrError> qr_code(std::string_view text) {
  const auto code = encode(text);
  if (!code) return std::unexpected(code.error());
  constexpr int margin = 2;
  std::string out;
  // Two rows of modules in one of text; the light ones are drawn, in black on white.
  for (int y = -margin; y < code->width + margin; y += 2) {
    out += "\x1b[30;107m";
    for (int x = -margin; x < code->width + margin; ++x) {
      const bool upper = code->at(x, y), lower = code->at(x, y + 1);
      out += upper ? (lower ? "█" : "▀") : (lower ? "▄" : " ");
    }
    out += "\x1b[0m\n";
  }
  return out;
}

std::expected<std::string, QrError> qr_svg(std::string_view text) {
  const auto code = encode(text);
  if (!code) return std::unexpected(code.error());
  constexpr int margin = 4;  // ISO/IEC 18004 6.3.8: the quiet zone is four modules wide
  const std::string side = std::to_string(code->width + 2 * margin);
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + side + " " + side +
                    "\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h" + side + "v" +
                    side + "H0z\"/><path d=\"";
  for (int y = 0; y < code->width; ++y) {
    for (int x = 0; x < code->width; ++x) {
      if (!code->at(x, y)) continue;
      const int begin = x;
      while (code->at(x, y)) ++x;
      out += "M" + std::to_string(begin + margin) + " " + std::to_string(y + margin) + "h" +
             std::to_string(x - begin) + "v1h-" + std::to_string(x - begin) + "z";
    }
  }
  return out + "\"/></svg>\n";
}

}  // namespace lucid::app
