#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace lucid::capture::detail {

// "kind:argument?key=value&key=value"
struct Specification {
  std::string kind;
  std::string argument;
  std::map<std::string, std::string> options;

  static Specification parse(std::string_view text);

  struct Size {
    std::uint16_t width, height;
  };
  // The option, or the default; nullopt for one that makes no sense.
  std::optional<Size> size(Size otherwise) const;
  std::optional<double> framerate(double otherwise) const;
  // True when every option is one of these.
  bool only(std::initializer_list<std::string_view> known) const;
};

}  // namespace lucid::capture::detail
