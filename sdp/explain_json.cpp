#include <initializer_list>
#include <string_view>

#include "sdp/explain.hpp"

namespace lucid::sdp {
namespace {

// RFC 8259 7. Descriptions are text, but nothing makes them UTF-8: what is not ASCII is written as
// if it were Latin-1.
void append_string(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\') {
      out.push_back(c);
    } else {
      out.append("\\u00");
      out.push_back(digits[byte >> 4]);
      out.push_back(digits[byte & 0x0F]);
    }
  }
  out.push_back('"');
}

struct Member {
  std::string_view name;
  std::string_view text;
};

void append_members(std::string& out, std::uint32_t line, std::initializer_list<Member> members) {
  out.append(out.back() == '[' ? "{\"line\":" : ",{\"line\":").append(std::to_string(line));
  for (const Member& member : members) {
    out.append(",\"").append(member.name).append("\":");
    append_string(out, member.text);
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
