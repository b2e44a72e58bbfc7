// Says in words what each line of a session description means, and what is wrong with it.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "examples/sdp_answer.hpp"
#include "sdp/explain.hpp"
#include "sdp/validate.hpp"

namespace sdp = lucid::sdp;

namespace {

constexpr const char* usage =
    "usage: sdp_explain [--check | --roundtrip | --json | --answer] FILE...\n"
    "       sdp_explain --candidate STRING\n"
    "Explains descriptions line by line (FILE - is the standard input).\n"
    "  --check      one line a file: ok, or error LINE:COLUMN RULE: what; status 1 if any is "
    "refused\n"
    "  --roundtrip  the text as it is written back\n"
    "  --json       lines and problems as one JSON object a file\n"
    "  --answer     what a PeerConnection with audio, video and data answers to it\n"
    "  --candidate  explains one ICE candidate\n";

std::string read(const std::string& path) {
  if (path == "-") return {std::istreambuf_iterator<char>{std::cin}, {}};
  std::ifstream file{path, std::ios::binary};
  if (!file) {
    std::fprintf(stderr, "sdp_explain: cannot read %s\n", path.c_str());
    std::exit(2);
  }
  return {std::istreambuf_iterator<char>{file}, {}};
}

// Returns whether the description is accepted.
bool explain_file(const std::string& mode, const std::string& path) {
  const std::string text = read(path);
  if (mode == "--answer") {
    const auto answer = examples::answer_to(text);
    std::fputs(answer ? answer->c_str() : ("error " + answer.error() + "\n").c_str(), stdout);
    return answer.has_value();
  }
  const auto session = sdp::parse(text);
  const auto problems =
      session ? sdp::validate(*session, sdp::Type::offer) : std::vector{session.error()};
  const auto verdict = sdp::first_error(problems);
  const auto lines = session ? sdp::explain(*session) : std::vector<sdp::Explanation>{};
  if (mode == "--check") {
    std::printf("%s\n", verdict ? "ok" : ("error " + verdict.error().text()).c_str());
  } else if (mode == "--json") {
    std::printf("%s\n", sdp::to_json(lines, problems).c_str());
  } else if (mode == "--roundtrip" && session) {
    const std::string written = serialize(*session);
    std::fwrite(written.data(), 1, written.size(), stdout);
  } else {
    for (const auto& line : lines) {
      if (mode != "--roundtrip") {
        std::printf("%4u  %s\n        %s\n", line.line, line.text.c_str(), line.meaning.c_str());
      }
    }
    for (const auto& problem : problems) {
      std::fprintf(stderr, "%s %s\n", std::string{to_string(problem.severity)}.c_str(),
                   problem.text().c_str());
    }
  }
  return verdict.has_value();
}

bool explain_candidate(const std::string& text) {
  const auto candidate = sdp::parse_candidate(text);
  if (!candidate) std::fprintf(stderr, "error %s\n", candidate.error().text().c_str());
  if (!candidate) return false;
  for (const std::string& sentence : sdp::explain(*candidate))
    std::printf("%s\n", sentence.c_str());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments{argv + 1, argv + argc};
  const std::string mode = arguments.empty() ? "" : arguments[0];
  if (mode == "--help") return std::printf("%s", usage) < 0;
  if (mode == "--candidate" && arguments.size() == 2)
    return explain_candidate(arguments[1]) ? 0 : 1;
  const bool flag =
      mode == "--check" || mode == "--roundtrip" || mode == "--json" || mode == "--answer";
  if (arguments.size() < (flag ? 2U : 1U) || (mode.starts_with("--") && !flag)) {
    std::fprintf(stderr, "%s", usage);
    return 2;
  }
  bool accepted = true;
  for (std::size_t i = flag ? 1 : 0; i < arguments.size(); ++i) {
    accepted = explain_file(flag ? mode : "", arguments[i]) && accepted;
  }
  return accepted ? 0 : 1;
}
