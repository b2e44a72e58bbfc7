#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <variant>

#include "core/media.hpp"

// What a person or a program says to `lucid call` on its standard input, one command a line.
namespace lucid::app::commands {

struct CallPeer {
  std::string name;
};
struct Answer {};
struct Decline {};
struct HangUp {};
struct SayText {
  std::string text;
};
struct SendFile {
  std::string path;
};
struct Mute {
  core::MediaKind kind;
  bool muted = true;
};
struct AddTrack {
  core::MediaKind kind;
};
struct RemoveTrack {
  core::MediaKind kind;
};
struct Renegotiate {};
struct RestartIce {};
struct Bundle {
  std::string text;  // empty: make an offer
};
struct ShowStats {};
struct Help {};
struct Quit {};

using Command = std::variant<CallPeer, Answer, Decline, HangUp, SayText, SendFile, Mute, AddTrack,
                             RemoveTrack, Renegotiate, RestartIce, Bundle, ShowStats, Help, Quit>;

// The error is a sentence.
[[nodiscard]] std::expected<Command, std::string> parse(std::string_view line);
// All commands, a line each.
extern const std::string_view help;

}  // namespace lucid::app::commands
