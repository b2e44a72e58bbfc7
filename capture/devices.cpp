#include "capture/detail/devices.hpp"

#include <unistd.h>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <fstream>

namespace lucid::capture {

namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& path) {
  std::ifstream file{path};
  std::string line;
  std::getline(file, line);
  return line;
}

bool records(const fs::path& card) {
  std::error_code error;
  return fs::is_directory(card / "pcm0c", error);
}

// The card that ALSA's name of a device means ("hw:1", "plughw:CARD=PCH,DEV=0"); for any other
// name, the first one that records. Empty: none.
fs::path card_of(std::string_view device, const fs::path& root) {
  const fs::path all = root / "proc/asound";
  std::error_code error;
  if (const std::size_t colon = device.find("hw:"); colon != std::string_view::npos) {
    std::string_view name = device.substr(colon + 3);
    name = name.substr(0, name.find(','));
    if (name.starts_with("CARD=")) name.remove_prefix(5);
    const bool is_number = name.find_first_not_of("0123456789") == std::string_view::npos;
    const fs::path card = all / ((is_number ? "card" : "") + std::string{name});
    if (name.empty() || !records(card)) return {};
    return fs::canonical(card, error);
  }
  for (const auto& entry : fs::directory_iterator{all, error}) {
    if (entry.path().filename().string().starts_with("card") && records(entry.path()))
      return entry.path();
  }
  return {};
}

std::string plain(double number) {
  std::string text = std::to_string(number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

namespace detail {

OpenError why_no_microphone(std::string_view device, const fs::path& root) {
  const fs::path card = card_of(device, root);
  if (card.empty()) return OpenError::not_found;
  const std::string number = card.filename().string().substr(std::string_view{"card"}.size());
  const fs::path node = root / "dev/snd" / ("pcmC" + number + "D0c");
  if (::access(node.c_str(), R_OK | W_OK) == 0) return OpenError::busy;
  return errno == EACCES ? OpenError::permission_denied : OpenError::not_found;
}

std::optional<OpenFailure> unmet(const Specification& asked, const VideoSource& source,
                                 const std::string& what) {
  const auto size = asked.size({source.width(), source.height()});
  const double framerate = asked.framerate(source.framerate()).value_or(source.framerate());
  const auto refuse = [&](const std::string& wanted, const std::string& nearest) {
    return OpenFailure{OpenError::constraints_not_possible,
                       what + " cannot do " + wanted + "; the nearest it does is " + nearest};
  };
  // Odd sizes become even ones.
  if (size && ((size->width & ~1) != source.width() || (size->height & ~1) != source.height())) {
    return refuse(std::to_string(size->width) + "x" + std::to_string(size->height),
                  std::to_string(source.width()) + "x" + std::to_string(source.height()));
  }
  // 29.97 is as good as 30.
  if (std::abs(framerate - source.framerate()) > 0.05 * framerate) {
    return refuse(plain(framerate) + " pictures a second", plain(source.framerate()));
  }
  return std::nullopt;
}

}  // namespace detail

// Read from the system's own lists: FFmpeg would open every device to ask for its name.
std::vector<Device> devices() {
  std::vector<Device> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{"/sys/class/video4linux", error}) {
    const std::string node = "/dev/" + entry.path().filename().string();
    const std::string name = first_line(entry.path() / "name");
    found.push_back({"camera:" + node, name.empty() ? node : name, core::MediaKind::video});
  }
  for (const auto& entry : fs::directory_iterator{"/proc/asound", error}) {
    const std::string card = entry.path().filename().string();
    if (!card.starts_with("card") || !fs::is_directory(entry.path() / "pcm0c", error)) continue;
    const std::string id = first_line(entry.path() / "id");
    found.push_back({"mic:hw:" + id, id, core::MediaKind::audio});
  }
  if (const char* display = std::getenv("DISPLAY"); display != nullptr && *display != '\0') {
    const std::string name = display;
    found.push_back({"screen:" + name, "screen " + name, core::MediaKind::video});
  }
  found.push_back({"test", "moving test picture", core::MediaKind::video});
  found.push_back({"tone", "test tone", core::MediaKind::audio});
  return found;
}

}  // namespace lucid::capture
