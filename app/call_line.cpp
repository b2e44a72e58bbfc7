#include "app/call_line.hpp"

#include <unistd.h>

#include <fstream>
#include <iterator>

#include "app/bundle_inbox.hpp"
#include "app/caller.hpp"
#include "app/watch.hpp"

namespace lucid::app {

namespace {

// stun:HOST, or turn:HOST,USER,CREDENTIAL.
peer::IceServer ice_server(const std::string& text) {
  const std::size_t user = text.find(',');
  if (user == std::string::npos) return {.urls = {text}};
  const std::size_t credential = text.find(',', user + 1);
  const bool has = credential != std::string::npos;
  return {.urls = {text.substr(0, user)},
          .username = text.substr(user + 1, has ? credential - user - 1 : std::string::npos),
          .credential = has ? text.substr(credential + 1) : ""};
}

}  // namespace

std::expected<CallOptions, std::string> understand(const CallLine& line) {
  CallOptions options = line.options;
  const std::string& server = options.server;
  if (!server.empty() && !server.starts_with("ws://") && !server.starts_with("wss://")) {
    return std::unexpected("--server: an address begins with ws:// or wss://, not " + server);
  }
  if (!line.answer.empty()) options.answer_unasked = line.answer == "auto";
  for (const std::string& text : line.ice_servers) {
    options.call.ice_servers.push_back(ice_server(text));
  }
  if (line.relay) options.call.policy = peer::IceTransportPolicy::relay;
  if (line.no_trickle) options.call.trickle = Trickle::no;
  if (line.view == "window") options.view = View::window;
  if (line.view == "terminal") options.view = View::terminal;
  options.call.keeps_picture = options.view != View::none;
  if (line.polite) options.manners = signaling::client::Manners::polite;
  if (line.impolite) options.manners = signaling::client::Manners::impolite;
  if (!line.authorities.empty()) {
    std::ifstream file{line.authorities};
    auto tls = net::TlsContext::client(
        std::string{std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}});
    if (!tls) return std::unexpected("--ca: no certificates can be read from " + line.authorities);
    options.tls = *tls;
  }
  std::string& codec = options.call.codec;
  // MP4 has no place for VP8, which is the first choice otherwise.
  if (codec.empty() && options.call.record.ends_with(".mp4")) codec = "H264";
  if (!codec.empty() && !core::codec_from_name(codec)) {
    return std::unexpected("--codec: there is no codec " + codec + "; try VP8, VP9, H264 or AV1");
  }
  if (options.view == View::terminal && !is_terminal(STDOUT_FILENO)) {
    return std::unexpected("--view terminal: standard output is no terminal");
  }
  if (options.json && options.view == View::terminal) {
    return std::unexpected("--json and --view terminal both want standard output");
  }
  return options;
}

void add_media(CLI::App& command, CallLine& line) {
  CallOptions& options = line.options;
  command
      .add_option("--video", options.video,
                  "What to show: test, camera, screen, file:PATH, lavfi:GRAPH, none")
      ->capture_default_str();
  command
      .add_option("--audio", options.audio,
                  "What to let hear: tone, mic, file:PATH, lavfi:GRAPH, none")
      ->capture_default_str();
  command.add_option("--view", line.view, "Where to show the remote picture")
      ->check(CLI::IsMember({"window", "terminal", "none"}))
      ->capture_default_str();
  command.add_option("--codec", options.call.codec,
                     "The video codec to prefer: VP8, VP9, H264, AV1");
  command.add_option("--record", options.call.record,
                     "Record what is received: .webm, .mkv, .mp4, .ogg or .ivf");
  command.add_option("--snapshot", options.call.snapshot,
                     "Write the last remote picture to this PNG file");
  command.add_option("--data", options.send, "Send this file once connected")
      ->check(CLI::ExistingFile);
  command
      .add_option("--download", options.call.download,
                  "Put files that are sent to you here; without it they are refused")
      ->check(CLI::ExistingDirectory);
}

void add_connection(CLI::App& command, CallLine& line) {
  command.add_option("--ice-server", line.ice_servers,
                     "stun:HOST[:PORT], or turn:HOST[:PORT][?transport=tcp],USER,CREDENTIAL");
  command.add_flag("--relay", line.relay, "Use TURN servers alone");
  command.add_flag("--no-trickle", line.no_trickle,
                   "Send descriptions with all candidates in them");
  command.add_option("--ca", line.authorities, "Trust the certificates in this PEM file (wss:)")
      ->check(CLI::ExistingFile);
  add_watching(command, line.options.glass);
}

int run_caller(const CallLine& line) {
  const auto options = understand(line);
  if (!options) {
    std::fprintf(stderr, "lucid: %s\n", options.error().c_str());
    return static_cast<int>(ExitStatus::usage);
  }
  const bool person = is_terminal(STDIN_FILENO) && is_terminal(STDOUT_FILENO);
  const bool screen = person && !options->json;
  Output output{options->json ? Output::Form::objects
                : screen      ? Output::Form::screen
                              : Output::Form::lines};
  net::Loop loop;
  std::unique_ptr<Caller> caller;
  const Console console{
      loop,
      screen ? Console::Editing::yes : Console::Editing::no,
      {[&](const std::string& typed) { caller->command(typed); }, [&] { caller->input_ended(); },
       [&] { caller->interrupt(); }, [&] { caller->show_status(); }}};
  caller = std::make_unique<Caller>(loop, *options, output);
  caller->use(console);
  // The answer to an offer in a bundle may come from another terminal.
  std::unique_ptr<BundleInbox> inbox;
  if (options->first == "bundle") {
    inbox = std::make_unique<BundleInbox>(
        loop, [&](const std::string& text) { caller->command("bundle " + text); });
  }
  return static_cast<int>(caller->run());
}

}  // namespace lucid::app
