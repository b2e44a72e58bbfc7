#include "peer/recording.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace lucid::peer {
namespace {

constexpr std::string_view first_word = "lucid-recording-1";
constexpr std::string_view hex_digits = "0123456789abcdef";

// A field is a word: blanks, control characters and '%' are written as %XX, nothing as "%".
std::string escape(std::string_view text) {
  if (text.empty()) return "%";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte > 0x20 && byte < 0x7F && c != '%') {
      out += c;
    } else {
      out += {'%', hex_digits[byte >> 4], hex_digits[byte & 15]};
    }
  }
  return out;
}

std::optional<std::string> unescape(std::string_view word) {
  if (word == "%") return "";
  std::string out;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] != '%') {
      out += word[i];
      continue;
    }
    const auto byte = core::from_hex(word.substr(i + 1, 2));
    if (!byte || byte->size() != 1) return std::nullopt;
    out += static_cast<char>(byte->front());
    i += 2;
  }
  return out;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const auto end = std::min(line.find(' '), line.size());
    if (end > 0) words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

template <class Number>
std::optional<Number> number_of(std::string_view word) {
  Number value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

auto bad_line(std::size_t number) {
  return refuse(ErrorName::syntax_error,
                "Line " + std::to_string(number) +
                    " of the recording cannot be read; record it again with this version.");
}

std::string line_of(const RecordedInput& input) {
  std::string line = std::to_string(input.time.time_since_epoch().count()) + " " + input.what;
  for (const std::string& field : input.fields) line += " " + escape(field);
  return line + "\n";
}

std::optional<RecordedInput> input_of(std::span<const std::string_view> words) {
  const auto time = number_of<std::int64_t>(words[0]);
  if (!time || words.size() < 2) return std::nullopt;
  RecordedInput input{core::Time{core::Duration{*time}}, std::string{words[1]}, {}};
  for (const std::string_view word : words.subspan(2)) {
    auto field = unescape(word);
    if (!field) return std::nullopt;
    input.fields.push_back(std::move(*field));
  }
  return input;
}

}  // namespace

std::string Recording::text() const {
  std::string out{first_word};
  out += " " + std::to_string(created.time_since_epoch().count()) + " " +
         std::to_string(wall_clock) + " " + escape(core::to_hex(random)) + "\n";
  for (const RecordedInput& input : inputs) out += line_of(input);
  return out;
}

Result<Recording> Recording::parse(std::string_view text) {
  Recording recording;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto words = words_of(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (words.empty()) continue;
    if (number > 1) {
      auto input = input_of(words);
      if (!input) return bad_line(number);
      recording.inputs.push_back(std::move(*input));
      continue;
    }
    if (words.size() != 4 || words[0] != first_word) return bad_line(number);
    const auto created = number_of<std::int64_t>(words[1]);
    const auto wall = number_of<std::int64_t>(words[2]);
    auto random = core::from_hex(words[3] == "%" ? "" : words[3]);
    if (!created || !wall || !random) return bad_line(number);
    recording.created = core::Time{core::Duration{*created}};
    recording.wall_clock = *wall;
    recording.random = std::move(*random);
  }
  return recording;
}

namespace detail {

void RecordingRandom::fill(core::MutableBytes out) {
  from.fill(out);
  drawn.insert(drawn.end(), out.begin(), out.end());
}

void ReplayingRandom::fill(core::MutableBytes out) {
  const std::size_t left = drawn.size() - std::min(used, drawn.size());
  const std::size_t count = std::min(left, out.size());
  if (count > 0) std::memcpy(out.data(), drawn.data() + used, count);
  std::ranges::fill(out.subspan(count), std::uint8_t{0});
  used += out.size();
}

}  // namespace detail
}  // namespace lucid::peer
