#include "app/bundle_command.hpp"

#include <cstdio>
#include <iostream>

#include "app/bundle_inbox.hpp"
#include "app/bundle_text.hpp"
#include "app/call_line.hpp"
#include "app/exit_status.hpp"

namespace lucid::app {

namespace {

constexpr const char* bundle_examples = R"(Examples, on two machines:
  one:  lucid bundle offer                 prints a line, and waits
  two:  lucid bundle answer LINE           prints a line, and waits
  one:  lucid bundle finish LINE           in a second terminal; or paste it into the first

A LINE is the short one that begins with lucid:, or the JSON; without one, or with -, it
is read from standard input. The page /bundle of lucid serve takes and makes the same.
Leaves with the statuses of lucid call.)";

std::string text_or_input(const std::string& text) {
  if (!text.empty() && text != "-") return text;
  std::string line;
  std::getline(std::cin, line);
  return line;
}

// What is not a bundle is refused before anything else happens.
std::optional<int> refuse(const std::string& text, peer::SdpType wanted) {
  const auto bundle = parse_bundle(text);
  if (!bundle) return complain(bundle.error(), ExitStatus::usage);
  if (bundle->description.type == wanted) return std::nullopt;
  return complain("this is an " + std::string{to_string(bundle->description.type)} + ", not an " +
                      std::string{to_string(wanted)},
                  ExitStatus::usage);
}

int answer(CallLine line, const std::string& given) {
  const std::string text = text_or_input(given);
  if (const auto refused = refuse(text, peer::SdpType::offer)) return *refused;
  line.options.first = "bundle " + text;
  return run_caller(line);
}

int finish(const std::string& given) {
  const std::string text = text_or_input(given);
  if (const auto refused = refuse(text, peer::SdpType::answer)) return *refused;
  if (BundleInbox::send(text)) return static_cast<int>(ExitStatus::good);
  return complain("no lucid bundle offer is waiting here; start one, or paste the line there",
                  ExitStatus::failed);
}

void add_common(CLI::App& command, CallLine& line) {
  line.options.once = true;
  command.add_option("--seconds", line.options.seconds, "Hang up after this long a call");
  command.add_option("--stats", line.options.stats_every, "Tell statistics every so many seconds");
  command.add_flag("--json", line.options.json, "Tell everything as JSON, one object a line");
  add_media(command, line);
  add_connection(command, line);
}

}  // namespace

void add_bundle(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("bundle", "A call without a server, carried by hand");
  command->require_subcommand(1);
  command->footer(bundle_examples);
  auto line = std::make_shared<CallLine>();
  auto text = std::make_shared<std::string>();

  CLI::App* offers = command->add_subcommand("offer", "Make an offer, and wait for the answer");
  add_common(*offers, *line);
  offers->footer(bundle_examples);
  offers->callback([line, &status] {
    line->options.first = "bundle";
    status = run_caller(*line);
  });

  CLI::App* answers = command->add_subcommand("answer", "Answer an offer");
  answers->add_option("LINE", *text, "The offer");
  add_common(*answers, *line);
  answers->footer(bundle_examples);
  answers->callback([line, text, &status] { status = answer(*line, *text); });

  CLI::App* finishes = command->add_subcommand("finish", "Give the answer to the offer that waits");
  finishes->add_option("LINE", *text, "The answer");
  finishes->footer(bundle_examples);
  finishes->callback([text, &status] { status = finish(*text); });
}

}  // namespace lucid::app
