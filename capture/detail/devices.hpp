#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "capture/detail/specification.hpp"
#include "capture/source.hpp"

// What the system knows of devices that FFmpeg does not tell.
namespace lucid::capture::detail {

// Why ALSA cannot open this microphone: FFmpeg has one error for all. `root` is where /proc and
// /dev are.
OpenError why_no_microphone(std::string_view device, const std::filesystem::path& root = "/");

// A camera takes the nearest size and rate that it can do and says nothing of it: what of those
// asked for it does not do.
std::optional<OpenFailure> unmet(const Specification& asked, const VideoSource& source,
                                 const std::string& what);

}  // namespace lucid::capture::detail
