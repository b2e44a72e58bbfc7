#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "sdp/candidate.hpp"
#include "sdp/session.hpp"

namespace lucid::sdp {

// One line of a description, in words.
struct Explanation {
  std::uint32_t line = 0;
  std::string text;     // the line itself
  std::string meaning;  // "the DTLS role: whoever answers may choose (RFC 8842 5)"
};

// Every line of a parsed description, in its order.
std::vector<Explanation> explain(const Session& session);
// One candidate, in sentences: what it is, how it is reached, what its priority is made of.
std::vector<std::string> explain(const Candidate& candidate);

// Lines and problems for programs: {"lines":[{"line","text","meaning"}],"problems":[{"severity",
// "line","column","rule","detail","meaning","reference"}]}.
std::string to_json(const std::vector<Explanation>& lines, const std::vector<Problem>& problems);

}  // namespace lucid::sdp
