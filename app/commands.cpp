#include "app/commands.hpp"

#include <functional>
#include <map>
#include <optional>

namespace lucid::app::commands {

const std::string_view help =
    "  call NAME                 call this user; in rooms: join this room\n"
    "  answer, decline           what to do about who is calling\n"
    "  hangup                    end the call\n"
    "  say TEXT                  chat\n"
    "  send FILE                 send a file\n"
    "  mute audio|video          send silence or a black picture; unmute audio|video\n"
    "  add-track audio|video     send more; remove-track audio|video\n"
    "  renegotiate               make a new offer\n"
    "  restart-ice               look for new ways\n"
    "  bundle [JSON]             without a server: make an offer, or take one or an answer\n"
    "  stats                     what has been sent, received and lost\n"
    "  help                      say this\n"
    "  quit                      hang up and leave\n";

namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::optional<core::MediaKind> kind_of(std::string_view word) {
  if (word == "audio") return core::MediaKind::audio;
  if (word == "video") return core::MediaKind::video;
  return std::nullopt;
}

using Result = std::expected<Command, std::string>;
using Maker = Result (*)(const std::string& rest);

template <class C>
Result plain(const std::string&) {
  return C{};
}
template <class C>
Result with_text(const std::string& rest) {
  if (rest.empty()) return std::unexpected("something is missing after the command; try help");
  return C{rest};
}
template <class C>
Result with_kind(const std::string& rest) {
  const auto kind = kind_of(rest);
  if (!kind) return std::unexpected("audio or video, not '" + rest + "'");
  return C{*kind};
}

const std::map<std::string_view, Maker> makers{
    {"call", with_text<CallPeer>},
    {"answer", plain<Answer>},
    {"decline", plain<Decline>},
    {"hangup", plain<HangUp>},
    {"say", with_text<SayText>},
    {"send", with_text<SendFile>},
    {"mute", with_kind<Mute>},
    {"unmute",
     [](const std::string& rest) -> Result {
       const auto kind = kind_of(rest);
       if (!kind) return std::unexpected("audio or video, not '" + rest + "'");
       return Mute{*kind, false};
     }},
    {"add-track", with_kind<AddTrack>},
    {"remove-track", with_kind<RemoveTrack>},
    {"renegotiate", plain<Renegotiate>},
    {"restart-ice", plain<RestartIce>},
    {"bundle", [](const std::string& rest) -> Result { return Bundle{rest}; }},
    {"stats", plain<ShowStats>},
    {"help", plain<Help>},
    {"quit", plain<Quit>},
};

}  // namespace

std::expected<Command, std::string> parse(std::string_view line) {
  line = trimmed(line);
  const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
  const auto found = makers.find(line.substr(0, end));
  if (found == makers.end()) {
    return std::unexpected("there is no command '" + std::string{line.substr(0, end)} +
                           "'; help lists them");
  }
  return found->second(std::string{trimmed(line.substr(end))});
}

}  // namespace lucid::app::commands
