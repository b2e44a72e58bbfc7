#include "glass/options.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>

#include "glass/json_sink.hpp"
#include "glass/pcapng_sink.hpp"
#include "glass/text_sink.hpp"

namespace lucid::glass {

const std::string_view options_help =
    "  --log[=MODULE,...]  tell on standard error what happens; with \"packets\" also each packet\n"
    "  --trace FILE        the same as JSON, one object a line (-: standard output)\n"
    "  --pcap FILE         write the packets as pcapng, for Wireshark\n"
    "  --secrets           put the keys of the call into that file\n"
    "  --json              findings as JSON, one object a line, where the program has any\n"
    "  --help              print this\n";

namespace {

// Several sinks as one.
class FanOut final : public core::trace::Sink {
 public:
  void add(std::unique_ptr<core::trace::Sink> sink) { sinks_.push_back(std::move(sink)); }
  bool wants_secrets() const override {
    for (const auto& sink : sinks_) {
      if (sink->wants_secrets()) return true;
    }
    return false;
  }
  void report(const core::trace::Report& report) override {
    const bool secret = std::holds_alternative<core::trace::Secret>(report);
    for (const auto& sink : sinks_) {
      if (!secret || sink->wants_secrets()) sink->report(report);
    }
  }

 private:
  std::vector<std::unique_ptr<core::trace::Sink>> sinks_;
};

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (comma > 0) parts.emplace_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return parts;
}

std::expected<File, std::string> open_file(const std::string& name) {
  File file{name == "-" ? fdopen(dup(STDOUT_FILENO), "wb") : std::fopen(name.c_str(), "wb")};
  if (file) return file;
  return std::unexpected("cannot write " + name + ": " + std::strerror(errno));
}

// The value of "--name VALUE" or "--name=VALUE": true when `argument` is that option.
bool value_of(std::string_view name, std::string_view argument, int& i, int argc, char** argv,
              std::string& value) {
  if (!argument.starts_with(name)) return false;
  argument.remove_prefix(name.size());
  if (argument.starts_with("=")) {
    value = argument.substr(1);
    return true;
  }
  if (!argument.empty()) return false;
  value = i + 1 < argc ? argv[++i] : "";
  return true;
}

}  // namespace

std::expected<Options, std::string> Options::parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument{argv[i]};
    if (argument == "--help" || argument == "-h") {
      options.help = true;
    } else if (argument == "--json") {
      options.json = true;
    } else if (argument == "--secrets") {
      options.secrets = true;
    } else if (argument == "--log" || argument.starts_with("--log=")) {
      options.log = true;
      options.modules = split(argument.substr(std::min<std::size_t>(argument.size(), 6)));
    } else if (value_of("--trace", argument, i, argc, argv, options.trace)) {
      if (options.trace.empty()) return std::unexpected("--trace needs the name of a file");
    } else if (value_of("--pcap", argument, i, argc, argv, options.pcap)) {
      if (options.pcap.empty()) return std::unexpected("--pcap needs the name of a file");
    } else {
      options.rest.emplace_back(argument);
    }
  }
  if (options.secrets && options.pcap.empty()) {
    return std::unexpected("--secrets needs --pcap, which is where the keys go");
  }
  return options;
}

bool Options::flag(std::string_view name) { return std::erase(rest, name) > 0; }

std::optional<std::string> Options::value(std::string_view name) {
  const std::string joined = std::string{name} + '=';
  for (auto it = rest.begin(); it != rest.end(); ++it) {
    const bool apart = *it == name && it + 1 != rest.end();
    if (!apart && !it->starts_with(joined)) continue;
    std::string value = apart ? *(it + 1) : it->substr(joined.size());
    rest.erase(it, it + (apart ? 2 : 1));
    return value;
  }
  return std::nullopt;
}

double Options::number(std::string_view name, double otherwise) {
  const auto text = value(name);
  if (!text) return otherwise;
  double number = 0;
  const char* const end = text->data() + text->size();
  const auto [last, error] = std::from_chars(text->data(), end, number);
  if (error == std::errc{} && last == end && number >= 0) return number;
  rest.push_back(std::string{name} + ' ' + *text);
  return otherwise;
}

std::optional<std::string> Options::unknown() const {
  const auto found = std::ranges::find_if(
      rest, [](const auto& word) { return word.size() > 1 && word[0] == '-'; });
  return found == rest.end() ? std::nullopt : std::optional{*found};
}

std::expected<std::unique_ptr<core::trace::Sink>, std::string> open_sinks(const Options& options,
                                                                          core::WallClock wall) {
  if (!options.log && options.trace.empty() && options.pcap.empty()) return nullptr;
  auto all = std::make_unique<FanOut>();
  if (options.log) all->add(std::make_unique<TextSink>(options.modules));
  if (!options.trace.empty()) {
    auto file = open_file(options.trace);
    if (!file) return std::unexpected(file.error());
    all->add(std::make_unique<JsonSink>(std::move(*file)));
  }
  if (!options.pcap.empty()) {
    auto file = open_file(options.pcap);
    if (!file) return std::unexpected(file.error());
    const Secrets secrets = options.secrets ? Secrets::include : Secrets::leave_out;
    all->add(std::make_unique<PcapngSink>(std::move(*file), secrets, wall));
  }
  return all;
}

int usage(const std::expected<Options, std::string>& options, std::string_view program) {
  std::FILE* out = options ? stdout : stderr;
  if (!options) std::fprintf(out, "%s\n", options.error().c_str());
  std::fprintf(out, "usage: %.*s\n%.*s", static_cast<int>(program.size()), program.data(),
               static_cast<int>(options_help.size()), options_help.data());
  return options ? 0 : 2;
}

int complain(std::string_view sentence) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(sentence.size()), sentence.data());
  return 1;
}

}  // namespace lucid::glass
