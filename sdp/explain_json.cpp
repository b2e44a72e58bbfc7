#include <initializer_list>
#include <string_view>

#include "sdp/explain.hpp"

#include "core/text.hpp"

namespace lucid::sdp {
namespace {

struct Member {
  std::string_view name;
  std::string_view text;
};

void append_members(std::string& out, std::uint32_t line, std::initializer_list<Member> members) {
  out.append(out.back() == '[' ? "{\"line\":" : ",{\"line\":").append(std::to_string(line));
  for (const Member& member : members) {
    out.append(",\"").append(member.name).append("\":");
    core::append_json(out, member.text);
  }
}

}  // namespace

std::string to_json(const std::vector<Explanation>& lines, const std::vector<Problem>& problems) {
  std::string out = "{\"lines\":[";
  for (const Explanation& line : lines) {
    append_members(out, line.line, {{"text", line.text}, {"meaning", line.meaning}});
    out.push_back('}');
  }
  out.append("],\"problems\":[");
  for (const Problem& problem : problems) {
    append_members(out, problem.line,
                   {{"severity", to_string(problem.severity)},
                    {"rule", to_string(problem.rule)},
                    {"detail", problem.detail},
                    {"meaning", meaning(problem.rule)},
                    {"reference", reference(problem.rule)}});
    out.append(",\"column\":").append(std::to_string(problem.column)).push_back('}');
  }
  return out.append("]}");
}

}  // namespace lucid::sdp
