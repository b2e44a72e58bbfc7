#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "capture/source.hpp"

namespace lucid::capture {

namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& path) {
  std::ifstream file{path};
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

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
