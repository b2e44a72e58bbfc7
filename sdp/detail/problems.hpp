#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sdp/session.hpp"

namespace lucid::sdp::detail {

std::string quoted(std::string_view text);  // at most 40 characters of it

// Collects what is wrong, with the lines it is wrong in: the first thousand errors and as many
// warnings, as a hostile text has millions.
class Problems {
 public:
  void add(Rule rule, const Line& line, std::string_view detail);
  // At the section's first line that begins with `prefix` ("a=mid", "a=fmtp:97"), or else at its
  // first line.
  void add(Rule rule, const Section& section, std::string_view prefix, std::string_view detail);
  void warn(Rule rule, const Line& line, std::string_view detail);
  void warn(Rule rule, const Section& section, std::string_view prefix, std::string_view detail);

  std::vector<Problem> sorted() &&;

 private:
  void put(Rule rule, Severity severity, const Line* line, std::string_view detail);

  // Whether there are enough of the kind already.
  bool full(Severity severity);

  std::vector<Problem> problems_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
};

// The parts of validate() that look at a=rid, a=simulcast, a=ssrc.
void check_simulcast(const MediaSection& section, Problems& problems);
void check_ssrc_groups(const MediaSection& section, Problems& problems);

}  // namespace lucid::sdp::detail
